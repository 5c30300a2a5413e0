// What the machine needs to know of settings and profile. Filled by firmware/run from the settings schema.

import type { DialPlan } from './dialling/plan.js'

export interface PhoneTimers {
  /** All in ms. Dial tone without a digit; between digits; command window after R; waiting call; recall ring; ringing out. */
  readonly firstDigit: number
  readonly interDigit: number
  readonly window: number
  readonly waiting: number
  readonly recallRing: number
  readonly noAnswer: number
  /** A "#" after a closed number is swallowed for this long. */
  readonly hashSwallow: number
  /** Busy tone of a telephone left off the hook, then howler or silence, then parked. */
  readonly busyTone: number
  readonly howler: number
  /** An incoming call rings no longer than this. */
  readonly ringGuard: number
}

export interface PhoneConfig {
  readonly timers: PhoneTimers
  readonly plan: DialPlan
  /** False for a line without an account: no-service tone, emergency still tried. */
  readonly hasAccount: boolean
  /** The profile has a howler tone. */
  readonly howlerTone: boolean
  readonly callWaiting: boolean
  /** Final answers that mean success of a network code besides 2xx (settings codes.okFinals). */
  readonly okFinals: readonly number[]
}
