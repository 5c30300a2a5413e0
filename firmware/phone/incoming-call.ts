// Being called. An idle telephone rings; a telephone in use announces one further caller where call waiting allows it
// (call-waiting.ts); everybody else hears that it is busy (486).

import { asWaiting } from './call-waiting.js'
import type { PhoneConfig } from './config.js'
import type { Caller, CallId } from './event.js'
import { ringingCall, roleOf, talkingTo, withOne } from './legs.js'
import { type Move, move, moveSilently } from './move.js'
import { change, noCalls, noEntry, type PhoneState, relay } from './state.js'

export const incoming = (state: PhoneState, call: CallId, caller: Caller, config: PhoneConfig): Move => {
  if (roleOf(state, call)) return null
  if (state.fault) return move(state, { type: 'reject', call, status: 480 })
  if (state.hook === 'on' && state.calls.kind === 'none')
    return move(withOne(state, { phase: 'ringing', id: call, caller }, noEntry), { type: 'alert', call })
  const waiting = asWaiting(state, call, caller, config)
  if (waiting === null) return move(state, { type: 'reject', call, status: 486 })
  const next = change(state, { waiting })
  // Above a recall it rings like any other.
  return move(next, state.hook === 'on' ? { type: 'alert', call } : { type: 'alert', call, waiting: true })
}

export const answer = (state: PhoneState, call: CallId): Move =>
  move(withOne(state, talkingTo(call), relay), { type: 'answer', call })

/** The caller gave up, or another telephone answered. */
export const stoppedRinging = (state: PhoneState): Move => moveSilently(change(state, { calls: noCalls }))

/** Nobody answered for as long as the box lets it ring; cause 19 (no answer, Q.850) sends it to voicemail. */
export const ringGuard = (state: PhoneState): Move => {
  const leg = ringingCall(state)
  if (leg === undefined) return null
  return move(change(state, { calls: noCalls }), { type: 'reject', call: leg.id, status: 480, q850: 19 })
}
