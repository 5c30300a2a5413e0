// How far a codec's playback clock runs ahead of its capture clock, from how much each has taken and given. Where both are
// one clock the figure stays within a frame; where they are two it is what makes the queue between them grow or run dry.

import { SAMPLE_RATE } from '../pcm-port.js'

/** Before this many samples a rate says nothing. */
const least = 10 * SAMPLE_RATE

export class PlaybackDrift {
  #played = Number.NaN
  #captured = Number.NaN
  #last = Number.NaN
  #ahead = Number.NaN
  #span = 0

  /** Counts anew: playback was interrupted. */
  restart(): void {
    this.#played = Number.NaN
    this.#ahead = Number.NaN
    this.#span = 0
  }

  /** Samples played and captured until the same instant. Fewer played than before: it counts anew. */
  at(played: number, captured: number): void {
    if (played < this.#last) this.restart()
    this.#last = played
    if (Number.isNaN(this.#played)) {
      this.#played = played
      this.#captured = captured
    }
    this.#span = captured - this.#captured
    this.#ahead = played - this.#played - this.#span
  }

  /** NaN while nothing was told. */
  get ms(): number {
    return (this.#ahead / SAMPLE_RATE) * 1000
  }

  get ppm(): number {
    return this.#span < least ? Number.NaN : (this.#ahead / this.#span) * 1e6
  }
}
