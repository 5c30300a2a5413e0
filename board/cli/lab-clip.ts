// `voiceport lab clip`: what the box sends to the display of a telephone, into a file: the burst of an on-hook telephone, or,
// off-hook, the alert, the silence in which a telephone answers it, and the shorter burst.

import { VoiceportError } from '../../firmware/errors.js'
import { callTime } from '../../firmware/media/display/call-time.js'
import { shownNumber } from '../../firmware/media/display/character-set.js'
import type { Display, DisplayDate } from '../../firmware/media/display/display.js'
import {
  DtmfDisplaySender,
  dtmfDisplay,
  dtmfDurationSamples,
} from '../../firmware/media/display/dtmf-display.js'
import { CAS_MS, DualToneAlert } from '../../firmware/media/display/dual-tone-alert.js'
import { durationSamples, type FskScheme, FskSender } from '../../firmware/media/display/fsk-sender.js'
import { encodeMessage, type MessageFormat } from '../../firmware/media/display/message.js'
import { dateText, NUMBER_LIMIT } from '../../firmware/media/display/message-parameters.js'
import { writeAudio } from '../wav.js'
import type { Command, CommandInput } from './command.js'

const schemes = ['v23', 'bell202', 'dtmf'] as const
const formats: readonly MessageFormat[] = ['mdmf', 'sdmf']
const absences = ['O', 'P'] as const
const SAMPLES_PER_MS = 8
/** Silence before and after. */
const AROUND = 100 * SAMPLES_PER_MS
/** From the end of the alert to the data: 160 ms for the telephone's answer, 100 ms after it. */
const ANSWER = 260 * SAMPLES_PER_MS
const CAS_DBM0 = -15
/** EN 300 659-1: 300 and 180 ± 25 bits on hook; EN 300 659-2: none and 80 ± 25 off-hook. */
const preambles = {
  onHook: { seizureBits: 300, markBits: 180 },
  offHook: { seizureBits: 0, markBits: 80 },
} as const

type Values = CommandInput['values']

const wrong = (message: string): VoiceportError => new VoiceportError('VP-7205', message)

const wordOf = (values: Values, flag: string): string | undefined => {
  const value = values[flag]
  return typeof value === 'string' ? value : undefined
}

const oneOf = <T extends string>(values: Values, flag: string, known: readonly T[]): T => {
  const found = known.find(name => name === values[flag])
  if (found === undefined) throw wrong(`--${flag} is one of ${known.join(', ')}, not "${values[flag]}"`)
  return found
}

const numberOf = (values: Values, flag: string): string | undefined => {
  const number = wordOf(values, flag)
  if (number !== undefined && shownNumber(number, NUMBER_LIMIT) === '')
    throw wrong(`--${flag} is 1 to ${NUMBER_LIMIT} of 0-9 * # and a first +`)
  return number
}

const dateOf = (values: Values, now: () => DisplayDate | undefined): DisplayDate | undefined => {
  const given = wordOf(values, 'date')
  if (given === undefined) return now()
  if (given === 'none') return undefined
  const [month, day, hour, minute] = (given.match(/../g) ?? []).map(Number)
  const date = { month: month ?? 0, day: day ?? 0, hour: hour ?? 0, minute: minute ?? 0 }
  if (!/^\d{8}$/.test(given) || dateText(date) === '') throw wrong('--date is MMDDhhmm or "none"')
  return date
}

const messagesOf = (told: string, date: DisplayDate | undefined): Display => {
  const dated = date === undefined ? {} : { date }
  if (told === 'on' || told === 'off') return { kind: 'messages', waiting: told === 'on', ...dated }
  const count = Number(told)
  if (!/^\d{1,3}$/.test(told) || count > 255) throw wrong('--messages is on, off or a count from 0 to 255')
  return { kind: 'messages', waiting: count > 0, count, ...dated }
}

/** What the flags want shown. */
const displayOf = (values: Values, now: () => DisplayDate | undefined): Display => {
  const date = dateOf(values, now)
  const messages = wordOf(values, 'messages')
  const asked = ['number', 'absence', 'messages'].filter(flag => values[flag] !== undefined)
  if (asked.length !== 1) throw wrong('exactly one of --number, --absence and --messages is needed')
  if (messages !== undefined) return messagesOf(messages, date)
  const name = wordOf(values, 'name')
  const redirecting = numberOf(values, 'redirecting')
  const details = {
    ...(date === undefined ? {} : { date }),
    ...(name === undefined ? {} : { name }),
    ...(redirecting === undefined
      ? {}
      : { redirecting: { number: redirecting, reason: 'unknown' } as const }),
  }
  const number = numberOf(values, 'number')
  if (number !== undefined) return { kind: 'call', number, ...details }
  return { kind: 'call', absence: oneOf(values, 'absence', absences), ...details }
}

const keysAudio = (display: Display, dbm0: number): Int16Array => {
  const keys = dtmfDisplay(display, 'a-c')
  if (keys === '') throw wrong('there are no keys for messages: --scheme v23 or bell202')
  const pcm = new Int16Array(dtmfDurationSamples(keys) + 2 * AROUND)
  const sender = new DtmfDisplaySender({ dbm0, twistDb: 2 })
  sender.start(keys)
  sender.render(pcm, AROUND)
  return pcm
}

/** The samples of `message`, with 100 ms of silence before and after. */
const burstAudio = (message: Uint8Array, scheme: FskScheme, dbm0: number, offHook: boolean): Int16Array => {
  const burst = { scheme, dbm0, ...(offHook ? preambles.offHook : preambles.onHook) }
  const at = AROUND + (offHook ? CAS_MS * SAMPLES_PER_MS + ANSWER : 0)
  const pcm = new Int16Array(at + durationSamples(message.length, burst) + AROUND)
  if (offHook) {
    const alert = new DualToneAlert()
    alert.start(CAS_MS, CAS_DBM0)
    alert.render(pcm, AROUND)
  }
  const sender = new FskSender()
  sender.start(message, burst)
  sender.render(pcm, at)
  return pcm
}

const audioOf = (display: Display, values: Values): Int16Array => {
  const dbm0 = Number(values['dbm0'])
  if (values['dbm0'] === '' || !(dbm0 >= -50 && dbm0 <= 0)) throw wrong('--dbm0 is a level from -50 to 0')
  const scheme = oneOf(values, 'scheme', schemes)
  const offHook = values['off-hook'] === true
  if (scheme === 'dtmf') {
    if (offHook) throw wrong('--off-hook needs --scheme v23 or bell202')
    return keysAudio(display, dbm0)
  }
  return burstAudio(encodeMessage(display, oneOf(values, 'format', formats)), scheme, dbm0, offHook)
}

export const labClipCommand: Command = {
  name: 'lab clip',
  summary: 'Write what the display of a telephone is sent into an audio file',
  usage: [
    '--number N|--absence O|P|--messages on|off|COUNT [--name S] [--redirecting N] [--date MMDDhhmm|none]',
    `[--scheme ${schemes.join('|')}] [--format ${formats.join('|')}] [--off-hook] [--dbm0 -14] --out FILE.wav|FILE.s16`,
  ].join(' '),
  options: {
    number: { type: 'string' },
    absence: { type: 'string' },
    messages: { type: 'string' },
    name: { type: 'string' },
    redirecting: { type: 'string' },
    date: { type: 'string' },
    scheme: { type: 'string', default: 'v23' },
    format: { type: 'string', default: 'mdmf' },
    'off-hook': { type: 'boolean' },
    dbm0: { type: 'string', default: '-14' },
    out: { type: 'string' },
  },
  flagsOnly: true,
  run: async ({ values }) => {
    const file = wordOf(values, 'out') ?? ''
    if (file === '') throw wrong('--out FILE is needed')
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone
    const display = displayOf(values, () => callTime(Date.now(), timezone))
    await writeAudio(file, audioOf(display, values))
    return 0
  },
}
