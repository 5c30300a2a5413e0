// Keeps the beginning of a key out of the sound: a key told as events (RFC 4733 §2.5.1) must not be heard as well, or a
// far end that listens to both counts it twice. What may be a key is muted before it is sure, and let through again.

import { FRAME_SAMPLES } from '../../hal/pcm-port.js'

/** A false sign costs no more than this many frames of 10 ms: by then a true key has been recognised. */
const LONGEST = 3
/** 2 ms, so that the cut splatters over no other key. */
const FADE = 16
const fadeOut = Float64Array.from(
  { length: FADE },
  (_, i) => 0.5 + 0.5 * Math.cos((Math.PI * (i + 0.5)) / FADE),
)

export class KeyGuard {
  /** The frame with what may be a key taken out, after `frame`. */
  readonly guarded = new Int16Array(FRAME_SAMPLES)
  #shut = false
  /** Frames muted on suspicion alone. */
  #suspected = 0

  /** Forgets everything: the next frame comes through. */
  open(): void {
    this.#shut = false
    this.#suspected = 0
  }

  /**
   * Takes the next frame. `beginning`: a key may be beginning at its end; `down`: a key is known to be down.
   * Returns whether `guarded` differs from `heard`.
   */
  frame(heard: Int16Array, beginning: boolean, down: boolean): boolean {
    if (down || !beginning) this.#suspected = 0
    const shut = down || (beginning && this.#suspected < LONGEST)
    if (beginning && shut) this.#suspected++
    const was = this.#shut
    this.#shut = shut
    if (!shut && !was) return false
    const { guarded } = this
    guarded.fill(0)
    if (shut && was) return true
    if (!shut) guarded.set(heard)
    for (let i = 0; i < FADE; i++) {
      const gain = fadeOut[shut ? i : FADE - 1 - i] as number
      guarded[i] = Math.round(gain * (heard[i] as number))
    }
    return true
  }
}
