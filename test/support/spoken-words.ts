// Whether an ear heard a sentence of the operator's: its recordings are found in the sound by correlation, so that level,
// delay and companding do not matter, and a hole in the middle does.

import { clips } from '../operator/clips.js'
import type { ClipName } from '../operator/spoken.js'
import { laws } from './companding.js'

const PROBE = 2400

const correlation = (a: ArrayLike<number>, from: number, b: ArrayLike<number>): number => {
  let ab = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < b.length; i++) {
    const x = a[from + i] ?? 0
    const y = b[i] as number
    ab += x * y
    aa += x * x
    bb += y * y
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb)
}

const loudest = (sound: Int16Array): number => {
  let best = 0
  let most = -1
  for (let from = 0; from + PROBE <= sound.length; from += PROBE / 4) {
    const energy = sound.subarray(from, from + PROBE).reduce((sum, x) => sum + x * x, 0)
    if (energy > most) {
      most = energy
      best = from
    }
  }
  return best
}

/** 0-1: how much of `heard` (8 kHz) at its best place is this sentence; above 0.9 it was said whole. */
export const likeness = (heard: Int16Array, names: readonly ClipName[]): number => {
  const said = Int16Array.from(clips(names).flatMap(bytes => [...bytes].map(laws.PCMA.decode)))
  const at = loudest(said)
  const probe = said.subarray(at, at + PROBE)
  let best = 0
  let place = 0
  for (let from = 0; from + PROBE <= heard.length; from++) {
    const found = correlation(heard, from, probe)
    if (found > best) {
      best = found
      place = from
    }
  }
  return correlation(heard, place - at, said)
}

export const isHeard = (heard: Int16Array, names: readonly ClipName[]): boolean =>
  likeness(heard, names) > 0.9
