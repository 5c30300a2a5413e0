// `voiceport check`: says everything that is wrong with the configuration, its board and its profile, and what to do.

import { defaultConfigFile } from '../data.js'
import type { Command } from './command.js'

export const checkCommand: Command = {
  name: 'check',
  summary: 'Validate configuration, board and profile; --keys lists every key there is',
  usage: `[--config ${defaultConfigFile}] [--json] [--keys]`,
  options: {
    config: { type: 'string', default: defaultConfigFile },
    json: { type: 'boolean' },
    keys: { type: 'boolean' },
  },
  flagsOnly: true,
  run: async ({ values, out }) => {
    const json = values['json'] === true
    // Here, because the schema takes longer to load than --help to answer.
    const { problemText, settingsOf } = await import('../settings.js')
    if (values['keys']) {
      const { describeKeys } = await import('../../firmware/settings/key-list.js')
      const keys = describeKeys()
      if (json) out(JSON.stringify({ keys }))
      else
        for (const { key, standard, legal, help } of keys)
          out(
            `${key}${standard === undefined ? '' : ` = ${JSON.stringify(standard)}`}\n    ${help} ${legal}`.trimEnd(),
          )
      return 0
    }
    const file = String(values['config'])
    const result = settingsOf(file)
    const errors = 'errors' in result ? result.errors : []
    if (json) out(JSON.stringify({ errors }))
    else if ('settings' in result) {
      const { config, board, profile } = result.settings
      const lines = config.line.map(
        line => `${line.id}${line.account ? ` (${line.account.user})` : ' (no account)'}`,
      )
      out(`${file} is in order: board ${board.name}, profile ${profile.name}, lines ${lines.join(', ')}`)
    } else
      for (const error of errors)
        process.stderr.write(`${problemText(error)} (${error.code}). ${error.fix}\n`)
    return errors.length === 0 ? 0 : 2
  },
}
