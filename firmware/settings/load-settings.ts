// Configuration, board and profile together: what one file says must fit the others. One list of mistakes for all.

import { dirname, resolve } from 'node:path'
import { type Board, boardSchema } from './board-schema.js'
import { readConfig } from './load-config.js'
import { loadProfile } from './load-profile.js'
import { noOverrides, type Overrides, withOverrides } from './overrides.js'
import { keyText, type Problem, problem } from './problem.js'
import type { Profile } from './profile-schema.js'
import type { Config } from './schema.js'
import { type Read, readToml, type TomlDocument } from './toml-document.js'
import { inOrder, validate } from './validate.js'

export interface Settings {
  readonly config: Config
  readonly board: Board
  readonly profile: Profile
}

export type SettingsResult =
  | {
      readonly settings: Settings
      /** Where a key of the configuration or of the board file stands, for what only the machine can say of it. */
      readonly origin: TomlDocument['origin']
      readonly boardOrigin: TomlDocument['origin']
    }
  | { readonly errors: readonly Problem[] }

/** The file of a board or profile that comes with voiceport; undefined when there is none of that name. */
export type FindData = (kind: DataKind, name: string) => string | undefined
export type DataKind = 'board' | 'profile'

/** A name with a "/" or "." is a path, relative to the file `from` it stands in. */
export const locate = (kind: DataKind, name: string, from: string, findData: FindData): string | undefined =>
  /[/.]/.test(name) ? resolve(dirname(from), name) : findData(kind, name)

/** `overrides`: values of a technician over those of the file. */
export const loadSettings = (
  file: string,
  findData: FindData,
  environment: NodeJS.ProcessEnv = process.env,
  overrides: Overrides = noOverrides,
): SettingsResult => {
  const read = readConfig(file, environment, overrides)
  if (!read.ok) {
    // What is wrong with the board and the profile it names is told in the same go.
    const toml = readToml(file)
    if (!toml.ok) return { errors: toml.problems }
    const document = withOverrides(toml.value, overrides)
    const { errors } = loadNamed(document.value, document, file, findData)
    return { errors: inOrder([...read.problems, ...errors]) }
  }
  const { config, document } = read.value
  const { board, profile, errors } = loadNamed(config, document, file, findData)
  const { listen, serial } = config.bench
  if (board && board.value.driver !== 'sim' && (listen !== undefined || serial !== undefined)) {
    const message = 'bench: only a simulated board has a bench channel'
    errors.push(problem('VP-1007', document.origin(['bench']), 'bench', message))
  }
  return board && profile && errors.length === 0
    ? {
        settings: { config, board: board.value, profile },
        origin: path => document.origin(path),
        boardOrigin: path => board.origin(path),
      }
    : { errors }
}

/** What a configuration names, as far as it could be read: of a wrong type is told elsewhere. */
interface Names {
  readonly board?: unknown
  readonly profile?: unknown
  readonly line?: unknown
}

interface Named {
  readonly board: LoadedBoard | undefined
  readonly profile: Profile | undefined
  readonly errors: Problem[]
}

const loadNamed = (names: Names, document: TomlDocument, file: string, findData: FindData): Named => {
  const errors: Problem[] = []
  const complain = (code: Problem['code'], path: readonly (string | number)[], message: string): void => {
    errors.push(problem(code, document.origin(path), keyText(path), message))
  }
  const load = <T>(kind: DataKind, name: unknown, from: (found: string) => Read<T>): T | undefined => {
    if (typeof name !== 'string') return undefined
    const found = locate(kind, name, file, findData)
    if (found === undefined) {
      complain('VP-1008', [kind], `there is no ${kind} "${name}"`)
      return undefined
    }
    const read = from(found)
    if (read.ok) return read.value
    errors.push(...read.problems)
    return undefined
  }
  const board = load('board', names.board, loadBoard)
  const profile = load('profile', names.profile, found =>
    loadProfile(found, (name, from) => locate('profile', name, from, findData)),
  )
  const lines: readonly { readonly id?: unknown }[] = Array.isArray(names.line) ? names.line : []
  for (const [n, line] of lines.entries())
    if (board && typeof line?.id === 'string' && !board.value.lines.includes(line.id))
      complain(
        'VP-1010',
        ['line', n, 'id'],
        `line[${n}].id = "${line.id}": the board has the ports ${board.value.lines.join(', ')}`,
      )
  return { board, profile, errors }
}

interface LoadedBoard {
  readonly value: Board
  readonly origin: TomlDocument['origin']
}

const loadBoard = (file: string): Read<LoadedBoard> => {
  const read = readToml(file)
  if (!read.ok) return read
  const checked = validate(read.value, boardSchema())
  return checked.ok ? { ok: true, value: { value: checked.value, origin: read.value.origin } } : checked
}
