// show alarms: what stands, what is over, since when and how often.

import type { Alarm } from '../../../run/facts/facts.js'
import { answer, type Command } from '../../command.js'
import { tableRows } from '../../pages.js'
import { instant, isGood, verdictData, verdictRows } from './conclude.js'

const words = {
  en: {
    none: 'no alarms since the start',
    active: 'ACTIVE',
    over: 'over',
    times: (count: number) => (count === 1 ? 'once' : `${count} times`),
  },
  fr: {
    none: 'aucune alarme depuis le demarrage',
    active: 'ACTIVE',
    over: 'finie',
    times: (count: number) => `${count} fois`,
  },
} as const

const rowOf = (alarm: Alarm, language: 'en' | 'fr'): readonly string[] => {
  const word = words[language]
  const { kind, line = '', active, sinceMs, lastMs, clearedMs, count, detail = '' } = alarm
  return [
    line,
    kind,
    active ? word.active : word.over,
    active ? instant(sinceMs) : instant(clearedMs ?? lastMs),
    word.times(count),
    detail.slice(0, 20),
  ]
}

export const showAlarmsCommand: Command = {
  words: ['show', 'alarms'],
  help: { en: 'Alarms: since, last, over, how often', fr: 'Alarmes : depuis, derniere, fin, nombre' },
  level: 'view',
  run: async ({ box: { diagnosis } }) => {
    const { alarms } = await diagnosis.facts()
    const verdicts = await diagnosis.verdicts()
    return answer(
      { alarms: alarms.map(alarm => ({ ...alarm })), verdicts: verdictData(verdicts) },
      language => [
        ...(alarms.length === 0
          ? [words[language].none]
          : tableRows(alarms.map(alarm => rowOf(alarm, language)))),
        ...verdictRows(verdicts, language),
      ],
      isGood(verdicts),
    )
  },
}
