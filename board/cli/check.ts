// `voiceport check`: says everything that is wrong with the configuration, its board and its profile, and with this machine as
// that board, and what to do.

import type { Settings, SettingsResult } from '../../firmware/settings/load-settings.js'
import { type Problem, problem } from '../../firmware/settings/problem.js'
import type { BoardReport } from '../board-check.js'
import { defaultConfigFile } from '../data.js'
import type { Command, CommandInput } from './command.js'

export const checkCommand: Command = {
  name: 'check',
  summary:
    'Validate configuration, board and profile, and this machine as that board; --keys lists every key there is',
  usage: `[--config ${defaultConfigFile}] [--files-only] [--json] [--keys]`,
  options: {
    config: { type: 'string', default: defaultConfigFile },
    'files-only': { type: 'boolean' },
    json: { type: 'boolean' },
    keys: { type: 'boolean' },
  },
  flagsOnly: true,
  run: async ({ values, out }) => {
    const json = values['json'] === true
    if (values['keys']) return listKeys(json, out)
    const file = String(values['config'])
    // Here, because the schema takes longer to load than --help to answer.
    const { settingsOf } = await import('../settings.js')
    const result = settingsOf(file)
    if ('errors' in result) {
      await tell(result.errors, json, out)
      return 2
    }
    const { settings } = result
    const { problems, facts } = values['files-only'] ? nothing : await ofMachine(result)
    if (json) out(JSON.stringify({ errors: problems, ...(facts.length > 0 && { facts }) }))
    else {
      if (problems.length === 0) out(inOrder(file, settings))
      for (const { key, says } of facts) out(`  ${key}: ${says}`)
      await tell(problems, false, out)
    }
    return problems.length === 0 ? 0 : 1
  },
}

const inOrder = (file: string, { config, board, profile }: Settings): string => {
  const lines = config.line.map(
    line => `${line.id}${line.account ? ` (${line.account.user})` : ' (no account)'}`,
  )
  return `${file} is in order: board ${board.name}, profile ${profile.name}, lines ${lines.join(', ')}`
}

type Sound = Extract<SettingsResult, { readonly settings: Settings }>

const nothing: BoardReport = { problems: [], facts: [] }

const ofMachine = async ({ settings, origin, boardOrigin }: Sound): Promise<BoardReport> => {
  const secrets = await ofSecrets(settings, origin)
  const { problems, facts } = await ofBoard(settings, boardOrigin)
  return { problems: [...secrets, ...problems], facts }
}

const ofSecrets = async ({ config }: Settings, origin: Sound['origin']): Promise<readonly Problem[]> => {
  if (Object.keys(config.console).length === 0) return []
  const { uselessSecrets } = await import('../console-secrets.js')
  return (await uselessSecrets(config)).map(({ key, reason }) =>
    problem('VP-1006', origin(['console', key]), `console.${key}`, `console.${key}: ${reason}`),
  )
}

/** Nothing is to be found out about a machine that need not be a board. */
const ofBoard = async ({ board }: Settings, origin: Sound['boardOrigin']): Promise<BoardReport> => {
  if (board.driver === 'sim' && board.watchdog === undefined) return nothing
  const { checkBoard } = await import('../board-check.js')
  const { thisMachine } = await import('../this-machine.js')
  return checkBoard(board, origin, thisMachine())
}

const tell = async (errors: readonly Problem[], json: boolean, out: CommandInput['out']): Promise<void> => {
  const { problemText } = await import('../settings.js')
  if (json) out(JSON.stringify({ errors }))
  else
    for (const error of errors) process.stderr.write(`${problemText(error)} (${error.code}). ${error.fix}\n`)
}

const listKeys = async (json: boolean, out: CommandInput['out']): Promise<number> => {
  const { describeBoardKeys, describeKeys } = await import('../../firmware/settings/key-list.js')
  const lists = { keys: describeKeys(), boardKeys: describeBoardKeys() }
  if (json) {
    out(JSON.stringify(lists))
    return 0
  }
  for (const [title, keys] of [
    ['', lists.keys],
    ['\nIn a board file:\n', lists.boardKeys],
  ] as const) {
    if (title !== '') out(title)
    for (const { key, standard, legal, help } of keys)
      out(
        `${key}${standard === undefined ? '' : ` = ${JSON.stringify(standard)}`}\n    ${help} ${legal}`.trimEnd(),
      )
  }
  return 0
}
