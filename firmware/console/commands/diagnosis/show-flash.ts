// show flash [LINE]: how long R is pressed on each telephone, counted by 10 ms, and whether that is an R.

import type { FlashFacts } from '../../../run/facts/facts.js'
import { judgeFlash } from '../../../run/verdicts/judge.js'
import { answer, type Command } from '../../command.js'
import { anyLine, asked, verdictData, verdictRows } from './conclude.js'

const longestBar = 40
const mostRows = 30

/** ASCII bars; "|" marks bins inside the window, "x" those outside. */
const histogram = ({ bins, window }: FlashFacts): readonly string[] => {
  const most = Math.max(1, ...bins.map(({ count }) => count))
  return bins.slice(0, mostRows).map(({ fromMs, count }) => {
    const inside = fromMs + 9 >= window[0] && fromMs <= window[1]
    const bar = (inside ? '|' : 'x').repeat(Math.max(1, Math.round((count * longestBar) / most)))
    return `  ${String(fromMs).padStart(5)} ms  ${bar} ${count}`
  })
}

const summary = {
  en: ({ count, tooShort, tooLong, window }: FlashFacts) =>
    `${count} presses, ${tooShort} too short, ${tooLong} too long; window ${window[0]} to ${window[1]} ms`,
  fr: ({ count, tooShort, tooLong, window }: FlashFacts) =>
    `${count} appuis, ${tooShort} trop courts, ${tooLong} trop longs ; fenetre de ${window[0]} a ${window[1]} ms`,
}

export const showFlashCommand: Command = {
  words: ['show', 'flash', anyLine],
  help: { en: 'How long R is pressed on each telephone', fr: 'Duree des appuis sur R' },
  level: 'view',
  run: async ({ box: { diagnosis } }, { line }) => {
    const { lines } = await diagnosis.facts(asked(line))
    const verdicts = lines.flatMap(each => judgeFlash(each.flash, each.line))
    return answer(
      {
        lines: lines.map(({ line: id, flash }) => ({
          line: id,
          ...flash,
          window: [...flash.window],
          bins: flash.bins.map(bin => ({ ...bin })),
        })),
        verdicts: verdictData(verdicts),
      },
      language => [
        ...lines.flatMap(({ line: id, flash }) => [
          `${id}  ${summary[language](flash)}`,
          ...histogram(flash),
        ]),
        ...verdictRows(verdicts, language),
      ],
    )
  },
}
