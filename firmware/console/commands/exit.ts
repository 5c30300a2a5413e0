// exit: logs out.

import { type Command, done } from '../command.js'

export const exitCommand: Command = {
  words: ['exit'],
  help: { en: 'Log out', fr: 'Se deconnecter' },
  level: 'view',
  run: ({ session }) => {
    session.leave('locked')
    return done
  },
}
