// What the demo shows in a terminal of 80 columns: two telephones, what they do, and the keys. Pure: state in, text out.

import type { Telephone } from './world.js'

const width = 36

const toneNames: Readonly<Record<string, string>> = {
  none: 'silence',
  dial: 'dial tone',
  stutter: 'stutter dial tone (message waiting)',
  special: 'special dial tone',
  recall: 'recall dial tone',
  ringback: 'ringback tone',
  busy: 'busy tone',
  congestion: 'congestion tone',
  waiting: 'call-waiting beep',
  confirmation: 'confirmation tone',
  error: 'error tone',
  sit: 'special information tone',
  howler: 'howler',
  unknown: 'speech or another sound',
}

const box = (telephone: Telephone, chosen: boolean): string[] => {
  const line = (text: string) =>
    `${chosen ? '║' : '│'} ${text.padEnd(width - 4).slice(0, width - 4)} ${chosen ? '║' : '│'}`
  const rule = chosen ? '═' : '─'
  const corners = chosen ? ['╔', '╗', '╚', '╝'] : ['┌', '┐', '└', '┘']
  return [
    `${corners[0]}${rule.repeat(width - 2)}${corners[1]}`,
    line(`${telephone.line}  ${telephone.number}`),
    line(''),
    line(`handset       ${telephone.offHook ? 'lifted' : 'on hook'}${telephone.ringing ? '  RINGING' : ''}`),
    line(`ear           ${toneNames[telephone.tone] ?? telephone.tone}`),
    line(`line          ${telephone.situation}`),
    line(`registration  ${telephone.registration}`),
    `${corners[2]}${rule.repeat(width - 2)}${corners[3]}`,
  ]
}

/** The whole screen. `last`: the latest thing that happened, for people. */
export const screen = (
  telephones: readonly Telephone[],
  chosen: number,
  dialled: string,
  last: string,
): string => {
  const boxes = telephones.map((telephone, index) => box(telephone, index === chosen))
  const rows = (boxes[0] ?? []).map((_, row) => boxes.map(lines => lines[row] ?? '').join('  '))
  return [
    ' voiceport demo: one box, two telephones, the reference operator',
    '',
    ...rows,
    '',
    ` pressed: ${dialled || '-'}`,
    ` ${last}`,
    '',
    ' h       lift or hang up            Tab     the other telephone',
    ' 0-9*#   press a key                r       the R key',
    ' q       leave',
    '',
    ` Try: h, ${telephones[1]?.number ?? ''}, Tab, h.   3100 gives your echo, 3101 speaks to you.`,
    '',
  ].join('\n')
}
