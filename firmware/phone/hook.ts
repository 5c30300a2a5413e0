// Lifting and hanging up, from any state. Hanging up always ends silent and idle: every call is released, whatever
// answer of the network is still on its way.

import { answer } from './incoming-call.js'
import { type Move, move, moveSilently } from './move.js'
import { change, dialTone, noEntry, type PhoneState, parked, withoutCalls } from './state.js'

export const offHook = (state: PhoneState): Move => {
  if (state.hook === 'off') return null
  const lifted: PhoneState = change(state, { hook: 'off' })
  if (state.fault) return moveSilently(change(lifted, { entry: parked }))
  if (state.calls.kind === 'one') return answer(lifted, state.calls.leg.id)
  return moveSilently(change(lifted, { entry: dialTone }))
}

export const onHook = (state: PhoneState): Move => {
  if (state.hook === 'on') return null
  if (state.calls.kind === 'none') return moveSilently(change(state, { hook: 'on', entry: noEntry }))
  const { leg } = state.calls
  // The call-back of an emergency call: what was left off the hook can ring now.
  if (leg.phase === 'ringing') return moveSilently(change(state, { hook: 'on', entry: noEntry }))
  return move(change(withoutCalls(state, noEntry), { hook: 'on' }), { type: 'hang-up', call: leg.id })
}
