// Which rule carries out which action of the key table, complete by the compiler.

import { refuse, takeEnding, takeHolding, takeLast } from './call-waiting.js'
import { noCommand, openWindow } from './command-window.js'
import { dropLast, join, split } from './conference.js'
import { consult, releaseHeld, resumeLast, returnToHeld } from './consultation.js'
import { swap } from './exchange.js'
import { type FlashAction, flashTable, isFlashKey } from './flash-keys.js'
import type { Move } from './move.js'
import { situationOf } from './situation.js'
import type { PhoneState } from './state.js'

const nothing = (): Move => null

const rules: Readonly<Record<FlashAction, (state: PhoneState) => Move>> = {
  ignored: nothing,
  window: openWindow,
  consult,
  // Keys that are no commands: digit collection or the swallowing of keys has them.
  number: nothing,
  swallowed: nothing,
  refuse,
  'end-and-take': takeEnding,
  'hold-and-take': takeHolding,
  take: takeLast,
  return: state => returnToHeld(state),
  resume: resumeLast,
  swap,
  'release-held': releaseHeld,
  join,
  split,
  'drop-last': dropLast,
  error: noCommand,
}

/** R was pressed. While two parties change places there is nothing to choose. */
export const flash = (state: PhoneState): Move =>
  state.entry.kind === 'holding' ? null : rules[flashTable[situationOf(state)].R](state)

/** A key in the command window. */
export const command = (state: PhoneState, key: string): Move => {
  const name = `R ${key}`
  return rules[isFlashKey(name) ? flashTable[situationOf(state)][name] : 'error'](state)
}
