// Being called. One call at a time rings; whoever calls a telephone in use hears that it is busy (486), except after
// an emergency call, when a telephone left off the hook takes the call-back (design §6.1).

import type { Caller, CallId } from './event.js'
import { type Move, move, moveSilently } from './move.js'
import { busyTone, legOf, noEntry, type PhoneState, relay, withLeg, withoutCalls } from './state.js'

export const incoming = (state: PhoneState, call: CallId, caller: Caller): Move => {
  if (legOf(state, call)) return null
  if (state.fault) return move(state, { type: 'reject', call, status: 480 })
  if (!canRing(state)) return move(state, { type: 'reject', call, status: 486 })
  return move(withLeg(state, { phase: 'ringing', id: call, caller }, noEntry), { type: 'alert', call })
}

const canRing = (state: PhoneState): boolean => {
  if (state.calls.kind !== 'none') return false
  if (state.hook === 'on') return true
  return state.callBackOf !== null && (state.entry.kind === 'failed' || state.entry.kind === 'left-off-hook')
}

export const answer = (state: PhoneState, call: CallId): Move =>
  move(withLeg(state, { phase: 'talking', id: call, emergency: false }, relay), { type: 'answer', call })

/** The caller gave up, or another telephone answered. */
export const stoppedRinging = (state: PhoneState): Move => moveSilently(silentAgain(state))

/** Nobody answered for as long as the box lets it ring; cause 19 (no answer, Q.850) sends it to voicemail. */
export const ringGuard = (state: PhoneState): Move => {
  if (state.calls.kind !== 'one') return null
  const call = state.calls.leg.id
  return move(silentAgain(state), { type: 'reject', call, status: 480, q850: 19 })
}

const silentAgain = (state: PhoneState): PhoneState =>
  withoutCalls(state, state.hook === 'on' ? noEntry : busyTone)
