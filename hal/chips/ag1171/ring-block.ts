// A ring that does not work is not tried again at once: 5, 10, then every 30 s (fault H7 of test/README.md). Meanwhile the
// caller is told, and the telephone can still be lifted and used.

import type { Clock, Us } from '../../clock.js'

/** s. */
const PAUSES = [5, 10, 30]

export class RingBlock {
  readonly #clock: Clock
  #failures = 0
  #until: number = Number.NEGATIVE_INFINITY
  #why = ''

  constructor(clock: Clock) {
    this.#clock = clock
  }

  failed(why: string): void {
    const pause = PAUSES[Math.min(this.#failures, PAUSES.length - 1)] as number
    this.#failures++
    this.#why = why
    this.#until = this.#clock.now() + pause * 1e6
  }

  worked(): void {
    this.#failures = 0
  }

  /** Why it is not to be tried at `at`; undefined: it may be. */
  reason(at: Us): string | undefined {
    return at < this.#until ? this.#why : undefined
  }
}
