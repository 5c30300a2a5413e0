// Whoever looks on at everything that passes the one loop: facts for the technician, and the test that listens to keys.
// Nothing of a telephone depends on it; it must not throw.

import type { HookTimings } from '../line/hook-event.js'
import type { TraceStep } from '../trace/trace-ring.js'
import type { BoxEvent } from './box-event.js'

/** Of an account, what tells whether it is another one; the password is compared and not kept for anybody to see. */
export interface WatchedAccount {
  readonly user: string
  readonly domain: string
  readonly authUser?: string
  readonly password?: string
}

export interface WatchedLine {
  readonly hook: HookTimings
  /** Absent or undefined: the line has none. */
  readonly account?: WatchedAccount | undefined
}

export interface BoxWatch {
  /** Before the event is handled; true: it is taken, and nobody else hears of it. */
  event(event: BoxEvent): boolean
  /** After the machine has made a step, before its effects are carried out. */
  step(step: TraceStep): void
  /** The loop of a line moves more often than any telephone makes it, or does so no more. */
  storm(line: string, on: boolean): void
  /** The configuration of a line changed. */
  configured(line: string, next: WatchedLine): void
}
