// Values of a technician, laid over the configuration file before it is checked: the one schema judges both, and a mistake in
// either is told in the same words.

import { isSecretKey } from './secret-key.js'
import type { Path, TomlDocument } from './toml-document.js'

/** A value a technician put over the configuration file's. Of a secret key: the file that holds the secret. */
export type OverrideValue = string | number | boolean | readonly (string | number)[]

/** By key: "log.level", "line.tel1.callWaiting". */
export type Overrides = ReadonlyMap<string, OverrideValue>

/** `undefined` takes a value back. */
export type OverrideChanges = ReadonlyMap<string, OverrideValue | undefined>

export const noOverrides: Overrides = new Map()

/** Stands where a file stands in the message of a mistake. */
export const technician = 'settings of the technician'

type Table = Record<string | number, unknown>

/** What is left of a line that the file has no more is passed over: it counts again when the line comes back. */
export const withOverrides = (document: TomlDocument, overrides: Overrides): TomlDocument => {
  if (overrides.size === 0) return document
  const value = structuredClone(document.value)
  const set = new Set<string>()
  // Secrets last: one that was typed takes the place of a file that was named.
  const inOrder = [...overrides].sort(([a], [b]) => Number(isSecretKey(a)) - Number(isSecretKey(b)))
  for (const [key, wanted] of inOrder) {
    const path = pathOf(key, value)
    const table = path && tableAt(value, path.slice(0, -1))
    if (path === undefined || table === undefined) continue
    for (const name of replace(table, String(path.at(-1)), wanted))
      set.add(JSON.stringify([...path.slice(0, -1), name]))
  }
  return {
    value,
    origin: path => (set.has(JSON.stringify(path)) ? { file: technician, line: 0 } : document.origin(path)),
  }
}

/** The names under which a value stands now. */
const replace = (table: Table, name: string, value: unknown): readonly string[] => {
  if (isSecretKey(name)) {
    delete table[name]
    table[`${name}File`] = value
    return [name, `${name}File`]
  }
  table[name] = value
  const secret = name.replace(/File$/, '')
  if (secret !== name && isSecretKey(secret)) delete table[secret]
  return [name]
}

/** "line.tel1.account.user" as ["line", 0, "account", "user"]; undefined: there is no such line. */
const pathOf = (key: string, value: Table): Path | undefined => {
  const [table, id, ...rest] = key.split('.')
  if (table !== 'line' || id === undefined) return key.split('.')
  const lines: readonly unknown[] = Array.isArray(value['line']) ? value['line'] : []
  const n = lines.findIndex(line => isTable(line) && line['id'] === id)
  return n < 0 ? undefined : ['line', n, ...rest]
}

/** Made where it is missing; undefined where something else stands in its place. */
const tableAt = (value: Table, path: Path): Table | undefined => {
  let at: Table = value
  for (const name of path) {
    if (!Object.hasOwn(at, name)) at[name] = {}
    const next = at[name]
    if (!isTable(next)) return undefined
    at = next
  }
  return at
}

const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null

/** `overrides` after `changes`. */
export const changed = (overrides: Overrides, changes: OverrideChanges): Overrides => {
  const next = new Map(overrides)
  for (const [key, value] of changes)
    if (value === undefined) next.delete(key)
    else next.set(key, value)
  return next
}
