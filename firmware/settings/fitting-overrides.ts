// Settings at the start and after the file has changed: values of a technician that do not fit (the file has changed, or a
// newer voiceport knows other ranges) must not keep the telephones from working. They are left out and told; the others count.

import type { Settings } from './load-settings.js'
import { noOverrides, type Overrides, type OverrideValue } from './overrides.js'
import type { Problem } from './problem.js'

export type LoadResult = { readonly settings: Settings } | { readonly errors: readonly Problem[] }

/** Reads everything again, with these values over those of the file. */
export type LoadWith = (overrides: Overrides) => LoadResult

export interface Fitting {
  readonly result: LoadResult
  /** Keys that do not fit. */
  readonly unused: readonly string[]
}

export const loadFitting = (load: LoadWith, overrides: Overrides): Fitting => {
  const whole = load(overrides)
  if ('settings' in whole || overrides.size === 0) return { result: whole, unused: [] }
  const bare = load(noOverrides)
  // The file itself is wrong.
  if ('errors' in bare) return { result: bare, unused: [] }
  // A key that nobody knows must not bring down what stands beside it.
  const known = new Map([...overrides].filter(([key]) => !isUnknown(key, whole.errors)))
  let result: LoadResult = bare
  let kept: Overrides = noOverrides
  const joins = (more: readonly Entry[]): boolean => {
    const tried = new Map([...kept, ...more])
    const loaded = load(tried)
    if ('errors' in loaded) return false
    kept = tried
    result = loaded
    return true
  }
  // Keys of one table may need each other (an account): all of it, or else what can stand alone.
  if (!joins([...known]))
    for (const group of byTable(known).values()) if (!joins(group)) for (const entry of group) joins([entry])
  return { result, unused: [...overrides.keys()].filter(key => !kept.has(key)) }
}

type Entry = readonly [key: string, value: OverrideValue]

/** Errors count lines, keys of overrides name them: a key is known of every line or of none. */
const isUnknown = (key: string, errors: readonly Problem[]): boolean =>
  errors.some(
    ({ code, key: of }) =>
      code === 'VP-1004' && of.replace(/\[\d+\]/, '.') === key.replace(/^line\.[^.]+\./, 'line..'),
  )

const byTable = (overrides: Overrides): ReadonlyMap<string, readonly Entry[]> => {
  const groups = new Map<string, Entry[]>()
  for (const entry of overrides) {
    const table = entry[0].slice(0, Math.max(0, entry[0].lastIndexOf('.')))
    groups.set(table, [...(groups.get(table) ?? []), entry])
  }
  return groups
}
