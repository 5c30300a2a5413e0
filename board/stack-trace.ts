// Where a fault happened, in files and lines of the source: compiled and bundled code has source maps beside it, which are
// read only now.

import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const place = /(file:\/\/)?(\/[^():\n]+\.js):(\d+):(\d+)/g

/** The stack of `error`; places without a source map stay as they are. */
export const readableStack = (error: Error): string => {
  const maps = new Map<string, SourceMap>()
  const mapOf = (file: string): SourceMap => {
    const map = maps.get(file) ?? new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
    maps.set(file, map)
    return map
  }
  return (error.stack ?? error.message).replace(
    place,
    (text: string, scheme: string | undefined, path: string, line: string, column: string) => {
      try {
        const file = scheme ? fileURLToPath(`file://${path}`) : path
        return sourcePlace(file, mapOf(file), Number(line), Number(column)) ?? text
      } catch {
        return text
      }
    },
  )
}

/** Lines and columns count from 1. Undefined where nothing of the source stands. */
const sourcePlace = (file: string, map: SourceMap, line: number, column: number): string | undefined => {
  const entry = map.findEntry(line - 1, column - 1)
  if (!('originalSource' in entry)) return undefined
  const source = relative(root, resolve(dirname(file), entry.originalSource))
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
}
