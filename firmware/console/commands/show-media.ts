// show media: packets, losses and delays of the calls that stand, and what is wrong with the audio of the last call.

import { concludeAudio } from '../../run/verdicts/judge.js'
import { answer, type Command, type Language } from '../command.js'
import type { StreamFacts } from '../console-box.js'
import { tableRows } from '../pages.js'
import { isGood, verdictData, verdictRows } from './diagnosis/conclude.js'

const heads = {
  en: ['line', 'sent', 'received', 'lost', 'late', 'jitter', 'round trip'],
  fr: ['ligne', 'emis', 'recus', 'perdus', 'tardifs', 'gigue', 'aller-retour'],
} as const
const none = { en: 'No call has audio.', fr: "Aucun appel n'a de son." } as const

export const showMediaCommand: Command = {
  words: ['show', 'media'],
  help: { en: 'Audio packets of the calls that stand', fr: 'Paquets audio des appels en cours' },
  level: 'view',
  run: async ({ box }) => {
    const [streams, facts] = await Promise.all([box.media(), box.diagnosis.facts()])
    const verdicts = concludeAudio(facts)
    return answer(
      { streams: streams.map(stream => ({ ...stream })), verdicts: verdictData(verdicts) },
      language => [...rowsOf(streams, language), ...verdictRows(verdicts, language)],
      isGood(verdicts),
    )
  },
}

const rowsOf = (streams: readonly StreamFacts[], language: Language): readonly string[] =>
  streams.length === 0
    ? [none[language]]
    : tableRows([
        heads[language],
        ...streams.map(s => [
          s.line ?? s.stream,
          String(s.sentPackets),
          String(s.receivedPackets),
          String(s.lostPackets),
          String(s.latePackets),
          `${s.jitterMs.toFixed(1)} ms`,
          s.roundTripMs === undefined ? '-' : `${s.roundTripMs.toFixed(1)} ms`,
        ]),
      ])
