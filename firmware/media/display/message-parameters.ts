// Parameters of the messages to a display telephone (ETSI EN 300 659-3 §5.3, §5.4): type, length, content.
// Content that the standard does not allow gives no parameter, or the reason for its absence.

import { shownName, shownNumber } from './character-set.js'
import type { Absence, CallType, DisplayDate, ForwardReason } from './display.js'

/** Types of parameter (§5.3). */
const DATE = 0x01
const CALLING_NUMBER = 0x02
const NUMBER_ABSENCE = 0x04
const CALLING_NAME = 0x07
const NAME_ABSENCE = 0x08
const VISUAL_INDICATOR = 0x0b
const CALL_TYPE = 0x11
const MESSAGE_COUNT = 0x13
const FORWARD_REASON = 0x15
const REDIRECTING_NUMBER = 0x1a

/** Longest number, characters (§5.4.2). */
export const NUMBER_LIMIT = 20
/** Longest name, characters (§5.4.5). */
export const NAME_LIMIT = 50

const callTypes: Readonly<Record<CallType, number>> = { voice: 0x01, 'ring-back': 0x02, messages: 0x81 }
const forwardReasons: Readonly<Record<ForwardReason, number>> = {
  unknown: 0,
  busy: 1,
  'no-reply': 2,
  unconditional: 3,
  'deflected-alerting': 4,
  deflected: 5,
  'not-reachable': 6,
}

/** One parameter, or none, as bytes. */
export type Parameter = readonly number[]

const none: Parameter = []
/** Codes of a text of 2/0 to 7/14. */
export const codesOf = (text: string): readonly number[] => Array.from(text, c => c.charCodeAt(0))
const parameter = (type: number, content: readonly number[]): Parameter => [type, content.length, ...content]
const text = (type: number, content: string): Parameter => parameter(type, codesOf(content))

const within = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most
const two = (value: number): string => String(value).padStart(2, '0')

/** MMDDHHMM, or '' when the calendar knows no such day in any year. */
export const dateText = (date: DisplayDate | undefined): string => {
  if (date === undefined) return ''
  const { month, day, hour, minute } = date
  if (!within(month, 1, 12) || !within(hour, 0, 23) || !within(minute, 0, 59)) return ''
  const longest = new Date(Date.UTC(2024, month, 0)).getUTCDate()
  return within(day, 1, longest) ? two(month) + two(day) + two(hour) + two(minute) : ''
}

export const dateParameter = (date: DisplayDate | undefined): Parameter => {
  const shown = dateText(date)
  return shown === '' ? none : text(DATE, shown)
}

/** The number, or why there is none; a number that cannot be shown is not available. */
export const callerParameter = (number: string | undefined, absence: Absence | undefined): Parameter => {
  const shown = number === undefined ? '' : shownNumber(number, NUMBER_LIMIT)
  return shown === '' ? text(NUMBER_ABSENCE, absence ?? 'O') : text(CALLING_NUMBER, shown)
}

/** The name, or why there is none; a name of which nothing can be shown is not available. */
export const nameParameter = (name: string | undefined, absence: Absence | undefined): Parameter => {
  const shown = name === undefined ? '' : shownName(name, NAME_LIMIT)
  if (shown !== '') return text(CALLING_NAME, shown)
  if (absence !== undefined) return text(NAME_ABSENCE, absence)
  return name === undefined ? none : text(NAME_ABSENCE, 'O')
}

export const callTypeParameter = (type: CallType | undefined): Parameter =>
  type === undefined ? none : parameter(CALL_TYPE, [callTypes[type]])

export const redirectingParameter = (number: string | undefined): Parameter => {
  const shown = number === undefined ? '' : shownNumber(number, NUMBER_LIMIT)
  return shown === '' ? none : text(REDIRECTING_NUMBER, shown)
}

export const forwardReasonParameter = (reason: ForwardReason | undefined): Parameter =>
  reason === undefined ? none : parameter(FORWARD_REASON, [forwardReasons[reason]])

/** Lamp on or off (§5.4.7). */
export const visualIndicator = (waiting: boolean): Parameter =>
  parameter(VISUAL_INDICATOR, [waiting ? 0xff : 0x00])

/** 0 none, 1 one or an unknown number, up to 255 (§5.4.14). */
export const messageCount = (count: number | undefined): Parameter =>
  count === undefined || !(count >= 0) ? none : parameter(MESSAGE_COUNT, [Math.min(255, Math.trunc(count))])
