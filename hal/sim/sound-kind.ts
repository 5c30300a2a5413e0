// What kind of sound a burst is, by its frequencies alone (the cadence is ear-naming.ts's business).

import type { Us } from '../clock.js'
import type { Spectrum } from './ear-spectrum.js'
import {
  belgianSitHz,
  type CountryTones,
  countries,
  howlerHz,
  keyColumns,
  keyRows,
  sitHz,
} from './telephone-signals.js'

export type SoundKind = { readonly hz: readonly number[] } & (
  | { readonly type: 'main'; readonly country: CountryTones }
  | { readonly type: 'pair'; readonly country: CountryTones }
  | { readonly type: 'sit'; readonly place: number }
  | { readonly type: 'howler' }
  | { readonly type: 'key' }
  | { readonly type: 'other' }
  | { readonly type: 'noise' }
)

export interface Burst {
  readonly from: Us
  readonly to: Us
  readonly kind: SoundKind
  /** Another sound went before without a pause: its length is not known to the millisecond. */
  readonly onsetUnsure?: boolean
}

/** France 440 and Germany 425 Hz must stay apart. */
const mainTolerance = 6
const close = (a: number, b: number, tolerance: number): boolean => Math.abs(a - b) <= tolerance

export const soundKind = ({ hz }: Spectrum): SoundKind => {
  const [a, b] = hz
  if (a === undefined) return { type: 'noise', hz }
  if (howlerHz.filter(want => hz.some(f => close(f, want, 20))).length >= 2) return { type: 'howler', hz }
  if (b === undefined) {
    const country = countries.find(({ main }) => close(a, main, mainTolerance))
    if (country !== undefined) return { type: 'main', country, hz }
    const place = close(a, belgianSitHz, 18) ? 0 : sitHz.findIndex(want => close(a, want, want * 0.02))
    return place < 0 ? { type: 'other', hz } : { type: 'sit', place, hz }
  }
  if (hz.length > 2) return { type: 'other', hz }
  const country = countries.find(
    ({ pair }) => close(a, pair.hz[0], mainTolerance) && close(b, pair.hz[1], mainTolerance),
  )
  if (country !== undefined) return { type: 'pair', country, hz }
  const key = keyRows.some(f => close(a, f, f * 0.03)) && keyColumns.some(f => close(b, f, f * 0.03))
  return { type: key ? 'key' : 'other', hz }
}

export const sameKind = (a: SoundKind, b: SoundKind): boolean =>
  a.type === b.type &&
  (a.type !== 'main' || b.type !== 'main' || a.country === b.country) &&
  (a.type !== 'sit' || b.type !== 'sit' || a.place === b.place)
