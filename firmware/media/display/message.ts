// Messages to a display telephone, ready for the modem: ETSI EN 300 659-3 §5.1, §5.2 (call set-up 80, message waiting 82)
// and the single data format of Telcordia GR-30 (04, 06). Whatever a caller makes of his name and number, the message is
// a valid one of at most 255 bytes of content.

import { shownNumber } from './character-set.js'
import type { CallDisplay, Display, MessagesDisplay } from './display.js'
import {
  callerParameter,
  callTypeParameter,
  codesOf,
  dateParameter,
  dateText,
  forwardReasonParameter,
  messageCount,
  NUMBER_LIMIT,
  nameParameter,
  type Parameter,
  redirectingParameter,
  visualIndicator,
} from './message-parameters.js'

/** Several parameters, or date and number alone for telephones that know no more. */
export type MessageFormat = 'mdmf' | 'sdmf'

/** Most bytes of content. */
export const CONTENT_LIMIT = 255
/** Most bytes of a message: type, length, content, checksum. */
export const MESSAGE_LIMIT = CONTENT_LIMIT + 3

const CALL_SETUP = 0x80
const MESSAGE_WAITING = 0x82
const SINGLE_CALL = 0x04
const SINGLE_MESSAGE_WAITING = 0x06

/** Lamp on and off in the single data format: three times the same (GR-30). */
const SINGLE_ON = [0x42, 0x42, 0x42] as const
const SINGLE_OFF = [0x6f, 0x6f, 0x6f] as const
/** The single data format has no way to leave the date out; no calendar has this day. */
const NO_DATE = '00000000'

/** Type, length and checksum around `content`: the sum of all bytes is 0 modulo 256 (§5.1). */
const framed = (type: number, content: readonly number[]): Uint8Array => {
  const bytes = Uint8Array.of(type, content.length, ...content, 0)
  bytes[bytes.length - 1] = -bytes.reduce((sum, byte) => sum + byte, 0)
  return bytes
}

/** In order of weight; what would not fit is left out. */
const framedParameters = (type: number, parameters: readonly Parameter[]): Uint8Array => {
  const content: number[] = []
  for (const parameter of parameters)
    if (content.length + parameter.length <= CONTENT_LIMIT) content.push(...parameter)
  return framed(type, content)
}

// The type of call comes first: it says how the rest is to be read (§5.2.1).
const callSetup = (call: CallDisplay): Uint8Array =>
  framedParameters(CALL_SETUP, [
    callTypeParameter(call.callType),
    dateParameter(call.date),
    callerParameter(call.number, call.absence),
    nameParameter(call.name, call.nameAbsence),
    redirectingParameter(call.redirecting?.number),
    forwardReasonParameter(call.redirecting?.reason),
  ])

const messageWaiting = (messages: MessagesDisplay): Uint8Array =>
  framedParameters(MESSAGE_WAITING, [
    visualIndicator(messages.waiting),
    dateParameter(messages.date),
    messageCount(messages.count),
  ])

const singleCall = ({ number, absence, date }: CallDisplay): Uint8Array => {
  const shown = number === undefined ? '' : shownNumber(number, NUMBER_LIMIT)
  return framed(SINGLE_CALL, codesOf((dateText(date) || NO_DATE) + (shown || (absence ?? 'O'))))
}

const singleMessageWaiting = ({ waiting }: MessagesDisplay): Uint8Array =>
  framed(SINGLE_MESSAGE_WAITING, waiting ? SINGLE_ON : SINGLE_OFF)

/** The bytes of `display`, checksum included, at most `MESSAGE_LIMIT`. Never throws. */
export const encodeMessage = (display: Display, format: MessageFormat = 'mdmf'): Uint8Array => {
  if (display.kind === 'call') return format === 'mdmf' ? callSetup(display) : singleCall(display)
  return format === 'mdmf' ? messageWaiting(display) : singleMessageWaiting(display)
}
