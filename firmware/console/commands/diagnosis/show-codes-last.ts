// show codes last [LINE]: the last star and hash codes that were dialled, and what became of them.

import { answer, type Command } from '../../command.js'
import { tableRows } from '../../pages.js'
import { anyLine, asked, instant, verdictData, verdictRows } from './conclude.js'

const words = {
  en: {
    none: 'no codes since the start',
    heard: 'heard',
    open: 'under way',
    done: 'done',
    refused: 'refused',
    'given-up': 'given up',
    'unknown-code': 'unknown code',
    'no-service': 'no service',
    'not-stored': 'not stored',
  },
  fr: {
    none: 'aucun code depuis le demarrage',
    heard: 'entendu',
    open: 'en cours',
    done: 'fait',
    refused: 'refuse',
    'given-up': 'abandonne',
    'unknown-code': 'code inconnu',
    'no-service': 'pas de service',
    'not-stored': 'non enregistre',
  },
} as const

const outcomeOf = (outcome: string, language: 'en' | 'fr'): string =>
  Object.hasOwn(words[language], outcome) ? words[language][outcome as 'done'] : outcome

export const showCodesLastCommand: Command = {
  words: ['show', 'codes', 'last', anyLine],
  help: { en: 'Codes dialled last, and what became of them', fr: 'Derniers codes composes et leur suite' },
  level: 'view',
  run: async ({ box: { diagnosis } }, { line }) => {
    const { lines } = await diagnosis.facts(asked(line))
    const verdicts = await diagnosis.verdicts(asked(line))
    return answer(
      {
        lines: lines.map(({ line: id, codes }) => ({ line: id, codes: codes.map(code => ({ ...code })) })),
        verdicts: verdictData(verdicts),
      },
      language => [
        ...lines.flatMap(({ line: id, codes }) => [
          codes.length === 0 ? `${id}  ${words[language].none}` : id,
          ...tableRows(
            codes.map(({ wallMs, code, by, outcome, status, heard }) => [
              instant(wallMs),
              code,
              by,
              [outcomeOf(outcome, language), status].filter(value => value !== undefined).join(' '),
              `${words[language].heard}: ${heard}`,
            ]),
          ),
        ]),
        ...verdictRows(verdicts, language),
      ],
    )
  },
}
