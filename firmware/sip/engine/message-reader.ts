// Whole messages for sip.js: what Core.Parser.parseMessage gives, in one pass over the text. The original runs several
// regular expressions on each line and spells each header's name out anew at every access, which cost 20 to 30 µs a
// message. The wire has checked the message before; a header that sip.js relies on and cannot read still refuses it.

import * as Core from 'sip.js/lib/core/index.js'
import type { NameAddrHeader } from 'sip.js/lib/grammar/index.js'
import { noMatch, rules } from './grammar.js'

type Message = Core.IncomingRequestMessage | Core.IncomingResponseMessage

/** One header line as sip.js keeps it. */
interface Kept {
  raw: string
  parsed?: unknown
}

interface ListElement {
  readonly position: number
  readonly offset: number
  readonly parsed: unknown
}

interface Header {
  /** sip.js' spelling of the name: the key under which it looks the header up. */
  readonly key: string
  /** Takes one line in. False: it cannot be read. */
  readonly take: (message: Message, headers: Record<string, Kept[]>, value: string) => boolean
}

const add = (headers: Record<string, Kept[]>, key: string, kept: Kept): void => {
  const list = headers[key]
  if (list === undefined) headers[key] = [kept]
  else list.push(kept)
}

/** Text that nobody reads before somebody asks. */
const kept = (key: string): Header => ({
  key,
  take: (_message, headers, value) => {
    add(headers, key, { raw: value })
    return true
  },
})

/** A header that stands once; a repetition replaces it. `note` copies what was read into the message's own members. */
const single = <T>(
  key: string,
  rule: string,
  note?: (message: Message, parsed: T, raw: string) => void,
): Header => {
  const read = ruleNamed(rule)
  return {
    key,
    take: (message, headers, value) => {
      const parsed = read(value)
      if (parsed === noMatch) return false
      headers[key] = [{ raw: value, parsed }]
      note?.(message, parsed as T, value)
      return true
    },
  }
}

/** A comma list, kept by its elements. */
const list = (key: string, rule: string): Header => {
  const read = ruleNamed(rule)
  return {
    key,
    take: (_message, headers, value) => {
      const elements = read(value)
      if (!Array.isArray(elements)) return false
      for (const { position, offset, parsed } of elements as ListElement[])
        add(headers, key, { raw: value.substring(position, offset), parsed })
      return true
    },
  }
}

const ruleNamed = (name: string): ((text: string) => unknown) => {
  const rule = rules[name]
  if (rule === undefined) throw new TypeError(`no rule ${name}`)
  return rule
}

/** Only the top Via is ours to read (RFC 3261 §18.1.2); the others go back as they came. */
const via: Header = {
  key: 'Via',
  take: (message, headers, value) => {
    if (headers['Via'] !== undefined) {
      headers['Via'].push({ raw: value })
      return true
    }
    const parsed = ruleNamed('Via')(value)
    if (parsed === noMatch) return false
    headers['Via'] = [{ raw: value, parsed }]
    message.via = parsed as Message['via']
    message.viaBranch = (parsed as { branch?: string }).branch as string
    return true
  },
}

const from = single<NameAddrHeader>('From', 'From', (message, parsed) => {
  message.from = parsed
  message.fromTag = parsed.getParam('tag') as string
})
const to = single<NameAddrHeader>('To', 'To', (message, parsed) => {
  message.to = parsed
  message.toTag = parsed.getParam('tag') as string
})
const callId = single<string>('Call-ID', 'Call_ID', (message, _parsed, raw) => {
  message.callId = raw
})
const cseq = single<{ readonly value: number; readonly method: string }>(
  'CSeq',
  'CSeq',
  (message, { value, method }) => {
    message.cseq = value
    if (message instanceof Core.IncomingResponseMessage) message.method = method
  },
)
const referTo = single<NameAddrHeader>('Refer-To', 'Refer_To', (message, parsed) => {
  // Declared as text, but sip.js puts the parsed value there too.
  message.referTo = parsed as unknown as string
})
const contact = list('Contact', 'Contact')
const contentLength = single('Content-Length', 'Content_Length')
const contentType = single('Content-Type', 'Content_Type')

const readers: Readonly<Record<string, Header>> = {
  via,
  v: via,
  from,
  f: from,
  to,
  t: to,
  'call-id': callId,
  i: callId,
  cseq,
  contact,
  m: contact,
  'record-route': list('Record-Route', 'Record_Route'),
  'content-length': contentLength,
  l: contentLength,
  'content-type': contentType,
  c: contentType,
  'max-forwards': single('Max-Forwards', 'Max_Forwards'),
  'www-authenticate': single('WWW-Authenticate', 'WWW_Authenticate'),
  'proxy-authenticate': single('Proxy-Authenticate', 'Proxy_Authenticate'),
  'refer-to': referTo,
  r: referTo,
}

const exceptions: Readonly<Record<string, string>> = {
  'Call-Id': 'Call-ID',
  Cseq: 'CSeq',
  'Min-Se': 'Min-SE',
  Rack: 'RAck',
  Rseq: 'RSeq',
  'Www-Authenticate': 'WWW-Authenticate',
}

/** sip.js' spelling: each part with a capital letter, and six exceptions. */
const spelling = (lowerCase: string): string => {
  const parts = lowerCase.replace(/_/g, '-').split('-')
  const name = parts.map(part => part.charAt(0).toUpperCase() + part.slice(1)).join('-')
  return Object.hasOwn(exceptions, name) ? (exceptions[name] as string) : name
}

/** By names as written. It stops growing at a size no honest peer reaches. */
const headersMet = new Map<string, Header>()
const MOST_MET = 300

const headerNamed = (written: string): Header => {
  const met = headersMet.get(written)
  if (met !== undefined) return met
  const lowerCase = written.trim().toLowerCase()
  const header = Object.hasOwn(readers, lowerCase)
    ? (readers[lowerCase] as Header)
    : kept(spelling(lowerCase))
  if (headersMet.size < MOST_MET) headersMet.set(written, header)
  return header
}

const startOf = (line: string): Message | undefined => {
  const parsed = ruleNamed('Request_Response')(line)
  if (parsed === noMatch) return undefined
  const start = parsed as { method?: string; uri?: unknown; status_code?: number; reason_phrase?: string }
  if (start.status_code === undefined) {
    const request = new Core.IncomingRequestMessage()
    request.method = start.method as string
    request.ruri = start.uri as Core.IncomingRequestMessage['ruri']
    return request
  }
  const response = new Core.IncomingResponseMessage()
  response.statusCode = start.status_code
  response.reasonPhrase = start.reason_phrase as string
  return response
}

/** A whole message, CRLF line ends. Undefined (and logged) when it has no end of headers or a header cannot be read. */
export const readMessage = (text: string, logger: Core.Logger): Message | undefined => {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) {
    logger.error('malformed message: no end of headers')
    return undefined
  }
  const raw = text.slice(0, end)
  const head = raw.includes('\r\n ') || raw.includes('\r\n\t') ? raw.replace(/\r\n[ \t]+/g, ' ') : raw
  let lineEnd = head.indexOf('\r\n')
  if (lineEnd < 0) lineEnd = head.length
  const message = startOf(head.slice(0, lineEnd))
  if (message === undefined) {
    logger.warn('error parsing the first line of a message')
    return undefined
  }
  message.data = text
  const { headers } = message as unknown as { headers: Record<string, Kept[]> }
  while (lineEnd < head.length) {
    const at = lineEnd + 2
    lineEnd = head.indexOf('\r\n', at)
    if (lineEnd < 0) lineEnd = head.length
    const colon = head.indexOf(':', at)
    const header = colon < 0 || colon >= lineEnd ? undefined : headerNamed(head.slice(at, colon))
    if (header === undefined || !header.take(message, headers, head.slice(colon + 1, lineEnd).trim())) {
      logger.error(`error parsing header ${header?.key ?? '(no name)'}`)
      return undefined
    }
  }
  const body = end + 4
  const length = headers['Content-Length']?.[0]?.raw
  // What is beyond is no part of the message (RFC 3261 §18.3).
  message.body = text.slice(body, length === undefined ? undefined : body + Number(length))
  return message
}
