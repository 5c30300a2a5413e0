// enable, disable: the right to change something, and giving it back.

import { type Command, done } from '../command.js'

export const enableCommand: Command = {
  words: ['enable'],
  help: { en: 'Ask for the right to change something', fr: 'Demander le droit de modifier' },
  level: 'view',
  run: async ({ session }) => (await session.raise()) ?? done,
}

export const disableCommand: Command = {
  words: ['disable'],
  help: { en: 'Only look from now on', fr: 'Ne plus que consulter' },
  level: 'view',
  run: ({ session }) => {
    session.leave('view')
    return done
  },
}
