// show version: what runs here, since when, at what time.

import { answer, type Command } from '../command.js'
import { duration, tableRows } from '../pages.js'

const labels = {
  en: ['voiceport', 'Node', 'up', 'memory', 'time'],
  fr: ['voiceport', 'Node', 'actif', 'memoire', 'heure'],
} as const

export const showVersionCommand: Command = {
  words: ['show', 'version'],
  help: { en: 'Version, uptime, memory, time', fr: 'Version, duree, memoire, heure' },
  level: 'view',
  run: ({ box }) => {
    const { version, node, uptimeSeconds, rssBytes, time, timezone } = box.version()
    const values = [
      version,
      node,
      duration(uptimeSeconds),
      `${Math.round(rssBytes / 1_000_000)} MB`,
      `${time} ${timezone}`,
    ]
    return answer({ version, node, uptimeSeconds, rssBytes, time, timezone }, language =>
      tableRows(labels[language].map((label, i) => [label, values[i]!])),
    )
  },
}
