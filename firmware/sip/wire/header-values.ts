// The few header values that the wire must understand: Via, CSeq, name-addr, SIP URI (RFC 3261 §19.1, §20, §25.1).
// Hand-written, linear in the length of the value; each returns undefined for what the grammar does not allow.

/** [name in lower case, value without quotes taken off; undefined when the parameter has no "="]. */
export type Parameters = readonly (readonly [string, string | undefined])[]

export interface Via {
  /** UDP, TCP, TLS, … in upper case. */
  readonly transport: string
  readonly host: string
  readonly port?: number
  readonly parameters: Parameters
}

export interface NameAddress {
  readonly display?: string
  readonly uri: string
  readonly parameters: Parameters
}

export interface SipUri {
  readonly scheme: 'sip' | 'sips'
  /** Escapes left as they stand. */
  readonly user?: string
  readonly host: string
  readonly port?: number
  readonly parameters: Parameters
}

const token = /^[A-Za-z0-9\-.!%*_+`'~]+$/
const hostPattern = /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?|\[[0-9A-Fa-f:.]+\])$/
const userPattern = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/#:]|%[0-9A-Fa-f]{2})+$/

export const isToken = (text: string): boolean => token.test(text)

export const parameterOf = (parameters: Parameters, name: string): string | undefined => {
  for (const [key, value] of parameters) if (key === name) return value ?? ''
  return undefined
}

/**
 * Splits at `separator` outside quoted strings and angle brackets. Undefined when a quote or a bracket stays open.
 */
export const splitOutside = (value: string, separator: ',' | ';'): string[] | undefined => {
  if (!value.includes(separator) && !value.includes('"') && !value.includes('<')) return [value.trim()]
  const cut = separator.charCodeAt(0)
  const parts: string[] = []
  let from = 0
  let quoted = false
  let bracket = false
  for (let i = 0; i < value.length; i++) {
    const c = value.charCodeAt(i)
    if (quoted) {
      if (c === 0x5c) i++
      else if (c === 0x22) quoted = false
    } else if (bracket) {
      if (c === 0x3e) bracket = false
    } else if (c === 0x22) quoted = true
    else if (c === 0x3c) bracket = true
    else if (c === cut) {
      parts.push(value.slice(from, i).trim())
      from = i + 1
    }
  }
  if (quoted || bracket) return undefined
  parts.push(value.slice(from).trim())
  return parts
}

const parseParameters = (parts: readonly string[]): Parameters | undefined => {
  const parameters: [string, string | undefined][] = []
  for (const part of parts) {
    const equals = part.indexOf('=')
    const name = (equals < 0 ? part : part.slice(0, equals)).trim()
    if (!token.test(name)) return undefined
    if (equals < 0) parameters.push([name.toLowerCase(), undefined])
    else {
      const value = part.slice(equals + 1).trim()
      if (value === '' || /\s/.test(value.startsWith('"') ? '' : value)) return undefined
      parameters.push([name.toLowerCase(), value])
    }
  }
  return parameters
}

const parsePort = (text: string): number | undefined => {
  if (!/^\d{1,5}$/.test(text)) return undefined
  const port = Number(text)
  return port >= 1 && port <= 65535 ? port : undefined
}

const parseHostPort = (text: string): { host: string; port?: number } | undefined => {
  const colon = text.startsWith('[') ? text.indexOf(':', text.indexOf(']')) : text.indexOf(':')
  const host = (colon < 0 ? text : text.slice(0, colon)).trim()
  if (!hostPattern.test(host)) return undefined
  if (colon < 0) return { host }
  const port = parsePort(text.slice(colon + 1).trim())
  return port === undefined ? undefined : { host, port }
}

const viaPattern = /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9\-.!%*_+`'~]+)\s+(.+)$/i

/** One Via value, without the commas of a list. */
export const parseVia = (value: string): Via | undefined => {
  const parts = splitOutside(value, ';')
  const start = viaPattern.exec(parts?.[0] ?? '')
  if (parts === undefined || start === null) return undefined
  const sentBy = parseHostPort(start[2] as string)
  const parameters = parseParameters(parts.slice(1))
  if (sentBy === undefined || parameters === undefined) return undefined
  return { transport: (start[1] as string).toUpperCase(), ...sentBy, parameters }
}

export const formatVia = (via: Via): string =>
  `SIP/2.0/${via.transport} ${via.host}${via.port === undefined ? '' : `:${via.port}`}${formatParameters(via.parameters)}`

const formatParameters = (parameters: Parameters): string =>
  parameters.map(([name, value]) => (value === undefined ? `;${name}` : `;${name}=${value}`)).join('')

/** Replaces parameters in their place, or adds them at the end. */
export const withParameters = (
  parameters: Parameters,
  change: Readonly<Record<string, string>>,
): Parameters => {
  const left = new Map(Object.entries(change))
  const result = parameters.map(([name, value]): readonly [string, string | undefined] => {
    const next = left.get(name)
    left.delete(name)
    return next === undefined ? [name, value] : [name, next]
  })
  return [...result, ...left]
}

/** The number is below 2^31 (RFC 3261 §8.1.1.5). */
export const parseCSeq = (value: string): { number: number; method: string } | undefined => {
  const match = /^(\d{1,20})\s+(\S+)$/.exec(value)
  if (match === null || !token.test(match[2] as string)) return undefined
  const number = Number(match[1])
  return number < 2 ** 31 ? { number, method: match[2] as string } : undefined
}

/** From, To, Contact, Route: `"display" <uri>;p=v` or `uri;p=v` (RFC 3261 §20.10: then the parameters are the header's). */
export const parseNameAddress = (value: string): NameAddress | undefined => {
  const parts = splitOutside(value, ';')
  if (parts === undefined) return undefined
  const head = parts[0] as string
  const parameters = parseParameters(parts.slice(1))
  if (parameters === undefined) return undefined
  // A display name may hold "<" inside quotes; the bracket that counts comes after them.
  const open = head.startsWith('"') ? head.indexOf('<', closingQuote(head)) : head.indexOf('<')
  if (open < 0) {
    if (head.startsWith('"') || /[\s?,"]/.test(head) || !isAbsoluteUri(head)) return undefined
    return { uri: head, parameters }
  }
  if (!head.endsWith('>')) return undefined
  const uri = head.slice(open + 1, -1)
  if (/[\s<>"]/.test(uri) || !isAbsoluteUri(uri)) return undefined
  const display = head.slice(0, open).trim()
  if (display === '') return { uri, parameters }
  if (display.startsWith('"')) {
    if (closingQuote(display) !== display.length - 1) return undefined
    return { display: display.slice(1, -1).replace(/\\(.)/gs, '$1'), uri, parameters }
  }
  // Characters above ASCII are no tokens, but they harm nobody and are seen in the field.
  return display.split(/\s+/).every(word => /^[A-Za-z0-9\-.!%*_+`'~\u0080-\uffff]+$/.test(word))
    ? { display, uri, parameters }
    : undefined
}

const closingQuote = (text: string): number => {
  for (let i = 1; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x5c) i++
    else if (c === 0x22) return i
  }
  return text.length
}

const isAbsoluteUri = (text: string): boolean =>
  /^sips?:/i.test(text) ? parseSipUri(text) !== undefined : /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(text)

/** sip: and sips: only. URI headers (`?…`) are refused where the grammar allows none; this reader keeps none. */
export const parseSipUri = (text: string): SipUri | undefined => {
  const start = /^(sips?):/i.exec(text)
  if (start === null) return undefined
  const scheme = (start[1] as string).toLowerCase() as 'sip' | 'sips'
  let rest = text.slice(start[0].length)
  const at = rest.lastIndexOf('@')
  let user: string | undefined
  if (at >= 0) {
    user = rest.slice(0, at)
    if (!userPattern.test(user)) return undefined
    rest = rest.slice(at + 1)
  }
  const question = rest.indexOf('?')
  if (question >= 0) rest = rest.slice(0, question)
  const semicolon = rest.indexOf(';')
  const hostPort = parseHostPort(semicolon < 0 ? rest : rest.slice(0, semicolon))
  if (hostPort === undefined) return undefined
  const parameters: [string, string | undefined][] = []
  if (semicolon >= 0)
    for (const part of rest.slice(semicolon + 1).split(';')) {
      if (!/^[^\s"<>=]+(?:=[^\s"<>]*)?$/.test(part)) return undefined
      const equals = part.indexOf('=')
      parameters.push(
        equals < 0
          ? [part.toLowerCase(), undefined]
          : [part.slice(0, equals).toLowerCase(), part.slice(equals + 1)],
      )
    }
  return { scheme, ...(user === undefined ? {} : { user }), ...hostPort, parameters }
}

export const formatSipUri = (uri: SipUri): string =>
  `${uri.scheme}:${uri.user === undefined ? '' : `${uri.user}@`}${uri.host}${uri.port === undefined ? '' : `:${uri.port}`}${formatParameters(uri.parameters)}`

/** "192.0.2.1:5060", "[2001:db8::1]:5060". */
export const hostPort = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** The address without brackets, as sockets want it. */
export const bareHost = (host: string): string => (host.startsWith('[') ? host.slice(1, -1) : host)
