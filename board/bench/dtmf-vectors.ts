// Test signals for DTMF receivers, grouped in sweeps by the limits of ITU-T Q.24 and ETSI ES 201 235-3.
// Own signal code: nothing here is shared with the detector it judges. Every case goes through A-law, as on a line.

const RATE = 8000
const ZERO_DBM0 = 32767 / 10 ** (3.14 / 20)
const LOW: Record<string, number> = {}
const HIGH: Record<string, number> = {}
const rows = ['123A', '456B', '789C', '*0#D']
rows.forEach((row, r) => {
  for (const [c, key] of [...row].entries()) {
    LOW[key] = [697, 770, 852, 941][r] as number
    HIGH[key] = [1209, 1336, 1477, 1633][c] as number
  }
})
export const KEYS = '1234567890*#ABCD'

/** Small seeded generator (mulberry32), so that a failing case can be had again. */
export const random = (seed: number): (() => number) => {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let n = Math.imul(a ^ (a >>> 15), 1 | a)
    n = (n + Math.imul(n ^ (n >>> 7), 61 | n)) ^ n
    return ((n ^ (n >>> 14)) >>> 0) / 4294967296
  }
}

const peak = (dbm0: number) => ZERO_DBM0 * 10 ** (dbm0 / 20)

export interface Key {
  readonly key: string
  readonly onMs: number
  /** Level of the low tone, dBm0. */
  readonly dbm0?: number
  readonly twistDb?: number
  /** Frequency errors as fractions, and in Hz on top. */
  readonly lowError?: number
  readonly highError?: number
  readonly errorHz?: number
  readonly rampMs?: number
  /** A hole inside the tone: from, length (ms). */
  readonly hole?: readonly [number, number]
}

/** Adds one key press to `into` at `atMs`. */
export const press = (into: Float64Array, atMs: number, key: Key, next: () => number): void => {
  const dbm0 = key.dbm0 ?? -10
  const sign = (x: number) => (x < 0 ? -1 : 1)
  const hz = (nominal: number, error: number) => nominal * (1 + error) + sign(error) * (key.errorHz ?? 0)
  const w1 = (2 * Math.PI * hz(LOW[key.key] as number, key.lowError ?? 0)) / RATE
  const w2 = (2 * Math.PI * hz(HIGH[key.key] as number, key.highError ?? 0)) / RATE
  const a1 = peak(dbm0)
  const a2 = peak(dbm0 + (key.twistDb ?? 0))
  const p1 = next() * 2 * Math.PI
  const p2 = next() * 2 * Math.PI
  const from = atMs * 8
  const length = key.onMs * 8
  const ramp = (key.rampMs ?? 0) * 8
  for (let i = Math.ceil(from); i < from + length && i < into.length; i++) {
    const n = i - from
    if (key.hole && n >= key.hole[0] * 8 && n < (key.hole[0] + key.hole[1]) * 8) continue
    const shape = ramp > 0 ? Math.min(1, (n + 0.5) / ramp, (length - n - 0.5) / ramp) : 1
    into[i] = (into[i] as number) + shape * (a1 * Math.sin(w1 * n + p1) + a2 * Math.sin(w2 * n + p2))
  }
}

const sine = (into: Float64Array, hz: number, dbm0: number, phase: number): void => {
  for (let i = 0; i < into.length; i++)
    into[i] = (into[i] as number) + peak(dbm0) * Math.sin((2 * Math.PI * hz * i) / RATE + phase)
}

/** White noise of the power of a sine of `dbm0`. */
export const noise = (into: Float64Array, dbm0: number, next: () => number): void => {
  const sigma = peak(dbm0) / Math.SQRT2
  for (let i = 0; i < into.length; i += 2) {
    const radius = sigma * Math.sqrt(-2 * Math.log(1 - next()))
    const angle = 2 * Math.PI * next()
    into[i] = (into[i] as number) + radius * Math.cos(angle)
    if (i + 1 < into.length) into[i + 1] = (into[i + 1] as number) + radius * Math.sin(angle)
  }
}

const echo = (into: Float64Array, delayMs: number, db: number): void => {
  const gain = 10 ** (db / 20)
  const copy = into.slice()
  for (let i = delayMs * 8; i < into.length; i++)
    into[i] = (into[i] as number) + gain * (copy[i - delayMs * 8] as number)
}

/** To 16 bits and through the A-law quantiser (ITU-T G.711). */
export const line = (signal: Float64Array): Int16Array => {
  const pcm = new Int16Array(signal.length)
  for (let i = 0; i < signal.length; i++) {
    const x = Math.max(-32768, Math.min(32767, Math.round(signal[i] as number)))
    const magnitude = x < 0 ? -x - 1 : x
    const step = magnitude < 512 ? 16 : 2 ** (Math.floor(Math.log2(magnitude)) - 4)
    const value = Math.floor(magnitude / step) * step + step / 2
    pcm[i] = x < 0 ? -value : value
  }
  return pcm
}

export interface Case {
  readonly pcm: Int16Array
  /** What a receiver must report, digit by digit; '' = nothing. */
  readonly expected: string
  /** Onset of the first key, sample. */
  readonly onset: number
}

const LEAD = 60
/** One key or a row of keys with pauses, in its own signal; `spoil` adds what disturbs. */
const build = (
  keys: readonly Key[],
  pauseMs: number,
  next: () => number,
  spoil?: (signal: Float64Array) => void,
  expected?: string,
): Case => {
  const lead = LEAD + Math.floor(next() * 160) / 8
  const total = lead + keys.reduce((sum, key) => sum + key.onMs + pauseMs, 0) + 80
  const signal = new Float64Array(Math.ceil(total * 8))
  let at = lead
  for (const key of keys) {
    press(signal, at, key, next)
    at += key.onMs + pauseMs
  }
  spoil?.(signal)
  return { pcm: line(signal), expected: expected ?? keys.map(k => k.key).join(''), onset: lead * 8 }
}

/** Power of both tones together as the level of one sine. */
const pairDbm0 = (dbm0: number, twistDb: number) => dbm0 + 10 * Math.log10(1 + 10 ** (twistDb / 10))

type Sweep = (next: () => number) => Generator<Case>
const each = (make: (key: string, next: () => number) => Iterable<Case>): Sweep =>
  function* (next) {
    for (const key of KEYS) yield* make(key, next)
  }
const range = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.floor((to - from) / step + 1.0001) }, (_, i) => from + i * step)

const cornersOf = (error: number) => [
  [error, error],
  [error, -error],
  [-error, error],
  [-error, -error],
]

/** Sweeps by name. `must`: 'accept' = every digit exactly, 'reject' = no digit at all. */
export const sweeps: Readonly<Record<string, { must: 'accept' | 'reject'; cases: Sweep }>> = {
  decode: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (let n = 0; n < 20; n++)
        yield build(
          [
            { key, onMs: 50 },
            { key, onMs: 43 },
          ],
          50,
          next,
        )
    }),
  },
  frequency: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (const e of range(-0.015, 0.015, 0.001)) {
        yield build([{ key, onMs: 50, lowError: e }], 50, next)
        yield build([{ key, onMs: 50, highError: e }], 50, next)
      }
    }),
  },
  'frequency-etsi': {
    must: 'accept',
    cases: each(function* (key, next) {
      for (const [lowError, highError] of cornersOf(0.015) as [number, number][])
        for (let n = 0; n < 5; n++)
          yield build([{ key, onMs: 50, lowError, highError, errorHz: 2 }], 50, next)
    }),
  },
  'frequency-off': {
    must: 'reject',
    cases: each(function* (key, next) {
      for (const e of [0.035, 0.04, 0.05, 0.06, -0.035, -0.04, -0.05, -0.06]) {
        yield build([{ key, onMs: 60, lowError: e }], 50, next, undefined, '')
        yield build([{ key, onMs: 60, highError: e }], 50, next, undefined, '')
      }
    }),
  },
  twist: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (const twistDb of range(-8, 6, 1))
        for (let n = 0; n < 2; n++) yield build([{ key, onMs: 50, twistDb }], 50, next)
    }),
  },
  level: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (const dbm0 of range(-25, 0, 1)) yield build([{ key, onMs: 50, dbm0 }], 50, next)
    }),
  },
  'level-low': {
    must: 'reject',
    cases: each(function* (key, next) {
      for (const dbm0 of [-55, -58, -62]) yield build([{ key, onMs: 100, dbm0 }], 50, next, undefined, '')
    }),
  },
  duration: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (const onMs of [40, 41, 42, 45, 50, 65, 100, 250, 1000])
        for (let n = 0; n < (onMs < 50 ? 12 : 2); n++) yield build([{ key, onMs }], 50, next)
    }),
  },
  'duration-short': {
    must: 'reject',
    cases: each(function* (key, next) {
      for (const onMs of [5, 10, 15, 18, 20, 23])
        for (let n = 0; n < 6; n++) yield build([{ key, onMs }], 60, next, undefined, '')
    }),
  },
  pause: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (const pauseMs of [40, 41, 42, 45, 50])
        for (let n = 0; n < 6; n++)
          yield build(
            [
              { key, onMs: 45 },
              { key, onMs: 45 },
              { key: '5', onMs: 45 },
            ],
            pauseMs,
            next,
          )
    }),
  },
  interruption: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (const ms of [1, 2, 5, 8, 10, 15, 20, 24])
        for (let n = 0; n < 4; n++) yield build([{ key, onMs: 110 + ms, hole: [50, ms] }], 60, next)
    }),
  },
  noise: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (const snr of range(15, 27, 2))
        for (let n = 0; n < 10; n++)
          yield build([{ key, onMs: 50 }], 50, next, s => noise(s, pairDbm0(-10, 0) - snr, next))
    }),
  },
  impulse: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (let n = 0; n < 30; n++)
        yield build(
          [
            { key, onMs: 50 },
            { key, onMs: 50 },
          ],
          50,
          next,
          s => {
            for (let i = 0; i < s.length; i++) {
              if (next() > 6 / RATE) continue
              const size = peak(-4) * (next() < 0.5 ? -1 : 1)
              for (let j = i; j < Math.min(i + 8, s.length); j++)
                s[j] = (s[j] as number) + size * Math.exp(-(j - i) / 3)
            }
          },
        )
    }),
  },
  'dial-tone': {
    must: 'accept',
    cases: each(function* (key, next) {
      for (const tone of [[440], [330, 440], [425], [350, 440]])
        for (const dbm0 of [-22, -18, -12, -8])
          for (let n = 0; n < 3; n++)
            yield build([{ key, onMs: 50, dbm0: -16 }], 50, next, s => {
              for (const hz of tone) sine(s, hz, dbm0, next() * 6)
            })
    }),
  },
  echo: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (const ms of [1, 2, 3, 5, 8, 10, 12, 15, 18, 20])
        for (let n = 0; n < 4; n++)
          yield build(
            [
              { key, onMs: 50 },
              { key: '8', onMs: 50 },
            ],
            50,
            next,
            s => echo(s, ms, -10),
          )
    }),
  },
  hum: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (let n = 0; n < 10; n++)
        yield build([{ key, onMs: 50, dbm0: -16 }], 50, next, s => {
          sine(s, 50, -20, next() * 6)
          sine(s, 150, -20, next() * 6)
        })
    }),
  },
  ramp: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (const rampMs of [0, 1, 2, 3, 4, 5]) yield build([{ key, onMs: 50, rampMs }], 50, next)
    }),
  },
  corners: {
    must: 'accept',
    cases: each(function* (key, next) {
      for (const [lowError, highError] of cornersOf(0.015) as [number, number][])
        for (const twistDb of [-8, -6, 0, 4, 6])
          for (let n = 0; n < 3; n++)
            yield build([{ key, onMs: 42, dbm0: -12, lowError, highError, twistDb }], 50, next, s =>
              noise(s, pairDbm0(-12, twistDb) - 18, next),
            )
    }),
  },
  'single-tones': {
    must: 'reject',
    cases: function* (next) {
      const lone = [
        300, 350, 400, 425, 440, 480, 620, 697, 770, 852, 941, 950, 1000, 1100, 1209, 1336, 1400, 1477, 1633,
      ]
      const pairs = [
        [330, 440],
        [350, 440],
        [480, 620],
        [697, 941],
        [770, 852],
        [1209, 1477],
        [1336, 1633],
        [2130, 2750],
        [700, 900],
        [700, 1100],
        [1100, 1700],
        [1300, 2100],
        [650, 1209],
        [697, 1120],
        [1020, 1336],
        [941, 1750],
      ]
      for (const set of [...lone.map(hz => [hz]), ...pairs, [1800], [2100], [950, 1400]])
        for (const dbm0 of [-4, -12, -20]) {
          const s = new Float64Array(2400)
          for (const hz of set) sine(s, hz, dbm0, next() * 6)
          yield { pcm: line(s), expected: '', onset: 0 }
        }
    },
  },
}
