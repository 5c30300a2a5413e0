// set KEY VALUE, no set KEY: a value over that of the configuration file, laid aside until `commit`. A secret is asked for
// without an echo and never stands on the line.

import { type Command, refusal, type Word } from '../../command.js'
import { notTaken, outcomeOf } from './outcome.js'

const key: Word = {
  type: 'setting',
  name: 'key',
  help: { en: 'Key of the configuration', fr: 'Cle de la configuration' },
}

const aside = {
  en: 'Laid aside: commit, or commit confirm SECONDS, puts it into effect.',
  fr: 'Mis de cote : commit, ou commit confirm SECONDES, le met en vigueur.',
} as const

export const setCommand: Command = {
  words: [
    'set',
    key,
    {
      type: 'text',
      name: 'value',
      most: 400,
      rest: true,
      optional: true,
      ofSetting: 'key',
      help: { en: 'The value; lists with blanks between', fr: 'La valeur ; listes separees par des blancs' },
    },
  ],
  help: {
    en: 'Change a setting; commit puts it into effect',
    fr: 'Modifier un reglage ; commit le met en vigueur',
  },
  level: 'enable',
  no: {
    help: { en: 'Back to what the configuration file says', fr: 'Revenir a la valeur du fichier' },
    words: ['set', key],
  },
  run: async ({ box, session, no }, args) => {
    const name = String(args['key'])
    if (no) return outcomeOf(await box.desk.stage(name, undefined), aside)
    const secret = box.settings().find(each => each.key === name)?.secret === true
    const typed = args['value']
    if (secret && typed !== undefined) {
      session.forgetLine()
      return refusal(
        `Nothing changed: give no value, ${name} is asked for without being shown`,
        `Rien de change : sans valeur, ${name} est demande sans etre affiche`,
        'VP-7503',
      )
    }
    const value = secret ? await session.secret(secretPrompt) : typed
    if (value === undefined)
      return secret
        ? refusal('Nothing changed', 'Rien de change')
        : refusal(`Which value? set ${name} VALUE`, `Quelle valeur ? set ${name} VALEUR`, 'VP-7503')
    const refused = notTaken([String(value)])
    if (refused) return refused
    return outcomeOf(await box.desk.stage(name, String(value)), aside, {}, 'VP-1003')
  },
}

const secretPrompt = { en: 'Value (not shown): ', fr: 'Valeur (non affichee) : ' } as const
