// What a subscriber of each country knows its tones by, burst by burst: written from ITU-T E.180 Supplement 2, for North America
// Telcordia GR-506, for Britain BT SIN 350. The telephone's own: the box has its tones from elsewhere, so a wrong one shows.

import type { ToneHeard } from './handset-contract.js'

/** A sound of these frequencies, Hz, and the silence behind it; both ms. */
export interface ToneBurst {
  readonly hz: readonly number[]
  readonly on: number
  readonly off: number
}

export interface KnownTone {
  readonly name: ToneHeard
  /** Played once, before the cycle. */
  readonly lead?: readonly ToneBurst[]
  readonly cycle: readonly ToneBurst[]
  /** How often the cycle is played; absent: for ever. */
  readonly times?: number
}

export type TonePlan = readonly KnownTone[]

const forEver = Number.POSITIVE_INFINITY
const steady = (...hz: number[]): readonly ToneBurst[] => [{ hz, on: forEver, off: 0 }]
/** Bursts of one sound: on, off, on, off, …, ms. */
const bursts = (hz: readonly number[], ...times: number[]): readonly ToneBurst[] =>
  times.flatMap((on, n) => (n % 2 === 0 ? [{ hz, on, off: times[n + 1] ?? 0 }] : []))
const thrice = (hz: readonly number[], ms: number) => bursts(hz, ms, ms, ms, ms, ms, ms)

const sit = (first: number, gap: number): KnownTone => ({
  name: 'sit',
  cycle: [...bursts([first], 330, gap), ...bursts([1400], 330, gap), ...bursts([1800], 330, 1000)],
})
const confirmation = (hz: readonly number[]): KnownTone => ({
  name: 'confirmation',
  cycle: bursts(hz, 100, 100),
  times: 3,
})

/** Most of the continent: one frequency, told apart by cadence alone. */
const continental = (
  cadences: Readonly<Partial<Record<ToneHeard, readonly number[]>>>,
  hz = 425,
): KnownTone[] => [
  ...Object.entries(cadences).map(([name, times]) => ({
    name: name as ToneHeard,
    cycle: bursts([hz], ...(times as readonly number[])),
    ...(name === 'error' && { times: 4 }),
  })),
  confirmation([hz]),
]
const dial: KnownTone = { name: 'dial', cycle: steady(425) }
const recall = (ms: number): KnownTone => ({ name: 'recall', lead: thrice([425], ms), cycle: steady(425) })
const northAmericanDial = [350, 440]

/** By ISO 3166-1. */
export const tonePlans: Readonly<Record<string, TonePlan>> = {
  BE: [
    dial,
    recall(100),
    ...continental({
      stutter: [1000, 250],
      ringback: [1000, 3000],
      busy: [500, 500],
      congestion: [167, 167],
      error: [167, 167],
    }),
    { name: 'waiting', cycle: bursts([1400], 175, 175, 175, 3500) },
    sit(900, 0),
  ],
  CH: [
    dial,
    recall(100),
    { name: 'stutter', cycle: bursts([340, 425], 1100, 1100) },
    ...continental({
      ringback: [1000, 4000],
      busy: [500, 500],
      congestion: [200, 200],
      error: [200, 200],
      waiting: [200, 200, 200, 4000],
    }),
    sit(950, 0),
  ],
  ES: [
    dial,
    recall(200),
    { name: 'special', cycle: bursts([425], 1000, 100) },
    { name: 'stutter', lead: [...thrice([425], 100), ...thrice([425], 100)], cycle: steady(425) },
    ...continental({
      ringback: [1500, 3000],
      busy: [200, 200],
      congestion: [200, 200, 200, 200, 200, 600],
      error: [200, 200],
      waiting: [175, 175, 175, 3500],
    }),
    sit(950, 30),
  ],
  GB: [
    { name: 'dial', cycle: steady(350, 440) },
    { name: 'ringback', cycle: bursts([400, 450], 400, 200, 400, 2000) },
    { name: 'busy', cycle: bursts([400], 375, 375) },
    { name: 'error', cycle: bursts([400], 375, 375), times: 4 },
    { name: 'congestion', cycle: bursts([400], 400, 350, 225, 525) },
    { name: 'waiting', cycle: bursts([400], 100, 4000) },
    { name: 'confirmation', cycle: bursts([1400], 1000, 100), times: 1 },
    sit(950, 15),
  ],
  IT: [
    { name: 'dial', cycle: bursts([425], 200, 200, 600, 1000) },
    ...continental({
      ringback: [1000, 4000],
      busy: [500, 500],
      congestion: [200, 200],
      error: [200, 200],
      waiting: [400, 100, 250, 100, 150, 14000],
    }),
    sit(950, 0),
  ],
  NL: [
    dial,
    recall(100),
    ...continental({
      stutter: [500, 50],
      ringback: [1000, 4000],
      busy: [500, 500],
      congestion: [250, 250],
      error: [250, 250],
      waiting: [500, 9500],
    }),
    sit(950, 0),
  ],
  US: [
    { name: 'dial', cycle: steady(350, 440) },
    { name: 'recall', lead: thrice(northAmericanDial, 100), cycle: steady(350, 440) },
    {
      name: 'stutter',
      lead: [...thrice(northAmericanDial, 100), ...thrice(northAmericanDial, 100)],
      cycle: steady(350, 440),
    },
    { name: 'ringback', cycle: bursts([440, 480], 2000, 4000) },
    { name: 'busy', cycle: bursts([480, 620], 500, 500) },
    { name: 'congestion', cycle: bursts([480, 620], 250, 250) },
    { name: 'error', cycle: bursts([480, 620], 250, 250), times: 4 },
    { name: 'waiting', cycle: bursts([440], 300, 10000) },
    { name: 'confirmation', cycle: bursts(northAmericanDial, 100, 100, 300, 100), times: 1 },
    sit(950, 0),
  ],
}
