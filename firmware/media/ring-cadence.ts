// When ring voltage goes on and off, counted in PCM samples from the instant the command came. The first burst is told
// at once, also when no frame flows yet; later changes are told in the frame they fall in, with their exact instant.

import { FRAME_SAMPLES } from '../../hal/pcm-port.js'
import type { RingCadence } from './media-contract.js'
import type { FrameInstant } from './tick.js'

const US_PER_SAMPLE = 125
const SAMPLES_PER_MS = 8

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

  get running(): boolean {
    return this.#running
  }

  /** Starts at `us`, replacing what rings. Segments without length are passed over; an empty cadence rings not at all. */
  start(cadence: RingCadence, us: number): void {
    this.stop(us)
    if (!cadence.some(ms => ms > 0)) return
    this.#cadence = cadence
    this.#running = true
    this.#startUs = us
    this.#index = -1
    this.#next = 0
    this.#turn()
  }

  /** Ends the burst that rings, told as of `us`. */
  stop(us: number): void {
    this.#running = false
    this.#switch(false, us)
  }

  /** The frame that began at `instant` has passed. */
  frame(instant: FrameInstant): void {
    const sinceStart = (instant[0] as number) - this.#startUs
    while (this.#running && sinceStart / US_PER_SAMPLE + FRAME_SAMPLES >= this.#next) this.#turn()
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
