// passwd: a new secret for one of the two levels, typed twice. What is kept of it is a scrypt verifier (ETSI EN 303 645 §5.1-4).

import { answer, type Command, refusal, type Translated } from '../command.js'
import { isTypable, longestSecret, shortestSecret } from '../secret.js'

const newSecret: Translated = { en: 'New password: ', fr: 'Nouveau mot de passe : ' }
const again: Translated = { en: 'Once more: ', fr: 'Encore une fois : ' }
const changed = { en: 'Password changed.', fr: 'Mot de passe change.' } as const

export const passwdCommand: Command = {
  words: [
    'passwd',
    {
      type: 'enum',
      name: 'level',
      help: { en: 'Of which level', fr: 'De quel niveau' },
      values: {
        view: { en: 'To look', fr: 'Consulter' },
        enable: { en: 'To change things', fr: 'Modifier' },
      },
    },
  ],
  help: { en: 'Change the password of a level', fr: "Changer le mot de passe d'un niveau" },
  level: 'enable',
  run: async ({ session }, { level }) => {
    const first = await session.secret(newSecret)
    if (first === undefined) return refusal('Nothing changed', 'Rien de change')
    if (first.length < shortestSecret || first.length > longestSecret)
      return refusal(
        `Nothing changed: ${shortestSecret} to ${longestSecret} characters are needed`,
        `Rien de change : il faut de ${shortestSecret} a ${longestSecret} caracteres`,
      )
    if (!isTypable(first))
      return refusal(
        'Nothing changed: it could not be typed again (letters, digits and signs of ASCII, no accents)',
        'Rien de change : impossible a retaper (lettres, chiffres et signes ASCII, sans accents)',
      )
    if ((await session.secret(again)) !== first)
      return refusal('Nothing changed: the two differ', 'Rien de change : les deux different')
    const refused = await session.keepSecret(level === 'view' ? 'view' : 'enable', first)
    return refused ?? answer({ changed: level }, language => [changed[language]])
  },
}
