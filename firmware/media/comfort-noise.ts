// Comfort noise for a far end that sends RFC 3389 packets while nobody speaks: white noise at the level it tells.
// Spectral coefficients are passed over; at telephone levels the ear hardly hears the difference.

/** RTP payload type of comfort noise (RFC 3551 table 4). */
export const COMFORT_NOISE = 13

/** Peak of uniform noise whose power is 0 dBov: full scale times the square root of 3, over the root of 2 of a sine. */
const FULL_PEAK = 32767 * Math.sqrt(3)

export class ComfortNoise {
  #peak = 0
  #seed = 1

  get on(): boolean {
    return this.#peak > 0
  }

  /** `level`: first octet of the payload, -dBov (0-127). */
  start(level: number): void {
    this.#peak = FULL_PEAK * 10 ** (-(level & 0x7f) / 20)
  }

  stop(): void {
    this.#peak = 0
  }

  fill(frame: Int16Array): void {
    for (let i = 0; i < frame.length; i++) {
      this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) | 0
      frame[i] = Math.max(-32768, Math.min(32767, Math.round((this.#seed / 2 ** 31) * this.#peak)))
    }
  }
}
