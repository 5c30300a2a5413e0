// What a telephone makes of a display message: ETSI EN 300 659-3 (types 0x80 and 0x82, parameters as tag, length, value)
// and Bellcore GR-30 (the same, and the single data messages 0x04 and 0x06).

export type FskScheme = 'v23' | 'bell202'

/** A call as the display shows it; what the message did not say is left out. */
export interface ClipMessage {
  readonly ev: 'clip'
  readonly number?: string
  /** Why there is no number: O not available, P withheld. */
  readonly absence?: string
  readonly name?: string
  readonly nameAbsence?: string
  /** Month, day, hour, minute: MMDDHHMM. */
  readonly date?: string
  /** The number that was called. */
  readonly called?: string
  /** Who forwarded the call. */
  readonly redirecting?: string
  /** Type of forwarded call, as its code. */
  readonly forwarded?: number
  /** Call type, as its code; 1: speech. */
  readonly callType?: number
  readonly scheme: FskScheme | 'dtmf'
  /** Message type: 128 call set-up, 4 the single data message. */
  readonly message: number
}

/** The lamp of messages. */
export interface MwiMessage {
  readonly ev: 'mwi'
  readonly on: boolean
  readonly messages?: number
  readonly number?: string
  readonly date?: string
  readonly scheme: FskScheme
  /** Message type: 130, or 6 for the single data message. */
  readonly message: number
}

export type DisplayMessage = ClipMessage | MwiMessage

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Characters that no display has are shown as this. */
const unprintable = '�'
const text = (bytes: Uint8Array): string =>
  Array.from(bytes, byte =>
    byte < 0x20 || (byte >= 0x7f && byte < 0xa0) ? unprintable : String.fromCharCode(byte),
  ).join('')

/** Parameters by tag, the first of each kind; undefined: they do not fill the message. */
const parametersOf = (body: Uint8Array): ReadonlyMap<number, Uint8Array> | undefined => {
  const found = new Map<number, Uint8Array>()
  for (let at = 0; at < body.length; ) {
    const end = at + 2 + (body[at + 1] ?? Number.NaN)
    if (!(end <= body.length)) return undefined
    const tag = body[at] as number
    if (!found.has(tag)) found.set(tag, body.slice(at + 2, end))
    at = end
  }
  return found
}

type Field = readonly [tag: number, read: (value: Uint8Array, into: Mutable<ClipMessage>) => void]
const clipFields: readonly Field[] = [
  [0x02, (value, into) => (into.number = text(value))],
  [0x04, (value, into) => (into.absence = text(value))],
  [0x07, (value, into) => (into.name = text(value))],
  [0x08, (value, into) => (into.nameAbsence = text(value))],
  [0x01, (value, into) => (into.date = text(value))],
  [0x03, (value, into) => (into.called = text(value))],
  [0x1a, (value, into) => (into.redirecting = text(value))],
  [0x15, (value, into) => (into.forwarded = value[0] ?? 0)],
  [0x11, (value, into) => (into.callType = value[0] ?? 0)],
]

const callSetUp = (body: Uint8Array, scheme: FskScheme): ClipMessage | undefined => {
  const parameters = parametersOf(body)
  if (parameters === undefined) return undefined
  const said: Partial<Mutable<ClipMessage>> = {}
  for (const [tag, read] of clipFields) {
    const value = parameters.get(tag)
    if (value !== undefined) read(value, said as Mutable<ClipMessage>)
  }
  return { ev: 'clip', ...said, scheme, message: 0x80 }
}

const lampOf = (indicator: Uint8Array | undefined, messages: number | undefined): boolean | undefined => {
  if (indicator === undefined) return messages === undefined ? undefined : messages > 0
  return indicator[0] === 0xff ? true : indicator[0] === 0x00 ? false : undefined
}

const messageWaiting = (body: Uint8Array, scheme: FskScheme): MwiMessage | undefined => {
  const parameters = parametersOf(body)
  const messages = parameters?.get(0x13)?.[0]
  const on = lampOf(parameters?.get(0x0b), messages)
  if (parameters === undefined || on === undefined) return undefined
  const number = parameters.get(0x02)
  const date = parameters.get(0x01)
  return {
    ev: 'mwi',
    on,
    ...(messages !== undefined && { messages }),
    ...(number && { number: text(number) }),
    ...(date && { date: text(date) }),
    scheme,
    message: 0x82,
  }
}

/** Eight digits of date, then the number, or one letter that says why there is none. */
const singleCall = (body: Uint8Array, scheme: FskScheme): ClipMessage | undefined => {
  const said = text(body)
  if (!/^\d{8}/.test(said)) return undefined
  const rest = said.slice(8)
  const who = /^[A-Z]$/.test(rest) ? { absence: rest } : { number: rest }
  return { ev: 'clip', ...who, date: said.slice(0, 8), scheme, message: 0x04 }
}

const singleLamp = (body: Uint8Array, scheme: FskScheme): MwiMessage | undefined => {
  const said = text(body)
  if (said !== 'BBB' && said !== 'ooo') return undefined
  return { ev: 'mwi', on: said === 'BBB', scheme, message: 0x06 }
}

const readers = new Map<number, (body: Uint8Array, scheme: FskScheme) => DisplayMessage | undefined>([
  [0x80, callSetUp],
  [0x82, messageWaiting],
  [0x04, singleCall],
  [0x06, singleLamp],
])

/** Whether a telephone knows what to do with messages of this type. */
export const isDisplayType = (type: number): boolean => readers.has(type)

/** What is shown; undefined: the message contradicts itself and nothing is shown. */
export const displayed = (type: number, body: Uint8Array, scheme: FskScheme): DisplayMessage | undefined =>
  readers.get(type)?.(body, scheme)
