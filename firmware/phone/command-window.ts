// The command window after R: a soft recall tone, nobody hears anybody, and the next key is a command
// by the table of flash-keys.ts. Its expiry and a key without a meaning destroy nothing.

import { returnToHeld } from './consultation.js'
import { type Move, moveSilently } from './move.js'
import {
  backWithBeep,
  busyTone,
  change,
  dialTone,
  type Entry,
  errorTone,
  type PhoneState,
  relay,
} from './state.js'

/** R: the window opens, or begins anew. */
export const openWindow = (state: PhoneState): Move =>
  moveSilently(change(state, { entry: { kind: 'command', under: underOf(state) } }))

const underOf = ({ calls, entry }: PhoneState): Entry => {
  if (entry.kind === 'command') return entry.under
  if (calls.kind !== 'held') return relay
  return entry.kind === 'failed' ? entry : dialTone
}

/** No command: the error is heard, and everything is as before R. */
export const noCommand = (state: PhoneState): Move =>
  moveSilently(change(state, { entry: beforeWindow(state) }))

const beforeWindow = ({ calls, entry }: PhoneState): Entry => {
  if (calls.kind === 'none') return busyTone
  if (calls.kind !== 'held') return backWithBeep
  return entry.kind === 'command' && entry.under.kind === 'failed' ? entry.under : errorTone
}

/** No key within the window. A consultation without a second call ends with it: nothing else is left to do there. */
export const windowTimeout = (state: PhoneState): Move =>
  state.calls.kind === 'held' ? returnToHeld(state) : noCommand(state)

/** A rotary digit has begun and takes up to 1.3 s: the window waits for it. */
export const windowAgain = (state: PhoneState): Move =>
  state.entry.kind === 'command' ? moveSilently(change(state, { entry: { ...state.entry } })) : null
