// Up to eight phase-continuous sines, as rotating phasors: no sine function per sample, no table, no drift
// (each phasor is brought back to unit length once a block).

/** Sines at once: SIT, howlers and UK tones need at most four. */
export const MAX_SINES = 8
const SAMPLE_RATE = 8000

export class OscillatorBank {
  readonly #re = new Float64Array(MAX_SINES).fill(1)
  readonly #im = new Float64Array(MAX_SINES)
  readonly #stepRe = new Float64Array(MAX_SINES)
  readonly #stepIm = new Float64Array(MAX_SINES)
  readonly #amplitude = new Float64Array(MAX_SINES)
  #count = 0

  /** Number of sines heard; those beyond keep their phase. */
  set count(count: number) {
    this.#count = Math.min(count, MAX_SINES)
  }

  /** Sets sine `index`; its phase runs on, so a change of frequency makes no click. */
  tune(index: number, hz: number, amplitude: number): void {
    const step = (2 * Math.PI * hz) / SAMPLE_RATE
    this.#stepRe[index] = Math.cos(step)
    this.#stepIm[index] = Math.sin(step)
    this.#amplitude[index] = amplitude
  }

  /** Every sine starts again at phase 0. */
  reset(): void {
    this.#re.fill(1)
    this.#im.fill(0)
  }

  /** Adds `length` samples to `into` from `at`. */
  add(into: Float64Array, at: number, length: number): void {
    for (let k = 0; k < this.#count; k++) {
      let re = this.#re[k] as number
      let im = this.#im[k] as number
      const stepRe = this.#stepRe[k] as number
      const stepIm = this.#stepIm[k] as number
      const amplitude = this.#amplitude[k] as number
      for (let i = at; i < at + length; i++) {
        into[i] = (into[i] as number) + amplitude * im
        const next = re * stepRe - im * stepIm
        im = re * stepIm + im * stepRe
        re = next
      }
      const norm = 1 / Math.sqrt(re * re + im * im)
      this.#re[k] = re * norm
      this.#im[k] = im * norm
    }
  }
}
