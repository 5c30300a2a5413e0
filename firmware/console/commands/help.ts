// help: every command with one line about it, and the keys of the line.

import { allows } from '../carry-out.js'
import { answer, type Command, type Word } from '../command.js'
import { tableRows } from '../pages.js'

/** `all`: the commands of the table this one stands in. */
export const helpCommand = (all: () => readonly Command[]): Command => ({
  words: ['help'],
  help: { en: 'Every command and key', fr: 'Les commandes et les touches' },
  level: 'view',
  run: ({ session }) => {
    const commands = all().filter(({ level }) => allows(session.level, level))
    return answer(
      commands.map(({ words, help, level }) => ({ command: usage(words), help: help.en, level })),
      language => [
        ...tableRows(commands.map(({ words, help }) => [usage(words), help[language]])),
        '',
        ...keys[language],
      ],
    )
  },
})

/** "show log [MESSAGES]". */
export const usage = (words: readonly Word[]): string => words.map(usageOf).join(' ')

const usageOf = (word: Word): string => {
  if (typeof word === 'string') return word
  const values = word.type === 'enum' ? Object.keys(word.values).join('|') : ''
  const name = values === '' || values.length > 24 ? word.name.toUpperCase() : values
  return word.optional ? `[${name}]` : name
}

const keys = {
  en: [
    'Words may be shortened (sh reg). ? lists what may come next, Tab completes a word.',
    'Arrows, Home, End, Ctrl-W, Ctrl-K, Ctrl-U edit; Up brings earlier lines back.',
    'Ctrl-C ends what runs; Ctrl-D logs out.',
  ],
  fr: [
    'Les mots se raccourcissent (sh reg). ? donne la suite, Tab complete le mot.',
    'Fleches, Home, Fin, Ctrl-W, Ctrl-K, Ctrl-U editent ; Haut rappelle les lignes.',
    'Ctrl-C arrete ce qui tourne ; Ctrl-D deconnecte.',
  ],
} as const
