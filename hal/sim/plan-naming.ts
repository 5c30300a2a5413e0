// From bursts of sound to the name of a tone, by the plan of one country: whatever the bursts so far cannot have begun is ruled
// out, and what is left over alone is told. What a subscriber has just done decides between tones that sound alike.

import { type Us, us } from '../clock.js'
import type { KnownTone, ToneBurst, TonePlan } from './country-tones.js'
import type { Naming, Sounding, ToneTold } from './ear-naming.js'
import type { ToneHeard } from './handset-contract.js'
import type { Burst } from './sound-kind.js'

const expectDialMs = 3000
const steadyAfterMs = 270
/** Where no dial tone is expected, only a tone longer than any burst is one. */
const surelySteadyMs = 2300
const oddToneAfterMs = 400
const noiseAfterMs = 250
const noiseWithinMs = 1200
/** After one burst alone a tone is told by the long silence behind it. */
const longSilenceMs = 1500
const longestHistory = 16

const near = (value: number, nominal: number): boolean =>
  Math.abs(value - nominal) <= Math.max(nominal * 0.12, 15)
const atMost = (value: number, nominal: number): boolean => value <= nominal + Math.max(nominal * 0.12, 15)
const msOf = (from: Us, to: Us): number => (to - from) / 1000
const sameSound = (heard: readonly number[], known: readonly number[]): boolean =>
  heard.length === known.length && heard.every((hz, n) => Math.abs(hz - (known[n] as number)) <= 8)

/** The nth burst of a tone that was begun at burst `start` of its cycle. */
const burstAt = ({ lead = [], cycle, times }: KnownTone, n: number, start: number): ToneBurst | undefined => {
  const known = lead[n]
  if (known !== undefined) return known
  const turn = n - lead.length + start
  return times !== undefined && turn >= cycle.length * times ? undefined : cycle[turn % cycle.length]
}

/** Since when something or nothing is heard. */
interface Now {
  readonly at: Us
  readonly sounding: Sounding | undefined
}

export class PlanNaming implements Naming {
  readonly overSpeech = false
  readonly #plan: TonePlan
  readonly #tell: (told: ToneTold) => void
  #name: ToneHeard = 'none'
  #bursts: Burst[] = []
  #noise: Burst[] = []
  #lastEnd = us(0)
  #dialExpectedUntil = -1
  #entry = ''

  constructor(plan: TonePlan, tell: (told: ToneTold) => void) {
    this.#plan = plan
    this.#tell = tell
  }

  get name(): ToneHeard {
    return this.#name
  }

  expectDial(at: Us, after: 'lifting' | 'flash'): void {
    this.#dialExpectedUntil = at + expectDialMs * 1000
    this.#entry = after === 'flash' ? 'R' : ''
    this.#bursts = []
  }

  answered(): void {
    this.#dialExpectedUntil = -1
    this.#entry = ''
    this.#bursts = []
  }

  dialled(digit: string): void {
    this.#dialExpectedUntil = -1
    this.#entry += digit
    this.#bursts = []
  }

  silence(at: Us): void {
    this.#noise = []
    this.#bursts = []
    this.#say('none', undefined, 0, at)
  }

  beepOverSpeech(): void {}

  burstEnded(burst: Burst): void {
    this.#lastEnd = burst.to
    if (burst.kind.type === 'noise') this.#noise.push(burst)
    if (burst.kind.type === 'noise' || burst.kind.type === 'key') this.#bursts = []
    else this.#bursts.push(burst)
    if (this.#bursts.length > longestHistory) this.#bursts.shift()
  }

  update(at: Us, sounding: Sounding | undefined): void {
    const now = { at, sounding }
    if (sounding !== undefined && sounding.kind === undefined) return
    if (sounding?.kind?.type === 'key') return
    if (sounding?.kind?.type === 'howler') this.#say('howler', sounding, 0, sounding.from)
    else if (sounding?.kind?.type === 'noise') this.#inNoise(at, sounding)
    else if (!this.#byCadence(now) && sounding !== undefined) this.#inSound(now, sounding)
    if (sounding === undefined) this.#inSilence(at)
  }

  #inNoise(now: Us, sounding: Sounding): void {
    this.#noise = this.#noise.filter(({ from }) => msOf(from, now) < noiseWithinMs)
    const heard = this.#noise.reduce((sum, { from, to }) => sum + msOf(from, to), msOf(sounding.from, now))
    if (heard >= noiseAfterMs) this.#say('unknown', undefined, 0, this.#noise[0]?.from ?? sounding.from)
  }

  #inSound(now: Now, sounding: Sounding): void {
    const age = msOf(sounding.from, now.at)
    const hz = sounding.kind?.hz ?? []
    const isDial = this.#plan.some(
      ({ name, cycle }) =>
        name === 'dial' && cycle[0]?.on === Number.POSITIVE_INFINITY && sameSound(hz, cycle[0].hz),
    )
    const expected = now.at <= this.#dialExpectedUntil
    if (isDial) {
      if (age >= (expected ? steadyAfterMs : surelySteadyMs) && !this.#isDialWithLead()) {
        this.#say('dial', sounding, 0, sounding.from)
        this.#entry = ''
      }
    } else if (
      age >= oddToneAfterMs &&
      !this.#plan.some(tone => tone.cycle.some(known => sameSound(hz, known.hz)))
    )
      this.#say('unknown', sounding, 0, sounding.from)
  }

  #isDialWithLead(): boolean {
    return this.#plan.some(({ name, lead }) => name === this.#name && lead !== undefined)
  }

  /** False: the cadence says nothing yet. */
  #byCadence(now: Now): boolean {
    const last = this.#bursts.at(-1)
    if (last === undefined) return false
    let left = this.#consistent(now)
    // The first burst may have been cut short, or belong to the tone before.
    while (left.length === 0 && this.#bursts.length > 1 && (now.sounding || this.#name === 'none')) {
      this.#bursts.shift()
      left = this.#consistent(now)
    }
    const names = new Set(left.map(({ name }) => name))
    if (names.has(this.#name)) return true
    const [name] = names
    if (name === undefined || names.size > 1 || (name === 'dial' && left[0]?.cycle.length === 1)) return false
    const silent = now.sounding === undefined ? msOf(last.to, now.at) : 0
    if (!this.#isEnough(left[0] as KnownTone, silent)) return false
    const first = this.#bursts[0] as Burst
    const gap = this.#bursts[1] === undefined ? silent : msOf(first.to, this.#bursts[1].from)
    this.#say(name, { from: first.from, kind: last.kind }, gap, first.from, msOf(last.from, last.to))
    if (name === 'error' || name === 'confirmation') {
      this.#dialExpectedUntil = now.at + expectDialMs * 1000
      this.#bursts = []
      this.#entry = ''
    }
    return true
  }

  #isEnough({ cycle, times }: KnownTone, silent: number): boolean {
    if (times !== undefined) return this.#bursts.length === cycle.length * times
    return this.#bursts.length > 1 || silent >= longSilenceMs
  }

  /** What may have been begun by the bursts so far and what is heard now. */
  #consistent(now: Now): readonly KnownTone[] {
    return this.#plan.filter(tone => {
      if (!this.#fitsEntry(tone, now)) return false
      const starts = tone.lead || tone.times !== undefined ? 1 : tone.cycle.length
      for (let start = 0; start < starts; start++) if (this.#follows(tone, start, now)) return true
      return false
    })
  }

  /** Codes alone are confirmed or refused; lead-ins come where a dial tone does. */
  #fitsEntry({ name, lead }: KnownTone, now: Now): boolean {
    const code = /[*#]/.test(this.#entry)
    if (name === 'confirmation' || name === 'error') return code
    if (lead === undefined) return true
    if (now.at > this.#dialExpectedUntil && this.#name !== name) return false
    return (name === 'recall') === this.#entry.startsWith('R')
  }

  #follows(tone: KnownTone, start: number, { at, sounding }: Now): boolean {
    const bursts = this.#bursts
    for (const [n, burst] of bursts.entries()) {
      const known = burstAt(tone, n, start)
      if (known === undefined || !sameSound(burst.kind.hz, known.hz)) return false
      if (!burst.onsetUnsure && !near(msOf(burst.from, burst.to), known.on)) return false
      const next = bursts[n + 1] ?? sounding
      const isLast = tone.times !== undefined && n === tone.cycle.length * tone.times - 1
      if (
        next === undefined
          ? !isLast && !atMost(msOf(burst.to, at), known.off)
          : !near(msOf(burst.to, next.from), known.off)
      )
        return false
    }
    if (sounding === undefined) return true
    const { cycle, times } = tone
    // What is longer than another burst would be is the dial tone behind it.
    if (times !== undefined && bursts.length === cycle.length * times)
      return !atMost(msOf(sounding.from, at), (cycle[0] as ToneBurst).on)
    const known = burstAt(tone, bursts.length, start)
    return (
      known !== undefined &&
      sameSound(sounding.kind?.hz ?? [], known.hz) &&
      atMost(msOf(sounding.from, at), known.on)
    )
  }

  #inSilence(now: Us): void {
    if (this.#name === 'none' || msOf(this.#lastEnd, now) <= this.#longestPause()) return
    this.#bursts = []
    this.#say('none', undefined, 0, this.#lastEnd)
  }

  /** How long the present tone may pause before it is over, ms. */
  #longestPause(): number {
    if (this.#name === 'howler') return 160
    if (this.#name === 'unknown') return 600
    const pauses = this.#plan
      .filter(({ name }) => name === this.#name)
      .flatMap(({ lead = [], cycle }) => [...lead, ...cycle])
    return Math.max(70, ...pauses.map(({ off }) => off * 1.15))
  }

  #say(name: ToneHeard, sounding: Sounding | undefined, offMs: number, at: Us, onMs = 0): void {
    if (name === this.#name) return
    this.#name = name
    const hz = (sounding?.kind?.hz ?? []).map(value => Math.round(value * 10) / 10)
    this.#tell({ name, hz, onMs: Math.round(onMs), offMs: Math.round(offMs), us: at })
  }
}
