// What R and the key after it mean in each situation: the whole table, complete by the compiler. R alone acts where
// one thing can be meant (column R); the other columns are the key pressed in the command window after R.

import { answer } from './incoming-call.js'
import type { Move } from './move.js'
import { type Situation, situationOf } from './situation.js'
import type { PhoneState } from './state.js'

export const flashKeys = ['R', 'R 0', 'R 1', 'R 2', 'R 3', 'R 4'] as const
export type FlashKey = (typeof flashKeys)[number]

/** ignored: nothing changes. answer: takes the caller who waits, no call stands that could be lost. */
export type FlashAction = 'ignored' | 'answer'

type Row = Readonly<Record<FlashKey, FlashAction>>

const nothing: Row = {
  R: 'ignored',
  'R 0': 'ignored',
  'R 1': 'ignored',
  'R 2': 'ignored',
  'R 3': 'ignored',
  'R 4': 'ignored',
}

export const flashTable: Readonly<Record<Situation, Row>> = {
  idle: nothing,
  'ringing-in': nothing,
  'dial-tone': nothing,
  dialling: nothing,
  'ringing-out': nothing,
  active: nothing,
  emergency: nothing,
  failed: nothing,
  'left-off-hook': nothing,
  'call-back': { ...nothing, R: 'answer' },
}

const actions: Readonly<Record<FlashAction, (state: PhoneState) => Move>> = {
  ignored: () => null,
  answer: state => (state.calls.kind === 'one' ? answer(state, state.calls.leg.id) : null),
}

/** R was pressed. */
export const flash = (state: PhoneState): Move => actions[flashTable[situationOf(state)].R](state)
