// A TOML file as plain values, together with the file and line every key stands on.

import { readFileSync } from 'node:fs'
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser'
import { type Problem, problem, unreadable } from './problem.js'

export type Path = readonly (string | number)[]

export interface Origin {
  readonly file: string
  readonly line: number
}

export interface TomlDocument {
  readonly value: Record<string, unknown>
  /** Where the key stands, or the nearest table around it. */
  origin(path: Path): Origin
}

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export const readToml = (file: string): Read<TomlDocument> => {
  let source: string
  try {
    source = readFileSync(file, 'utf8')
  } catch (error) {
    return { ok: false, problems: [problem('VP-1001', { file, line: 0 }, '', unreadable(file, error))] }
  }
  return parseTomlText(source, file)
}

export const parseTomlText = (source: string, file: string): Read<TomlDocument> => {
  const lines = new Map<string, number>()
  const root: Record<string, unknown> = {}
  try {
    const program = parseTOML(source.replace(/^\uFEFF/, ''))
    for (const node of program.body[0].body) {
      if (node.type === 'TOMLKeyValue') addKeyValue(node, root, [], lines)
      else {
        const table = makeTable(root, node.resolvedKey, node.key.loc.start.line, lines)
        for (const child of node.body) addKeyValue(child, table, node.resolvedKey, lines)
      }
    }
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    // What is missing at the end of a line is reported at the start of the next.
    const early = error.column === 0 && /Unspecified|same line/.test(error.message) ? 1 : 0
    const line = Math.max(1, error.lineNumber - early)
    return { ok: false, problems: [problem('VP-1002', { file, line }, '', `TOML syntax: ${error.message}`)] }
  }
  return { ok: true, value: { value: root, origin: path => ({ file, line: nearestLine(lines, path) }) } }
}

/** A document whose tables are laid over those of `base`; lists, and the tables `whole` accepts, are replaced entirely. */
export const overlay = (
  base: TomlDocument,
  top: TomlDocument,
  whole: (path: Path) => boolean,
): TomlDocument => {
  const fromTop = new Set<string>()
  const merge = (below: unknown, above: unknown, path: Path): unknown => {
    fromTop.add(keyOf(path))
    if (!isTable(below) || !isTable(above) || whole(path)) {
      markAll(above, path)
      return above
    }
    const merged: Record<string, unknown> = { ...below }
    for (const [key, value] of Object.entries(above))
      put(merged, key, merge(below[key], value, [...path, key]))
    return merged
  }
  const markAll = (value: unknown, path: Path): void => {
    fromTop.add(keyOf(path))
    if (typeof value !== 'object' || value === null) return
    for (const [key, child] of Object.entries(value))
      markAll(child, [...path, Array.isArray(value) ? Number(key) : key])
  }
  const value = merge(base.value, top.value, []) as Record<string, unknown>
  return {
    value,
    origin: path => {
      for (let length = path.length; length >= 0; length--) {
        const at = path.slice(0, length)
        // A key missing from a table that both files write is reported where the upper file writes that table.
        if (fromTop.has(keyOf(at))) return length > 0 ? top.origin(path) : base.origin(path)
        if (has(base.value, at)) return base.origin(path)
      }
      return top.origin(path)
    },
  }
}

const keyOf = (path: Path): string => JSON.stringify(path)

const nearestLine = (lines: ReadonlyMap<string, number>, path: Path): number => {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(keyOf(path.slice(0, length)))
    if (line !== undefined) return line
  }
  return 1
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

const has = (value: unknown, path: Path): boolean => {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false
    at = (at as Record<string | number, unknown>)[key]
  }
  return true
}

/** Plain assignment would let a key "__proto__" vanish instead of being refused as unknown. */
const put = (table: Record<string, unknown>, key: string, value: unknown): void => {
  Object.defineProperty(table, key, { value, enumerable: true, configurable: true, writable: true })
}

const nameOf = (key: AST.TOMLBare | AST.TOMLQuoted): string =>
  key.type === 'TOMLBare' ? key.name : key.value

const makeTable = (
  root: Record<string, unknown>,
  path: Path,
  line: number,
  lines: Map<string, number>,
): Record<string, unknown> => {
  let at: Record<string | number, unknown> = root
  path.forEach((key, n) => {
    const known = lines.has(keyOf(path.slice(0, n + 1)))
    if (!known) lines.set(keyOf(path.slice(0, n + 1)), line)
    if (!Object.hasOwn(at, key)) {
      const fresh = typeof path[n + 1] === 'number' ? [] : {}
      if (Array.isArray(at)) at[Number(key)] = fresh
      else put(at, String(key), fresh)
    }
    at = at[key] as Record<string | number, unknown>
  })
  return at
}

const addKeyValue = (
  node: AST.TOMLKeyValue,
  table: Record<string, unknown>,
  base: Path,
  lines: Map<string, number>,
): void => {
  const names = node.key.keys.map(nameOf)
  let path: Path = base
  let at = table
  names.forEach((name, n) => {
    path = [...path, name]
    if (!lines.has(keyOf(path))) lines.set(keyOf(path), node.key.loc.start.line)
    if (n === names.length - 1) put(at, name, plainValue(node.value, path, lines))
    else {
      if (!Object.hasOwn(at, name)) put(at, name, {})
      at = at[name] as Record<string, unknown>
    }
  })
}

const plainValue = (node: AST.TOMLContentNode, path: Path, lines: Map<string, number>): unknown => {
  switch (node.type) {
    case 'TOMLValue':
      return node.value
    case 'TOMLArray':
      return node.elements.map((element, n) => {
        const at = [...path, n]
        lines.set(keyOf(at), element.loc.start.line)
        return plainValue(element, at, lines)
      })
    case 'TOMLInlineTable': {
      const table: Record<string, unknown> = {}
      for (const child of node.body) addKeyValue(child, table, path, lines)
      return table
    }
  }
}
