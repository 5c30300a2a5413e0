// When ring voltage goes on and off, counted in PCM samples from the instant the ringing begins. Changes are told a second
// ahead with their exact instants: whoever carries them out may be held up that long and still be in time.

import { FRAME_SAMPLES } from '../../hal/pcm-port.js'
import type { RingCadence } from './media-contract.js'
import type { FrameInstant } from './tick.js'

const US_PER_SAMPLE = 125
const SAMPLES_PER_MS = 8
const FRAME_US = FRAME_SAMPLES * US_PER_SAMPLE
/** How far ahead changes are told. */
const AHEAD_US = 1_000_000

export class RingBursts {
  readonly #burst: (on: boolean, us: number) => void
  #cadence: RingCadence = []
  #index = 0
  #startUs = 0
  /** Samples from the start to the next change. */
  #next = 0
  #on = false
  #running = false

  constructor(burst: (on: boolean, us: number) => void) {
    this.#burst = burst
  }

  /**
   * Begins at `us`, now or later; the first burst is told at once where it is near, also when no frame flows yet.
   * Segments without length are passed over; at least one must have a length.
   */
  start(cadence: RingCadence, us: number, now: number): void {
    this.#cadence = cadence
    this.#running = true
    this.#on = false
    this.#startUs = us
    this.#index = -1
    this.#next = 0
    this.#tellUntil(now + AHEAD_US)
  }

  /** Nothing more is told; what was told already is for whoever asked to take back. */
  stop(): void {
    this.#running = false
  }

  /** The frame that began at `instant` has passed. */
  frame(instant: FrameInstant): void {
    if (this.#running) this.#tellUntil((instant[0] as number) + FRAME_US + AHEAD_US)
  }

  #tellUntil(us: number): void {
    const samples = (us - this.#startUs) / US_PER_SAMPLE
    while (samples >= this.#next) this.#turn()
  }

  /** Enters the next segment that has a length. Cadences of an odd number of segments change polarity each round. */
  #turn(): void {
    const at = this.#startUs + this.#next * US_PER_SAMPLE
    let length = 0
    do {
      this.#index++
      length = Math.round((this.#cadence[this.#index % this.#cadence.length] as number) * SAMPLES_PER_MS)
    } while (length <= 0)
    this.#next += length
    this.#switch(this.#index % 2 === 0, at)
  }

  #switch(on: boolean, us: number): void {
    if (on === this.#on) return
    this.#on = on
    this.#burst(on, us)
  }
}
