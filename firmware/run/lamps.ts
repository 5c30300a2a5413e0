// What the lamps of the box say of a telephone line, from its state alone. What the patterns mean to the subscriber stands in
// firmware/README.md.

import type { Situation } from '../phone/situation.js'

/** slow and fast: blinking (run/blinker.ts). */
export type LampPattern = 'off' | 'steady' | 'slow' | 'fast'

export interface Lamps {
  readonly line: LampPattern
  readonly messages: LampPattern
}

export interface LampInput {
  /** The line has an account: it can be called. */
  readonly hasAccount: boolean
  /** Its wires are broken or shorted: it cannot be used. */
  readonly fault: boolean
  readonly registration: string
  readonly situation: Situation
  readonly messages: boolean
}

export const lampsOf = (input: LampInput): Lamps => ({
  line: lineLamp(input),
  messages: input.messages ? 'steady' : 'off',
})

const lineLamp = ({ hasAccount, fault, registration, situation }: LampInput): LampPattern => {
  if (fault) return 'off'
  // Also without an account: an emergency call is a call.
  if (situation !== 'idle') return 'fast'
  if (!hasAccount) return 'off'
  return registration === 'registered' ? 'steady' : 'slow'
}

/** One pair of lamps for a box of several lines: what asks for attention outdoes what is well, and that what is off. */
const byUrgency: readonly LampPattern[] = ['fast', 'slow', 'steady', 'off']

export const lampsOfBox = (lines: readonly Lamps[]): Lamps => {
  const most = (lamp: keyof Lamps): LampPattern =>
    byUrgency.find(pattern => lines.some(line => line[lamp] === pattern)) ?? 'off'
  return { line: most('line'), messages: most('messages') }
}
