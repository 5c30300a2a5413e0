// show media: packets, losses and delays of the calls that stand.

import { answer, type Command } from '../command.js'
import { tableRows } from '../pages.js'

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
    const streams = await box.media()
    return answer(
      streams.map(stream => ({ ...stream })),
      language =>
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
            ]),
    )
  },
}
