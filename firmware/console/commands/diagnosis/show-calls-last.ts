// show calls last [LINE]: the last call of each line with its ladder and media figures, and the ones before it in brief.

import type { CallRecord } from '../../../run/facts/facts.js'
import { answer, type Command, type Data } from '../../command.js'
import { tableRows } from '../../pages.js'
import { anyLine, asked, instant, verdictData, verdictRows } from './conclude.js'
import { ladderText } from './ladder-text.js'

const seconds = (ms: number | undefined): string => (ms === undefined ? '-' : `${(ms / 1000).toFixed(1)} s`)

const words = {
  en: {
    none: 'no calls since the start',
    withheld: 'withheld',
    from: 'from',
    to: 'to',
    answered: 'answered',
    ended: 'ended',
    sent: 'sent',
    received: 'received',
    lost: 'lost',
  },
  fr: {
    none: 'aucun appel depuis le demarrage',
    withheld: 'masque',
    from: 'de',
    to: 'vers',
    answered: 'reponse',
    ended: 'fin',
    sent: 'emis',
    received: 'recus',
    lost: 'perdus',
  },
} as const

const brief = (call: CallRecord, language: 'en' | 'fr'): readonly string[] => {
  const word = words[language]
  return [
    instant(call.wallMs),
    `${call.direction === 'out' ? word.to : word.from} ${call.party ?? word.withheld}`,
    `${word.answered} ${seconds(call.answeredMs)}`,
    `${word.ended} ${seconds(call.endedMs)}`,
    [call.end, call.status].filter(value => value !== undefined).join(' '),
  ]
}

const figures = ({ media, codec }: CallRecord, language: 'en' | 'fr'): readonly string[] => {
  if (!media) return []
  const word = words[language]
  const { sentPackets, receivedPackets, lostPackets, jitterMs } = media
  return [
    `  RTP ${codec ?? ''}: ${sentPackets} ${word.sent}, ${receivedPackets} ${word.received}, ${lostPackets} ${word.lost}, jitter ${Math.round(jitterMs)} ms`,
  ]
}

const textOf = (calls: readonly CallRecord[], language: 'en' | 'fr'): readonly string[] => {
  const [last, ...before] = calls
  if (!last) return [`  ${words[language].none}`]
  return [
    ...tableRows([brief(last, language)]),
    ...ladderText(last.ladder, last.left),
    ...figures(last, language),
    ...tableRows(before.slice(0, 9).map(call => brief(call, language))),
  ]
}

const dataOf = ({ media, ladder, ...rest }: CallRecord): Data => ({
  ...rest,
  ...(media && { media: { ...media } }),
  ladder: ladder.map(entry => ({ ...entry })),
})

export const showCallsLastCommand: Command = {
  words: ['show', 'calls', 'last', anyLine],
  help: { en: 'The last calls, with a ladder of the last one', fr: 'Derniers appels, echelle du dernier' },
  level: 'view',
  run: async ({ box: { diagnosis } }, { line }) => {
    const { lines } = await diagnosis.facts(asked(line))
    const verdicts = await diagnosis.verdicts(asked(line))
    return answer(
      {
        lines: lines.map(({ line: id, calls }) => ({ line: id, calls: calls.map(dataOf) })),
        verdicts: verdictData(verdicts),
      },
      language => [
        ...lines.flatMap(({ line: id, calls }) => [id, ...textOf(calls, language)]),
        ...verdictRows(verdicts, language),
      ],
    )
  },
}
