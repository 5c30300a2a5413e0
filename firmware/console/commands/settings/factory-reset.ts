// factory-reset: what the subscriber and the technician set, the journal, and passwords changed here are erased; the box
// restarts on its configuration file alone. Says what goes and what stays, asks twice, and waits for the end of an emergency call.

import { type Answer, answer, type Command, type CommandContext, type Translated } from '../../command.js'

const goes = {
  en: (count: number) => [
    `Erased: settings made here (${count}), passwords and secrets typed here, withholding`,
    '  of the number and what else the telephones set, the journal, the trace.',
    'Kept: the configuration file and the secret files that it names.',
  ],
  fr: (count: number) => [
    `Effaces : reglages faits ici (${count}), mots de passe et secrets tapes ici, secret`,
    '  du numero et autres choix des telephones, journal, trace.',
    "Gardes : le fichier de configuration et les fichiers de secrets qu'il nomme.",
  ],
} as const
const first = {
  en: 'Calls end and the box restarts. Type "erase": ',
  fr: 'Les appels se terminent, la box redemarre. Tapez "erase" : ',
} as const
const again = { en: 'Once more, to be sure: ', fr: 'Encore une fois : ' } as const
const said = { en: 'Erased. The box restarts.', fr: 'Efface. La box redemarre.' } as const
const notErased = { en: 'Nothing was erased', fr: "Rien n'a ete efface" } as const
const emergency = {
  en: 'Not now: an emergency call stands; nothing was erased',
  fr: "Pas maintenant : appel d'urgence en cours ; rien n'a ete efface",
} as const

export const factoryResetCommand: Command = {
  words: ['factory-reset'],
  help: { en: 'Erase everything that was set here; restart', fr: 'Effacer tous les reglages ; redemarrer' },
  level: 'enable',
  run: reset,
}

async function* reset({ box, session }: CommandContext): AsyncIterable<Answer> {
  const count = box.settings().filter(({ overridden }) => overridden).length
  yield answer({ erases: count }, language => goes[language](count))
  for (const prompt of [first, again])
    if ((await session.line(prompt))?.trim() !== 'erase') return yield kept([notErased])
  if ((await box.lines()).some(({ situation }) => situation === 'emergency')) return yield kept([emergency])
  const outcome = await box.desk.factoryReset()
  if ('mistakes' in outcome) return yield kept(outcome.mistakes)
  box.restart()
  const { left } = outcome
  yield answer(
    { erased: true, restarting: true, ...(left.length > 0 && { left: left.map(({ en }) => en) }) },
    language => [said[language], ...left.map(words => `% ${words[language]}`)],
    left.length === 0,
  )
}

const kept = (why: readonly Translated[]): Answer =>
  answer(
    { erased: false, why: why.map(({ en }) => en) },
    language => why.map(words => `% ${words[language]}`),
    false,
  )
