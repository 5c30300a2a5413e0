// A key of one member of a conference, passed on to the others: as an event (RFC 4733) to those who take events, for
// whom its sound is left out of the mix, so that nobody counts it twice. A key lasts 65 ms at least, as the telephone
// hears it (ETSI ES 201 235-2).

import { FRAME_SAMPLES } from '../../hal/pcm-port.js'
import type { MediaStream } from './media-stream.js'

const LEAST_SAMPLES = 65 * 8
/** Level told with a key that came without one, dBm0. */
const DBM0 = -10

export class KeyBridge {
  #from: MediaStream | undefined
  #others: readonly MediaStream[] = []
  #samples = 0
  #released = false

  /** A key went down at `from`, a member of `conference`. */
  down(from: MediaStream, digit: string, conference: readonly MediaStream[]): void {
    this.end()
    this.#from = from
    this.#others = conference.filter(stream => stream !== from)
    this.#samples = 0
    this.#released = false
    for (const stream of this.#others) stream.keyDown(digit, 0, DBM0)
  }

  up(from: MediaStream): void {
    if (this.#from === from) this.#released = true
  }

  /** 10 ms more. */
  frame(): void {
    if (this.#from === undefined) return
    this.#samples += FRAME_SAMPLES
    if (this.#released && this.#samples >= LEAST_SAMPLES) this.end()
  }

  /** Whoever still has the key pressed lets go. */
  end(): void {
    if (this.#from === undefined) return
    this.#from = undefined
    for (const stream of this.#others) stream.keyUp(this.#samples)
    this.#others = []
  }
}
