// Two parties change places. The one spoken to is held first, and only when the network says so is the other answered
// or resumed: no held party ever hears the other. What the network refuses leaves everybody where he was.

import type { CallId } from './event.js'
import { activeLeg, talkingTo, withActive } from './legs.js'
import { type Move, move, moveSilently } from './move.js'
import {
  backWithBeep,
  change,
  holding,
  type PhoneState,
  relay,
  type TwoCalls,
  type Waiting,
} from './state.js'

/** R 2 with two calls. */
export const swap = (state: PhoneState): Move => {
  if (state.calls.kind !== 'two') return null
  return move(change(state, { entry: holding }), { type: 'hold', call: state.calls.active.id })
}

/** The party spoken to is held now: the other's turn. */
export const exchange = (state: PhoneState): Move => {
  const { calls, waiting } = state
  if (calls.kind === 'two')
    return move(exchanged(state, calls, 'asked'), { type: 'resume', call: calls.held.id })
  if (calls.kind !== 'one' || waiting === null) return null
  return move(taken(state, calls.leg.id, waiting), { type: 'answer', call: waiting.id })
}

const exchanged = (state: PhoneState, calls: TwoCalls, resuming: 'asked' | 'again'): PhoneState =>
  change(state, {
    calls: {
      kind: 'two',
      active: talkingTo(calls.held.id, resuming),
      held: { id: calls.active.id, asked: false },
      younger: calls.younger === 'active' ? 'held' : 'active',
    },
    entry: relay,
  })

const taken = (state: PhoneState, held: CallId, { id }: Waiting): PhoneState =>
  change(state, {
    calls: { kind: 'two', active: talkingTo(id), held: { id: held, asked: false }, younger: 'active' },
    waiting: null,
    entry: relay,
  })

/** The party spoken to cannot be held. */
export const notExchanged = (state: PhoneState): Move => moveSilently(change(state, { entry: backWithBeep }))

/** The other has gone, or the hold takes too long: the party on his way to be held is fetched back. */
export const fetchBack = (state: PhoneState): Move => {
  const leg = activeLeg(state.calls)
  if (leg?.phase !== 'talking') return null
  const back = withActive(state, { ...leg, resuming: 'asked' })
  return move(change(back, { entry: backWithBeep }), { type: 'resume', call: leg.id })
}

/**
 * The party whose turn it was cannot be resumed: he stays held, and the one before is spoken to again. When that fails
 * too, both stay held and the keys still choose between them.
 */
export const resumeRefusedInTwo = (state: PhoneState, calls: TwoCalls): Move => {
  const { active, held } = calls
  if (active.phase !== 'talking') return null
  const settled = withActive(state, { ...active, resuming: 'no' })
  if (active.resuming === 'again') return moveSilently(change(settled, { entry: backWithBeep }))
  const back = change(exchanged(state, calls, 'again'), { entry: backWithBeep })
  return move(back, { type: 'resume', call: held.id })
}
