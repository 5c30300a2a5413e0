// explain: what keys mean, from the tables the machine itself uses.

import { answer, type Command, refusal, type Translated } from '../command.js'
import type { ConsoleBox } from '../console-box.js'

const keysHelp: Translated = { en: 'R 2, *21*N#, 0389000001 ...', fr: 'R 2, *21*N#, 0389000001 ...' }

export const explainCommand: Command = {
  words: ['explain', { type: 'text', name: 'keys', most: 64, rest: true, help: keysHelp }],
  help: { en: 'What keys mean: R in a call, others at the dial tone', fr: 'Ce que font les touches' },
  level: 'view',
  // Without a state the question is meant where the key usually has a meaning.
  run: ({ box }, { keys }) => told(box, String(keys), /^\s*r/i.test(String(keys)) ? 'active' : 'dial-tone'),
}

/** `states`: those the machine knows. */
export const explainInCommand = (states: readonly string[]): Command => ({
  words: [
    'explain',
    'in',
    {
      type: 'enum',
      name: 'state',
      help: { en: 'State of the telephone', fr: 'Etat du telephone' },
      values: Object.fromEntries(states.map(state => [state, { en: 'state', fr: 'etat' }])),
    },
    { type: 'text', name: 'keys', most: 64, rest: true, help: keysHelp },
  ],
  help: { en: 'What keys mean in a state', fr: 'Ce que font les touches dans un etat' },
  level: 'view',
  run: ({ box }, { state, keys }) => told(box, String(keys), String(state)),
})

const told = (box: ConsoleBox, keys: string, state: string) => {
  const explained = box.explain(keys, state)
  return explained === undefined
    ? refusal(
        `"${keys}" is neither R with one key nor a string of the keys 0-9 * #`,
        `"${keys}" : ni R avec une touche, ni une suite de 0-9 * #`,
        'VP-7503',
      )
    : answer({ ...explained }, () => [`${explained.state}, ${explained.input}: ${explained.meaning}`])
}
