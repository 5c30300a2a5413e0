// show settings: every key of the configuration with its value; what differs from the default is marked.

import { answer, type Command, type Language } from '../command.js'
import type { SettingFacts } from '../console-box.js'
import { tableRows } from '../pages.js'

export const showSettingsCommand: Command = {
  words: [
    'show',
    'settings',
    {
      type: 'text',
      name: 'beginning',
      most: 64,
      optional: true,
      help: { en: 'Only keys that begin so ("sip", "line.tel1")', fr: 'Cles commencant ainsi ("sip")' },
    },
  ],
  help: { en: 'Settings; * marks those changed from the default', fr: 'Reglages ; * : change' },
  level: 'view',
  run: ({ box }, { beginning = '' }) => {
    const wanted = String(beginning).toLowerCase()
    const settings = box.settings().filter(({ key }) => key.toLowerCase().startsWith(wanted))
    return answer(
      settings.map(setting => ({ ...setting })),
      language => tableRows(settings.map(setting => row(setting, language))),
      settings.length > 0,
    )
  },
}

const here = { en: '(set here)', fr: '(regle ici)' } as const

const row = ({ key, value, changed, overridden }: SettingFacts, language: Language): readonly string[] => [
  changed ? '*' : '',
  key,
  value,
  ...(overridden ? [here[language]] : []),
]
