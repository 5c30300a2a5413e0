// The part of the SIP grammar (RFC 3261 §25) that every message needs, by regular expressions. sip.js' generated
// parser rebuilds its tables on each call and costs milliseconds a message; it also drops whole messages for tel: URIs,
// raw "#" and host labels that begin with a digit. Results have the shapes that sip.js' own rules give.

import { NameAddrHeader, URI } from 'sip.js/lib/grammar/index.js'
import { type HeaderParameters, parseParameters, splitOutside, valueAndParameters } from './header-values.js'

/** What a rule returns for text it does not accept. */
export const noMatch = -1

/**
 * A URI that is written back exactly as it was read. sip.js decodes and re-encodes users on every toString: that alters
 * what the peer gave us as its Contact, and throws for some.
 */
class ExactUri extends URI {
  readonly #text: string
  constructor(
    text: string,
    scheme: string,
    user: string,
    host: string,
    port?: number,
    parameters?: Record<string, string | null>,
  ) {
    super(scheme, user, host, port, parameters)
    this.#text = text
  }
  override clone(): URI {
    const { scheme, host, port } = this
    return new ExactUri(this.#text, scheme, this.user ?? '', host, port, { ...this.parameters })
  }
  override toRaw(): string {
    return this.#text
  }
  override toString(): string {
    return this.#text
  }
}

// Both cases are written out where it matters: patterns with the flag "i" take twice the time.
const sipUri =
  /^([Ss][Ii][Pp][Ss]?):(?:([^@<>"\s]+)@)?(\[[0-9A-Fa-f:.]{2,45}\]|[\w.-]{1,255})(?::(\d{1,5}))?(;[^?<>"\s]*)?(?:\?[^<>"\s]*)?$/
const telUri = /^tel:(\+?[0-9a-f*#().-]+)((?:;[^<>"\s]*)?)$/i
const otherUri = /^([a-z][a-z0-9+.-]*):[^<>"\s]+$/i

const decodes = (text: string): boolean => {
  if (!text.includes('%')) return true
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** sip:, sips: and tel: URIs (tel: as `user=phone`, host "tel.invalid"). Undefined: not one, or a user that does not decode. */
export const parseUri = (text: string): URI | undefined => {
  const sip = sipUri.exec(text)
  if (sip) {
    const [, scheme = 'sip', user, host = '', port, parameterText] = sip
    if ((user !== undefined && !decodes(user)) || Number(port ?? 1) > 65_535) return undefined
    const parameters = parameterText ? parseParameters(parameterText) : {}
    if (parameters === undefined) return undefined
    return new ExactUri(
      text,
      scheme.toLowerCase(),
      user ?? '',
      host,
      port === undefined ? undefined : Number(port),
      parameters,
    )
  }
  const tel = telUri.exec(text)
  if (!tel) return undefined
  const [, number = '', parameterText] = tel
  const parameters = { ...(parameterText ? parseParameters(parameterText) : {}), user: 'phone' }
  return new ExactUri(text, 'sip', number, 'tel.invalid', undefined, parameters)
}

/** A Request-URI may have any scheme: what is not sip: is answered 416 further up. */
const parseRequestUri = (text: string): URI | undefined => {
  const uri = parseUri(text)
  if (uri) return uri
  const other = otherUri.exec(text)
  return other && !/^(sips?|tel)$/i.test(other[1] ?? '')
    ? new ExactUri(text, other[1] ?? '', '', 'unknown.invalid')
    : undefined
}

/** A URI for messages of ours that is sent byte for byte. Throws TypeError when `text` is no URI. */
export const exactUri = (text: string): URI => {
  const uri = parseUri(text)
  if (!uri) throw new TypeError(`no SIP URI: ${text}`)
  return uri
}

// sip.js declares parameters as strings but keeps null for one without a value.
const nameAddr = (uri: URI, name: string, parameters: HeaderParameters): NameAddrHeader =>
  new NameAddrHeader(uri, name, parameters as Record<string, string>)

const bracketed = /^(?:"((?:[^"\\]|\\.)*)"\s*|([^"<>]*))<([^<>]*)>\s*(;.*)?$/s

/** `"Name" <uri>;tag=x` or `uri;tag=x` (there all parameters are the header's, RFC 3261 §20.10). */
export const parseNameAddr = (text: string): NameAddrHeader | undefined => {
  const value = text.trim()
  const match = bracketed.exec(value)
  if (match) {
    const [, quotedName, plainName, uriText = '', parameterText] = match
    const uri = parseUri(uriText.trim())
    const parameters = parameterText ? parseParameters(parameterText) : {}
    if (!uri || !parameters) return undefined
    return nameAddr(uri, quotedName ?? plainName?.trim() ?? '', parameters)
  }
  if (value.startsWith('"') || value.includes('<')) return undefined
  const { value: uriText, parameters } = valueAndParameters(value)
  const uri = parseUri(uriText)
  return uri && nameAddr(uri, '', parameters)
}

const nameAddrList = (text: string): unknown => {
  const list: { position: number; offset: number; parsed: NameAddrHeader }[] = []
  for (const part of splitOutside(text, ',')) {
    const parsed = parseNameAddr(part.text)
    if (!parsed) return noMatch
    // sip.js calls the start "offset" and the end "position".
    list.push({ position: part.end, offset: part.start, parsed })
  }
  return list
}

const requestLine = /^([A-Z]{1,32}) ([^\s]+) (SIP\/2\.0)$/
const statusLine = /^(SIP\/2\.0) ([1-6]\d\d) ?(.*)$/

const startLine = (text: string): unknown => {
  const request = requestLine.exec(text)
  if (request) {
    const uri = parseRequestUri(request[2] ?? '')
    return uri ? { method: request[1], uri, sip_version: request[3] } : noMatch
  }
  const status = statusLine.exec(text)
  return status
    ? { sip_version: status[1], status_code: Number(status[2]), reason_phrase: status[3] }
    : noMatch
}

const viaValue =
  /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9-]+)\s+(\[[0-9A-Fa-f:.]+\]|[\w.-]+)\s*(?::\s*(\d{1,5}))?\s*(;[^,]*)?(?:,.*)?$/s

const via = (text: string): unknown => {
  const match = viaValue.exec(text)
  if (!match) return noMatch
  const parameters = match[4] ? parseParameters(match[4]) : {}
  if (!parameters) return noMatch
  const [, transport, host, port] = match
  const { branch, received, rport } = parameters
  return {
    protocol: 'SIP',
    transport,
    host,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(branch ? { branch } : {}),
    ...(received ? { received } : {}),
    ...(rport ? { rport } : {}),
  }
}

const cseq = (text: string): unknown => {
  const match = /^(\d{1,10})\s+([A-Z]{1,32})$/.exec(text)
  const value = Number(match?.[1])
  // 2^31 is the limit of RFC 3261 §8.1.1.5.
  return match && value < 2 ** 31 ? { value, method: match[2] } : noMatch
}

const wholeNumber = (text: string): unknown => (/^\d{1,9}$/.test(text) ? Number(text) : noMatch)

/** The whole text again: challenges are read from the raw message, several of them at once (credentials.ts). */
const challenge = (text: string): unknown => ({ text })

const event = (text: string): unknown => {
  const { value, parameters } = valueAndParameters(text)
  return /^[\w.!%*+`'~-]+$/.test(value) ? { event: value.toLowerCase(), params: parameters } : noMatch
}

const token = /^[\w.!%*+`'~-]+$/

type Rule = (text: string) => unknown

const oneNameAddr: Rule = text => parseNameAddr(text) ?? noMatch

export const rules: Readonly<Record<string, Rule>> = {
  Request_Response: startLine,
  Via: via,
  From: oneNameAddr,
  To: oneNameAddr,
  Name_Addr_Header: oneNameAddr,
  Refer_To: oneNameAddr,
  SIP_URI: text => parseUri(text) ?? noMatch,
  Record_Route: nameAddrList,
  // An unreadable Contact counts as none, so that the request gets its 400 instead of silence.
  Contact: text => {
    const list = nameAddrList(text)
    return list === noMatch ? [] : list
  },
  Call_ID: text => (/^[^\s]{1,255}$/.test(text) ? text : noMatch),
  CSeq: cseq,
  Content_Length: wholeNumber,
  Max_Forwards: wholeNumber,
  // Parameters left out: sip.js compares the type as a whole ("application/sdp;charset=utf-8" would be no session).
  Content_Type: text => {
    const { value } = valueAndParameters(text)
    return /^[^\s/;]+\/[^\s/;]+$/.test(value) ? value.toLowerCase() : noMatch
  },
  Content_Disposition: text => {
    const { value } = valueAndParameters(text)
    return token.test(value) ? { type: value.toLowerCase() } : noMatch
  },
  WWW_Authenticate: challenge,
  Proxy_Authenticate: challenge,
  Event: event,
}
