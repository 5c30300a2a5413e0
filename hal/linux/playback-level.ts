// How much audio lies between a program and a codec that cannot be asked (a child process behind a pipe). The codec takes
// samples at the pace at which it captures them; it starts when enough lie ready, and stops when it runs dry.

import { FRAME_SAMPLES } from '../pcm-port.js'

const unsure = 2 * FRAME_SAMPLES

export class PlaybackLevel {
  readonly #threshold: number
  #level = 0
  #running = false
  #at = 0
  #dryAt = Number.NEGATIVE_INFINITY

  /** `threshold`: samples at which playback begins. */
  constructor(threshold: number) {
    this.#threshold = threshold
  }

  /** Samples queued when the codec has captured `position` of them; -1 when it has run dry and waits for more. */
  at(position: number): number {
    const taken = position - this.#at
    // An estimate that was corrected downward takes nothing back.
    if (taken > 0) {
      this.#at = position
      if (this.#running) this.#take(taken, position)
    }
    return this.#running || this.#level > 0 ? this.#level : -1
  }

  wrote(samples: number, position: number): void {
    this.at(position)
    this.#level += samples
    if (this.#level >= this.#threshold) this.#running = true
  }

  /**
   * The program behind the pipe tells of an underrun of so many samples. True: nothing here explains it, so they are still on
   * their way and are counted as queued.
   */
  told(samples: number, position: number, explainedWithin: number): boolean {
    this.at(position)
    if (position - this.#dryAt <= explainedWithin) return false
    this.#level += samples
    return true
  }

  /** Somebody knows better. Less than two frames' difference is how things come and go in steps. */
  correct(samples: number, position: number): void {
    this.at(position)
    if (Math.abs(samples - this.#level) < unsure) return
    this.#level = samples
    this.#running = true
  }

  /** Nothing is queued any more. */
  clear(position: number): void {
    this.#at = Math.max(this.#at, position)
    this.#level = 0
    this.#running = false
    this.#dryAt = position
  }

  #take(taken: number, position: number): void {
    this.#level -= taken
    if (this.#level > 0) return
    this.#level = 0
    this.#running = false
    this.#dryAt = position
  }
}
