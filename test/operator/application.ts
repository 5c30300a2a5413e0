// What answers a call at the operator itself: an application is started once a call and speaks through a Dialogue.
// Prompts are A-law bytes, keys come from RFC 4733, all waiting is the clock's; so it runs in virtual time too.

import type { Timer } from '../../hal/clock.js'

/** Why somebody's call was diverted here (RFC 5806, RFC 4458). */
export type DiversionReason = 'unconditional' | 'no-answer' | 'user-busy' | 'unavailable'

export interface Diversion {
  /** The subscriber who was called first. */
  readonly user: string
  readonly reason: DiversionReason
}

export interface Caller {
  /** Proven by digest or told by the gateway; undefined when the network does not know it. */
  readonly number: string | undefined
  /** Nobody but the network may learn the number (RFC 3323). */
  readonly withheld: boolean
  /** One of ours, who proved it. */
  readonly subscriber: boolean
}

export interface RecordOptions {
  /** Ends by itself after so long. */
  readonly maxMs: number
  /** Ends by itself when nothing was said for so long; absent: waits. */
  readonly silenceMs?: number
  /** Not called after `stop`, nor at a hang-up (CallEvents.onHangUp tells that). */
  onEnd(why: 'limit' | 'silence'): void
}

export interface Recording {
  /**
   * Ends it and gives the A-law bytes heard so far, lost packets as silence. May be called at any time, also in or after
   * `onEnd` and `onHangUp`, and again.
   */
  stop(): Uint8Array
}

export interface Dialogue {
  /** The number dialled, +33 as 0, escapes taken out. */
  readonly called: string
  readonly caller: Caller
  /** Absent when the service was called directly. */
  readonly diversion: Diversion | undefined
  /** False until `answer`; what is played before goes out as early media and costs the caller nothing. */
  readonly answered: boolean
  /** 200. Idempotent. */
  answer(): void
  /** A final refusal, after early media or at once; hangs up when already answered. */
  refuse(status: number, reason: string): void
  /** BYE; 480 when not answered. */
  hangUp(): void
  /** Clips one after the other; ends what was played or echoed before, whose `onEnd` then never runs. */
  play(clips: readonly Uint8Array[], onEnd?: () => void): void
  /** Sends back what comes. */
  echo(): void
  /** Ends playing and echoing. */
  silence(): void
  /** One recording at a time; a new one ends the one before. */
  record(options: RecordOptions): Recording
  /** A timer that dies with the call. */
  timer(name: string, delayMs: number, fire: () => void): Timer
}

/** After `onHangUp` a Dialogue does nothing any more, and nothing of it calls back. */
export interface CallEvents {
  /** A key, once a press: 0-9 * # A-D. */
  onDigit?(digit: string): void
  /** The call is over, whoever ended it; exactly once. */
  onHangUp?(): void
}

/** Runs when the call comes in; must call `answer`, `refuse` or `play` soon. */
export type Application = (dialogue: Dialogue) => CallEvents
