// Lifting and hanging up, from any state. Hanging up always ends silent and idle, but for a party who is held or waits:
// the telephone rings for him. Whatever answer of the network is still on its way changes nothing.

import { returnToHeld } from './consultation.js'
import { answer } from './incoming-call.js'
import { talkingTo } from './legs.js'
import { type Move, move, moveSilently } from './move.js'
import { hungUp } from './recall.js'
import { change, dialTone, type PhoneState, parked, relay } from './state.js'

export const offHook = (state: PhoneState): Move => {
  if (state.hook === 'off') return null
  const lifted: PhoneState = change(state, { hook: 'off' })
  if (state.fault) return moveSilently(change(lifted, { entry: parked }))
  if (state.calls.kind === 'one') return answer(lifted, state.calls.leg.id)
  if (state.waiting !== null) return answerAboveRecall(lifted, state.waiting.id)
  if (state.calls.kind === 'held') return returnToHeld(lifted)
  return moveSilently(change(lifted, { entry: dialTone }))
}

/** The call-back of an emergency call is taken first; the held party stays held. */
const answerAboveRecall = (state: PhoneState, call: string): Move => {
  if (state.calls.kind !== 'held') return null
  const { held } = state.calls
  const calls = { kind: 'two', active: talkingTo(call), held, younger: 'active' } as const
  return move(change(state, { calls, waiting: null, entry: relay }), { type: 'answer', call })
}

export const onHook = (state: PhoneState, afterFlashMs: number | undefined): Move =>
  state.hook === 'on' ? null : hungUp(state, afterFlashMs)
