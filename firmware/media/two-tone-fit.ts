// Least-squares fit of two sines of unknown frequency to a short window (Gauss-Newton on the frequencies).
// With the time origin in the middle of the window cosine and sine parts are orthogonal, so two 2x2 systems are solved.
// Reference: S. M. Kay, Fundamentals of Statistical Signal Processing: Estimation Theory, §3.11 and §8.9.

const SAMPLE_RATE = 8000
const RADIANS = (2 * Math.PI) / SAMPLE_RATE

/** Sum of cos(w n) over `length` samples centred on 0. */
const dirichlet = (w: number, length: number): number => {
  const half = Math.sin(w / 2)
  // Both sides of the choice are made here: were one the argument as it came, the compiler would box the other.
  return length * (Math.abs(half) < 1e-9 ? 1 : Math.sin((w * length) / 2) / (half * length))
}

export class TwoToneFit {
  /** Frequencies, Hz: set before `solve` (fields, not arguments, which would be boxed on the heap), moved by `refine`. */
  lowHz = 0
  highHz = 0
  /** Amplitudes. */
  low = 0
  high = 0
  /** Energy of the window and of what the two sines leave of it. */
  energy = 0
  residual = 0

  readonly #c1: Float64Array
  readonly #s1: Float64Array
  readonly #c2: Float64Array
  readonly #s2: Float64Array
  #a1 = 0
  #b1 = 0
  #a2 = 0
  #b2 = 0

  constructor(maxLength: number) {
    this.#c1 = new Float64Array(maxLength)
    this.#s1 = new Float64Array(maxLength)
    this.#c2 = new Float64Array(maxLength)
    this.#s2 = new Float64Array(maxLength)
  }

  /** Fits amplitudes and phases at `lowHz` and `highHz` as they stand to x[from, from + length). */
  solve(x: Float64Array, from: number, length: number): void {
    const w1 = this.lowHz * RADIANS
    const w2 = this.highHz * RADIANS
    const middle = (length - 1) / 2
    const d1 = Math.cos(w1)
    const e1 = Math.sin(w1)
    const d2 = Math.cos(w2)
    const e2 = Math.sin(w2)
    let c1 = Math.cos(w1 * middle)
    let s1 = -Math.sin(w1 * middle)
    let c2 = Math.cos(w2 * middle)
    let s2 = -Math.sin(w2 * middle)
    let energy = 0
    let xc1 = 0
    let xs1 = 0
    let xc2 = 0
    let xs2 = 0
    for (let i = 0; i < length; i++) {
      const v = x[from + i] as number
      this.#c1[i] = c1
      this.#s1[i] = s1
      this.#c2[i] = c2
      this.#s2[i] = s2
      energy += v * v
      xc1 += v * c1
      xs1 += v * s1
      xc2 += v * c2
      xs2 += v * s2
      const n1 = c1 * d1 - s1 * e1
      s1 = c1 * e1 + s1 * d1
      c1 = n1
      const n2 = c2 * d2 - s2 * e2
      s2 = c2 * e2 + s2 * d2
      c2 = n2
    }
    const own1 = dirichlet(2 * w1, length)
    const own2 = dirichlet(2 * w2, length)
    const minus = dirichlet(w2 - w1, length) / 2
    const plus = dirichlet(w2 + w1, length) / 2
    const cc1 = (length + own1) / 2
    const cc2 = (length + own2) / 2
    const ss1 = (length - own1) / 2
    const ss2 = (length - own2) / 2
    const cc = minus + plus
    const ss = minus - plus
    const cDet = cc1 * cc2 - cc * cc
    const sDet = ss1 * ss2 - ss * ss
    this.#a1 = (xc1 * cc2 - xc2 * cc) / cDet
    this.#a2 = (xc2 * cc1 - xc1 * cc) / cDet
    this.#b1 = (xs1 * ss2 - xs2 * ss) / sDet
    this.#b2 = (xs2 * ss1 - xs1 * ss) / sDet
    this.energy = energy
    this.residual = Math.max(0, energy - this.#a1 * xc1 - this.#a2 * xc2 - this.#b1 * xs1 - this.#b2 * xs2)
    this.low = Math.sqrt(this.#a1 * this.#a1 + this.#b1 * this.#b1)
    this.high = Math.sqrt(this.#a2 * this.#a2 + this.#b2 * this.#b2)
  }

  /** One Gauss-Newton step on both frequencies from the last solution, then solves again. */
  refine(x: Float64Array, from: number, length: number): void {
    const middle = (length - 1) / 2
    const a1 = this.#a1
    const b1 = this.#b1
    const a2 = this.#a2
    const b2 = this.#b2
    let g1 = 0
    let g2 = 0
    for (let i = 0; i < length; i++) {
      const c1 = this.#c1[i] as number
      const s1 = this.#s1[i] as number
      const c2 = this.#c2[i] as number
      const s2 = this.#s2[i] as number
      const rest = (x[from + i] as number) - a1 * c1 - b1 * s1 - a2 * c2 - b2 * s2
      const weighted = (i - middle) * rest
      g1 += weighted * (b1 * c1 - a1 * s1)
      g2 += weighted * (b2 * c2 - a2 * s2)
    }
    const spread = (length * (length * length - 1)) / 24
    const limit = 0.5 / length
    const step1 = clamp(g1 / (spread * this.low * this.low + 1e-9), limit)
    const step2 = clamp(g2 / (spread * this.high * this.high + 1e-9), limit)
    this.lowHz += step1 / RADIANS
    this.highHz += step2 / RADIANS
    this.solve(x, from, length)
  }

  /** The fitted sines at `offset` samples from the first sample of a window of `length`, extrapolated. */
  at(offset: number, length: number): number {
    const n = offset - (length - 1) / 2
    const p1 = this.lowHz * RADIANS * n
    const p2 = this.highHz * RADIANS * n
    return (
      this.#a1 * Math.cos(p1) + this.#b1 * Math.sin(p1) + this.#a2 * Math.cos(p2) + this.#b2 * Math.sin(p2)
    )
  }
}

const clamp = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value))
