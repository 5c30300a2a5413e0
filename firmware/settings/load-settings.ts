// Configuration, board and profile together: what one file says must fit the others. One list of mistakes for all.

import { dirname, resolve } from 'node:path'
import { type Board, boardSchema } from './board-schema.js'
import { readConfig } from './load-config.js'
import { loadProfile } from './load-profile.js'
import { keyText, type Problem, problem } from './problem.js'
import type { Profile } from './profile-schema.js'
import type { Config } from './schema.js'
import { readToml } from './toml-document.js'
import { validate } from './validate.js'

export interface Settings {
  readonly config: Config
  readonly board: Board
  readonly profile: Profile
}

export type SettingsResult = { readonly settings: Settings } | { readonly errors: readonly Problem[] }

/** The file of a board or profile that comes with voiceport; undefined when there is none of that name. */
export type FindData = (kind: DataKind, name: string) => string | undefined
export type DataKind = 'board' | 'profile'

/** A name with a "/" or "." is a path, relative to the file `from` it stands in. */
export const locate = (kind: DataKind, name: string, from: string, findData: FindData): string | undefined =>
  /[/.]/.test(name) ? resolve(dirname(from), name) : findData(kind, name)

export const loadSettings = (
  file: string,
  findData: FindData,
  environment: NodeJS.ProcessEnv = process.env,
): SettingsResult => {
  const read = readConfig(file, environment)
  if (!read.ok) return { errors: read.problems }
  const { config, document } = read.value
  const errors: Problem[] = []
  const complain = (code: Problem['code'], path: readonly (string | number)[], message: string): void => {
    errors.push(problem(code, document.origin(path), keyText(path), message))
  }
  const find = (kind: DataKind, name: string, from: string) => locate(kind, name, from, findData)

  const boardFile = find('board', config.board, file)
  if (boardFile === undefined) complain('VP-1008', ['board'], `there is no board "${config.board}"`)
  const board = boardFile === undefined ? undefined : loadBoard(boardFile)
  if (board && !board.ok) errors.push(...board.problems)

  const profileFile = find('profile', config.profile, file)
  if (profileFile === undefined) complain('VP-1008', ['profile'], `there is no profile "${config.profile}"`)
  const profile =
    profileFile === undefined
      ? undefined
      : loadProfile(profileFile, (name, from) => find('profile', name, from))
  if (profile && !profile.ok) errors.push(...profile.problems)

  if (board?.ok) {
    const ports = board.value.lines
    config.line.forEach(({ id }, n) => {
      if (!ports.includes(id))
        complain(
          'VP-1010',
          ['line', n, 'id'],
          `line[${n}].id = "${id}": the board has the ports ${ports.join(', ')}`,
        )
    })
    const { listen, serial } = config.bench
    if (board.value.driver !== 'sim' && (listen !== undefined || serial !== undefined))
      complain('VP-1007', ['bench'], 'bench: only a simulated board has a bench channel')
  }
  return board?.ok && profile?.ok && errors.length === 0
    ? { settings: { config, board: board.value, profile: profile.value } }
    : { errors }
}

const loadBoard = (file: string) => {
  const read = readToml(file)
  return read.ok ? validate(read.value, boardSchema) : read
}
