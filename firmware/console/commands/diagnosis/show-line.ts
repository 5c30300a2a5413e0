// show line [LINE]: what a line is electrically, toward the operator and toward its subscriber, and the verdict.

import type { LineFacts } from '../../../run/facts/facts.js'
import { answer, type Command, type Language } from '../../command.js'
import { duration, tableRows } from '../../pages.js'
import { anyLine, asked, isGood, verdictData, verdictRows } from './conclude.js'

const words = {
  en: {
    telephone: 'telephone',
    off: 'off the hook',
    on: 'on the hook',
    for: 'for',
    loop: 'loop',
    operator: 'operator',
    faults: 'faults',
    none: 'no account',
  },
  fr: {
    telephone: 'telephone',
    off: 'decroche',
    on: 'raccroche',
    for: 'depuis',
    loop: 'boucle',
    operator: 'operateur',
    faults: 'defauts',
    none: 'pas de compte',
  },
} as const

const tenth = (value: number): string => String(Math.round(value * 10) / 10)

const rowsOf = (facts: LineFacts, language: Language): readonly string[] => {
  const word = words[language]
  const { line, situation, situationMs, offHook, sense, registration, faults } = facts
  const { hasAccount, address = '', state, status, reason } = registration
  const rows: (readonly string[])[] = [
    [
      word.telephone,
      `${offHook ? word.off : word.on}, ${situation} ${word.for} ${duration(situationMs / 1000)}`,
    ],
  ]
  if (sense)
    rows.push([
      word.loop,
      `${tenth(sense.loopMa)} mA, ${tenth(sense.tipRingVolts)} V (${tenth(sense.batteryVolts)} V)`,
    ])
  const said = [status, reason].filter(Boolean).join(' ')
  rows.push([word.operator, hasAccount ? `${address} ${state}${said === '' ? '' : ` (${said})`}` : word.none])
  if (faults.length > 0) rows.push([word.faults, faults.join(', ')])
  return [line, ...tableRows(rows)]
}

export const showLineCommand: Command = {
  words: ['show', 'line', anyLine],
  help: { en: 'State of a line, and what is wrong with it', fr: "Etat d'une ligne, et ce qui ne va pas" },
  level: 'view',
  run: async ({ box: { diagnosis } }, { line }) => {
    const facts = await diagnosis.facts(asked(line))
    const verdicts = await diagnosis.verdicts(asked(line))
    return answer(
      {
        lines: facts.lines.map(
          ({ line: id, situation, situationMs, offHook, sense, faults, registration }) => ({
            ...{ line: id, situation, situationMs, offHook, faults: [...faults] },
            ...(sense && { sense: { ...sense } }),
            registration: { ...registration, proxies: [...registration.proxies] },
          }),
        ),
        verdicts: verdictData(verdicts),
      },
      language => [
        ...facts.lines.flatMap(each => rowsOf(each, language)),
        ...verdictRows(verdicts, language),
      ],
      isGood(verdicts),
    )
  },
}
