// What a display line did, read: when it rang, when it spoke, and the bits and bytes of a burst.

import type { Shown, Sound } from './display-line.js'
import { bytesOfBits, fskBits } from './fsk-bits.js'

/** How exactly an edge of sound can be seen, ms: the first and last samples of a sine are zeros. */
export const EDGE = 1

/** Instant of the nth time the line came into this state, ms. */
export const at = (shown: Shown, state: string, nth = 0): number =>
  shown.feeds.filter(feed => feed.state === state)[nth]?.ms ?? Number.NaN
export const sound = (shown: Shown, nth: number): Sound => shown.sounds[nth] as Sound
export const length = ({ fromMs, toMs }: Sound): number => toMs - fromMs
export const near = (value: number, wanted: number, tolerance = EDGE): boolean =>
  Math.abs(value - wanted) <= tolerance

/** Seizure and mark bits, and the bytes after them. */
export const readBurst = (
  { samples }: Sound,
  tones: { mark: number; space: number },
  seizure = 300,
  mark = 180,
) => {
  // The first sample of the burst is a zero.
  const pcm = Int16Array.of(0, ...samples)
  const bits = fskBits(pcm, tones, Math.floor((pcm.length * 3) / 20))
  const bytes = bytesOfBits(bits.slice(seizure + mark), Math.floor((bits.length - seizure - mark) / 10)) ?? []
  return { start: bits.slice(0, seizure + mark), bytes }
}
export const started = (seizure = 300, mark = 180) => '01'.repeat(seizure / 2) + '1'.repeat(mark)
export const v23 = { mark: 1300, space: 2100 }
export const bell = { mark: 1200, space: 2200 }
/** Call set-up, its length, all bytes 0 modulo 256. */
export const isCallSetup = (bytes: readonly number[]): boolean =>
  bytes[0] === 0x80 && bytes.length === (bytes[1] ?? 0) + 3 && bytes.reduce((a, b) => a + b, 0) % 256 === 0
