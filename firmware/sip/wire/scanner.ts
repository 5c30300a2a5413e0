// Octets to SipMessage: our own scanner (RFC 3261 §7, §18.3; what to do with the malformed: RFC 4475).
// It never throws, is linear in the length, and refuses before it reads on: sizes first, then structure, then values.
// What it lets through is safe to hand to any stack: single headers once, lengths true, Via/From/To/Contact well-formed.

import { compact, single, usual } from './header-names.js'
import { isToken, parseCSeq, parseNameAddress, parseSipUri, parseVia, splitOutside } from './header-values.js'
import { type HeaderLine, responseTo, type SipMessage, type SipParseError } from './message.js'
import { isOrdinaryAddress, isOrdinaryUri, isOrdinaryVia } from './ordinary-values.js'

/** Octets; longer datagrams are dropped unread. */
export const MAX_DATAGRAM = 8192
const MAX_LINES = 100
const MAX_LINE = 2048
const MAX_SDP = 4096
const MAX_LIST = 64

/** What a header must be like, and a bit for those that stand once (0: any number). */
interface HeaderRule {
  readonly name: string
  readonly once: number
  readonly check: ((value: string, draft: Draft) => boolean) | undefined
}

interface Draft {
  readonly start:
    | { readonly method: string; readonly uri: string }
    | { readonly status: number; reason: string }
  readonly headers: HeaderLine[]
  /** Of each header line; undefined for a name we do not know. */
  readonly rules: (HeaderRule | undefined)[]
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
  const head =
    end < 0
      ? data.toString('utf8', from, data.length).replace(/(?:\r\n)+$/, '')
      : data.toString('utf8', from, end)
  const draft = readHead(head)
  if ('kind' in draft) return draft
  if (end < 0) return refuse(draft, 'no empty line after the headers')
  return finish(draft, data, end + 4)
}

const startPattern = /^(\S+) (\S+) (SIP\/\d+\.\d+)$/i
const statusPattern = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i

const readHead = (raw: string): Draft | SipParseError => {
  const head = raw.includes('\r\n ') || raw.includes('\r\n\t') ? raw.replace(/\r\n[ \t]+/g, ' ') : raw
  const ends = lineEnds(head)
  if (typeof ends !== 'object') return drop(ends)
  const headers: HeaderLine[] = []
  const rules: (HeaderRule | undefined)[] = []
  let badLine: string | undefined
  for (let i = 1; i < ends.length; i++) {
    const from = (ends[i - 1] as number) + 2
    const end = ends[i] as number
    const colon = head.indexOf(':', from)
    const written = colon < 0 || colon >= end ? '' : head.slice(from, colon)
    const rule = ruleOf.get(written)
    const value = trimmed(head, colon + 1, end)
    if (rule !== undefined) addLine(rule, value, headers, rules)
    else if (!addUnusual(written.trimEnd(), value, headers, rules)) badLine ??= 'header line without a name'
  }
  const first = head.slice(0, ends[0])
  if (isStatusLine(first)) {
    const status = statusPattern.exec(first)
    if (status === null) return drop('status line')
    if (badLine !== undefined) return drop(badLine)
    return { start: { status: Number(status[1]), reason: (status[2] ?? '').trim() }, headers, rules }
  }
  const start = startPattern.exec(first)
  if (start === null) {
    const method = first.slice(0, first.indexOf(' '))
    if (!/ SIP\/2\.0\s*$/i.test(first) || !isToken(method)) return drop('start line')
    return refuse({ start: { method, uri: '' }, headers, rules }, 'start line')
  }
  const draft: Draft = { start: { method: start[1] as string, uri: start[2] as string }, headers, rules }
  if (!isToken(start[1] as string)) return drop('method')
  if ((start[3] as string).toUpperCase() !== 'SIP/2.0')
    return refuse(draft, 'SIP version', 505, 'Version Not Supported')
  if (badLine !== undefined) return refuse(draft, badLine)
  return draft
}

/** Where each line ends (the index of its CR, the head's length for the last), or why the message is to be dropped. */
const lineEnds = (head: string): number[] | string => {
  const ends: number[] = []
  let from = 0
  for (;;) {
    const cr = head.indexOf('\r', from)
    const lf = head.indexOf('\n', from)
    const last = cr < 0 && lf < 0
    const end = last ? head.length : cr
    if (ends.length === MAX_LINES + 1) return 'more than 100 header lines'
    if (!last && (cr < 0 || lf !== cr + 1)) return 'CR or LF alone'
    if (end - from > MAX_LINE) return 'line longer than 2 KB'
    ends.push(end)
    if (last) return ends
    from = end + 2
  }
}

const isStatusLine = (line: string): boolean => /^SIP\//i.test(line)

/** `text.slice(from, end).trim()` with one string made instead of two. */
const trimmed = (text: string, from: number, end: number): string => {
  let first = from
  let last = end - 1
  while (first <= last && isBlank(text.charCodeAt(first))) first++
  while (last > first && isBlank(text.charCodeAt(last))) last--
  if (first > last) return ''
  const value = text.slice(first, last + 1)
  // Other white space than blanks and tabs is rare; it is trimmed all the same.
  return isPrintable(text.charCodeAt(first)) && isPrintable(text.charCodeAt(last)) ? value : value.trim()
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09
const isPrintable = (code: number): boolean => code > 0x20 && code < 0x7f

const addLine = (
  rule: HeaderRule,
  value: string,
  headers: HeaderLine[],
  rules: (HeaderRule | undefined)[],
): void => {
  if (rule.name === 'Via' && value.includes(',')) {
    for (const part of splitOutside(value, ',') ?? [value]) {
      headers.push(['Via', part])
      rules.push(rule)
    }
    return
  }
  headers.push([rule.name, value])
  rules.push(rule)
}

/** A line whose name is not in one of its usual spellings. False when the name is no token. */
const addUnusual = (
  name: string,
  value: string,
  headers: HeaderLine[],
  rules: (HeaderRule | undefined)[],
): boolean => {
  const rule = ruleOf.get(name.toLowerCase())
  if (rule !== undefined) {
    addLine(rule, value, headers, rules)
    return true
  }
  if (!isToken(name)) return false
  headers.push([name, value])
  rules.push(undefined)
  return true
}

const finish = (draft: Draft, data: Buffer, bodyAt: number): SipMessage | SipParseError => {
  const fault = checkHeaders(draft)
  if (fault !== undefined) return refuse(draft, fault)
  const { headers, start } = draft
  const there = data.length - bodyAt
  let length = there
  let type = ''
  for (let i = 0; i < headers.length; i++) {
    const [name, value] = headers[i] as HeaderLine
    if (name === 'Content-Length') {
      if (!/^\d{1,9}$/.test(value)) return refuse(draft, 'Content-Length')
      length = Number(value)
    } else if (name === 'Content-Type') type = value
  }
  if (length > there) return refuse(draft, 'Content-Length beyond the datagram')
  if (length > MAX_SDP && /^application\/sdp/i.test(type))
    return refuse(draft, 'SDP larger than 4 KB', 413, 'Request Entity Too Large')
  const body = data.toString('utf8', bodyAt, bodyAt + length)
  if ('status' in start)
    return { kind: 'response', status: start.status, reason: start.reason, headers, body }
  const { method, uri } = start
  if (!uriIsSound(uri)) return refuse(draft, 'Request-URI')
  return { kind: 'request', method, uri, headers, body }
}

/** Schemes other than sip are somebody else's decision (416 by the user agent); a broken one is nobody's. */
const uriIsSound = (uri: string): boolean => {
  if (isOrdinaryUri(uri)) return true
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(uri) || /[<>"]/.test(uri)) return false
  if (!/^sips?:/i.test(uri)) return true
  // A Request-URI has no header part (RFC 3261 §19.1.1, table 1); "?" may stand in the user part.
  return parseSipUri(uri) !== undefined && !uri.slice(uri.lastIndexOf('@') + 1).includes('?')
}

/** What is wrong with the header lines, or undefined. */
const checkHeaders = (draft: Draft): string | undefined => {
  const { headers, rules } = draft
  let seen = 0
  let vias = 0
  for (let i = 0; i < headers.length; i++) {
    const rule = rules[i]
    if (rule === undefined) continue
    const { name, once, check } = rule
    if ((seen & once) !== 0) return `${name} twice`
    seen |= once
    if (name === 'Via' && ++vias > MAX_LIST) return 'more than 64 Via'
    if (check !== undefined && !check((headers[i] as HeaderLine)[1], draft)) return name
  }
  if (vias === 0) return 'no Via'
  for (const rule of mandatory) if ((seen & rule.once) === 0) return `no ${rule.name}`
  return undefined
}

const isAddress = (value: string): boolean =>
  isOrdinaryAddress(value) || parseNameAddress(value) !== undefined

const isAddressList = (value: string): boolean => {
  if (isOrdinaryAddress(value)) return true
  const parts = splitOutside(value, ',')
  return (
    parts !== undefined &&
    parts.length <= MAX_LIST &&
    parts.every(part => parseNameAddress(part) !== undefined)
  )
}

const isVia = (value: string): boolean => {
  if (isOrdinaryVia(value)) return true
  const via = parseVia(value)
  // The magic cookie alone identifies nothing (RFC 4475 §3.2.1).
  return (
    via !== undefined && !via.parameters.some(([name, branch]) => name === 'branch' && branch === 'z9hG4bK')
  )
}

const checks: Readonly<Record<string, HeaderRule['check']>> = {
  Via: isVia,
  From: isAddress,
  To: isAddress,
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

/** By every spelling that is met: the usual one, all lower case, and the compact form in either case. */
const ruleOf = new Map<string, HeaderRule>()
for (const name of usual) {
  const at = single.indexOf(name)
  const rule: HeaderRule = { name, once: at < 0 ? 0 : 1 << at, check: checks[name] }
  ruleOf.set(name, rule)
  ruleOf.set(name.toLowerCase(), rule)
}
for (const [letter, name] of Object.entries(compact)) {
  const rule = ruleOf.get(name) as HeaderRule
  ruleOf.set(letter, rule)
  ruleOf.set(letter.toUpperCase(), rule)
}

const mandatory = ['From', 'To', 'Call-ID', 'CSeq'].map(name => ruleOf.get(name) as HeaderRule)
