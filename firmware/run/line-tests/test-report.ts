// What a test of a line comes to: its measurements and what they mean, or why it was not begun.

import type { Verdict } from '../verdicts/verdict.js'

export interface TestReport {
  readonly line: string
  /** Name and figure, in the order measured. */
  readonly measured: readonly (readonly [name: string, value: string])[]
  /** Most important first, never empty. */
  readonly verdicts: readonly Verdict[]
}

export type TestRefusal =
  | 'no-such-line'
  /** It would disturb a call. */
  | 'in-use'
  /** It puts dangerous voltage on the line, and nobody has armed it. */
  | 'not-armed'
  /** Somebody must lift the telephone first. */
  | 'not-lifted'
  | 'cannot'
  | 'emergency-number'
  | 'no-account'
  /** Another test of this line goes on. */
  | 'under-test'

export interface Refused {
  readonly refused: TestRefusal
}

export const isRefused = (outcome: TestReport | Refused): outcome is Refused => 'refused' in outcome

export const refusalTexts: Readonly<Record<TestRefusal, { readonly en: string; readonly fr: string }>> = {
  'no-such-line': { en: 'there is no such line', fr: "cette ligne n'existe pas" },
  'in-use': { en: 'the telephone is in use', fr: 'le téléphone est utilisé' },
  'not-armed': {
    en: 'up to 90 V on the wires: take your hands off, then type "test arm LINE"',
    fr: "jusqu'à 90 V sur les fils : ne plus y toucher, puis taper « test arm LIGNE »",
  },
  'not-lifted': {
    en: 'lift the telephone and wait for dial tone first',
    fr: "décrocher d'abord et attendre la tonalité",
  },
  cannot: { en: 'this line chip cannot do that', fr: 'ce circuit de ligne ne sait pas le faire' },
  'emergency-number': { en: 'an emergency number is no test', fr: "un numéro d'urgence n'est pas un essai" },
  'no-account': { en: 'this line has no account', fr: "cette ligne n'a pas de compte" },
  'under-test': { en: 'this line is under test already', fr: 'cette ligne est déjà en essai' },
}
