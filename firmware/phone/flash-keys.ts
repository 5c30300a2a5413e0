// What R and the key after it mean in each situation: the whole table, complete by the compiler. R alone acts where
// one thing can be meant; where several can, it opens the command window and the other columns are the key pressed in
// it. Which rule carries out an action stands in flash-actions.ts.

import type { Situation } from './situation.js'

export const flashKeys = ['R', 'R 0', 'R 1', 'R 2', 'R 3', 'R 4'] as const
export type FlashKey = (typeof flashKeys)[number]

export const isFlashKey = (name: string): name is FlashKey => (flashKeys as readonly string[]).includes(name)

export type FlashAction =
  | 'ignored'
  | 'window'
  | 'consult'
  | 'number'
  | 'refuse'
  | 'end-and-take'
  | 'hold-and-take'
  | 'take'
  | 'return'
  | 'resume'
  | 'swap'
  | 'release-held'
  | 'join'
  | 'split'
  | 'drop-last'
  | 'swallowed'
  | 'error'

type Row = Readonly<Record<FlashKey, FlashAction>>

const row = (
  alone: FlashAction,
  zero: FlashAction,
  one: FlashAction,
  two: FlashAction,
  three: FlashAction,
  four: FlashAction,
): Row => ({ R: alone, 'R 0': zero, 'R 1': one, 'R 2': two, 'R 3': three, 'R 4': four })

const nothing = row('ignored', 'ignored', 'ignored', 'ignored', 'ignored', 'ignored')
const consulting = row('window', 'release-held', 'return', 'return', 'error', 'error')

export const flashTable: Readonly<Record<Situation, Row>> = {
  idle: nothing,
  'ringing-in': nothing,
  'dial-tone': nothing,
  dialling: nothing,
  'ringing-out': nothing,
  active: row('consult', 'number', 'number', 'number', 'number', 'number'),
  'active+waiting': row('window', 'refuse', 'end-and-take', 'hold-and-take', 'error', 'error'),
  'waiting-only': row('take', 'swallowed', 'swallowed', 'swallowed', 'swallowed', 'swallowed'),
  'consult-dial': consulting,
  'consult-ringing': consulting,
  'consult-failed': consulting,
  'active+held': row('window', 'release-held', 'return', 'swap', 'join', 'error'),
  'held-only': row('resume', 'swallowed', 'swallowed', 'swallowed', 'swallowed', 'swallowed'),
  'recall-ringing': nothing,
  conference: row('window', 'drop-last', 'drop-last', 'split', 'error', 'error'),
  emergency: nothing,
  failed: nothing,
  'left-off-hook': nothing,
}
