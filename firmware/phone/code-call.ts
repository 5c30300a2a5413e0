// A code of the network on its way: placed as a call, answered by an announcement, a tone or nothing at all
// (3GPP TS 24.238 §4, annex A). A final 2xx, or one listed in the settings, is a yes; hanging up before it changes
// nothing here (design §6.10). The code that resets all services asks the network first and clears our own masking
// only after a yes, so that half a reset never shows the number.

import type { PhoneConfig } from './config.js'
import type { Dialled } from './dialling/dialled.js'
import type { CallId } from './event.js'
import { type CallEffect, type Move, move, moveSilently } from './move.js'
import {
  change,
  confirmation,
  dialTone,
  type Entry,
  errorTone,
  type Leg,
  legOf,
  type PhoneState,
  relay,
  relayButHash,
  withLeg,
  withoutCalls,
} from './state.js'

export type CodeLeg = Extract<Leg, { readonly phase: 'code' }>

export const placeCode = (state: PhoneState, { target, code, by }: Dialled): Move => {
  const id = `out-${state.nextCall}`
  const leg: CodeLeg = {
    phase: 'code',
    id,
    emergency: false,
    alerting: false,
    answered: false,
    heard: false,
    reset: code === 'reset-all' ? 'not-yet' : null,
  }
  const next = withLeg(state, leg, by === 'match' ? relayButHash : relay)
  return move(change(next, { nextCall: state.nextCall + 1 }), {
    type: 'place',
    call: id,
    target,
    masked: state.masked,
    emergency: false,
  })
}

/** The network speaks, before or after its answer. */
export const codeHeard = (state: PhoneState, call: CallId): Move => {
  const leg = legOf(state, call)
  return leg?.phase === 'code' && !leg.heard ? moveSilently(withLeg(state, { ...leg, heard: true })) : null
}

/** A yes. Our own part of a reset begins now, whether or not the announcement is heard to its end. */
export const codeAnswered = (state: PhoneState, leg: CodeLeg): Move => {
  if (leg.answered) return null
  const answered: CodeLeg = { ...leg, answered: true }
  if (leg.reset !== 'not-yet') return moveSilently(withLeg(state, answered))
  return move(withLeg(state, { ...answered, reset: 'asked' }), clearMasking(leg))
}

const clearMasking = (leg: CodeLeg): CallEffect => ({
  type: 'store',
  id: leg.id,
  setting: 'masking',
  value: false,
})

/** The network ended it, with a final refusal (`status`) where it had not answered. */
export const codeEnded = (state: PhoneState, leg: CodeLeg, config: PhoneConfig, status: number): Move => {
  if (leg.answered) return moveSilently(withoutCalls(state, afterYes(leg)))
  if (!config.okFinals.includes(status)) return moveSilently(withoutCalls(state, errorTone))
  if (leg.reset !== 'not-yet') return moveSilently(withoutCalls(state, afterYes(leg)))
  return move(withoutCalls(state, afterYes({ ...leg, reset: 'asked' })), clearMasking(leg))
}

/** Answered, and nothing was said for a while: the box ends the call and confirms by itself. */
export const codeWithoutWord = (state: PhoneState): Move => {
  if (state.calls.kind !== 'one' || state.calls.leg.phase !== 'code') return null
  const { leg } = state.calls
  return move(withoutCalls(state, leg.answered ? afterYes(leg) : errorTone), {
    type: 'hang-up',
    call: leg.id,
  })
}

/** The network's own announcement confirms enough. */
export const confirmed = (heard: boolean): Entry => (heard ? dialTone : confirmation)

const afterYes = (leg: CodeLeg): Entry => {
  if (leg.reset === 'asked') return { kind: 'storing', id: leg.id, heard: leg.heard }
  if (leg.reset === 'failed') return errorTone
  return confirmed(leg.heard)
}
