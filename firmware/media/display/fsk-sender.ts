// The modem that speaks to a display telephone: ITU-T V.23 (1300 and 2100 Hz) or Bell 202 (1200 and 2200 Hz), 1200 bit/s,
// phase-continuous (ETSI EN 300 659-1, Telcordia GR-30). Channel seizure, mark, then bytes of a start bit, eight
// bits with the lowest first and a stop bit; a few marks follow, so that the telephone's filter is done when it ends.

import { amplitudeOf, toSample } from '../level.js'
import { MESSAGE_LIMIT } from './message.js'

export type FskScheme = 'v23' | 'bell202'

export interface FskBurst {
  readonly scheme: FskScheme
  /** Alternating 0 and 1, 0 first; 0 of them off-hook. */
  readonly seizureBits: number
  /** Ones before the data. */
  readonly markBits: number
  /** Level of either tone. */
  readonly dbm0: number
}

/** Ones after the last stop bit; at most 10 are allowed between two bytes. */
export const END_MARKS = 5

const RATE = 8000
const BAUD = 1200
const BITS_PER_BYTE = 10
/** A sample is three parts and a bit twenty: 8000 / 1200 = 20 / 3. A bit ends between samples, never near them. */
const PARTS_PER_SAMPLE = 3
const PARTS_PER_BIT = (PARTS_PER_SAMPLE * RATE) / BAUD
/** The phase counts whole steps of a circle of this many, so it never drifts: f Hz are f steps a part of a sample. */
const CIRCLE = PARTS_PER_SAMPLE * RATE
const RADIANS = (2 * Math.PI) / CIRCLE
/** Samples over which the last mark fades. */
const EDGE = 8

const tones: Readonly<Record<FskScheme, { readonly mark: number; readonly space: number }>> = {
  v23: { mark: 1300, space: 2100 },
  bell202: { mark: 1200, space: 2200 },
}

const bitsOf = (bytes: number, { seizureBits, markBits }: Omit<FskBurst, 'scheme' | 'dbm0'>): number =>
  seizureBits + markBits + BITS_PER_BYTE * bytes + END_MARKS

/** Length of a burst with a message of `bytes` bytes, in samples of 1/8000 s. */
export const durationSamples = (bytes: number, burst: Omit<FskBurst, 'scheme' | 'dbm0'>): number =>
  Math.ceil((bitsOf(bytes, burst) * PARTS_PER_BIT) / PARTS_PER_SAMPLE)

/** One burst at a time. Nothing is allocated once it is made. */
export class FskSender {
  readonly #message = new Uint8Array(MESSAGE_LIMIT)
  #bytes = 0
  #seizureEnd = 0
  #markEnd = 0
  #mark = 0
  #space = 0
  #amplitude = 0
  #bit = 0
  /** Parts left of the present bit, 1 to 20. */
  #left = 0
  #tone = 0
  #phase = 0
  #done = 0
  #total = 0

  /** Whether samples of a burst are still to come. */
  get sounding(): boolean {
    return this.#done < this.#total
  }

  /**
   * Begins a burst with the next sample, in place of one that sounds. `message` is copied.
   * @throws RangeError when it is longer than `MESSAGE_LIMIT`, or a count of bits is no whole number from 0 on
   */
  start(message: Uint8Array, burst: FskBurst): void {
    for (const bits of [burst.seizureBits, burst.markBits])
      if (!Number.isInteger(bits) || bits < 0) throw new RangeError(`${bits} is no count of bits`)
    this.#message.set(message)
    this.#bytes = message.length
    this.#seizureEnd = burst.seizureBits
    this.#markEnd = burst.seizureBits + burst.markBits
    this.#mark = tones[burst.scheme].mark
    this.#space = tones[burst.scheme].space
    this.#amplitude = amplitudeOf(burst.dbm0)
    this.#bit = 0
    this.#left = PARTS_PER_BIT
    this.#tone = this.#toneOfBit()
    this.#phase = 0
    this.#done = 0
    this.#total = durationSamples(message.length, burst)
  }

  /** Silence from the next sample on. */
  stop(): void {
    this.#total = 0
    this.#done = 0
  }

  /** Overwrites `out` from index `from` to its end or that of the burst; returns how many samples it wrote. */
  render(out: Int16Array, from: number): number {
    const count = Math.max(0, Math.min(out.length - from, this.#total - this.#done))
    for (let i = from; i < from + count; i++) {
      out[i] = toSample(this.#amplitude * this.#fade() * Math.sin(this.#phase * RADIANS))
      this.#advance()
    }
    return count
  }

  #fade(): number {
    const toEnd = this.#total - this.#done
    return toEnd > EDGE ? 1 : 0.5 - 0.5 * Math.cos((Math.PI * (toEnd - 0.5)) / EDGE)
  }

  /** One sample on; where a bit ends inside it, each tone gets its own share. */
  #advance(): void {
    this.#done++
    let parts = PARTS_PER_SAMPLE
    if (this.#left <= parts) {
      this.#phase += this.#left * this.#tone
      parts -= this.#left
      this.#left = PARTS_PER_BIT
      this.#bit++
      this.#tone = this.#toneOfBit()
    }
    this.#left -= parts
    this.#phase = (this.#phase + parts * this.#tone) % CIRCLE
  }

  #toneOfBit(): number {
    return this.#isOne(this.#bit) ? this.#mark : this.#space
  }

  #isOne(bit: number): boolean {
    if (bit < this.#seizureEnd) return bit % 2 === 1
    if (bit < this.#markEnd) return true
    const inData = bit - this.#markEnd
    const byte = Math.floor(inData / BITS_PER_BYTE)
    if (byte >= this.#bytes) return true
    const place = inData % BITS_PER_BYTE
    if (place === 0) return false
    return place === BITS_PER_BYTE - 1 || (((this.#message[byte] as number) >> (place - 1)) & 1) === 1
  }
}
