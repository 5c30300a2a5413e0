// Line echo canceller (ITU-T G.168 in spirit): 32 ms of the hybrid's response, learnt while somebody speaks.
// Two filters (Ochiai, Araseki, Ogihara, IEEE Trans. Commun. 1977): the background one adapts by NLMS all the time the
// far end is heard; the foreground one cancels, and takes over the background's taps only when those proved better.
// Double talk spoils the background only, so near speech passes as it is: that is the double-talk freeze.

import { amplitudeOf, toSample } from './level.js'

/** 32 ms at 8 kHz. */
export const ECHO_TAPS = 256

/** NLMS step before and after convergence: fast to learn, then quiet. */
const STEP_LEARNING = 0.7
const STEP_SETTLED = 0.4
/** Residual/near power below which the background counts as settled (-15 dB). */
const SETTLED = 0.03
/** The background works on first-order whitened signals (the taps are the same): NLMS learns slowly from coloured speech. */
const WHITENING = 0.85
/** Filters are compared every 10 ms. */
const COMPARE = 80
/** The background takes over when it leaves this much less for so many comparisons. */
const BETTER = 0.8
const BETTER_RUNS = 3
/** … and removes 6 dB at least: nobody can while near speech is as loud as the echo (double talk). */
const CREDIBLE = 0.25
/** On a line once cancelled well it must remove 12 dB; the memory of that fades by 1 dB a second of far speech. */
const CREDIBLE_GOOD = 0.06
const FORGET = 1.0023
const BEST_KEPT = 0.003
/** A background this much worse is spoilt and starts again from the foreground. */
const SPOILT = 2
/**
 * No line gives back more than 6 dB above what it was given (the taps' energy is what it gives back of white noise). A
 * background beyond that has taken near speech for the echo of a click or a fade, and would do so with whatever comes
 * next.
 */
const LOUDEST_ENERGY = 4
/** A foreground that adds power to the near signal for so many comparisons is wrong: forget it. */
const HARMFUL = 1.2
const HARMFUL_RUNS = 3
/**
 * What is taken away may not leave more than there was: over about 4 ms (a factor a sample) at most 3 dB more, else the
 * estimate is left out until it does no harm, and comes back within 10 ms.
 */
const GUARD_MEMORY = 0.97
const GUARD = 2
const GUARD_FLOOR = 100
const GUARD_DOWN = 1 / 8
const GUARD_UP = 1 / 80
/** Far signals below this level make no echo worth removing, dBm0 (rms of a sine). */
const FAR_ACTIVE_DBM0 = -55
/** Memory of the power comparison, a factor a comparison. */
const MEMORY = 0.8
const SUM_REFRESH = 8000
/** Delay-line slots: one more sample than the filter, because a step is taken one sample late, and even. */
const SLOTS = ECHO_TAPS + 2
/** On a line cancelled by 24 dB the background, which is most of the work, learns 40 ms and rests 120 ms. */
const REST_RATIO = 0.004
const REST_PERIOD = 16
const REST_WORK = 4

/** The best residual/near ratio reached, slowly forgotten. */
const remembered = (best: number, ratio: number): number =>
  Math.max(BEST_KEPT, Math.min(CREDIBLE, best * FORGET, Number.isFinite(ratio) ? ratio : 1))

/** What a background must reach to be believed, given the best so far. */
const credible = (best: number): number => Math.min(CREDIBLE, Math.max(CREDIBLE_GOOD, 4 * best))

/** Whether a line can have these taps; false for a filter that is no number any more. */
const isPossible = (taps: Float64Array): boolean => {
  let energy = 0
  for (let k = 0; k < ECHO_TAPS; k++) energy += (taps[k] as number) ** 2
  return energy <= LOUDEST_ENERGY
}

export class EchoCanceller {
  readonly #foreground = new Float64Array(ECHO_TAPS)
  readonly #background = new Float64Array(ECHO_TAPS)
  /** Reference and whitened reference, newest first, written twice so that a window is always contiguous. */
  readonly #far = new Float64Array(2 * SLOTS)
  readonly #white = new Float64Array(2 * SLOTS)
  readonly #floor: number
  #position = 0
  #lastFar = 0
  #lastNear = 0
  #whiteNear = 0
  #echo = 0
  #rate = 0
  #resting = false
  #interval = 0
  #lastResidual = 0
  #lastClean = 0
  /** What leaves: near less as much of the estimate as is safe. */
  #out = 0
  #trust = 1
  #nearLevel = 0
  #cleanLevel = 0
  #farEnergy = 0
  #whiteEnergy = 0
  #untilRefresh = SUM_REFRESH
  #step = STEP_LEARNING
  #count = 0
  #nearPower = 0
  #foregroundPower = 0
  #backgroundPower = 0
  #nearWhite = 0
  #foregroundWhite = 0
  #backgroundWhite = 0
  #best = CREDIBLE
  #bestWhite = CREDIBLE
  #betterRuns = 0
  #harmfulRuns = 0

  constructor() {
    const amplitude = amplitudeOf(FAR_ACTIVE_DBM0)
    this.#floor = (ECHO_TAPS * amplitude * amplitude) / 2
  }

  /** Echo return loss enhancement at present, dB: how much of the near power the canceller removes (0 without far speech). */
  get erleDb(): number {
    if (this.#foregroundPower <= 0 || this.#nearPower <= 0) return 0
    return 10 * Math.log10(this.#nearPower / this.#foregroundPower)
  }

  /** Forgets the line and what it was learning. */
  reset(): void {
    this.#foreground.fill(0)
    this.#background.fill(0)
    this.restart()
  }

  /** Forgets the signals of the last call and keeps what was learnt of the line: the next call begins without echo. */
  restart(): void {
    this.#far.fill(0)
    this.#white.fill(0)
    this.#background.set(this.#foreground)
    this.#lastNear = 0
    this.#lastFar = 0
    this.#lastClean = 0
    this.#trust = 1
    this.#nearLevel = 0
    this.#cleanLevel = 0
    this.#lastResidual = 0
    this.#rate = 0
    this.#farEnergy = 0
    this.#whiteEnergy = 0
    this.#step = STEP_LEARNING
    this.#rest(false)
    this.#forgetPowers()
  }

  /**
   * One frame of any length: `near` from the telephone, `far` the samples sent to it in the same time (tones included),
   * `out` = near without the echo of far; may be the same array as near.
   */
  process(near: ArrayLike<number>, far: ArrayLike<number>, out: Int16Array | Float64Array): void {
    const integer = out instanceof Int16Array
    for (let i = 0; i < out.length; i++) {
      this.#sample(near[i] as number, far[i] as number)
      out[i] = integer ? toSample(this.#out) : this.#out
    }
  }

  // What these methods hand to each other goes through members: a fraction given or returned by a method that is not
  // compiled into its caller is a heap object, 80 of them a frame.
  /** One sample; leaves what remains of it in #lastClean. */
  #sample(near: number, far: number): void {
    const p = this.#push(far)
    const whiteNear = near - WHITENING * this.#lastNear
    this.#whiteNear = whiteNear
    this.#lastNear = near
    if (this.#farEnergy < this.#floor) {
      this.#lastResidual = near
      this.#lastClean = near
      this.#out = near
      this.#rate = 0
      return
    }
    if (this.#resting) this.#estimate(p)
    else this.#learn(p)
    const clean = near - this.#echo
    this.#nearPower += near * near
    this.#nearWhite += whiteNear * whiteNear
    this.#foregroundPower += clean * clean
    this.#guard(near, clean)
    const whiteClean = clean - WHITENING * this.#lastClean
    this.#lastClean = clean
    this.#foregroundWhite += whiteClean * whiteClean
    if (++this.#count === COMPARE) this.#compare()
  }

  /** A filter that was learnt in double talk is found out at the next pause of the near end, before it is heard. */
  #guard(near: number, clean: number): void {
    this.#nearLevel = this.#nearLevel * GUARD_MEMORY + near * near
    this.#cleanLevel = this.#cleanLevel * GUARD_MEMORY + clean * clean
    const harmful = this.#cleanLevel > GUARD * this.#nearLevel + GUARD_FLOOR
    this.#trust = harmful ? Math.max(0, this.#trust - GUARD_DOWN) : Math.min(1, this.#trust + GUARD_UP)
    this.#out = near - this.#trust * this.#echo
  }

  /** The foreground's echo estimate, into #echo. */
  #estimate(p: number): void {
    const x = this.#far
    const f = this.#foreground
    let even = 0
    let odd = 0
    for (let k = 0; k < ECHO_TAPS; k += 2) {
      even += (f[k] as number) * (x[p + k] as number)
      odd += (f[k + 1] as number) * (x[p + k + 1] as number)
    }
    this.#echo = even + odd
  }

  /** The same, and the background's error and NLMS step; the step of one sample is taken on the way through the next. */
  #learn(p: number): void {
    const x = this.#far
    const w = this.#white
    const f = this.#foreground
    const b = this.#background
    const rate = this.#rate
    let f0 = 0
    let f1 = 0
    let b0 = 0
    let b1 = 0
    let w0 = w[p] as number
    for (let k = 0; k < ECHO_TAPS; k += 2) {
      const w1 = w[p + k + 1] as number
      const w2 = w[p + k + 2] as number
      const even = (b[k] as number) + rate * w1
      const odd = (b[k + 1] as number) + rate * w2
      b[k] = even
      b[k + 1] = odd
      b0 += even * w0
      b1 += odd * w1
      f0 += (f[k] as number) * (x[p + k] as number)
      f1 += (f[k + 1] as number) * (x[p + k + 1] as number)
      w0 = w2
    }
    const error = this.#whiteNear - b0 - b1
    // Compared without the whitening, which would let line noise weigh more than the echo.
    const residual = error + WHITENING * this.#lastResidual
    this.#lastResidual = residual
    this.#backgroundPower += residual * residual
    this.#backgroundWhite += error * error
    this.#rate = (this.#step * error) / (this.#whiteEnergy + 0.02 * this.#floor)
    this.#echo = f0 + f1
  }

  /** Takes a far sample into both delay lines; returns where the window begins. */
  #push(far: number): number {
    const p = this.#position === 0 ? SLOTS - 1 : this.#position - 1
    this.#position = p
    const white = far - WHITENING * this.#lastFar
    this.#lastFar = far
    const oldFar = this.#far[p + ECHO_TAPS] as number
    const oldWhite = this.#white[p + ECHO_TAPS] as number
    this.#farEnergy += far * far - oldFar * oldFar
    this.#whiteEnergy += white * white - oldWhite * oldWhite
    this.#far[p] = far
    this.#far[p + SLOTS] = far
    this.#white[p] = white
    this.#white[p + SLOTS] = white
    // Running sums gather rounding errors; once a second they are made anew.
    if (--this.#untilRefresh === 0) this.#refreshEnergies()
    return p
  }

  #compare(): void {
    const near = this.#nearPower
    const foreground = this.#foregroundPower
    if (!this.#resting) this.#judge(near, foreground, this.#backgroundPower)
    this.#harmfulRuns = foreground > HARMFUL * near ? this.#harmfulRuns + 1 : 0
    if (this.#harmfulRuns >= HARMFUL_RUNS || !Number.isFinite(foreground)) {
      this.#foreground.fill(0)
      this.#background.fill(0)
      this.#forgetPowers()
    }
    this.#rest(foreground < REST_RATIO * near)
    this.#count = 0
    this.#nearPower *= MEMORY
    this.#foregroundPower *= MEMORY
    this.#backgroundPower *= MEMORY
    this.#nearWhite *= MEMORY
    this.#foregroundWhite *= MEMORY
    this.#backgroundWhite *= MEMORY
  }

  #judge(near: number, foreground: number, background: number): void {
    // A good foreground that stops cancelling means double talk or a changed line. Until the background shows
    // clearly that the line has changed, it is double talk.
    this.#best = remembered(this.#best, foreground / near)
    this.#bestWhite = remembered(this.#bestWhite, this.#foregroundWhite / this.#nearWhite)
    this.#step = background < SETTLED * near ? STEP_SETTLED : STEP_LEARNING
    const white = this.#backgroundWhite / this.#foregroundWhite
    const believed =
      background < credible(this.#best) * near &&
      this.#backgroundWhite < credible(this.#bestWhite) * this.#nearWhite
    const possible = isPossible(this.#background)
    const better = possible && believed && white < BETTER && background < BETTER * foreground
    this.#betterRuns = better ? this.#betterRuns + 1 : 0
    if (this.#betterRuns >= BETTER_RUNS) {
      this.#foreground.set(this.#background)
      this.#foregroundPower = background
      this.#foregroundWhite = this.#backgroundWhite
      this.#betterRuns = 0
      this.#harmfulRuns = 0
    } else if (!possible || (!(white < SPOILT && background < SPOILT * foreground) && background > 0)) {
      this.#background.set(this.#foreground)
      this.#backgroundPower = foreground
      this.#backgroundWhite = this.#foregroundWhite
      this.#rate = 0
    }
  }

  /** Decides whether the background works in the next interval. */
  #rest(settled: boolean): void {
    this.#interval = settled ? (this.#interval + 1) % REST_PERIOD : 0
    const resting = this.#interval >= REST_WORK
    if (this.#resting && !resting) {
      this.#backgroundPower = this.#foregroundPower
      this.#backgroundWhite = this.#foregroundWhite
    }
    if (resting) this.#rate = 0
    this.#resting = resting
  }

  #forgetPowers(): void {
    this.#nearPower = 0
    this.#foregroundPower = 0
    this.#backgroundPower = 0
    this.#nearWhite = 0
    this.#foregroundWhite = 0
    this.#backgroundWhite = 0
    this.#best = CREDIBLE
    this.#bestWhite = CREDIBLE
    this.#betterRuns = 0
    this.#harmfulRuns = 0
    this.#count = 0
  }

  #refreshEnergies(): void {
    let far = 0
    let white = 0
    for (let k = 0; k < ECHO_TAPS; k++) {
      far += (this.#far[this.#position + k] as number) ** 2
      white += (this.#white[this.#position + k] as number) ** 2
    }
    this.#farEnergy = far
    this.#whiteEnergy = white
    this.#untilRefresh = SUM_REFRESH
  }
}
