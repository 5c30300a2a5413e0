// The telephone's own table of signals: what a French or a German subscriber knows the tones by. It is written from the
// public tables (ITU-T E.180 Supplement 2, ITU-T Q.23) and shares nothing with the box, so that a wrong tone cannot pass.

import type { ToneHeard } from './handset-contract.js'

/** Linear amplitude of a sine of 0 dBm0: a sine of peak 32,767 is +3.14 dBm0 (ITU-T G.711). */
export const peakAt0dBm0 = 32767 / 10 ** (3.14 / 20)
export const peakOf = (dbm0: number): number => peakAt0dBm0 * 10 ** (dbm0 / 20)

/** ITU-T Q.23. */
export const keyRows = [697, 770, 852, 941] as const
export const keyColumns = [1209, 1336, 1477, 1633] as const
export const keyPad = ['123A', '456B', '789C', '*0#D'] as const

/** Row and column frequency of a key, Hz; undefined: no such key. */
export const keyHz = (key: string): readonly [number, number] | undefined => {
  const row = keyPad.findIndex(keys => keys.includes(key))
  const column = row < 0 ? -1 : (keyPad[row] as string).indexOf(key)
  return row < 0 ? undefined : [keyRows[row] as number, keyColumns[column] as number]
}

/** Breaks of a rotary dial; 11 and 12 are the extra positions of some dials. */
export const rotaryPulses = (digit: string): number => {
  if (digit === '0') return 10
  if (digit === '*') return 11
  if (digit === '#') return 12
  return Number(digit)
}

/** [sounding, silent], ms. */
export type OnOff = readonly [number, number]

export interface CountryTones {
  readonly country: 'FR' | 'DE'
  /** The single frequency of most tones, Hz. */
  readonly main: number
  readonly busy: OnOff
  readonly congestion: OnOff
  /** `error` has the cadence of congestion, this many times. */
  readonly errorBursts: number
  readonly ringback: OnOff
  /** Call waiting: bursts of one group, then the long pause. */
  readonly waiting: { readonly bursts: readonly number[]; readonly gap: number; readonly pause: number }
  /** What the 400/40 cadence means, and what the steady pair of frequencies means. */
  readonly interrupted: ToneHeard
  readonly pair: { readonly hz: readonly [number, number]; readonly name: ToneHeard }
}

export const countries: readonly CountryTones[] = [
  {
    country: 'FR',
    main: 440,
    busy: [500, 500],
    congestion: [250, 250],
    errorBursts: 4,
    ringback: [1500, 3500],
    waiting: { bursts: [300], gap: 0, pause: 10000 },
    interrupted: 'special',
    pair: { hz: [330, 440], name: 'recall' },
  },
  {
    country: 'DE',
    main: 425,
    busy: [480, 480],
    congestion: [240, 240],
    errorBursts: 4,
    ringback: [1000, 4000],
    waiting: { bursts: [200, 200], gap: 200, pause: 5000 },
    interrupted: 'recall',
    pair: { hz: [400, 425], name: 'special' },
  },
]

/** Message waiting and confirmation: short bursts; three confirm, more lead into dial tone. */
export const stutter: OnOff = [100, 100]
export const confirmationBursts = 3
export const interruptedDial: OnOff = [400, 40]
/** Special information tone, in order. */
export const sitHz = [950, 1400, 1800] as const
/** Belgium begins lower. */
export const belgianSitHz = 900
export const sitPauseMs = 1000
/** Receiver off-hook: at least two of them at once. */
export const howlerHz = [1400, 2060, 2450, 2600] as const
