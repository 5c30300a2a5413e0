// The telephone's FSK receiver, as far as the single bit: ITU-T V.23 (1300/2100 Hz) and Bell 202 (1200/2200 Hz) have the
// same middle, so one quadrature discriminator about 1700 Hz hears both. What it finds is kept as running sums over the
// last quarter of a second, from which the mean of any stretch, in fractions of a sample, costs two look-ups.

import { FRAME_SAMPLES } from '../pcm-port.js'
import { peakAt0dBm0 } from './telephone-signals.js'

const rate = 8000
/** Repeats after 80 samples, which is a frame: the phase of the mixer is the place in the frame. */
const middleHz = 1700
const taps = 17
const cutoffHz = 850
const ringSize = 2048
const mask = ringSize - 1

/** Edges are looked for in the sum over this many samples. */
export const edgeWindow = 5
/** How much later than on the line a bit is found, samples. */
export const demodulatorDelay = (taps - 1) / 2 + 0.5
/** How far back the running sums reach, samples. */
export const demodulatorReach = ringSize - FRAME_SAMPLES

const turn = (n: number): number => (2 * Math.PI * middleHz * n) / rate
const cosine = Float64Array.from({ length: FRAME_SAMPLES }, (_, n) => Math.cos(turn(n)))
const sine = Float64Array.from({ length: FRAME_SAMPLES }, (_, n) => -Math.sin(turn(n)))

/** Windowed sinc, even, sum 1. */
const lowPass = ((): Float64Array => {
  const half = (taps - 1) / 2
  const bare = Float64Array.from({ length: taps }, (_, n) => {
    const x = (2 * cutoffHz * (n - half)) / rate
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
    return sinc * (0.54 + 0.46 * Math.cos((Math.PI * (n - half)) / (half + 1)))
  })
  const sum = bare.reduce((total, tap) => total + tap, 0)
  return bare.map(tap => tap / sum)
})()

/** Gain of the filter for a tone so far from the middle. */
const gainAt = (offsetHz: number): number =>
  lowPass.reduce(
    (sum, tap, n) => sum + tap * Math.cos((2 * Math.PI * offsetHz * (n - (taps - 1) / 2)) / rate),
    0,
  )

export class FskDemodulator {
  #count = 0
  readonly #mixedRe = new Float64Array(taps - 1 + FRAME_SAMPLES)
  readonly #mixedIm = new Float64Array(taps - 1 + FRAME_SAMPLES)
  /** Sums of all samples before the one of this index: sine and cosine of the turn from sample to sample, and power. */
  readonly #sines = new Float64Array(ringSize)
  readonly #cosines = new Float64Array(ringSize)
  readonly #powers = new Float64Array(ringSize)
  /** Of the last `edgeWindow` samples before the one of this index. */
  readonly #leans = new Float64Array(ringSize)
  readonly #levels = new Float64Array(ringSize)
  #lastRe = 0
  #lastIm = 0

  /** Samples taken so far; positions below are counted like this. */
  get count(): number {
    return this.#count
  }

  take(frame: Int16Array): void {
    const mixedRe = this.#mixedRe
    const mixedIm = this.#mixedIm
    const sines = this.#sines
    const cosines = this.#cosines
    const powers = this.#powers
    const leans = this.#leans
    const levels = this.#levels
    const count = this.#count
    let lastRe = this.#lastRe
    let lastIm = this.#lastIm
    for (let n = 0; n < FRAME_SAMPLES; n++) {
      const sample = frame[n] as number
      mixedRe[taps - 1 + n] = sample * (cosine[n] as number)
      mixedIm[taps - 1 + n] = sample * (sine[n] as number)
    }
    for (let n = 0; n < FRAME_SAMPLES; n++) {
      let re = 0
      let im = 0
      for (let k = 0; k < taps; k++) {
        const tap = lowPass[k] as number
        re += tap * (mixedRe[n + k] as number)
        im += tap * (mixedIm[n + k] as number)
      }
      const along = re * lastRe + im * lastIm
      const across = im * lastRe - re * lastIm
      const length = Math.sqrt(along * along + across * across)
      const scale = length < 1e-3 ? 0 : 1 / length
      const here = (count + n) & mask
      const next = (count + n + 1) & mask
      const past = (count + n + 1 - edgeWindow) & mask
      sines[next] = (sines[here] as number) + across * scale
      cosines[next] = (cosines[here] as number) + along * scale
      powers[next] = (powers[here] as number) + re * re + im * im
      leans[next] = (sines[next] as number) - (sines[past] as number)
      levels[next] = ((powers[next] as number) - (powers[past] as number)) / edgeWindow
      lastRe = re
      lastIm = im
    }
    this.#lastRe = lastRe
    this.#lastIm = lastIm
    this.#count = count + FRAME_SAMPLES
    mixedRe.copyWithin(0, FRAME_SAMPLES)
    mixedIm.copyWithin(0, FRAME_SAMPLES)
  }

  /** The lean over the last `edgeWindow` samples before `at`, not divided: its sign and its zero are what counts. */
  edgeLean(at: number): number {
    return this.#leans[at & mask] as number
  }

  /** Power over the same samples. */
  edgePower(at: number): number {
    return this.#levels[at & mask] as number
  }

  /**
   * Which way the tone leans over [from, to): negative toward mark, positive toward space. It does not depend on the
   * level; about 0.3 for a clean tone.
   */
  lean(from: number, to: number): number {
    return (this.#sineAt(to) - this.#sineAt(from)) / (to - from)
  }

  /** Hz over the whole samples [from, to). */
  frequency(from: number, to: number): number {
    return middleHz + (Math.atan2(this.sines(from, to), this.cosines(from, to)) * rate) / (2 * Math.PI)
  }

  /** Level in dBm0 of a tone of `hz` that was there over the whole samples [from, to). */
  dbm0(from: number, to: number, hz: number): number {
    const power = (4 * this.power(from, to)) / gainAt(hz - middleHz) ** 2
    return 10 * Math.log10(power / peakAt0dBm0 ** 2 + 1e-12)
  }

  /** Mean power behind the filter over the whole samples [from, to). */
  power(from: number, to: number): number {
    return ((this.#powers[to & mask] as number) - (this.#powers[from & mask] as number)) / (to - from)
  }

  sines(from: number, to: number): number {
    return (this.#sines[to & mask] as number) - (this.#sines[from & mask] as number)
  }

  cosines(from: number, to: number): number {
    return (this.#cosines[to & mask] as number) - (this.#cosines[from & mask] as number)
  }

  #sineAt(position: number): number {
    const whole = Math.floor(position)
    const below = this.#sines[whole & mask] as number
    return below + (position - whole) * ((this.#sines[(whole + 1) & mask] as number) - below)
  }
}

/** Frequency of turns that were added up. */
export const frequencyOf = (sines: number, cosines: number): number =>
  middleHz + (Math.atan2(sines, cosines) * rate) / (2 * Math.PI)
