// `voiceport lab clip`: what the box sends to the display of a telephone, into a file: the burst of an on-hook telephone, or,
// off-hook, the alert, the silence in which a telephone answers it, and the shorter burst.

import { VoiceportError } from '../../firmware/errors.js'
import { callTime } from '../../firmware/media/display/call-time.js'
import { shownNumber } from '../../firmware/media/display/character-set.js'
import type { Display, DisplayDate } from '../../firmware/media/display/display.js'
import {
  DtmfDisplaySender,
  type DtmfFormat,
  dtmfDisplay,
  dtmfDurationSamples,
} from '../../firmware/media/display/dtmf-display.js'
import { CAS_MS, DualToneAlert } from '../../firmware/media/display/dual-tone-alert.js'
import { durationSamples, type FskBurst, FskSender } from '../../firmware/media/display/fsk-sender.js'
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

/** Of a profile, what decides how a burst sounds; units as there. */
export interface ClipProfile {
  readonly scheme: (typeof schemes)[number] | 'none'
  readonly message: MessageFormat
  readonly dtmf: DtmfFormat
  readonly dbm0: number
  readonly twistDb: number
  readonly toneDbm0: number
  readonly seizureBits: number
  readonly markBits: number
  readonly offHookMarkBits: number
}

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

const keysAudio = (display: Display, { dtmf, dbm0, twistDb }: ClipProfile): Int16Array => {
  const keys = dtmfDisplay(display, dtmf)
  if (keys === '') throw wrong(`the keys of this profile (${dtmf}) cannot say that`)
  const pcm = new Int16Array(dtmfDurationSamples(keys) + 2 * AROUND)
  const sender = new DtmfDisplaySender({ dbm0, twistDb })
  sender.start(keys)
  sender.render(pcm, AROUND)
  return pcm
}

const onHookAudio = (message: Uint8Array, burst: FskBurst): Int16Array => {
  const pcm = new Int16Array(AROUND + durationSamples(message.length, burst) + AROUND)
  const sender = new FskSender()
  sender.start(message, burst)
  sender.render(pcm, AROUND)
  return pcm
}

/** The alert and the answer's time before what an on-hook telephone would get, without seizure. */
const offHookAudio = (message: Uint8Array, burst: FskBurst, profile: ClipProfile): Int16Array => {
  const data = onHookAudio(message, { ...burst, seizureBits: 0, markBits: profile.offHookMarkBits })
  const before = CAS_MS * SAMPLES_PER_MS + ANSWER
  const pcm = new Int16Array(before + data.length)
  pcm.set(data, before)
  const alert = new DualToneAlert()
  alert.start(CAS_MS, profile.toneDbm0)
  alert.render(pcm, AROUND)
  return pcm
}

const audioOf = (display: Display, profile: ClipProfile, offHook: boolean): Int16Array => {
  const { scheme } = profile
  if (scheme === 'none') throw wrong('this profile sends none: --scheme v23, bell202 or dtmf')
  if (scheme === 'dtmf') {
    if (offHook) throw wrong('--off-hook needs --scheme v23 or bell202')
    return keysAudio(display, profile)
  }
  const message = encodeMessage(display, profile.message)
  const burst = { ...profile, scheme }
  return offHook ? offHookAudio(message, burst, profile) : onHookAudio(message, burst)
}

const levelOf = (text: string): number => {
  const dbm0 = Number(text)
  if (text === '' || !(dbm0 >= -50 && dbm0 <= 0))
    throw wrong('--dbm0 is a level from -50 to 0, such as --dbm0=-20')
  return dbm0
}

/** The profile with what the flags say otherwise. */
const profileWith = (profile: ClipProfile, values: Values): ClipProfile => ({
  ...profile,
  ...(values['scheme'] === undefined ? {} : { scheme: oneOf(values, 'scheme', schemes) }),
  ...(values['format'] === undefined ? {} : { message: oneOf(values, 'format', formats) }),
  ...(values['dbm0'] === undefined ? {} : { dbm0: levelOf(String(values['dbm0'])) }),
})

/** `profileOf`: caller identity of a profile by name or path; rejects with VoiceportError when there is none. */
export const labClipCommand = (profileOf: (name: string) => Promise<ClipProfile>): Command => ({
  name: 'lab clip',
  summary: 'Write what the display of a telephone is sent into an audio file',
  usage: [
    '--number N|--absence O|P|--messages on|off|COUNT [--name S] [--redirecting N] [--date MMDDhhmm|none]',
    `[--profile fr] [--scheme ${schemes.join('|')}] [--format ${formats.join('|')}] [--dbm0=-14] [--off-hook]`,
    '--out FILE.wav|FILE.s16',
  ].join(' '),
  options: {
    number: { type: 'string' },
    absence: { type: 'string' },
    messages: { type: 'string' },
    name: { type: 'string' },
    redirecting: { type: 'string' },
    date: { type: 'string' },
    profile: { type: 'string', default: 'fr' },
    scheme: { type: 'string' },
    format: { type: 'string' },
    'off-hook': { type: 'boolean' },
    dbm0: { type: 'string' },
    out: { type: 'string' },
  },
  flagsOnly: true,
  run: async ({ values }) => {
    const file = wordOf(values, 'out') ?? ''
    if (file === '') throw wrong('--out FILE is needed')
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone
    const display = displayOf(values, () => callTime(Date.now(), timezone))
    const profile = profileWith(await profileOf(String(values['profile'])), values)
    await writeAudio(file, audioOf(display, profile, values['off-hook'] === true))
    return 0
  },
})
