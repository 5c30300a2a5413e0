// The tone pair that makes a telephone listen for data: DT-AS on hook (ETSI EN 300 659-1, 100 ± 10 ms) and CAS during
// a call (EN 300 659-2, 80 ± 5 ms): 2130 and 2750 Hz together, exact to the sample, with edges of 1 ms inside its time.

import { amplitudeOf, toSample } from '../level.js'
import { OscillatorBank } from '../oscillator.js'

const LOW_HZ = 2130
const HIGH_HZ = 2750
const SAMPLES_PER_MS = 8
const EDGE = 8
const BLOCK = 480

export const DT_AS_MS = 100
export const CAS_MS = 80

/** One alert at a time. Nothing is allocated once it is made. */
export class DualToneAlert {
  readonly #bank = new OscillatorBank()
  readonly #block = new Float64Array(BLOCK)
  #done = 0
  #total = 0

  /** Whether samples of an alert are still to come. */
  get sounding(): boolean {
    return this.#done < this.#total
  }

  /** Begins with the next sample; `dbm0` is the level of each tone. */
  start(ms: number, dbm0: number): void {
    const amplitude = amplitudeOf(dbm0)
    this.#bank.reset()
    this.#bank.count = 2
    this.#bank.tune(0, LOW_HZ, amplitude)
    this.#bank.tune(1, HIGH_HZ, amplitude)
    this.#done = 0
    this.#total = Math.round(ms * SAMPLES_PER_MS)
  }

  /** Silence from the next sample on. */
  stop(): void {
    this.#total = 0
    this.#done = 0
  }

  /** Overwrites `out` from index `from` to its end or that of the alert; returns how many samples it wrote. */
  render(out: Int16Array, from: number): number {
    const count = Math.max(0, Math.min(out.length - from, this.#total - this.#done))
    for (let at = 0; at < count; at += BLOCK) this.#renderBlock(out, from + at, Math.min(BLOCK, count - at))
    return count
  }

  #renderBlock(out: Int16Array, from: number, length: number): void {
    this.#block.fill(0, 0, length)
    this.#bank.add(this.#block, 0, length)
    for (let i = 0; i < length; i++) {
      out[from + i] = toSample((this.#block[i] as number) * this.#shape())
      this.#done++
    }
  }

  #shape(): number {
    const inside = Math.min(this.#done, this.#total - 1 - this.#done)
    return inside >= EDGE ? 1 : 0.5 - 0.5 * Math.cos((Math.PI * (inside + 0.5)) / EDGE)
  }
}
