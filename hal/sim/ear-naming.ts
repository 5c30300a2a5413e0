// From bursts of sound to the name of a tone, as a subscriber would say it: by frequency, cadence and what he has just
// done (after lifting the receiver he expects dial tone, after a code an error tone). A name is told at most two
// cadence periods after its first burst, dial tones within 300 ms; its instant is the onset of that first burst.

import { type Us, us } from '../clock.js'
import type { BeepHeard } from './ear-beep.js'
import type { ToneHeard } from './handset-contract.js'
import { type Burst, type SoundKind, sameKind } from './sound-kind.js'
import {
  type CountryTones,
  confirmationBursts,
  interruptedDial,
  type OnOff,
  sitPauseMs,
  stutter,
} from './telephone-signals.js'

export interface ToneTold {
  readonly name: ToneHeard
  readonly hz: readonly number[]
  /** Burst length, ms; of a steady tone what was heard of it so far. */
  readonly onMs: number
  /** Pause, ms; 0: steady. */
  readonly offMs: number
  /** Onset of the tone; for 'none' the end of the last sound. */
  readonly us: Us
}

/** The sound going on now. */
export interface Sounding {
  readonly from: Us
  readonly kind: SoundKind | undefined
}

/** What an ear asks of whoever names what it hears. */
export interface Naming {
  readonly name: ToneHeard
  /** Speech is being heard: a call waiting tone would be mixed into it. */
  readonly overSpeech: boolean
  expectDial(at: Us, after: 'lifting' | 'flash'): void
  answered(): void
  dialled(digit: string): void
  silence(at: Us): void
  beepOverSpeech(beep: BeepHeard): void
  burstEnded(burst: Burst): void
  update(now: Us, sounding: Sounding | undefined): void
}

const steadyAfterMs = 270
/** Where no dial tone is expected, only a tone longer than any ringback burst is one. */
const surelySteadyMs = 1800
const noiseAfterMs = 250
const noiseWithinMs = 1200
const oddToneAfterMs = 400
const expectDialMs = 3000
const longestGapMs = 6000

const near = (value: number, nominal: number): boolean =>
  Math.abs(value - nominal) <= Math.max(nominal * 0.12, 8)
const msOf = (from: Us, to: Us): number => (to - from) / 1000
const lasted = (burst: Burst): number => msOf(burst.from, burst.to)

export class ToneNaming implements Naming {
  readonly #tell: (told: ToneTold) => void
  #name: ToneHeard = 'none'
  #country: CountryTones | undefined
  #bursts: Burst[] = []
  #noise: Burst[] = []
  #lastEnd = us(0)
  #dialExpectedUntil = -1
  #justLifted = false
  #entry = ''
  #waitingUntil = -1

  constructor(tell: (told: ToneTold) => void) {
    this.#tell = tell
  }

  get name(): ToneHeard {
    return this.#name
  }

  /** The subscriber lifted the receiver or pressed R at `at` and expects a dial tone. */
  expectDial(at: Us, after: 'lifting' | 'flash'): void {
    this.#dialExpectedUntil = at + expectDialMs * 1000
    this.#justLifted = after === 'lifting'
    this.#entry = after === 'flash' ? 'R' : ''
    this.#bursts = []
  }

  /** The subscriber answered a call: what comes now is no dial tone. */
  answered(): void {
    this.#dialExpectedUntil = -1
    this.#entry = ''
    this.#bursts = []
  }

  /** The subscriber dialled a digit: what comes now is not dial tone. */
  dialled(digit: string): void {
    this.#dialExpectedUntil = -1
    this.#entry += digit
    this.#bursts = []
  }

  /** Nothing can be heard from `at` on: on-hook, a bounce of the hook, or no audio any more. */
  silence(at: Us): void {
    this.#bursts = []
    this.#noise = []
    this.#say('none', [], 0, 0, at)
  }

  /** Speech is being heard: a call waiting tone would be mixed into it. */
  get overSpeech(): boolean {
    return this.#name === 'unknown' || this.#name === 'waiting'
  }

  beepOverSpeech({ country, from, onMs }: BeepHeard): void {
    this.#country = country
    // The voice that goes on would be told as unknown at once; the tone lasts until its next beep fails to come.
    this.#waitingUntil = from + country.waiting.pause * 1150
    this.#say('waiting', [country.main], onMs, country.waiting.pause, from)
  }

  #betweenBeeps(now: Us): boolean {
    return this.#name === 'waiting' && now < this.#waitingUntil
  }

  burstEnded(burst: Burst): void {
    this.#lastEnd = burst.to
    if (burst.kind.type === 'noise') this.#noise.push(burst)
    const last = this.#bursts.at(-1)
    const continues =
      last !== undefined &&
      sameKind(last.kind, burst.kind) &&
      msOf(last.to, burst.from) <= Math.max(longestGapMs, this.#longestPause())
    if (continues) this.#bursts.push(burst)
    else this.#bursts = burst.kind.type === 'key' ? [] : [burst]
    if (this.#bursts.length > 16) this.#bursts.shift()
  }

  /** Once a frame, `sounding` when something is heard now. */
  update(now: Us, sounding: Sounding | undefined): void {
    if (sounding === undefined) this.#inSilence(now)
    else if (sounding.kind !== undefined) this.#inSound(now, sounding.from, sounding.kind)
  }

  #inSound(now: Us, from: Us, kind: SoundKind): void {
    const age = msOf(from, now)
    switch (kind.type) {
      case 'key':
        return
      case 'main':
        this.#inMain(now, from, age, kind.country, kind.hz)
        return
      case 'pair':
        if (age >= steadyAfterMs) this.#say(kind.country.pair.name, kind.hz, age, 0, from)
        return
      case 'howler':
        this.#say('howler', kind.hz, age, this.#gapBefore(from) ?? 0, this.#bursts[0]?.from ?? from)
        return
      case 'sit': {
        const before = this.#bursts.at(-1)
        if (kind.place === 0 || before?.kind.type !== 'sit' || before.kind.place !== kind.place - 1) return
        if (msOf(before.to, from) < 100)
          this.#say('sit', [...before.kind.hz, ...kind.hz], lasted(before), sitPauseMs, before.from)
        return
      }
      case 'noise': {
        this.#noise = this.#noise.filter(burst => msOf(burst.from, now) < noiseWithinMs)
        if (this.#betweenBeeps(now)) return
        const heard = this.#noise.reduce((sum, burst) => sum + lasted(burst), age)
        if (heard >= noiseAfterMs) this.#say('unknown', [], age, 0, this.#noise[0]?.from ?? from)
        return
      }
      case 'other':
        if (age >= oddToneAfterMs && !this.#betweenBeeps(now)) this.#say('unknown', kind.hz, age, 0, from)
    }
  }

  #inMain(now: Us, from: Us, age: number, country: CountryTones, hz: readonly number[]): void {
    this.#country = country
    if (this.#inCadence(now, from, age, country, hz)) return
    if (this.#name === 'stutter' || (this.#name === country.interrupted && age < surelySteadyMs)) return
    const expected = now <= this.#dialExpectedUntil
    if (age < (expected ? steadyAfterMs : surelySteadyMs)) return
    this.#say('dial', hz, age, 0, from)
    this.#entry = ''
  }

  /** Names a cadence from the bursts before the present one. False: this may still be a steady tone. */
  #inCadence(now: Us, from: Us, age: number, country: CountryTones, hz: readonly number[]): boolean {
    const bursts = this.#bursts.filter(burst => burst.kind.type === 'main' && burst.kind.country === country)
    const first = bursts[0]
    const gap = this.#gapBefore(from)
    if (first === undefined || gap === undefined) return false
    const all = (cadence: OnOff) => this.#haveCadence(bursts, from, cadence)
    const tell = (name: ToneHeard): true => {
      const on = bursts.slice(-2).reduce((sum, burst) => sum + lasted(burst), 0) / Math.min(2, bursts.length)
      this.#say(name, hz, on, gap, first.from)
      return true
    }
    if (all(interruptedDial)) return tell(country.interrupted)
    if (all(stutter)) {
      if (bursts.length === confirmationBursts && age > stutter[0] * 1.3 && this.#name !== 'stutter') {
        tell('confirmation')
        this.#expectDialAgain(now)
        return true
      }
      const leadIn = this.#justLifted && now <= this.#dialExpectedUntil
      if (bursts.length > confirmationBursts || leadIn) tell('stutter')
      return true
    }
    // A cadence that goes on for ever is known by its latest bursts: one cut short long ago proves nothing.
    const lately = (cadence: OnOff) => this.#haveCadence(bursts.slice(-2), from, cadence)
    if (bursts.length >= 2 && lately(country.busy) && age <= country.busy[0] * 1.2) return tell('busy')
    const counted = bursts.length > country.errorBursts ? lately : all
    if (bursts.length < 2 || !counted(country.congestion)) return false
    if (age > country.congestion[0] * 1.1) {
      if (bursts.length === country.errorBursts) {
        tell('error')
        this.#expectDialAgain(now)
      }
      return false
    }
    // A code may be answered by an error tone, which differs from congestion only by its end.
    if (bursts.length > country.errorBursts || !/[R*#]/.test(this.#entry)) tell('congestion')
    return true
  }

  #inSilence(now: Us): void {
    const silent = msOf(this.#lastEnd, now)
    const last = this.#bursts.at(-1)
    if (last?.kind.type === 'main') this.#afterMain(now, silent, last, last.kind.country)
    if (this.#name !== 'none' && silent > this.#longestPause()) {
      if (this.#name === 'dial') this.#dialExpectedUntil = -1
      this.#bursts = []
      this.#say('none', [], 0, 0, this.#lastEnd)
    } else if (this.#name === 'none' && silent > longestGapMs) this.#bursts = []
  }

  #afterMain(now: Us, silent: number, last: Burst, country: CountryTones): void {
    this.#country = country
    const bursts = this.#bursts
    const on = lasted(last)
    const all = (cadence: OnOff) => this.#haveCadence(bursts, undefined, cadence)
    const say = (name: ToneHeard, off: number, first = bursts[0] as Burst) =>
      this.#say(name, last.kind.hz, on, off, first.from)
    if (near(on, country.ringback[0])) say('ringback', country.ringback[1], last)
    else if (bursts.length === confirmationBursts && silent > stutter[1] * 1.6 && all(stutter)) {
      say('confirmation', stutter[1])
      this.#expectDialAgain(now)
    } else if (bursts.length > confirmationBursts && all(stutter)) say('stutter', stutter[1])
    else if (this.#isError(silent, country)) {
      say('error', country.congestion[1])
      this.#expectDialAgain(now)
    } else {
      const { waiting } = country
      const group = bursts.slice(-waiting.bursts.length)
      const beeps = group.every((burst, n) => near(lasted(burst), waiting.bursts[n] as number))
      const whole = group.length === waiting.bursts.length && this.#haveGaps(group, waiting.gap)
      if (beeps && whole && silent > Math.max(100, waiting.gap * 1.5)) say('waiting', waiting.pause, group[0])
    }
  }

  #isError(silent: number, { errorBursts, congestion }: CountryTones): boolean {
    if (this.#bursts.length !== errorBursts || silent <= congestion[1] * 1.5) return false
    return this.#haveCadence(this.#bursts, undefined, congestion)
  }

  /** How long the present tone may pause before it is over, ms. */
  #longestPause(): number {
    const country = this.#country
    switch (this.#name) {
      case 'ringback':
        return (country?.ringback[1] ?? 4000) * 1.15
      case 'busy':
        return (country?.busy[1] ?? 500) * 1.3
      case 'congestion':
        return (country?.congestion[1] ?? 250) * 1.6
      case 'waiting':
        return (country?.waiting.pause ?? 10000) * 1.15
      case 'sit':
        return sitPauseMs * 1.15
      case 'stutter':
      case 'howler':
        return 160
      case 'unknown':
        return 600
      default:
        return 70
    }
  }

  #expectDialAgain(now: Us): void {
    this.#bursts = []
    this.#dialExpectedUntil = now + expectDialMs * 1000
    this.#justLifted = false
    this.#entry = ''
  }

  #gapBefore(from: Us): number | undefined {
    const last = this.#bursts.at(-1)
    return last === undefined ? undefined : msOf(last.to, from)
  }

  #haveCadence(bursts: readonly Burst[], nextFrom: Us | undefined, [on, off]: OnOff): boolean {
    const last = bursts.at(-1)
    if (last === undefined || !bursts.every(burst => burst.onsetUnsure || near(lasted(burst), on)))
      return false
    return this.#haveGaps(bursts, off) && (nextFrom === undefined || near(msOf(last.to, nextFrom), off))
  }

  #haveGaps(bursts: readonly Burst[], off: number): boolean {
    return bursts.every((burst, n) => n === 0 || near(msOf((bursts[n - 1] as Burst).to, burst.from), off))
  }

  #say(name: ToneHeard, hz: readonly number[], onMs: number, offMs: number, at: Us): void {
    if (name === this.#name) return
    this.#name = name
    const round = (value: number) => Math.round(value * 10) / 10
    this.#tell({ name, hz: hz.map(round), onMs: Math.round(onMs), offMs: Math.round(offMs), us: at })
  }
}
