// What the ring does to the audio of the same module: VOUT carries its frequency. The control half says until when, the
// audio half silences its frames till then and tells how loud the ring was. In shared memory, because the two halves may
// live in two threads; both read the same monotonic clock.

import type { Us } from '../../clock.js'

/** How long VOUT needs to settle after the ring, ms. */
const HOLD_OFF = 60

const UNTIL = 0
const HEARD = 1

export class RingNoise {
  /** Cloneable: give it to the other thread and make a RingNoise of it there. */
  readonly shared: Float64Array

  constructor(shared = new Float64Array(new SharedArrayBuffer(16))) {
    this.shared = shared
  }

  /** The ring begins. */
  begin(): void {
    this.shared[HEARD] = Number.NEGATIVE_INFINITY
    this.shared[UNTIL] = Number.POSITIVE_INFINITY
  }

  /** It is over. */
  end(at: Us): void {
    this.shared[UNTIL] = at + HOLD_OFF * 1000
  }

  /** A frame that begins at `at` has ring in it. */
  covers(at: number): boolean {
    return at < (this.shared[UNTIL] as number)
  }

  /** Level of a frame under the ring, dBm0. */
  heard(dbm0: number): void {
    if (dbm0 > (this.shared[HEARD] as number)) this.shared[HEARD] = dbm0
  }

  /** The loudest frame of the present or last burst, dBm0; -Infinity: no frame flowed. */
  get loudest(): number {
    return this.shared[HEARD] as number
  }
}
