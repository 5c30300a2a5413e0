// What the operator says, put together from clips: numbers, telephone numbers, times (France). Each answers with the names
// of clips in prompts/speech.

import { numberWords, type Phrase, phrases } from './phrases.js'

export type ClipName = string

const say = (...names: readonly Phrase[]): readonly ClipName[] => names

/** All words of numbers that clips exist for, by clip name. */
export const numberClips = (): ReadonlyMap<ClipName, string> => {
  const clips = new Map<ClipName, string>()
  for (let n = 0; n < 60; n++) {
    clips.set(`n${n}`, numberWords(n))
    if (numberWords(n, true) !== numberWords(n)) clips.set(`n${n}f`, numberWords(n, true))
  }
  for (const n of [60, 80]) clips.set(`n${n}`, numberWords(n))
  return clips
}
const known = numberClips()

/** 0-99, from 61 on as France counts (soixante et onze, quatre-vingt-un); larger ones digit by digit. */
export const spokenNumber = (n: number, feminine = false): readonly ClipName[] => {
  if (n > 99) return spokenDigits(String(n))
  if (n > 60 && n !== 80) {
    const score = n < 80 ? 60 : 80
    const joint = n === 61 || n === 71 ? say('and') : []
    return [`n${score}`, ...joint, ...spokenNumber(n - score, feminine)]
  }
  return [feminine && known.has(`n${n}f`) ? `n${n}f` : `n${n}`]
}

/** Digit by digit; what is no digit or leading "+" is left out. */
export const spokenDigits = (text: string): readonly ClipName[] =>
  [...text].flatMap(key => (/\d/.test(key) ? [`n${key}`] : key === '+' ? say('plus') : []))

/** As a telephone number is read in France: in pairs, an odd one first. */
export const spokenPairs = (text: string): readonly ClipName[] => {
  const digits = text.replace(/\D/g, '')
  const odd = digits.length % 2
  const pairs = [...digits.slice(0, odd), ...(digits.slice(odd).match(/../g) ?? [])]
  return [
    ...(text.startsWith('+') ? say('plus') : []),
    ...pairs.flatMap(pair => (pair.startsWith('0') ? spokenDigits(pair) : spokenNumber(Number(pair)))),
  ]
}

interface LocalTime {
  readonly year: number
  /** 1-12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** The clock on the wall of `timezone` at a wall-clock instant, ms since 1970. */
export const localTime = (wallMs: number, timezone: string): LocalTime => {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(wallMs)
  const part = (type: string): number => Number(parts.find(found => found.type === type)?.value)
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  }
}

/** "seize heures vingt", "une heure". */
export const spokenClock = ({ hour, minute }: { hour: number; minute: number }): readonly ClipName[] => [
  ...spokenNumber(hour, true),
  ...say(hour < 2 ? 'hour' : 'hours'),
  ...(minute === 0 ? [] : spokenNumber(minute)),
]

const months: readonly Phrase[] = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
const DAY_MS = 86_400_000

/** "aujourd'hui à seize heures vingt", "le douze mars à …"; both instants ms since 1970. */
export const spokenMoment = (wallMs: number, nowMs: number, timezone: string): readonly ClipName[] => {
  const then = localTime(wallMs, timezone)
  const date = (time: LocalTime): number => Date.UTC(time.year, time.month - 1, time.day)
  const age = Math.round((date(localTime(nowMs, timezone)) - date(then)) / DAY_MS)
  const day =
    age === 0
      ? say('today')
      : age === 1
        ? say('yesterday')
        : [
            ...say('the'),
            ...(then.day === 1 ? say('first') : spokenNumber(then.day)),
            months[then.month - 1] as Phrase,
          ]
  return [...day, ...say('at'), ...spokenClock(then)]
}

/** Text of every clip that speaks, by name; those of the voicemail under "vm-". */
export const spokenTexts = (voicemail: Readonly<Record<string, string>>): ReadonlyMap<ClipName, string> =>
  new Map([
    ...Object.entries(phrases),
    ...numberClips(),
    ...Object.entries(voicemail).map(([name, text]): [string, string] => [`vm-${name}`, text]),
  ])
