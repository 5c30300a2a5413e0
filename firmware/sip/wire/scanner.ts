// Octets to SipMessage: our own scanner (RFC 3261 §7, §18.3; what to do with the malformed: RFC 4475).
// It never throws, is linear in the length, and refuses before it reads on: sizes first, then structure, then values.
// What it lets through is safe to hand to any stack: single headers once, lengths true, Via/From/To/Contact well-formed.

import { isToken, parseCSeq, parseNameAddress, parseSipUri, parseVia, splitOutside } from './header-values.js'
import { type HeaderLine, responseTo, type SipMessage, type SipParseError } from './message.js'

/** Octets; longer datagrams are dropped unread. */
export const MAX_DATAGRAM = 8192
const MAX_LINES = 100
const MAX_LINE = 2048
const MAX_SDP = 4096
const MAX_LIST = 64

const usual = [
  'Accept Accept-Contact Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Authentication-Info',
  'Authorization Call-ID Call-Info Contact Content-Disposition Content-Encoding Content-Language Content-Length',
  'Content-Type CSeq Date Diversion Error-Info Event Expires From History-Info Identity In-Reply-To Max-Forwards',
  'MIME-Version Min-Expires Min-SE Organization P-Asserted-Identity P-Associated-URI P-Called-Party-ID',
  'P-Early-Media P-Preferred-Identity Path Priority Privacy Proxy-Authenticate Proxy-Authorization Proxy-Require',
  'RAck Reason Record-Route Refer-To Referred-By Reject-Contact Remote-Party-ID Replaces Reply-To',
  'Request-Disposition Require Retry-After Route RSeq Server Service-Route Session-Expires SIP-ETag SIP-If-Match',
  'Subject Subscription-State Supported Timestamp To Unsupported User-Agent Via Warning WWW-Authenticate',
]
  .join(' ')
  .split(' ')

const compact: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
}

const spelling = new Map<string, string>(Object.entries(compact))
for (const name of usual) {
  spelling.set(name, name)
  spelling.set(name.toLowerCase(), name)
}

/** The usual spelling of a header name; unknown names stay as written. Undefined when it is no token. */
const nameOf = (written: string): string | undefined =>
  spelling.get(written) ?? spelling.get(written.toLowerCase()) ?? (isToken(written) ? written : undefined)

const single = new Set(
  (
    'Call-ID Content-Length Content-Type CSeq Event Expires From Max-Forwards Min-Expires Min-SE RAck Refer-To ' +
    'Replaces RSeq Session-Expires Subscription-State To'
  ).split(' '),
)

interface Draft {
  readonly start:
    | { readonly method: string; readonly uri: string }
    | { readonly status: number; reason: string }
  readonly headers: HeaderLine[]
}

const drop = (why: string): SipParseError => ({ kind: 'error', why })

/** A refusal by response where the draft is a request that can be answered: ACK cannot (RFC 3261 §17), nor can one without Via. */
const refuse = (draft: Draft, why: string, status = 400, reason = 'Bad Request'): SipParseError => {
  if ('status' in draft.start || draft.start.method === 'ACK') return drop(why)
  const seen = new Set<string>()
  const headers = draft.headers.filter(([name]) => name === 'Via' || (!seen.has(name) && seen.add(name)))
  if (!headers.some(([name]) => name === 'Via')) return drop(why)
  const request = { kind: 'request' as const, ...draft.start, headers, body: '' }
  return { kind: 'error', why, answer: responseTo(request, status, reason) }
}

const CRLF_CRLF = Buffer.from('\r\n\r\n')

/** Reads one datagram. Bytes after Content-Length are ignored (RFC 3261 §18.3). Never throws. */
export const parseMessage = (bytes: Uint8Array): SipMessage | SipParseError => {
  if (bytes.length > MAX_DATAGRAM) return drop('larger than 8 KB')
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  let from = 0
  // Empty lines before the start line are keep-alives or leftovers (RFC 3261 §7.5).
  while (data[from] === 0x0d && data[from + 1] === 0x0a) from += 2
  if (from >= data.length) return drop('empty')
  const end = data.indexOf(CRLF_CRLF, from)
  const head = data.toString('utf8', from, end < 0 ? data.length : end).replace(/(?:\r\n)+$/, '')
  const draft = readHead(head)
  if ('kind' in draft) return draft
  if (end < 0) return refuse(draft, 'no empty line after the headers')
  return finish(draft, data.subarray(end + 4))
}

const startPattern = /^(\S+) (\S+) (SIP\/\d+\.\d+)$/i
const statusPattern = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i

const readHead = (raw: string): Draft | SipParseError => {
  const head = raw.includes('\r\n ') || raw.includes('\r\n\t') ? raw.replace(/\r\n[ \t]+/g, ' ') : raw
  const lines = head.split('\r\n', MAX_LINES + 2)
  if (lines.length > MAX_LINES + 1) return drop('more than 100 header lines')
  for (const line of lines) {
    if (line.length > MAX_LINE) return drop('line longer than 2 KB')
    if (line.includes('\r') || line.includes('\n')) return drop('CR or LF alone')
  }
  const first = lines[0] as string
  const headers: HeaderLine[] = []
  let badLine: string | undefined
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string
    const colon = line.indexOf(':')
    const written = colon < 0 ? '' : line.slice(0, colon).trimEnd()
    const name = nameOf(written)
    if (name === undefined) {
      badLine ??= 'header line without a name'
      continue
    }
    const value = line.slice(colon + 1).trim()
    if (name === 'Via' && value.includes(',')) {
      for (const part of splitOutside(value, ',') ?? [value]) headers.push(['Via', part])
    } else headers.push([name, value])
  }
  if (/^SIP\//i.test(first)) {
    const status = statusPattern.exec(first)
    if (status === null) return drop('status line')
    if (badLine !== undefined) return drop(badLine)
    return { start: { status: Number(status[1]), reason: (status[2] ?? '').trim() }, headers }
  }
  const start = startPattern.exec(first)
  if (start === null) {
    const method = first.slice(0, first.indexOf(' '))
    if (!/ SIP\/2\.0\s*$/i.test(first) || !isToken(method)) return drop('start line')
    return refuse({ start: { method, uri: '' }, headers }, 'start line')
  }
  const draft: Draft = { start: { method: start[1] as string, uri: start[2] as string }, headers }
  if (!isToken(start[1] as string)) return drop('method')
  if ((start[3] as string).toUpperCase() !== 'SIP/2.0')
    return refuse(draft, 'SIP version', 505, 'Version Not Supported')
  if (badLine !== undefined) return refuse(draft, badLine)
  return draft
}

const finish = (draft: Draft, rest: Buffer): SipMessage | SipParseError => {
  const fault = checkHeaders(draft)
  if (fault !== undefined) return refuse(draft, fault)
  let length = rest.length
  let type = ''
  for (const [name, value] of draft.headers)
    if (name === 'Content-Length') {
      if (!/^\d{1,9}$/.test(value)) return refuse(draft, 'Content-Length')
      length = Number(value)
    } else if (name === 'Content-Type') type = value
  if (length > rest.length) return refuse(draft, 'Content-Length beyond the datagram')
  if (length > MAX_SDP && /^application\/sdp/i.test(type))
    return refuse(draft, 'SDP larger than 4 KB', 413, 'Request Entity Too Large')
  const body = rest.toString('utf8', 0, length)
  const { headers } = draft
  if ('status' in draft.start) return { kind: 'response', ...draft.start, headers, body }
  const { method, uri } = draft.start
  if (!uriIsSound(uri)) return refuse(draft, 'Request-URI')
  return { kind: 'request', method, uri, headers, body }
}

/** Schemes other than sip are somebody else's decision (416 by the user agent); a broken one is nobody's. */
const uriIsSound = (uri: string): boolean => {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(uri) || /[<>"]/.test(uri)) return false
  if (!/^sips?:/i.test(uri)) return true
  // A Request-URI has no header part (RFC 3261 §19.1.1, table 1); "?" may stand in the user part.
  return parseSipUri(uri) !== undefined && !uri.slice(uri.lastIndexOf('@') + 1).includes('?')
}

/** What is wrong with the header lines, or undefined. */
const checkHeaders = (draft: Draft): string | undefined => {
  const seen = new Set<string>()
  let vias = 0
  for (const [name, value] of draft.headers) {
    if (single.has(name)) {
      if (seen.has(name)) return `${name} twice`
      seen.add(name)
    }
    if (name === 'Via' && ++vias > MAX_LIST) return 'more than 64 Via'
    const check = checks[name]
    if (check !== undefined && !check(value, draft)) return name
  }
  if (vias === 0) return 'no Via'
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) if (!seen.has(name)) return `no ${name}`
  return undefined
}

const isAddressList = (value: string): boolean => {
  const parts = splitOutside(value, ',')
  return (
    parts !== undefined &&
    parts.length <= MAX_LIST &&
    parts.every(part => parseNameAddress(part) !== undefined)
  )
}

const checks: Readonly<Record<string, (value: string, draft: Draft) => boolean>> = {
  Via: value => {
    const via = parseVia(value)
    // The magic cookie alone identifies nothing (RFC 4475 §3.2.1).
    return (
      via !== undefined && !via.parameters.some(([name, branch]) => name === 'branch' && branch === 'z9hG4bK')
    )
  },
  From: value => parseNameAddress(value) !== undefined,
  To: value => parseNameAddress(value) !== undefined,
  'Call-ID': value => /^\S+$/.test(value),
  CSeq: (value, { start }) => {
    const cseq = parseCSeq(value)
    return cseq !== undefined && ('status' in start || cseq.method === start.method)
  },
  Contact: value => value === '*' || isAddressList(value),
  Route: isAddressList,
  'Record-Route': isAddressList,
  'Max-Forwards': value => /^\d{1,10}$/.test(value) && Number(value) <= 255,
}
