// Amplitudes and coarse frequencies of the eight DTMF tones (ITU-T Q.23), hop by hop: a complex DFT of each 5 ms hop,
// three hops added in phase, and the frequency from the phase advance over 10 ms. Cheap; it only nominates a pair.

import { HIGH_HZ, LOW_HZ } from './dtmf-digits.js'

export const HOP = 40
const SAMPLE_RATE = 8000
const TONES = 8
/** Hops kept: two sums of three hops, two hops apart. */
const KEPT = 5

const nominal = [...LOW_HZ, ...HIGH_HZ]
const cosines = new Float64Array(TONES * HOP)
const sines = new Float64Array(TONES * HOP)
nominal.forEach((hz, k) => {
  for (let i = 0; i < HOP; i++) {
    cosines[k * HOP + i] = Math.cos((2 * Math.PI * hz * i) / SAMPLE_RATE)
    sines[k * HOP + i] = -Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE)
  }
})
/** Every nominal frequency is a whole number of Hz, so hop phases repeat after 200 hops (1 s). */
const PERIOD = SAMPLE_RATE / HOP
const hopCos = new Float64Array(PERIOD)
const hopSin = new Float64Array(PERIOD)
for (let i = 0; i < PERIOD; i++) {
  hopCos[i] = Math.cos((2 * Math.PI * i) / PERIOD)
  hopSin[i] = -Math.sin((2 * Math.PI * i) / PERIOD)
}

export class ToneBank {
  /** Strongest low and high tone of the last 25 ms (0-3), after `pick`. */
  low = 0
  high = 0
  /** Their coarse frequencies, Hz. */
  lowHz = 0
  highHz = 0
  /** Mean power the pair holds in the window (a lower bound when the frequencies are off). */
  pairPower = 0

  readonly #re = new Float64Array(TONES * KEPT)
  readonly #im = new Float64Array(TONES * KEPT)
  readonly #power = new Float64Array(TONES)
  readonly #oldRe = new Float64Array(TONES)
  readonly #oldIm = new Float64Array(TONES)
  readonly #newRe = new Float64Array(TONES)
  readonly #newIm = new Float64Array(TONES)
  #hop = 0

  reset(): void {
    this.#re.fill(0)
    this.#im.fill(0)
    this.#hop = 0
  }

  /** Takes x[from, from + HOP) in. */
  add(x: Float64Array, from: number): void {
    const slot = (this.#hop % KEPT) * TONES
    const turn = this.#hop % PERIOD
    for (let k = 0; k < TONES; k++) {
      const base = k * HOP
      let re = 0
      let im = 0
      for (let i = 0; i < HOP; i++) {
        const v = x[from + i] as number
        re += v * (cosines[base + i] as number)
        im += v * (sines[base + i] as number)
      }
      const at = ((nominal[k] as number) * turn) % PERIOD
      const c = hopCos[at] as number
      const s = hopSin[at] as number
      this.#re[slot + k] = re * c - im * s
      this.#im[slot + k] = re * s + im * c
    }
    this.#hop = (this.#hop + 1) % (KEPT * PERIOD)
  }

  /** Nominates the pair over the last five hops. */
  pick(): void {
    for (let k = 0; k < TONES; k++) {
      this.#sum(k, 0, this.#oldRe, this.#oldIm)
      this.#sum(k, 2, this.#newRe, this.#newIm)
      this.#power[k] =
        (this.#oldRe[k] as number) ** 2 +
        (this.#oldIm[k] as number) ** 2 +
        (this.#newRe[k] as number) ** 2 +
        (this.#newIm[k] as number) ** 2
    }
    this.low = this.#strongest(0)
    this.high = this.#strongest(4)
    this.lowHz = this.#frequency(this.low)
    this.highHz = this.#frequency(this.high + 4)
    const sum = (this.#power[this.low] as number) + (this.#power[this.high + 4] as number)
    // |S| of a sine of amplitude A over 3 hops is A * 60; its power is A^2 / 2.
    this.pairPower = sum / (2 * 2 * (1.5 * HOP) ** 2)
  }

  #sum(k: number, first: number, re: Float64Array, im: Float64Array): void {
    let sumRe = 0
    let sumIm = 0
    for (let j = first; j < first + 3; j++) {
      const slot = ((this.#hop + j) % KEPT) * TONES + k
      sumRe += this.#re[slot] as number
      sumIm += this.#im[slot] as number
    }
    re[k] = sumRe
    im[k] = sumIm
  }

  #strongest(from: number): number {
    let best = 0
    for (let k = 1; k < 4; k++)
      if ((this.#power[from + k] as number) > (this.#power[from + best] as number)) best = k
    return best
  }

  #frequency(k: number): number {
    const oldRe = this.#oldRe[k] as number
    const oldIm = this.#oldIm[k] as number
    const newRe = this.#newRe[k] as number
    const newIm = this.#newIm[k] as number
    const advance = Math.atan2(newIm * oldRe - newRe * oldIm, newRe * oldRe + newIm * oldIm)
    return (nominal[k] as number) + (advance / (2 * Math.PI)) * (SAMPLE_RATE / (2 * HOP))
  }
}
