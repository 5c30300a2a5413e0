// show journal: who changed which setting, when, from what to what. Secrets are "(set)".

import { answer, type Command } from '../../command.js'
import type { JournalFacts } from '../../console-box.js'
import { tableRows } from '../../pages.js'

const none = { en: 'Nothing was ever changed.', fr: "Rien n'a ete modifie." } as const

export const showJournalCommand: Command = {
  words: [
    'show',
    'journal',
    {
      type: 'number',
      name: 'changes',
      min: 1,
      max: 1000,
      optional: true,
      help: { en: 'How many; default 20', fr: 'Combien ; 20 sinon' },
    },
  ],
  help: { en: 'Who changed which setting, and when', fr: 'Qui a change quel reglage, et quand' },
  level: 'view',
  run: async ({ box }, { changes = 20 }) => {
    const facts = await box.desk.journal(Number(changes))
    return answer(
      facts.map(fact => ({ ...fact })),
      language => (facts.length === 0 ? [none[language]] : tableRows(facts.map(row))),
    )
  },
}

/** UTC, as in the log. */
const row = ({ wallMs, by, key, before, after }: JournalFacts): readonly string[] => [
  new Date(wallMs).toISOString().slice(0, 19).replace('T', ' '),
  by,
  key,
  `${before ?? '-'} -> ${after ?? '-'}`,
]
