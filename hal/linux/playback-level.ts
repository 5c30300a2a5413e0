// How much audio lies between a program and a codec that cannot be asked (a child process behind a pipe). The codec takes
// samples at the pace at which it captures them; it starts when enough lie ready, and stops when it runs dry.

import { FRAME_SAMPLES } from '../pcm-port.js'

/** A difference of less than a frame is how things come and go in steps. */
const unsure = FRAME_SAMPLES
/** Writes that are remembered. */
const remembered = 64

export class PlaybackLevel {
  readonly #threshold: number
  /** Where the codec was at each of the last writes, of a frame each. */
  readonly #writes = new Float64Array(remembered).fill(Number.NEGATIVE_INFINITY)
  #written = 0
  #level = 0
  #running = false
  #at = 0

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
      if (this.#running) this.#set(this.#level - taken)
    }
    return this.#running || this.#level > 0 ? this.#level : -1
  }

  /** A frame was written. */
  wrote(position: number): void {
    this.at(position)
    this.#writes[this.#written++ % remembered] = position
    this.#level += FRAME_SAMPLES
    this.#running ||= this.#level >= this.#threshold
  }

  /**
   * The program behind the pipe tells that it had nothing to play for so many samples, until now: what was written since is
   * what is queued. Returns it.
   */
  wasDryFor(samples: number, position: number): number {
    this.at(position)
    let frames = 0
    for (let n = 0; n < remembered; n++) if ((this.#writes[n] as number) > position - samples) frames++
    this.#level = frames * FRAME_SAMPLES
    this.#running = this.#level >= this.#threshold
    return this.#level
  }

  /** Somebody knows how much is queued, and that it is being played. */
  correct(samples: number, position: number): void {
    this.at(position)
    if (Math.abs(samples - this.#level) < unsure) return
    this.#running = true
    this.#set(samples)
  }

  /** Nothing is queued any more. */
  clear(position: number): void {
    this.at(position)
    this.#writes.fill(Number.NEGATIVE_INFINITY)
    this.#set(0)
  }

  #set(level: number): void {
    this.#level = Math.max(0, level)
    if (level <= 0) this.#running = false
  }
}
