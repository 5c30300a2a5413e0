// export, import: settings of a technician as the commands that set them; secrets are named and left out. An import is
// checked as a whole, then laid aside like typed settings.

import { answer, type Command, refusal } from '../../command.js'
import { untypable } from '../../secret.js'
import { foreignRefused, outcomeOf } from './outcome.js'

export const exportCommand: Command = {
  words: ['export'],
  help: { en: 'Changed settings as commands, without secrets', fr: 'Reglages modifies, sans les secrets' },
  level: 'enable',
  run: ({ box }) => {
    const lines = box.desk.exported()
    return answer({ lines }, () => lines)
  },
}

const mostLines = 500
const prompt = { en: 'import> ', fr: 'import> ' } as const
const aside = {
  en: 'In order and laid aside: commit, or commit confirm SECONDS, puts it into effect.',
  fr: 'En ordre et mis de cote : commit, ou commit confirm SECONDES, le met en vigueur.',
} as const

export const importCommand: Command = {
  words: ['import'],
  help: {
    en: 'Take lines of an export, up to "end"; not shown',
    fr: 'Lire les lignes d\'un export jusqu\'a "end"',
  },
  level: 'enable',
  run: async ({ box, session }) => {
    const lines: string[] = []
    let foreign = false
    for (;;) {
      // One of them may hold a secret.
      const line = await session.secret(prompt)
      if (line === undefined) return refusal('Nothing changed', 'Rien de change')
      if (/^\s*(!\s*)?end\s*$/i.test(line)) break
      foreign ||= line.includes(untypable)
      lines.push(line)
      if (lines.length > mostLines)
        return refusal(
          `Nothing changed: more than ${mostLines} lines`,
          `Rien de change : plus de ${mostLines} lignes`,
        )
    }
    return foreign ? foreignRefused : outcomeOf(await box.desk.import(lines), aside)
  },
}
