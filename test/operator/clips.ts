// The recordings, read once from prompts/: raw A-law, 8 kHz.

import { readFileSync } from 'node:fs'
import type { ClipName } from './spoken.js'

const folder = new URL('../../../test/operator/prompts/', import.meta.url)
const kept = new Map<string, Uint8Array>()
const names = new Map<Uint8Array, ClipName>()

const alone = new Set(['music', 'beep', 'speaking'])

/** "music", "beep", "speaking" (a tone and a sentence) or a name of spoken.ts ("n7", "vm-goodbye"). Throws when there is no such recording. */
export const clip = (name: ClipName): Uint8Array => {
  const known = kept.get(name)
  if (known !== undefined) return known
  const path = alone.has(name) ? `${name}.al` : `speech/${name}.al`
  const bytes = readFileSync(new URL(path, folder))
  kept.set(name, bytes)
  names.set(bytes, name)
  return bytes
}

export const clips = (names: readonly ClipName[]): readonly Uint8Array[] => names.map(clip)

/** Of bytes that `clip` gave; undefined for any others. */
export const nameOf = (bytes: Uint8Array): ClipName | undefined => names.get(bytes)
