// Display data as a network sends it, made for judging receivers: phase-continuous FSK with every property settable,
// noise, A-law. Written from ETSI EN 300 659 and shares no code with the firmware or the virtual telephone.

import { laws } from './companding.js'

const RATE = 8000
const peakOf = (dbm0: number): number => 32767 * 10 ** ((dbm0 - 3.14) / 20)

export const v23 = { mark: 1300, space: 2100 }
export const bell202 = { mark: 1200, space: 2200 }

export interface Burst {
  readonly bytes: readonly number[]
  readonly tones?: { readonly mark: number; readonly space: number }
  readonly baud?: number
  /** Alternating bits, the first of them a space, and marks. */
  readonly seizure?: number
  readonly marks?: number
  /** Marks after the last stop bit, and between bytes. */
  readonly tail?: number
  readonly stuffing?: number
  /** Level of the mark, and how much louder the space is, dB. */
  readonly dbm0?: number
  readonly twistDb?: number
  /** Phase of the carrier and place of the first bit within a sample, turns and samples. */
  readonly phase?: number
  readonly offset?: number
}

/** Bits on the line, true: mark. */
const bitsOf = ({ bytes, seizure = 300, marks = 180, tail = 2, stuffing = 0 }: Burst): boolean[] => {
  const bits: boolean[] = []
  for (let n = 0; n < seizure; n++) bits.push(n % 2 === 1)
  for (let n = 0; n < marks; n++) bits.push(true)
  for (const byte of bytes) {
    bits.push(false)
    for (let n = 0; n < 8; n++) bits.push(((byte >> n) & 1) === 1)
    for (let n = 0; n <= stuffing; n++) bits.push(true)
  }
  for (let n = 0; n < tail; n++) bits.push(true)
  return bits
}

/** Samples of a burst, not yet rounded. */
export const burst = (wanted: Burst): Float64Array => {
  const { tones = v23, baud = 1200, dbm0 = -14, twistDb = 0, phase = 0, offset = 0 } = wanted
  const bits = bitsOf(wanted)
  const length = Math.ceil((bits.length / baud) * RATE + offset)
  const samples = new Float64Array(length)
  let turns = phase
  const amplitudes = { mark: peakOf(dbm0), space: peakOf(dbm0 + twistDb) }
  // An edge between two bits falls where it falls, not on the next sample.
  const toneOf = (bit: number): number => ((bits[bit] ?? true) ? tones.mark : tones.space)
  for (let n = 0; n < length; n++) {
    const place = ((n - offset) * baud) / RATE
    const bit = Math.floor(place)
    const here = bits[bit]
    if (here !== undefined)
      samples[n] = (here ? amplitudes.mark : amplitudes.space) * Math.sin(2 * Math.PI * turns)
    const before = Math.min(1, ((bit + 1 - place) * RATE) / baud)
    turns += (before * toneOf(bit) + (1 - before) * toneOf(bit + 1)) / RATE
  }
  return samples
}

/** Type, length, body and checksum. */
export const framed = (type: number, body: readonly number[]): number[] => {
  const message = [type, body.length, ...body]
  return [...message, -message.reduce((sum, byte) => sum + byte, 0) & 0xff]
}

export const latin = (text: string): number[] => Array.from(text, letter => letter.charCodeAt(0))

/** A message of parameters; texts are ISO 8859-1. */
export const withParameters = (
  type: number,
  parameters: readonly (readonly [tag: number, value: string | readonly number[]])[],
): number[] =>
  framed(
    type,
    parameters.flatMap(([tag, value]) => {
      const bytes = typeof value === 'string' ? latin(value) : value
      return [tag, bytes.length, ...bytes]
    }),
  )

/** Reproducible chance: uniform in [0, 1). */
export const chance = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

/** White noise of this power: `dbm0` is that of a sine of the same power. */
export const noise = (length: number, dbm0: number, next: () => number): Float64Array => {
  const rms = peakOf(dbm0) / Math.SQRT2
  return Float64Array.from(
    { length },
    () => rms * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  )
}

export const sine = (hz: number, ms: number, dbm0: number): Float64Array =>
  Float64Array.from(
    { length: Math.round(ms * 8) },
    (_, n) => peakOf(dbm0) * Math.sin((2 * Math.PI * hz * n) / RATE),
  )

export const silence = (ms: number): Float64Array => new Float64Array(Math.round(ms * 8))

export const joined = (...parts: readonly ArrayLike<number>[]): Float64Array => {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export const mixed = (...parts: readonly Float64Array[]): Float64Array => {
  const all = new Float64Array(Math.max(...parts.map(part => part.length)))
  for (const part of parts) for (let n = 0; n < part.length; n++) all[n]! += part[n]!
  return all
}

/** What a 16-bit line carries of it, through A-law unless `linear`. */
export const onTheLine = (sound: Float64Array, linear = false): Int16Array =>
  Int16Array.from(sound, value => {
    const sample = Math.max(-32768, Math.min(32767, Math.round(value)))
    return linear ? sample : laws.PCMA.decode(laws.PCMA.encode(sample))
  })
