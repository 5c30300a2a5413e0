// The conference of three, mixed in the box (guide lines 125-134): R 3 joins, R 2 parts, R 1 drops who came last;
// whoever leaves, the other two have a plain call.

import { talkingTo, withOne } from './legs.js'
import { type Move, move, moveSilently } from './move.js'
import {
  backWithBeep,
  type Conference,
  change,
  type PhoneState,
  relay,
  relayWithBeep,
  type Talking,
} from './state.js'

/** R 3 with two calls: the held party joins. */
export const join = (state: PhoneState): Move => {
  const { calls } = state
  if (calls.kind !== 'two' || calls.active.phase !== 'talking') return null
  const joining = talkingTo(calls.held.id, 'asked')
  const conference: Conference =
    calls.younger === 'active'
      ? { kind: 'conference', first: joining, last: calls.active }
      : { kind: 'conference', first: calls.active, last: joining }
  return move(change(state, { calls: conference, entry: relay }), { type: 'resume', call: joining.id })
}

/** R 2: the last who joined is held, the first is spoken to. */
export const split = (state: PhoneState): Move => {
  const { calls } = state
  if (calls.kind !== 'conference') return null
  const { first, last } = calls
  const parted = { kind: 'two', active: first, held: { id: last.id, asked: true }, younger: 'held' } as const
  return move(change(state, { calls: parted, entry: relay }), { type: 'hold', call: last.id })
}

/** R 1 and R 0: the last who joined is released. */
export const dropLast = (state: PhoneState): Move => {
  const { calls } = state
  if (calls.kind !== 'conference') return null
  return move(withOne(state, calls.first, relay), { type: 'hang-up', call: calls.last.id })
}

/** One of the two has left. A command on its way was meant for three. */
export const leftConference = (state: PhoneState, role: 'first' | 'last'): Move => {
  const { calls, entry } = state
  if (calls.kind !== 'conference') return null
  const rest = role === 'first' ? calls.last : calls.first
  return moveSilently(withOne(state, rest, entry.kind === 'command' ? backWithBeep : relayWithBeep))
}

/** He cannot be resumed: he stays held, and the other is spoken to as before. */
export const resumeRefusedInConference = (
  state: PhoneState,
  role: 'first' | 'last',
  calls: Conference,
): Move => {
  const active: Talking = role === 'first' ? calls.last : calls.first
  const held = { id: calls[role].id, asked: false }
  const younger = role === 'first' ? 'active' : 'held'
  return moveSilently(change(state, { calls: { kind: 'two', active, held, younger }, entry: backWithBeep }))
}
