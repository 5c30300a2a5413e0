// show calls: what each telephone is doing, with whom, and what is wrong with its line.

import { answer, type Command, type Language } from '../command.js'
import type { CallFacts, LineFacts } from '../console-box.js'
import { duration, tableRows } from '../pages.js'
import { isGood, verdictData, verdictRows } from './diagnosis/conclude.js'

export const showCallsCommand: Command = {
  words: ['show', 'calls'],
  help: { en: 'Calls of each telephone', fr: 'Appels de chaque telephone' },
  level: 'view',
  run: async ({ box }) => {
    const [lines, calls, verdicts] = await Promise.all([box.lines(), box.calls(), box.diagnosis.verdicts()])
    return answer(
      {
        lines: lines.map(({ line, situation }) => ({ line, situation })),
        calls: calls.map(call => ({ ...call })),
        verdicts: verdictData(verdicts),
      },
      language => [
        ...tableRows(lines.flatMap(line => rowsOf(line, calls, language))),
        ...verdictRows(verdicts, language),
      ],
      isGood(verdicts),
    )
  },
}

const words = {
  en: {
    in: 'from',
    out: 'to',
    withheld: 'number withheld',
    ringing: 'not answered yet',
    answered: 'answered',
  },
  fr: {
    in: 'de',
    out: 'vers',
    withheld: 'numero masque',
    ringing: 'pas encore decroche',
    answered: 'decroche',
  },
} as const

const rowsOf = (
  { line, situation }: LineFacts,
  calls: readonly CallFacts[],
  language: Language,
): readonly (readonly string[])[] => {
  const own = calls.filter(call => call.line === line)
  const rows = own.map(({ direction, party, state, seconds }) => [
    `${words[language][direction]} ${party ?? words[language].withheld}`,
    words[language][state],
    seconds === undefined ? '' : duration(seconds),
  ])
  const [first = [], ...others] = rows
  return [[line, situation, ...first], ...others.map(row => ['', '', ...row])]
}
