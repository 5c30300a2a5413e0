// A SIP message as the wire layer sees it: start line, header lines in order, body (RFC 3261 §7).
// The scanner that makes it is scanner.ts; header values stay text until somebody asks (header-values.ts).

/** [name as written (known names in their usual spelling, compact names expanded), value]. */
export type HeaderLine = readonly [string, string]

export interface SipRequest {
  readonly kind: 'request'
  readonly method: string
  readonly uri: string
  readonly headers: readonly HeaderLine[]
  readonly body: string
}

export interface SipResponse {
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
  readonly headers: readonly HeaderLine[]
  readonly body: string
}

export type SipMessage = SipRequest | SipResponse

export interface SipParseError {
  readonly kind: 'error'
  /** For the log: what is wrong, without quoting the message. */
  readonly why: string
  /** The answer RFC 3261 wants (400, 505, …), To without a tag; absent when the message is to be dropped. */
  readonly answer?: SipResponse
}

/** First value of a header, or undefined. `name` in its usual spelling, e.g. "Call-ID". */
export const headerOf = (message: SipMessage, name: string): string | undefined => {
  for (const line of message.headers) if (sameName(line[0], name)) return line[1]
  return undefined
}

/** All values of a header, top first; one a line, commas not split. */
export const headersOf = (message: SipMessage, name: string): string[] =>
  message.headers.filter(line => sameName(line[0], name)).map(line => line[1])

const sameName = (a: string, b: string): boolean =>
  a === b || (a.length === b.length && a.toLowerCase() === b.toLowerCase())

/** The message with every line of that name left out. */
export const withoutHeader = <M extends SipMessage>(message: M, name: string): M => ({
  ...message,
  headers: message.headers.filter(line => !sameName(line[0], name)),
})

/** Replaces the first line of that name in its place and drops its repetitions; adds it at the end when there is none. */
export const withHeader = <M extends SipMessage>(message: M, name: string, value: string): M => {
  const headers: HeaderLine[] = []
  let placed = false
  for (const line of message.headers) {
    if (!sameName(line[0], name)) headers.push(line)
    else if (!placed) {
      placed = true
      headers.push([name, value])
    }
  }
  if (!placed) headers.push([name, value])
  return { ...message, headers }
}

/** Puts a line before all others (Via, Record-Route of a proxy). */
export const withTopHeader = <M extends SipMessage>(message: M, name: string, value: string): M => ({
  ...message,
  headers: [[name, value], ...message.headers],
})

/** The top Via replaced, or removed when `value` is undefined. */
export const withTopVia = <M extends SipMessage>(message: M, value: string | undefined): M => {
  const at = message.headers.findIndex(line => line[0] === 'Via')
  const headers = [...message.headers]
  if (at < 0) {
    if (value !== undefined) headers.unshift(['Via', value])
  } else if (value === undefined) headers.splice(at, 1)
  else headers[at] = ['Via', value]
  return { ...message, headers }
}

/** The method a response answers, from its CSeq (RFC 3261 §8.1.3.3); a request's own. */
export const methodOf = (message: SipMessage): string =>
  message.kind === 'request'
    ? message.method
    : (headerOf(message, 'CSeq') ?? '').replace(/^\s*\d+\s+/, '').trim()

const tagPattern = /;\s*tag\s*=\s*([^;\s,]+)/i

/** The tag of a From or To value; undefined when there is none (RFC 3261 §19.3). */
export const tagOf = (value: string | undefined): string | undefined => {
  if (value === undefined) return undefined
  const close = value.lastIndexOf('>')
  return tagPattern.exec(close < 0 ? value : value.slice(close))?.[1]
}

/** The copied part of an answer: Via, From, To, Call-ID, CSeq (RFC 3261 §8.2.6.2); `toTag` is used where To has none. */
export const responseTo = (
  request: SipRequest,
  status: number,
  reason: string,
  toTag?: string,
  extra: readonly HeaderLine[] = [],
  body = '',
): SipResponse => {
  const headers: HeaderLine[] = []
  for (const [name, value] of request.headers)
    if (name === 'Via' || name === 'From' || name === 'Call-ID' || name === 'CSeq')
      headers.push([name, value])
    else if (name === 'To')
      headers.push([
        name,
        toTag !== undefined && status > 100 && tagOf(value) === undefined ? `${value};tag=${toTag}` : value,
      ])
    // A reply that sets up a dialog carries the route back (RFC 3261 §12.1.1).
    else if (name === 'Record-Route' && status > 100 && status < 300) headers.push([name, value])
  return { kind: 'response', status, reason, headers: [...headers, ...extra], body }
}

/** The text for the wire; Content-Length is computed in bytes and goes last (RFC 3261 §7.4, §20.14). */
export const formatMessage = (message: SipMessage): string => {
  let text =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.reason}\r\n`
  for (const [name, value] of message.headers) if (name !== 'Content-Length') text += `${name}: ${value}\r\n`
  return `${text}Content-Length: ${Buffer.byteLength(message.body)}\r\n\r\n${message.body}`
}
