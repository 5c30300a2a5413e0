// Takes hum and dial tone (50-455 Hz: 330, 350, 425, 440 Hz) out of what a DTMF detector sees, by 40 dB and more.
// Type II Chebyshev high-pass of order 6, edge 455 Hz: flat where the keys are, zeros near 119, 323 and 440 Hz.

const SAMPLE_RATE = 8000
const SECTIONS = 3
const OVERALL_GAIN = 0.501992444248

/** [b1, a1, a2] of each section; b0 = b2 = 1 (zeros on the unit circle). */
const sections = [
  [-1.991279124409, -1.393879794561, 0.494863519273],
  [-1.935811122294, -1.457234616297, 0.607664834456],
  [-1.881863699137, -1.619470097476, 0.838001549444],
] as const
// Taken apart once: destructuring in the frame path allocates.
const [[b11, a11, a12], [b21, a21, a22], [b31, a31, a32]] = sections

export class DialToneFilter {
  readonly #state = new Float64Array(2 * SECTIONS)

  reset(): void {
    this.#state.fill(0)
  }

  /** Filters `count` samples of `from` (from index `at`) into `into` (from index `to`). */
  run(from: ArrayLike<number>, at: number, count: number, into: Float64Array, to: number): void {
    const s = this.#state
    let p0 = s[0] as number
    let p1 = s[1] as number
    let q0 = s[2] as number
    let q1 = s[3] as number
    let r0 = s[4] as number
    let r1 = s[5] as number
    for (let i = 0; i < count; i++) {
      // The added 1e-9 keeps the states out of denormal numbers in digital silence.
      const x = (from[at + i] as number) * OVERALL_GAIN + 1e-9
      const u = x + p0
      p0 = b11 * x - a11 * u + p1
      p1 = x - a12 * u
      const v = u + q0
      q0 = b21 * u - a21 * v + q1
      q1 = u - a22 * v
      const w = v + r0
      r0 = b31 * v - a31 * w + r1
      r1 = v - a32 * w
      into[to + i] = w
    }
    s[0] = p0
    s[1] = p1
    s[2] = q0
    s[3] = q1
    s[4] = r0
    s[5] = r1
  }
}

/** Amplitude gain of the filter at `hz`. */
export const dialToneFilterGain = (hz: number): number => {
  const w = (2 * Math.PI * hz) / SAMPLE_RATE
  const c1 = Math.cos(w)
  const s1 = Math.sin(w)
  const c2 = Math.cos(2 * w)
  const s2 = Math.sin(2 * w)
  let gain = OVERALL_GAIN
  for (const [b1, a1, a2] of sections)
    gain *= Math.hypot(1 + b1 * c1 + c2, b1 * s1 + s2) / Math.hypot(1 + a1 * c1 + a2 * c2, a1 * s1 + a2 * s2)
  return gain
}
