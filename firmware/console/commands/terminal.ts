// terminal language, terminal length: how this session speaks, until it ends.

import { answer, type Command, done, type Language } from '../command.js'

export const terminalLanguageCommand: Command = {
  words: [
    'terminal',
    'language',
    {
      type: 'enum',
      name: 'language',
      help: { en: 'Language', fr: 'Langue' },
      values: { en: { en: 'English', fr: 'Anglais' }, fr: { en: 'French', fr: 'Francais' } },
    },
  ],
  help: { en: 'Language of this session', fr: 'Langue de cette session' },
  level: 'view',
  run: ({ session }, { language }) => {
    session.language = language as Language
    return done
  },
}

export const terminalLengthCommand: Command = {
  words: [
    'terminal',
    'length',
    {
      type: 'number',
      name: 'lines',
      min: 0,
      max: 200,
      help: { en: 'Lines of a page; 0: no pages', fr: 'Lignes par page ; 0 : sans pause' },
    },
  ],
  help: { en: 'Lines of a page before --More--', fr: 'Lignes par page avant --More--' },
  level: 'view',
  run: ({ session }, { lines }) => {
    session.length = Number(lines)
    return answer({ lines: session.length }, () => [])
  },
}
