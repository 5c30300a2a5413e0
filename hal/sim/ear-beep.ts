// Call waiting over speech: the beep of 440 or 425 Hz stands out of a voice by keeping its frequency and its level for
// exactly its length. One narrow filter per country over 40 ms, moved on by 10 ms; looked at only while speech is heard.

import { type Us, us } from '../clock.js'
import { type CountryTones, countries, peakOf } from './telephone-signals.js'

const windowSamples = 320
const hopMs = 10
/** A beep is louder than the partials of a distant voice. */
const quietest = peakOf(-26)
/** Hz by which the phase may say that the frequency is off. */
const pitchTolerance = 6
/** Share of hops inside a beep that must agree: a voice over it disturbs some. */
const agreement = 0.8

/** Both frequencies repeat after this many samples. */
const tableSamples = 1600

interface Track {
  readonly country: CountryTones
  readonly cosine: Float64Array
  readonly sine: Float64Array
  /** Of hops in a row above `quietest`. */
  amplitudes: number[]
  steady: number
  phase: number
  /** Ends of the beeps found so far, in this group. */
  found: { readonly from: Us; readonly to: Us }[]
}

export interface BeepHeard {
  readonly country: CountryTones
  readonly from: Us
  readonly onMs: number
}

const oscillation = (hz: number, wave: (angle: number) => number): Float64Array =>
  Float64Array.from({ length: tableSamples }, (_, n) => wave((2 * Math.PI * hz * n) / 8000))
const near = (value: number, nominal: number): boolean => Math.abs(value - nominal) <= nominal * 0.12

export class BeepEar {
  readonly #tracks: Track[] = countries.map(country => ({
    country,
    cosine: oscillation(country.main, Math.cos),
    sine: oscillation(country.main, Math.sin),
    amplitudes: [],
    steady: 0,
    phase: 0,
    found: [],
  }))

  /** The last 40 ms end at sample `end` of the ring `samples`, at instant `now`. Tells a beep at its end. */
  look(samples: Int16Array, end: number, now: Us): BeepHeard | undefined {
    for (const track of this.#tracks) {
      const heard = this.#follow(track, samples, end, now)
      if (heard !== undefined) return heard
    }
    return undefined
  }

  forget(): void {
    for (const track of this.#tracks) {
      track.amplitudes = []
      track.found = []
    }
  }

  #follow(track: Track, samples: Int16Array, end: number, now: Us): BeepHeard | undefined {
    const { cosine, sine } = track
    const mask = samples.length - 1
    let re = 0
    let im = 0
    // The phase is counted from sample 0, so that a tone of exactly this frequency keeps it from hop to hop.
    let place = Math.max(0, end - windowSamples) % tableSamples
    for (let n = Math.max(0, end - windowSamples); n < end; n++) {
      re += (samples[n & mask] as number) * (cosine[place] as number)
      im += (samples[n & mask] as number) * (sine[place] as number)
      if (++place === tableSamples) place = 0
    }
    const amplitude = (2 * Math.hypot(re, im)) / windowSamples
    if (amplitude < quietest) return this.#over(track, now)
    const phase = Math.atan2(im, re)
    const drift = Math.abs(Math.atan2(Math.sin(phase - track.phase), Math.cos(phase - track.phase)))
    const previous = track.amplitudes.at(-1) ?? 0
    if (drift < (2 * Math.PI * pitchTolerance * hopMs) / 1000 && amplitude < previous * 2) track.steady++
    track.phase = phase
    track.amplitudes.push(amplitude)
    if (track.amplitudes.length > 60) this.#drop(track)
    return undefined
  }

  #drop(track: Track): void {
    track.amplitudes = []
    track.steady = 0
  }

  #over(track: Track, now: Us): BeepHeard | undefined {
    const { amplitudes, steady, country } = track
    if (amplitudes.length === 0) return undefined
    const sorted = [...amplitudes].sort((a, b) => a - b)
    const usual = sorted[sorted.length >> 1] as number
    // Half amplitude is where the middle of the window crosses an edge of the beep.
    const inside = amplitudes.filter(amplitude => amplitude > usual / 2)
    const onMs = inside.length * hopMs
    const trailing = amplitudes.length - 1 - amplitudes.findLastIndex(amplitude => amplitude > usual / 2)
    const sure = steady >= agreement * inside.length
    this.#drop(track)
    const { waiting } = country
    if (!sure || !waiting.bursts.some(length => Math.abs(onMs - length) <= 25)) return undefined
    const to = us(now - (trailing + 1) * hopMs * 1000 - 20_000)
    const beep = { from: us(to - onMs * 1000), to }
    const before = track.found.at(-1)
    const grouped = before !== undefined && near((beep.from - before.to) / 1000, Math.max(waiting.gap, 1))
    track.found = grouped ? [...track.found, beep] : [beep]
    if (track.found.length < waiting.bursts.length) return undefined
    const first = track.found[0] as { from: Us }
    track.found = []
    return { country, from: first.from, onMs }
  }
}
