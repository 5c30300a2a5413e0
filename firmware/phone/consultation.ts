// Consultation: R holds the party and gives recall dial tone at once, the digits that follow are a number; the held
// party is returned to from everywhere and never touched by what becomes of the second call (guide lines 131-135).

import { heldParty, talkingTo, withOne } from './legs.js'
import { type CallEffect, type Move, move, moveSilently } from './move.js'
import {
  backFromDialling,
  backWithBeep,
  change,
  dialTone,
  type Entry,
  noCalls,
  type PhoneState,
  relay,
  relayButCommand,
} from './state.js'

/** R in a call: recall dial tone, whatever the network says of the hold later. */
export const consult = (state: PhoneState): Move => {
  if (state.calls.kind !== 'one') return null
  const { id } = state.calls.leg
  const calls = { kind: 'held', held: { id, asked: true }, alone: false } as const
  return move(change(state, { calls, entry: dialTone }), { type: 'hold', call: id })
}

/** R 1, and everything that comes to the same: the second call, if there is one, is given up. */
export const returnToHeld = (state: PhoneState, entry: Entry = relay): Move => {
  const held = heldParty(state.calls)
  if (held === undefined) return null
  const acts: CallEffect[] = []
  if (state.calls.kind === 'two') acts.push({ type: 'hang-up', call: state.calls.active.id })
  acts.push({ type: 'resume', call: held })
  return { state: withOne(state, talkingTo(held, 'asked'), entry), acts }
}

/** R where only a held party is left: no command is needed, and one that follows is no key for the party. */
export const resumeLast = (state: PhoneState): Move => returnToHeld(state, relayButCommand)

/** Nothing came of the dialling: one beep, and the party is there again. */
export const backFromNowhere = (state: PhoneState): Move => returnToHeld(state, backWithBeep)

/** R 0: the held party is released, what was going on goes on. */
export const releaseHeld = (state: PhoneState): Move => {
  const { calls, entry } = state
  const under = entry.kind === 'command' ? entry.under : entry
  if (calls.kind === 'held')
    return move(change(state, { calls: noCalls, entry: under }), { type: 'hang-up', call: calls.held.id })
  if (calls.kind !== 'two') return null
  return move(withOne(state, calls.active, relay), { type: 'hang-up', call: calls.held.id })
}

/** The hold of a consultation is refused: what was dialled is forgotten, the party was never away. */
export const holdRefused = (state: PhoneState): Move => {
  const { calls } = state
  if (calls.kind !== 'held' || calls.alone) return holdKnown(state)
  return moveSilently(withOne(state, talkingTo(calls.held.id), backFromDialling))
}

/** The network has answered; where a second call stands already, the first stays muted here even if it refused. */
export const holdKnown = (state: PhoneState): Move => {
  const { calls } = state
  if (calls.kind !== 'held' && calls.kind !== 'two') return null
  const held = { id: calls.held.id, asked: false }
  return moveSilently(change(state, { calls: { ...calls, held } }))
}
