// What the demo shows in a terminal of 80 x 24: the telephones, what is said, settings side by side, what to try. Pure:
// state in, lines out.

import { boxSettings, networkSettings, type PortalDoor, type Setting } from './settings-panel.js'
import { type DemoState, type Suggestion, suggestionsFor } from './suggestions.js'
import type { Telephone } from './telephone.js'

export interface View extends DemoState {
  /** The latest thing a hand did, for people. */
  readonly last: string
  readonly portal: PortalDoor
  /** ms since 1970. */
  readonly now: number
}

export const COLUMNS = 79
export const ROWS = 24
const BOX = 25
const LEFT = 39
const KEYS = 15

const toneNames: Readonly<Record<string, string>> = {
  none: 'silence',
  dial: 'dial tone',
  stutter: 'stutter dial',
  special: 'special dial',
  recall: 'recall dial',
  ringback: 'ringback tone',
  busy: 'busy tone',
  congestion: 'congestion',
  waiting: 'waiting beep',
  confirmation: 'confirmation',
  error: 'error tone',
  sit: 'special info',
  howler: 'howler',
  held: 'silence (held)',
  unknown: 'speech, sound',
}

const fit = (text: string, width: number): string =>
  (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width)

/** The ear believes in a ringback tone for as long as its pause may last; the line knows better. */
const hears = ({ tone, situation }: Telephone): string =>
  toneNames[tone === 'ringback' && !situation.includes('ringing') ? 'none' : tone] ?? tone

const box = (telephone: Telephone, chosen: boolean): readonly string[] => {
  const [side, rule, corners] = chosen ? ['║', '═', '╔╗╚╝'] : ['│', '─', '┌┐└┘']
  const line = (name: string, value: string) => `${side} ${fit(`${name.padEnd(6)}${value}`, BOX - 4)} ${side}`
  const { registration, situation, heard, pressed, ringing, offHook } = telephone
  const rings = ringing || /^(?:recall-ringing|ringing-in)$/.test(situation)
  const [caller = '', called = ''] = telephone.display.split(' via ')
  const title = ` ${telephone.name} ${telephone.number} `
  return [
    `${corners[0]}${rule}${title.padEnd(BOX - 3, rule)}${corners[1]}`,
    line('phone', rings ? 'RINGING' : offHook ? 'lifted' : 'on hook'),
    line('hears', hears(telephone)),
    line('line', registration === 'registered' ? situation : 'not registered'),
    pressed === '' && called !== '' ? line('for', called) : line('keys', pressed.trim().slice(-15)),
    caller !== '' && heard === '' ? line('shows', caller) : line('heard', heard.slice(-15)),
    `${corners[2]}${rule.repeat(BOX - 2)}${corners[3]}`,
  ]
}

const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string
    if (line.length + word.length < width) lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Two lines of what is said, those that are being said now. */
const subtitles = ({ caption, captionBegins, captionEnds }: Telephone, now: number): readonly string[] => {
  if (caption === '') return ['', '']
  const lines = wrap(`♪ ${caption}`, COLUMNS - 1)
  const spoken = (now - captionBegins) / Math.max(1, captionEnds - captionBegins)
  const first = Math.max(0, Math.min(Math.floor(spoken * lines.length), lines.length - 2))
  return [0, 1].map(row => (lines[first + row] === undefined ? '' : ` ${lines[first + row]}`))
}

const settingLine = (setting: Setting | undefined, name: number, width: number): string =>
  fit(setting ? ` ${setting.name.padEnd(name)}${setting.value}` : '', width)

const settings = (view: View, telephone: Telephone): readonly string[] => {
  const inBox = boxSettings(telephone, view.isMasked(telephone), view.portal)
  const inNetwork = networkSettings(view.settingsOf(telephone.number))
  const right = COLUMNS - LEFT - 1
  const heads = [`── box, for ${telephone.name} `, `── network, for ${telephone.number} `]
  return [
    `${heads[0]?.padEnd(LEFT, '─')}┬${heads[1]?.padEnd(right, '─')}`,
    ...inNetwork.map(
      (setting, row) => `${settingLine(inBox[row], 13, LEFT)}│${settingLine(setting, 11, right)}`,
    ),
  ]
}

const suggestionLine = ({ keys, what }: Suggestion, width: number): string => {
  const column = Math.max(KEYS, keys.length + 1)
  return fit(` ${keys.padEnd(column)}${shorten(what, width - column - 1)}`, width)
}

/** Its first clause where it is too long. */
const shorten = (text: string, width: number): string => {
  if (text.length <= width) return text
  const clause = [...text.matchAll(/[:;(,]/g)].map(({ index }) => index).findLast(at => at <= width)
  return clause === undefined ? fit(text, width) : text.slice(0, clause).trim()
}

const inFull = ({ keys, what }: Suggestion): readonly string[] => {
  const column = Math.max(KEYS, keys.length + 1)
  return wrap(what, COLUMNS - column - 2).map((line, i) => ` ${(i === 0 ? keys : '').padEnd(column)}${line}`)
}

/** In two columns where one is too short; what needs a line of its own comes last. */
const suggestions = (list: readonly Suggestion[], room: number): readonly string[] => {
  const told = list.flatMap(inFull)
  if (told.length <= room) return told
  if (list.length <= room) return list.map(one => suggestionLine(one, COLUMNS))
  const half = Math.floor((COLUMNS + 1) / 2)
  const fits = ({ keys, what }: Suggestion) => Math.max(KEYS, keys.length + 1) + what.length + 2 <= half
  const narrow = list.filter(fits)
  const pairs = narrow.flatMap((one, i) =>
    i % 2 === 0
      ? [suggestionLine(one, half) + (narrow[i + 1] ? suggestionLine(narrow[i + 1]!, half) : '')]
      : [],
  )
  return [...pairs, ...list.filter(one => !fits(one)).map(one => suggestionLine(one, COLUMNS))]
    .slice(0, room)
    .map(line => line.trimEnd())
}

/** The whole screen in at most `rows` lines, of at most 79 characters each. */
export const screen = (view: View, rows = ROWS): readonly string[] => {
  const { telephones, chosen } = view
  const telephone = telephones[chosen] as Telephone
  const boxes = telephones.map((one, index) => box(one, index === chosen))
  const above = [
    ' h lift, hang up   0-9*# keys   r the R key   s speak   Tab telephone   q leave',
    ...(boxes[0] ?? []).map((_, row) => boxes.map(lines => lines[row] ?? '').join('  ')),
    ` ${view.last}`,
    ...subtitles(telephone, view.now),
    ...settings(view, telephone),
    `── try now at ${telephone.name} `.padEnd(COLUMNS, '─'),
  ]
  return [...above, ...suggestions(suggestionsFor(view), rows - above.length)].map(line =>
    fit(line, COLUMNS).trimEnd(),
  )
}
