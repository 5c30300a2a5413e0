// Changes of a SIP message as text: another Contact, another description of the audio, or broken in a way that has a name.

import type { Breakage, Fault } from './rules.js'

export interface SipText {
  readonly start: string
  readonly headers: readonly string[]
  readonly body: string
}

/** Undefined for what has no head (a keep-alive). */
export const readText = (data: Uint8Array): SipText | undefined => {
  const text = Buffer.from(data).toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [start = '', ...headers] = text.slice(0, end).split('\r\n')
  return { start, headers, body: text.slice(end + 4) }
}

const join = ({ start, headers, body }: SipText): string =>
  `${[start, ...headers].join('\r\n')}\r\n\r\n${body}`

const nameOf = (line: string): string =>
  line
    .slice(0, Math.max(0, line.indexOf(':')))
    .trim()
    .toLowerCase()

const without = (message: SipText, name: string): SipText => ({
  ...message,
  headers: message.headers.filter(line => nameOf(line) !== name.toLowerCase()),
})

const replaced = (message: SipText, name: string, value: string): SipText => {
  const known = message.headers.some(line => nameOf(line) === name.toLowerCase())
  const headers = known
    ? message.headers.map(line => (nameOf(line) === name.toLowerCase() ? `${name}: ${value}` : line))
    : [...message.headers, `${name}: ${value}`]
  return { ...message, headers }
}

const withBody = (message: SipText, body: string): SipText =>
  replaced({ ...message, body }, 'Content-Length', String(body.length))

const describe = (body: string, fault: Extract<Fault, { type: 'sdp' }>): string => {
  let sdp = body
  if (fault.address !== undefined) sdp = sdp.replace(/^c=IN IP4 \S+/gm, `c=IN IP4 ${fault.address}`)
  if (fault.port !== undefined) sdp = sdp.replace(/^m=audio \d+/m, `m=audio ${fault.port}`)
  if (fault.payloads !== undefined)
    sdp = sdp.replace(/^(m=audio \d+ \S+) .*$/m, `$1 ${fault.payloads.join(' ')}`)
  if (fault.direction !== undefined) {
    const said = /^a=(?:sendrecv|sendonly|recvonly|inactive)$/m
    sdp = said.test(sdp) ? sdp.replace(said, `a=${fault.direction}`) : `${sdp}a=${fault.direction}\r\n`
  }
  return sdp
}

const broken = (message: SipText, how: Breakage): string => {
  switch (how) {
    case 'truncated':
      return join(message).slice(0, Math.floor(join(message).length / 2))
    case 'garbage':
      return `\x01\x02\xff${join(message).replace(/[ :;<>]/g, '\x7f')}`
    case 'no-via':
      return join(without(message, 'Via'))
    case 'no-call-id':
      return join(without(message, 'Call-ID'))
    case 'no-start-line':
      return join({ ...message, start: 'SIP' })
    case 'content-length':
      return join(replaced(message, 'Content-Length', String(message.body.length + 5000)))
    case 'bad-cseq':
      return join(replaced(message, 'CSeq', '99999999999999 NONSENSE'))
    case 'nul-bytes':
      return join(replaced(message, 'From', '<sip:\0\0@\0>;tag=\0'))
    case 'huge-header':
      return join(replaced(message, 'Subject', 'x'.repeat(20_000)))
    case 'bad-sdp':
      return join(withBody(message, 'v=0\r\nm=audio what RTP/AVP\r\nc=\r\n'))
  }
}

/** The datagram after this fault; as it was where the fault is no change of the text. */
export const rewritten = (data: Uint8Array, fault: Fault): Uint8Array => {
  const message = readText(data)
  if (message === undefined) return data
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
  switch (fault.type) {
    case 'malform':
      return bytes(broken(message, fault.how))
    case 'contact':
      return message.headers.some(line => nameOf(line) === 'contact')
        ? bytes(join(replaced(message, 'Contact', `<${fault.uri}>`)))
        : data
    case 'header':
      return bytes(
        join(
          fault.value === undefined
            ? without(message, fault.name)
            : replaced(message, fault.name, fault.value),
        ),
      )
    case 'sdp':
      return message.body === '' ? data : bytes(join(withBody(message, describe(message.body, fault))))
    default:
      return data
  }
}
