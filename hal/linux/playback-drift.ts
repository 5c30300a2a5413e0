// How far a codec's playback clock runs ahead of its capture clock, from how much each has taken and given. Where both are
// one clock the figure stays within a frame; where they are two it is what makes the queue between them grow or run dry.

import { SAMPLE_RATE } from '../pcm-port.js'

/** Before this many samples a rate says nothing. */
const least = 10 * SAMPLE_RATE

export class PlaybackDrift {
  #played = Number.NaN
  #captured = Number.NaN
  #ahead = 0
  #span = 0

  /** Counts anew: playback was interrupted. */
  restart(): void {
    this.#played = Number.NaN
  }

  /** Samples played and captured until the same instant. */
  at(played: number, captured: number): void {
    if (Number.isNaN(this.#played)) {
      this.#played = played
      this.#captured = captured
    }
    this.#span = captured - this.#captured
    this.#ahead = played - this.#played - this.#span
  }

  get ms(): number {
    return (this.#ahead / SAMPLE_RATE) * 1000
  }

  get ppm(): number {
    return this.#span < least ? Number.NaN : (this.#ahead / this.#span) * 1e6
  }
}
