// Finds the data files that come with voiceport (boards, profiles) and its version: beside the sources when run from
// dist/, in the package when installed, or where VOICEPORT_DATA says.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const defaultConfigFile = '/etc/voiceport/voiceport.toml'

export type DataKind = 'board' | 'profile'

const folders = { board: 'boards', profile: 'profiles' } as const
const plainName = /^[a-z0-9][a-z0-9-]*$/i

/** Directories from this module's own upward. */
const ancestors = (): readonly string[] => {
  const found: string[] = []
  for (let at = dirname(fileURLToPath(import.meta.url)); !found.includes(at); at = dirname(at)) found.push(at)
  return found
}

const dataRoot = (): string | undefined => {
  const candidates = [
    ...(process.env['VOICEPORT_DATA'] ? [process.env['VOICEPORT_DATA']] : []),
    ...ancestors().flatMap(directory => [directory, join(directory, 'board')]),
  ]
  return candidates.find(directory => existsSync(join(directory, folders.board)))
}

/** Path of a board or profile file; undefined when none of that name comes with voiceport. */
export const findData = (kind: DataKind, name: string): string | undefined => {
  const root = dataRoot()
  if (root === undefined || !plainName.test(name)) return undefined
  const file = join(root, folders[kind], `${name}.toml`)
  return existsSync(file) ? file : undefined
}

/** Names for messages and completion, sorted. */
export const listData = (kind: DataKind): readonly string[] => {
  const root = dataRoot()
  if (root === undefined) return []
  return readdirSync(join(root, folders[kind]))
    .filter(name => name.endsWith('.toml'))
    .map(name => name.slice(0, -'.toml'.length))
    .sort()
}

/** "0.1.0", from the nearest package.json that is ours. */
export const version = (): string => {
  for (const directory of ancestors()) {
    const file = join(directory, 'package.json')
    if (!existsSync(file)) continue
    const { name, version: number } = JSON.parse(readFileSync(file, 'utf8')) as {
      name?: string
      version?: string
    }
    if (name === 'voiceport' && number) return number
  }
  return 'unknown'
}
