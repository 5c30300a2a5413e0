// Call waiting (guide lines 69-87): in a call between two the telephone announces one further caller. R 2 holds the
// first and takes him, R 1 ends the first, R 0 refuses him; nothing pressed, he is sent on to the voicemail.

import type { PhoneConfig } from './config.js'
import type { Caller, CallId } from './event.js'
import { fetchBack } from './exchange.js'
import { activeLeg, inEmergency, ringingCall, talkingTo, withOne } from './legs.js'
import { type CallEffect, type Move, move, moveSilently } from './move.js'
import {
  backWithBeep,
  busyTone,
  change,
  type Entry,
  holding,
  type PhoneState,
  relay,
  relayButCommand,
  type Waiting,
} from './state.js'

/** What a telephone in use is to a further caller: him who waits, or null: busy. */
export const asWaiting = (
  state: PhoneState,
  id: CallId,
  caller: Caller,
  config: PhoneConfig,
): Waiting | null => {
  if (state.waiting !== null || inEmergency(state) || ringingCall(state)) return null
  if (config.callWaiting && isStable(state)) return { id, caller, callBack: false }
  // Emergency services get through to whatever the telephone does meanwhile, but for dialling.
  return state.callBackOf === null || isDialling(state) ? null : { id, caller, callBack: true }
}

const isDialling = ({ entry, calls }: PhoneState): boolean => {
  switch (entry.kind) {
    case 'dial-tone':
    case 'error-tone':
    case 'collecting':
    case 'dialled':
    case 'storing':
    case 'confirmation':
      return true
    case 'command':
      return calls.kind === 'held' || activeLeg(calls)?.phase === 'code'
    default:
      return activeLeg(calls)?.phase === 'code'
  }
}

/** A call between two, nothing else going on (3GPP TS 22.001 annex C.2 knows no other that may be interrupted). */
const isStable = ({ calls, entry }: PhoneState): boolean =>
  calls.kind === 'one' &&
  calls.leg.phase === 'talking' &&
  calls.leg.resuming === 'no' &&
  entry.kind === 'relay'

/** R 2: the first is held, then the caller answered; he whose party has gone meanwhile has nobody to hold. */
export const takeHolding = (state: PhoneState): Move => {
  const { calls } = state
  if (calls.kind !== 'one') return take(state, relay)
  return move(change(state, { entry: holding }), { type: 'hold', call: calls.leg.id })
}

/** R 1: the first is released, the caller answered. */
export const takeEnding = (state: PhoneState): Move => {
  const { calls } = state
  return calls.kind === 'one'
    ? take(state, relay, { type: 'hang-up', call: calls.leg.id })
    : take(state, relay)
}

/** R where nobody but the caller is left: no command is needed, and one that follows is no key for him. */
export const takeLast = (state: PhoneState): Move => take(state, relayButCommand)

const take = (state: PhoneState, entry: Entry, ...before: CallEffect[]): Move => {
  const { waiting } = state
  if (waiting === null) return null
  const { id } = waiting
  const taken = change(withOne(state, talkingTo(id), entry), { waiting: null })
  return move(taken, ...before, { type: 'answer', call: id })
}

/** R 0: to the network the subscriber is busy. */
export const refuse = (state: PhoneState): Move => {
  const { waiting, calls } = state
  if (waiting === null) return null
  const entry = calls.kind === 'none' ? busyTone : relay
  return move(change(state, { waiting: null, entry }), { type: 'reject', call: waiting.id, status: 486 })
}

/** Nobody took him: no reply (Q.850 cause 19), so that the network sends him to the voicemail and not to "busy". */
export const waitingTimeout = (state: PhoneState): Move => {
  const { waiting } = state
  if (waiting === null) return null
  const gone = waitingGone(state)
  const refusal = { type: 'reject', call: waiting.id, status: 480, q850: 19 } as const
  return gone && { state: gone.state, acts: [refusal, ...gone.acts] }
}

/** He gave up, or was sent away: a command that was meant for him means nothing any more. */
export const waitingGone = (state: PhoneState): Move => {
  const { calls, entry } = state
  const without = change(state, { waiting: null })
  if (calls.kind === 'one' && entry.kind === 'holding') return fetchBack(without)
  if (calls.kind === 'one' && entry.kind === 'command')
    return moveSilently(change(without, { entry: backWithBeep }))
  if (calls.kind === 'none' && entry.kind === 'command')
    return moveSilently(change(without, { entry: busyTone }))
  return moveSilently(without)
}
