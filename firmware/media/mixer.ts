// Mixing of linear samples, saturated at 16 bits, and fixed gains.

import { gainOf, toSample } from './level.js'

/** Sums any number of sources. No allocation after construction. */
export class Mixer {
  readonly #sum: Int32Array

  /** `frameSamples`: length of every frame given. */
  constructor(frameSamples: number) {
    this.#sum = new Int32Array(frameSamples)
  }

  clear(): void {
    this.#sum.fill(0)
  }

  add(frame: Int16Array): void {
    for (let i = 0; i < this.#sum.length; i++) this.#sum[i] = (this.#sum[i] as number) + (frame[i] as number)
  }

  /** The sum of everything added since `clear`, clipped to 16 bits. */
  all(into: Int16Array): void {
    for (let i = 0; i < this.#sum.length; i++) into[i] = toSample(this.#sum[i] as number)
  }
}

/** Adds `frame` to `into` with saturation. */
export const mixInto = (into: Int16Array, frame: Int16Array): void => {
  for (let i = 0; i < into.length; i++) into[i] = toSample((into[i] as number) + (frame[i] as number))
}

/** A fixed gain in dB, applied in place; 0 dB leaves every bit as it was. */
export const gain = (db: number): ((frame: Int16Array) => void) => {
  if (db === 0) return () => {}
  const factor = gainOf(db)
  return frame => {
    for (let i = 0; i < frame.length; i++) frame[i] = toSample((frame[i] as number) * factor)
  }
}
