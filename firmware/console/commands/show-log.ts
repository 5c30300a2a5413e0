// show log: the last messages of the box.

import { answer, type Command } from '../command.js'
import type { LogFacts } from '../console-box.js'

export const showLogCommand: Command = {
  words: [
    'show',
    'log',
    {
      type: 'number',
      name: 'messages',
      min: 1,
      max: 500,
      optional: true,
      help: { en: 'How many; default 20', fr: 'Combien ; 20 sinon' },
    },
  ],
  help: { en: 'Last messages of the log', fr: 'Derniers messages du journal' },
  level: 'view',
  run: ({ box }, { messages = 20 }) => {
    const facts = box.log(Number(messages))
    return answer(
      facts.map(fact => ({ ...fact })),
      () => facts.map(logLine),
    )
  },
}

/** "08:15:00.123 warn  SIP waits for the network reason=…", UTC. */
const logLine = ({ wallMs, level, message, fields }: LogFacts): string => {
  const time = new Date(wallMs).toISOString().slice(11, 23)
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${value}`)
  return [time, level.padEnd(5), message, ...rest].join(' ')
}
