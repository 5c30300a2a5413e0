// The key table of README.md in this folder, made from the table the machine uses; a test holds the two equal.

import { type FlashAction, flashKeys, flashTable } from './flash-keys.js'
import { situations } from './situation.js'

/** What an action is, for a reader of the table and of `voiceport explain`. */
export const actionMeaning: Readonly<Record<FlashAction, string>> = {
  ignored: 'nothing changes',
  window: 'opens the command window: a soft recall tone, nobody hears anybody, the next key is a command',
  consult: 'holds the party and gives recall dial tone for a second call',
  number: 'is the first digit of the second call',
  refuse: 'refuses the caller who waits: to the network the subscriber is busy (486)',
  'end-and-take': 'ends the call that stands and answers the caller who waits',
  'hold-and-take': 'holds the party spoken to and answers the caller who waits',
  take: 'answers the caller who waits',
  return: 'ends the call that is not held and returns to the held party',
  resume: 'returns to the held party',
  swap: 'holds the party spoken to and returns to the held one',
  'release-held': 'releases the held party and goes on with the rest',
  join: 'joins the held party: a conference of three',
  split: 'holds the party who joined last and goes on with the first',
  'drop-last': 'releases the party who joined last and goes on with the first',
  swallowed: 'is swallowed, because R alone has done it already',
  error: 'no command here: an error is heard and everything is as before R',
}

const cell = (action: FlashAction): string => (action === 'ignored' ? '–' : action)

/** Markdown with padded columns, no newline at the end. */
export const keyTable = (): string => {
  const rows = [
    ['', ...flashKeys],
    ...situations.map(name => [name, ...flashKeys.map(key => cell(flashTable[name][key]))]),
  ]
  const widths = ['', ...flashKeys].map((_, column) =>
    Math.max(3, ...rows.map(cells => cells[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[], fill = ' '): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |`
  const [head = [], ...body] = rows
  const meanings = Object.entries(actionMeaning) as [FlashAction, string][]
  return [
    line(head),
    line([], '-'),
    ...body.map(cells => line(cells)),
    '',
    ...meanings.map(([action, meaning]) => `- ${cell(action)}: ${meaning}`),
  ].join('\n')
}
