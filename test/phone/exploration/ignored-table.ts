// The reviewed table of what the machine ignores (ignored.md): made from an exploration, with the reasons, which only a
// person can give, carried over from the file. A cell is empty where an event always does something, "·" where it cannot
// happen, a capital letter where it is always ignored and a small one where it is ignored in some of the states.

import { situations } from '../../../firmware/phone/situation.js'
import type { Outcome, Outcomes } from './closure.js'
import { eventNames } from './telephone-events.js'

/** A cell that nobody has given a reason yet. */
const unreviewed = '?'

const cellOf = (outcome: Outcome | undefined, reason: string | undefined): string => {
  if (!outcome) return '·'
  if (!outcome.ignored) return ''
  const letter = reason !== undefined && /^[a-z]$/i.test(reason) ? reason : unreviewed
  return outcome.heeded ? letter.toLowerCase() : letter.toUpperCase()
}

type Reasons = ReadonlyMap<string, string>

const keyOf = (event: string, situation: string): string => `${situation}|${event}`

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim())

/** The letters of a table made before, by situation and event. */
const reasonsOf = (table: string): Reasons => {
  const [head = '', , ...rows] = table.split('\n').filter(line => line.startsWith('|'))
  const columns = cellsOf(head)
  const reasons = new Map<string, string>()
  for (const row of rows) {
    const [event = '', ...cells] = cellsOf(row)
    cells.forEach((cell, i) => void reasons.set(keyOf(event, columns[i + 1] ?? ''), cell))
  }
  return reasons
}

/** Markdown, no newline at the end. `former`: a table whose letters are kept. */
export const ignoredTable = (outcomes: Outcomes, former: string): string => {
  const reasons = reasonsOf(former)
  const found = new Set([...outcomes.values()].flatMap(row => [...row.keys()]))
  const others = [...found].filter(event => !eventNames.includes(event)).sort()
  const events = [...new Set(eventNames.filter(event => found.has(event))), ...others]
  const rows = [
    ['', ...situations],
    ...events.map(event => [
      event,
      ...situations.map(situation => {
        const outcome = outcomes.get(situation)?.get(event)
        return cellOf(outcome, reasons.get(keyOf(event, situation)))
      }),
    ]),
  ]
  const widths = ['', ...situations].map((_, i) => Math.max(3, ...rows.map(row => row[i]?.length ?? 0)))
  const line = (cells: readonly string[], fill = ' '): string =>
    `| ${widths.map((width, i) => (cells[i] ?? '').padEnd(width, fill)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), line([], '-'), ...body.map(row => line(row))].join('\n')
}
