// export, import: settings of a technician as the commands that set them; secrets are named and left out. An import is
// checked as a whole, then laid aside like typed settings.

import { answer, type Command, refusal } from '../../command.js'
import { notTaken, outcomeOf } from './outcome.js'

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
/** As long as a request of an agent, by which any value may have been set. */
const longestLine = 8192
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
    for (;;) {
      // One of them may hold a secret.
      const line = await session.secret(prompt, longestLine)
      if (line === undefined) return refusal('Nothing changed', 'Rien de change')
      if (/^\s*(!\s*)?end\s*$/i.test(line)) break
      lines.push(line)
      if (lines.length > mostLines)
        return refusal(
          `Nothing changed: more than ${mostLines} lines`,
          `Rien de change : plus de ${mostLines} lignes`,
        )
    }
    return notTaken(lines) ?? outcomeOf(await box.desk.import(lines), aside)
  },
}
