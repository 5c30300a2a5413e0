// mode hil, mode text: the same commands for scripts (JSON lines, no echo) and for people.

import { type Command, done } from '../command.js'

export const modeCommand: Command = {
  words: [
    'mode',
    {
      type: 'enum',
      name: 'mode',
      help: { en: 'For whom', fr: 'Pour qui' },
      values: {
        hil: { en: 'Scripts: one JSON line in, one out, no echo', fr: 'Scripts : lignes JSON, sans echo' },
        text: { en: 'People', fr: 'Personnes' },
      },
    },
  ],
  help: { en: 'Speak to scripts or to people', fr: 'Parler aux scripts ou aux personnes' },
  level: 'view',
  run: ({ session }, { mode }) => {
    session.hil = mode === 'hil'
    return done
  },
}
