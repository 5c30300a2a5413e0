// The ladder of a call as text for a terminal of 80 columns: the telephone on the left, the box in the middle, the operator on
// the right, one event a line.

import type { LadderEntry } from '../../../run/facts/facts.js'

const timeWidth = 9
const telephoneWidth = 22
const operatorWidth = 40

const centred = (text: string, width: number, fill: string): string => {
  const cut = text.slice(0, width - 2)
  const left = Math.floor((width - cut.length - 2) / 2)
  return `${fill.repeat(left)} ${cut} ${fill.repeat(width - cut.length - 2 - left)}`
}

const rung = (seconds: string, telephone: string, operator: string): string =>
  `${seconds.padStart(timeWidth)} ${telephone}|${operator}|`.trimEnd()

const row = ({ atMs, kind, text }: LadderEntry): string => {
  const seconds = (atMs / 1000).toFixed(3)
  const blank = ' '.repeat(telephoneWidth)
  const wide = ' '.repeat(operatorWidth)
  switch (kind) {
    case 'out':
      return rung(seconds, blank, `${centred(text, operatorWidth - 1, '-')}>`)
    case 'in':
      return rung(seconds, blank, `<${centred(text, operatorWidth - 1, '-')}`)
    case 'telephone':
      return rung(seconds, `${centred(text, telephoneWidth - 1, '-')}>`, wide)
    case 'media':
      return rung(seconds, blank, centred(text, operatorWidth, '.'))
  }
}

/** At most 78 columns; `left`: entries for which there was no room. */
export const ladderText = (entries: readonly LadderEntry[], left: number): readonly string[] => [
  `${'s'.padStart(timeWidth)} ${'telephone'.padEnd(telephoneWidth)}box${'operator'.padStart(operatorWidth)}`,
  ...entries.map(row),
  ...(left > 0 ? [`${' '.repeat(timeWidth)} ... ${left}`] : []),
]
