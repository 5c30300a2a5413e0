// The key table of README.md in this folder, made from the table the machine uses; a test holds the two equal.

import { type FlashAction, flashKeys, flashTable } from './flash-keys.js'
import { situations } from './situation.js'

/** What an action is, for a reader of the table and of `voiceport explain`. */
export const actionMeaning: Readonly<Record<FlashAction, string>> = {
  ignored: 'nothing changes',
  answer: 'takes the caller who waits',
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
