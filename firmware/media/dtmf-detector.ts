// DTMF receiver (ITU-T Q.23, Q.24; ETSI ES 201 235-3): dial tone filter, a bank of eight tones that nominates a pair
// each 5 ms, and a least-squares fit of that pair over 25 ms that decides. What the fit leaves must be small and
// frequencies, levels and twist inside their gates, in several windows running; then the key is down. While it is down
// the pair is followed over 10 ms; a hole shorter than 25 ms is bridged, a pause of 35 ms and more ends the digit.

import { DialToneFilter, dialToneFilterGain } from './dial-tone-filter.js'
import { HIGH_HZ, keyAt, LOW_HZ } from './dtmf-digits.js'
import { beginning, call, dialling, type Gates, isPair } from './dtmf-gates.js'
import { dbm0OfAmplitude } from './level.js'
import { HOP, ToneBank } from './tone-bank.js'
import { TwoToneFit } from './two-tone-fit.js'

/** `dialling`: nobody speaks, so be generous; `call`: speech must not pass for a key (talk-off). */
export type DtmfMode = 'dialling' | 'call'

/** Sample numbers count from construction or the last `reset`. */
export interface DtmfStart {
  readonly digit: string
  /** Onset of the tone, within about 3 ms. */
  readonly startSample: number
  /** When the decision fell. */
  readonly detectedSample: number
  /** Level of the low tone, dBm0. */
  readonly dbm0: number
  /** High tone minus low tone, dB. */
  readonly twistDb: number
}

export interface DtmfEnd {
  readonly digit: string
  readonly endSample: number
}

export interface DtmfSink {
  start(start: DtmfStart): void
  end(end: DtmfEnd): void
}

const gates: Readonly<Record<DtmfMode, Gates>> = { dialling, call }

const HOPS = 5
const WINDOW = HOPS * HOP
const REFINEMENTS = 2
/** Residual fraction above which the fit is not refined further, by round. */
const GIVE_UP = [0.6, 0.25] as const
const FOLLOW = 2 * HOP
/** Window of the first sign of a key: what may leave of a tone before it shows. */
const EARLY_HOPS = 3
const EARLY = EARLY_HOPS * HOP
/** Hops without the pair that end a digit: a hole of 24 ms gives at most 6, a pause of 40 ms at least 7. */
const END_HOPS = 7
/** A tone followed may fall by 6 dB before it counts as gone; an echo 10 dB down must count as gone. */
const FOLLOW_LEVEL = 0.5
/** Share of the window the nominated pair must hold before the fit is worth its cost. */
const NOMINATION = 0.3
/** A hop of less energy than this share of a least tone's has nothing to nominate. */
const FAINT = 0.1
const KEPT = 800
const BUFFER = 4096
/** The filter delays the tones by about this many samples. */
const DELAY = 4

export class DtmfDetector {
  readonly #filter = new DialToneFilter()
  readonly #bank = new ToneBank()
  readonly #fit = new TwoToneFit(WINDOW)
  readonly #early = new TwoToneFit(EARLY)
  readonly #follow = new TwoToneFit(FOLLOW)
  readonly #x = new Float64Array(BUFFER)
  readonly #hopEnergy = new Float64Array(HOPS)
  #hops = 0
  #gates: Gates
  /** Where the next sample goes, and how many of the present hop are there. */
  #at = KEPT
  #hopFill = 0
  #samples = 0
  #hits = 0
  #hitLow = -1
  #hitHigh = -1
  #digit = ''
  #lowHz = 0
  #highHz = 0
  #lowReference = 0
  #highReference = 0
  #absent = 0
  #endSample = 0

  constructor(mode: DtmfMode) {
    this.#gates = gates[mode]
  }

  /** A digit that sounds goes on. */
  set mode(mode: DtmfMode) {
    this.#gates = gates[mode]
  }

  /** Samples processed. */
  get samples(): number {
    return this.#samples
  }

  /** The key that is down, or ''. */
  get digit(): string {
    return this.#digit
  }

  /**
   * The key that may be beginning, by the last 15 ms alone and the looser gates of `beginning`, or ''; also '' while a
   * key is down. Half the time of a decision, and wrong in speech now and then. Ask at a multiple of 40 samples.
   */
  get beginning(): string {
    if (this.#digit !== '') return ''
    const g = beginning
    let energy = 0
    for (let i = HOPS - EARLY_HOPS; i < HOPS; i++)
      energy += this.#hopEnergy[(this.#hops + i) % HOPS] as number
    if (energy < EARLY * g.amplitude * g.amplitude * 0.5) return ''
    const bank = this.#bank
    bank.pickNewest()
    if (bank.pairPower * EARLY < NOMINATION * energy) return ''
    const fit = this.#early
    fit.lowHz = LOW_HZ[bank.low] as number
    fit.highHz = HIGH_HZ[bank.high] as number
    fit.solve(this.#x, this.#at - EARLY, EARLY)
    for (let round = 0; round < REFINEMENTS; round++) {
      if (fit.residual > (GIVE_UP[round] as number) * fit.energy) return ''
      fit.refine(this.#x, this.#at - EARLY, EARLY)
    }
    return isPair(fit, bank.low, bank.high, g) ? keyAt(bank.low, bank.high) : ''
  }

  /** As new: sample 0 comes next. A digit that sounds ends without an event. */
  reset(): void {
    this.#filter.reset()
    this.#bank.reset()
    this.#x.fill(0)
    this.#at = KEPT
    this.#hopFill = 0
    this.#samples = 0
    this.#hits = 0
    this.#digit = ''
  }

  /** Takes any number of samples; calls `sink` from inside. Allocates only for the events it gives. */
  process(frame: ArrayLike<number>, sink: DtmfSink): void {
    let at = 0
    while (at < frame.length) {
      const run = Math.min(frame.length - at, HOP - this.#hopFill)
      this.#filter.run(frame, at, run, this.#x, this.#at)
      this.#at += run
      this.#hopFill += run
      this.#samples += run
      at += run
      if (this.#hopFill === HOP) this.#hop(sink)
    }
  }

  #hop(sink: DtmfSink): void {
    this.#hopFill = 0
    const energy = this.#addEnergy()
    const least = this.#gates.amplitude
    if (this.#digit === '' && energy < FAINT * HOP * least * least) this.#bank.skip()
    else this.#bank.add(this.#x, this.#at - HOP)
    if (this.#digit === '') this.#seek(sink)
    else this.#track(sink)
    if (this.#at + HOP > BUFFER) {
      this.#x.copyWithin(0, this.#at - KEPT, this.#at)
      this.#at = KEPT
    }
  }

  #seek(sink: DtmfSink): void {
    if (!this.#isKey()) {
      this.#hits = 0
      return
    }
    const same = this.#bank.low === this.#hitLow && this.#bank.high === this.#hitHigh
    this.#hits = same ? this.#hits + 1 : 1
    this.#hitLow = this.#bank.low
    this.#hitHigh = this.#bank.high
    if (this.#hits < this.#gates.hits) return
    this.#begin(sink)
  }

  /** Whether the last 25 ms are one key, by the gates of the mode. Leaves the fit behind. */
  #isKey(): boolean {
    const from = this.#at - WINDOW
    const energy = this.#windowEnergy()
    const g = this.#gates
    if (energy < WINDOW * g.amplitude * g.amplitude * 0.5) return false
    const bank = this.#bank
    bank.pick()
    if (bank.pairPower * WINDOW < NOMINATION * energy) return false
    const fit = this.#fit
    fit.lowHz = bank.lowHz
    fit.highHz = bank.highHz
    fit.solve(this.#x, from, WINDOW)
    for (let round = 0; round < REFINEMENTS; round++) {
      // Speech is given up as soon as it shows; a key off its nominal frequency still needs its refinement.
      if (fit.residual > (GIVE_UP[round] as number) * fit.energy) return false
      fit.refine(this.#x, from, WINDOW)
    }
    return isPair(fit, bank.low, bank.high, g)
  }

  #addEnergy(): number {
    let energy = 0
    for (let i = this.#at - HOP; i < this.#at; i++) {
      const v = this.#x[i] as number
      energy += v * v
    }
    this.#hopEnergy[this.#hops] = energy
    this.#hops = (this.#hops + 1) % HOPS
    return energy
  }

  #windowEnergy(): number {
    let energy = 0
    for (let i = 0; i < HOPS; i++) energy += this.#hopEnergy[i] as number
    return energy
  }

  #begin(sink: DtmfSink): void {
    const fit = this.#fit
    this.#digit = keyAt(this.#bank.low, this.#bank.high)
    this.#lowHz = fit.lowHz
    this.#highHz = fit.highHz
    this.#lowReference = fit.low
    this.#highReference = fit.high
    this.#absent = 0
    this.#hits = 0
    this.#endSample = this.#samples
    const low = fit.low / dialToneFilterGain(fit.lowHz)
    const high = fit.high / dialToneFilterGain(fit.highHz)
    sink.start({
      digit: this.#digit,
      startSample: Math.max(0, this.#samples - WINDOW + this.#onset() - DELAY),
      detectedSample: this.#samples,
      dbm0: dbm0OfAmplitude(low),
      twistDb: 20 * Math.log10(high / low),
    })
  }

  /** First sample (relative to the window, may be negative) from which the fitted pair explains the signal. */
  #onset(): number {
    const from = this.#at - WINDOW
    const block = 8
    let onset = 5 * block
    while (onset > WINDOW - KEPT + block) {
      let left = 0
      let model = 0
      for (let i = onset - block; i < onset; i++) {
        const m = this.#fit.at(i, WINDOW)
        left += ((this.#x[from + i] as number) - m) ** 2
        model += m * m
      }
      if (left > 0.4 * model) break
      onset -= block
    }
    return onset
  }

  #track(sink: DtmfSink): void {
    const fit = this.#follow
    fit.lowHz = this.#lowHz
    fit.highHz = this.#highHz
    fit.solve(this.#x, this.#at - FOLLOW, FOLLOW)
    const low = fit.low / this.#lowReference
    const high = fit.high / this.#highReference
    if (low > FOLLOW_LEVEL && high > FOLLOW_LEVEL && fit.residual < 0.7 * fit.energy) {
      this.#absent = 0
      this.#endSample = this.#samples
      return
    }
    // The first window that lacks the pair tells by its level how much of it the tone still filled.
    if (this.#absent === 0)
      this.#endSample = this.#samples - FOLLOW + Math.round(FOLLOW * Math.min(1, (low + high) / 2)) - DELAY
    this.#absent++
    if (this.#absent < END_HOPS) return
    const digit = this.#digit
    this.#digit = ''
    sink.end({ digit, endSample: this.#endSample })
  }
}
