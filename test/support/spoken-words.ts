// Whether an ear heard a sentence of the operator's: its recordings are found in the sound by correlation, so that level,
// delay and companding do not matter, and a word that is missing or another one does.

import { clips } from '../operator/clips.js'
import type { ClipName } from '../operator/spoken.js'
import { laws } from './companding.js'

const PROBE = 2400
const EARLY = 800
const LATE = 3200

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

const energy = (sound: Int16Array): number => sound.reduce((sum, x) => sum + x * x, 0)
const decoded = (recordings: readonly Uint8Array[]): Int16Array =>
  Int16Array.from(recordings.flatMap(bytes => [...bytes].map(laws.PCMA.decode)))

/** Where a recording is loudest: the part it is looked for by. */
const probeOf = (said: Int16Array): { readonly at: number; readonly probe: Int16Array } => {
  const length = Math.min(PROBE, said.length)
  let at = 0
  let most = -1
  for (let from = 0; from + length <= said.length; from += 200) {
    const here = energy(said.subarray(from, from + length))
    if (here > most) {
      most = here
      at = from
    }
  }
  return { at, probe: said.subarray(at, at + length) }
}

/** A tenth of the samples tells where it is worth looking at all of them. */
const THIN = 10
const isPromising = (heard: Int16Array, at: number, probe: Int16Array): boolean => {
  let ab = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < probe.length; i += THIN) {
    const x = heard[at + i] as number
    const y = probe[i] as number
    ab += x * y
    aa += x * x
    bb += y * y
  }
  return ab * ab > 0.1 * aa * bb
}

const find = (heard: Int16Array, probe: Int16Array, from: number, to: number) => {
  let likest = 0
  let place = from
  for (let at = Math.max(0, from); at <= Math.min(to, heard.length - probe.length); at++) {
    if (!isPromising(heard, at, probe)) continue
    const found = correlation(heard, at, probe)
    if (found > likest) {
      likest = found
      place = at
    }
  }
  return { likest, place }
}

/** What recordings sound like one after the other, 16-bit samples. */
export const soundOf = (names: readonly ClipName[]): Int16Array => decoded(clips(names))

export interface Found {
  /** Correlation over the whole of it, 0-1. */
  readonly likeness: number
  /** How much louder it was heard than said, dB. */
  readonly gainDb: number
}

/** `said` at its best place in `heard`, both at 8 kHz. */
export const findSound = (heard: Int16Array, said: Int16Array): Found => {
  const { at, probe } = probeOf(said)
  const start = find(heard, probe, 0, heard.length).place - at
  const part = heard.subarray(Math.max(0, start), Math.max(0, start + said.length))
  return {
    likeness: correlation(heard, start, said),
    gainDb: 10 * Math.log10(energy(part) / energy(said)),
  }
}

/**
 * 0-1: how sure it is that these recordings are in `heard` (8 kHz), one after the other; the least sure of them counts. A
 * word may come up to 0.4 s late: in real time a play-out buffer stretches pauses.
 */
export const likeness = (heard: Int16Array, names: readonly ClipName[]): number => {
  let least = 1
  let next: number | undefined
  for (const bytes of clips(names)) {
    const said = decoded([bytes])
    const { at, probe } = probeOf(said)
    const [from, to]: [number, number] =
      next === undefined ? [0, heard.length] : [next + at - EARLY, next + at + LATE]
    const { likest, place } = find(heard, probe, from, to)
    least = Math.min(least, likest)
    next = place - at + said.length
  }
  return least
}

export const isHeard = (heard: Int16Array, names: readonly ClipName[]): boolean =>
  likeness(heard, names) > 0.8
