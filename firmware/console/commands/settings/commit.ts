// commit, commit confirm SECONDS, confirm, rollback, show changes: what was laid aside comes into effect together, if need be on
// probation: whoever cut himself off by it need only wait.

import { answer, type Command, type Language } from '../../command.js'
import { changeRows, outcomeOf } from './outcome.js'

const done = { en: 'In effect and stored.', fr: 'En vigueur et enregistre.' } as const

export const commitCommand: Command = {
  words: ['commit'],
  help: { en: 'Put laid-aside settings into effect', fr: 'Mettre en vigueur les reglages mis de cote' },
  level: 'enable',
  run: async ({ box }) => outcomeOf(await box.desk.commit('console'), done),
}

export const commitConfirmCommand: Command = {
  words: [
    'commit',
    'confirm',
    {
      type: 'number',
      name: 'seconds',
      min: 10,
      max: 3600,
      unit: 's',
      help: { en: 'Undone after so long', fr: 'Annule apres ce delai' },
    },
  ],
  help: {
    en: 'The same, undone by itself unless "confirm" follows',
    fr: 'De meme, annule de soi-meme sans "confirm"',
  },
  level: 'enable',
  run: async ({ box }, { seconds }) =>
    outcomeOf(
      await box.desk.commit('console', Number(seconds)),
      {
        en: `In effect; undone in ${seconds} s unless you type confirm.`,
        fr: `En vigueur ; annule dans ${seconds} s sans confirm.`,
      },
      { rollbackSeconds: Number(seconds) },
    ),
}

export const confirmCommand: Command = {
  words: ['confirm'],
  help: { en: 'Keep what "commit confirm" changed', fr: 'Garder ce que "commit confirm" a change' },
  level: 'enable',
  run: async ({ box }) => outcomeOf(await box.desk.confirm(), { en: 'Kept.', fr: 'Garde.' }),
}

export const rollbackCommand: Command = {
  words: ['rollback'],
  help: {
    en: 'Drop laid-aside settings, undo "commit confirm"',
    fr: 'Abandonner, ou annuler "commit confirm"',
  },
  level: 'enable',
  run: async ({ box }) => outcomeOf(await box.desk.rollBack('console'), { en: 'Undone.', fr: 'Annule.' }),
}

const texts = {
  en: {
    none: 'Nothing is laid aside.',
    left: (s: number) => `The last commit is undone in ${s} s unless you type confirm.`,
  },
  fr: {
    none: "Rien n'est mis de cote.",
    left: (s: number) => `Le dernier commit est annule dans ${s} s sans confirm.`,
  },
} as const

export const showChangesCommand: Command = {
  words: ['show', 'changes'],
  help: { en: 'Settings laid aside, and what waits for confirm', fr: 'Reglages mis de cote ou a confirmer' },
  level: 'view',
  run: ({ box }) => {
    const staged = box.desk.staged()
    const left = box.desk.secondsLeft()
    const lines = (language: Language): readonly string[] => [
      ...(staged.length > 0 ? changeRows(staged, language) : [texts[language].none]),
      ...(left === undefined ? [] : [texts[language].left(left)]),
    ]
    return answer(
      { staged: staged.map(change => ({ ...change })), ...(left !== undefined && { rollbackSeconds: left }) },
      lines,
    )
  },
}
