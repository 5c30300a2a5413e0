// Hook and keys of one line come by two ways, each stamped with its instant; a loop that stood still may find them in
// any order, and R 2 is not 2 R. A key waits until the port has said that the loop is known up to its instant
// (readHook answers behind every edge that waits); what the hook did before it goes first.

import { type Clock, ms, type Timer, type Us } from '../../hal/clock.js'
import type { PhoneEvent } from '../phone/event.js'

export interface KeyOrder {
  /** The audio half heard a key at `at`. */
  key(at: Us, event: PhoneEvent): void
  /** The loop was opened or closed at `at`. */
  hook(at: Us, event: PhoneEvent): void
  /** Every edge until `at` has been told. */
  confirmed(at: Us): void
  close(): void
}

/** A port that does not answer must not swallow a number: after this long keys go on as they came, ms. */
const PATIENCE_MS = 250

export const createKeyOrder = (options: {
  readonly clock: Clock
  readonly line: string
  /** Asks the port; it answers through `confirmed`. */
  ask(): void
  deliver(event: PhoneEvent): void
  /** The same from outside the loop: through its queue. */
  post(event: PhoneEvent): void
  /** A key from before what the hook did last came too late to mean anything. */
  onStale(event: PhoneEvent): void
}): KeyOrder => {
  const { clock, line, ask, deliver, post, onStale } = options
  const waiting: { readonly at: Us; readonly event: PhoneEvent }[] = []
  let lastHook: Us | undefined
  let patience: Timer | undefined

  const release = (holds: (at: Us) => boolean, pass = deliver): void => {
    for (let next = waiting[0]; next !== undefined && holds(next.at); next = waiting[0]) {
      waiting.shift()
      pass(next.event)
    }
    if (waiting.length > 0) return
    patience?.cancel()
    patience = undefined
  }

  return {
    key: (at, event) => {
      // It was meant for the situation before R or the hang-up; as a command after it, it could end a call.
      if (lastHook !== undefined && at < lastHook) {
        onStale(event)
        return
      }
      waiting.push({ at, event })
      ask()
      patience ??= clock.timer(`${line}:keys`, ms(PATIENCE_MS), () => {
        patience = undefined
        release(() => true, post)
      })
    },
    hook: (at, event) => {
      release(key => key < at)
      lastHook = at
      deliver(event)
    },
    confirmed: at => release(key => key <= at),
    close: () => patience?.cancel(),
  }
}
