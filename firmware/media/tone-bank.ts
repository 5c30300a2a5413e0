// Amplitudes and coarse frequencies of the eight DTMF tones (ITU-T Q.23), hop by hop: a complex DFT of each 5 ms hop,
// three hops added in phase, and the frequency from the phase advance over 10 ms. Cheap; it only nominates a pair.

import { HIGH_HZ, LOW_HZ } from './dtmf-digits.js'

export const HOP = 40
const SAMPLE_RATE = 8000
const TONES = 8
/** Hops kept: two sums of three hops, two hops apart. */
const KEPT = 5

const nominal = [...LOW_HZ, ...HIGH_HZ]
const cosines = Float64Array.from(nominal, hz => Math.cos((2 * Math.PI * hz) / SAMPLE_RATE))
const sines = Float64Array.from(nominal, hz => Math.sin((2 * Math.PI * hz) / SAMPLE_RATE))
const [c0, c1, c2, c3, c4, c5, c6, c7] = [...cosines].map(c => 2 * c) as unknown as readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
]
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
  /** The resonators' last two states: given in arrays, as numbers handed to a method are boxed on the heap. */
  readonly #last = new Float64Array(TONES)
  readonly #before = new Float64Array(TONES)
  #hop = 0

  reset(): void {
    this.#re.fill(0)
    this.#im.fill(0)
    this.#hop = 0
  }

  /** Takes x[from, from + HOP) in: eight Goertzel resonators side by side, started afresh each hop. */
  add(x: Float64Array, from: number): void {
    let p0 = 0
    let p1 = 0
    let p2 = 0
    let p3 = 0
    let p4 = 0
    let p5 = 0
    let p6 = 0
    let p7 = 0
    let q0 = 0
    let q1 = 0
    let q2 = 0
    let q3 = 0
    let q4 = 0
    let q5 = 0
    let q6 = 0
    let q7 = 0
    // Two samples a turn: the older and the newer state change places.
    for (let i = from; i < from + HOP; i += 2) {
      const u = x[i] as number
      q0 = u + c0 * p0 - q0
      q1 = u + c1 * p1 - q1
      q2 = u + c2 * p2 - q2
      q3 = u + c3 * p3 - q3
      q4 = u + c4 * p4 - q4
      q5 = u + c5 * p5 - q5
      q6 = u + c6 * p6 - q6
      q7 = u + c7 * p7 - q7
      const v = x[i + 1] as number
      p0 = v + c0 * q0 - p0
      p1 = v + c1 * q1 - p1
      p2 = v + c2 * q2 - p2
      p3 = v + c3 * q3 - p3
      p4 = v + c4 * q4 - p4
      p5 = v + c5 * q5 - p5
      p6 = v + c6 * q6 - p6
      p7 = v + c7 * q7 - p7
    }
    const last = this.#last
    const before = this.#before
    last[0] = p0
    before[0] = q0
    last[1] = p1
    before[1] = q1
    last[2] = p2
    before[2] = q2
    last[3] = p3
    before[3] = q3
    last[4] = p4
    before[4] = q4
    last[5] = p5
    before[5] = q5
    last[6] = p6
    before[6] = q6
    last[7] = p7
    before[7] = q7
    for (let k = 0; k < TONES; k++) this.#keep(k)
    this.#hop = (this.#hop + 1) % (KEPT * PERIOD)
  }

  /** Takes a hop in that is too faint to matter, at no cost. */
  skip(): void {
    const slot = (this.#hop % KEPT) * TONES
    this.#re.fill(0, slot, slot + TONES)
    this.#im.fill(0, slot, slot + TONES)
    this.#hop = (this.#hop + 1) % (KEPT * PERIOD)
  }

  /** The DFT of the hop from the resonator's last two states, turned to a common time origin. */
  #keep(k: number): void {
    const before = this.#before[k] as number
    const re = (this.#last[k] as number) - (cosines[k] as number) * before
    const im = (sines[k] as number) * before
    const turn = ((nominal[k] as number) * (this.#hop % PERIOD)) % PERIOD
    const c = hopCos[turn] as number
    const s = hopSin[turn] as number
    const at = (this.#hop % KEPT) * TONES + k
    this.#re[at] = re * c - im * s
    this.#im[at] = re * s + im * c
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

  /** Nominates the pair over the last three hops alone: `low`, `high` and `pairPower` as after `pick`. */
  pickNewest(): void {
    for (let k = 0; k < TONES; k++) {
      this.#sum(k, 2, this.#newRe, this.#newIm)
      this.#power[k] = (this.#newRe[k] as number) ** 2 + (this.#newIm[k] as number) ** 2
    }
    this.low = this.#strongest(0)
    this.high = this.#strongest(4)
    const sum = (this.#power[this.low] as number) + (this.#power[this.high + 4] as number)
    this.pairPower = sum / (2 * (1.5 * HOP) ** 2)
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
