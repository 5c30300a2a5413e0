// The scanner against the RFC 4475 corpus, its caps, and mutated messages.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import {
  hostPort,
  parseCSeq,
  parseNameAddress,
  parseSipUri,
  parseVia,
  splitOutside,
} from '../../../firmware/sip/wire/header-values.js'
import {
  formatMessage,
  headerOf,
  headersOf,
  responseTo,
  type SipMessage,
  type SipParseError,
  type SipRequest,
  tagOf,
} from '../../../firmware/sip/wire/message.js'
import {
  isOrdinaryAddress,
  isOrdinaryUri,
  isOrdinaryVia,
} from '../../../firmware/sip/wire/ordinary-values.js'
import { parseMessage } from '../../../firmware/sip/wire/scanner.js'

const read = (text: string): SipMessage | SipParseError => parseMessage(Buffer.from(text))
const lines = (...all: string[]): string => all.join('\r\n')

const invite = lines(
  'INVITE sip:0389000002@operator.test SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.5:5060;branch=z9hG4bK776asdhds;rport',
  'Max-Forwards: 70',
  'To: <sip:0389000002@operator.test>',
  'From: "Caroline" <sip:0389000001@operator.test>;tag=1928301774',
  'Call-ID: a84b4c76e66710',
  'CSeq: 314159 INVITE',
  'Contact: <sip:x7@127.0.0.5:5060>',
  'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS',
  'Supported: 100rel, timer',
  'Content-Type: application/sdp',
  'Content-Length: 7',
  '',
  'v=0\r\ns=',
)

// What RFC 4475 wants of an element that gets the message over UDP: the message taken, refused with a status, or dropped.
// Where it leaves a choice between reading liberally and 400, we refuse (badaspec, escruri, lwsstart, regbadct, trws).
const expected: Record<string, string> = {
  badaspec: '400',
  badbranch: '400',
  baddate: 'INVITE',
  baddn: '400',
  badinv01: '400',
  badvers: '505',
  bcast: '200',
  bext01: 'OPTIONS',
  bigcode: 'drop',
  clerr: '400',
  cparam01: 'REGISTER',
  cparam02: 'REGISTER',
  dblreq: 'REGISTER',
  esc01: 'INVITE',
  esc02: 'RE%47IST%45R',
  escnull: 'REGISTER',
  escruri: '400',
  insuf: '400',
  intmeth: "!interesting-Method0123456789_*+`.%indeed'~",
  inv2543: 'INVITE',
  invut: 'INVITE',
  longreq: 'INVITE',
  ltgtruri: '400',
  lwsdisp: 'OPTIONS',
  lwsruri: '400',
  lwsstart: '400',
  mcl01: '400',
  mismatch01: '400',
  mismatch02: '400',
  mpart01: 'MESSAGE',
  multi01: '400',
  ncl: '400',
  noreason: '100',
  novelsc: 'OPTIONS',
  quotbal: '400',
  regaut01: 'REGISTER',
  regbadct: '400',
  regescrt: 'REGISTER',
  scalar02: '400',
  scalarlg: 'drop',
  sdp01: 'INVITE',
  semiuri: 'OPTIONS',
  transports: 'OPTIONS',
  trws: '400',
  unkscm: 'OPTIONS',
  unksm2: 'REGISTER',
  unreason: '200',
  wsinv: 'INVITE',
  zeromf: 'OPTIONS',
}

const outcome = (message: SipMessage | SipParseError): string => {
  if (message.kind === 'request') return message.method
  if (message.kind === 'response') return String(message.status)
  return message.answer === undefined ? 'drop' : String(message.answer.status)
}

const corpus = [process.env['VOICEPORT_RFC4475'], '../shared/data/rfc4475', '../../shared/data/rfc4475'].find(
  (folder): folder is string => folder !== undefined && existsSync(folder),
)

t.test(
  'RFC 4475: each message is taken, refused or dropped as the RFC wants',
  corpus === undefined ? { skip: 'no corpus at ../shared/data/rfc4475 (or $VOICEPORT_RFC4475)' } : {},
  async t => {
    const found: Record<string, string> = {}
    for (const file of readdirSync(corpus as string).filter(name => name.endsWith('.dat')))
      found[file.slice(0, -4)] = outcome(parseMessage(readFileSync(`${corpus}/${file}`)))
    t.same(found, expected)
  },
)

t.test('an ordinary INVITE is read whole', async t => {
  const message = read(invite) as SipRequest
  t.equal(message.kind, 'request')
  t.equal(message.uri, 'sip:0389000002@operator.test')
  t.equal(message.body, 'v=0\r\ns=')
  t.equal(headerOf(message, 'CSeq'), '314159 INVITE')
  t.equal(tagOf(headerOf(message, 'From')), '1928301774')
  t.equal(tagOf(headerOf(message, 'To')), undefined)
  t.equal(formatMessage(message), invite, 'and written back the same')
})

t.test('compact names are written out, also those newer than RFC 3261', async t => {
  const compact = lines(
    'NOTIFY sip:a@b SIP/2.0',
    'v: SIP/2.0/UDP h;branch=z9hG4bK1',
    'f: <sip:x@y>;tag=1',
    't: <sip:a@b>;tag=2',
    'i: 1',
    'CSeq: 1 NOTIFY',
    'm: <sip:a@h>',
    'o: message-summary',
    'k: timer',
    's: hello',
    'u: presence',
    'x: 1800',
    'e: gzip',
    'a: *',
    'b: <sip:r@y>',
    'd: proxy',
    'j: *;audio',
    'r: <sip:q@y>',
    'c: text/plain',
    'l: 0',
    '',
    '',
  )
  const names = (read(compact) as SipRequest).headers.map(([name]) => name)
  t.same(names, [
    'Via',
    'From',
    'To',
    'Call-ID',
    'CSeq',
    'Contact',
    'Event',
    'Supported',
    'Subject',
    'Allow-Events',
    'Session-Expires',
    'Content-Encoding',
    'Accept-Contact',
    'Referred-By',
    'Request-Disposition',
    'Reject-Contact',
    'Refer-To',
    'Content-Type',
    'Content-Length',
  ])
})

t.test('folded lines, several Via in one line, odd capitals', async t => {
  const message = read(
    lines(
      'OPTIONS sip:a@b SIP/2.0',
      'VIA: SIP/2.0/UDP one;branch=z9hG4bK1 ,',
      ' SIP/2.0/UDP two;branch=z9hG4bK2',
      'from: "a, b" <sip:x@y>',
      '\t;tag=1',
      'To: sip:a@b',
      'call-id: 1',
      'cSEQ: 7 OPTIONS',
      '',
      '',
    ),
  ) as SipRequest
  t.same(headersOf(message, 'Via'), ['SIP/2.0/UDP one;branch=z9hG4bK1', 'SIP/2.0/UDP two;branch=z9hG4bK2'])
  t.equal(headerOf(message, 'From'), '"a, b" <sip:x@y> ;tag=1')
})

t.test('caps are applied before anything is read', async t => {
  const swapped = (from: string, to: string): SipParseError => read(invite.replace(from, to)) as SipParseError
  t.equal(outcome(read(`${invite}${' '.repeat(8192)}`)), 'drop', 'datagram over 8 KB')
  t.equal(outcome(read(`${invite}${' '.repeat(8192 - invite.length)}`)), 'INVITE', '8 KB exactly')
  t.equal(outcome(swapped('Supported: 100rel', `Supported: ${'x'.repeat(2048)}`)), 'drop', 'line over 2 KB')
  t.equal(
    outcome(swapped('Supported: 100rel, timer', `${'Z: 1\r\n'.repeat(100)}Y: 1`)),
    'drop',
    '> 100 lines',
  )
  t.equal(outcome(swapped('Supported: 100rel, timer', `${'Z: 1\r\n'.repeat(80)}Y: 1`)), 'INVITE')
  const via = 'Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n'
  t.equal(outcome(swapped('Supported: 100rel, timer', `${via.repeat(64)}Y: 1`)), '400', '65 Via')
  const large = invite
    .replace('Content-Length: 7', 'Content-Length: 4097')
    .replace('v=0\r\ns=', 'v'.repeat(4097))
  t.equal(outcome(read(large)), '413', 'SDP over 4 KB')
})

t.test('what cannot be answered is dropped', async t => {
  t.equal(outcome(read('')), 'drop')
  t.equal((read('\r\n\r\n') as SipParseError).why, 'empty', 'a keep-alive')
  t.equal(outcome(read(invite.replaceAll('\r\n', '\n'))), 'drop', 'LF alone')
  t.equal(
    outcome(read(invite.replaceAll('INVITE', 'ACK').replace('314159 ACK', '314159 BYE'))),
    'drop',
    'bad ACK',
  )
  t.equal(outcome(read(invite.replace(/Via:.*\r\n/, ''))), 'drop', 'no Via to answer by')
  t.equal(outcome(read(invite.replace('CSeq: 314159', 'CSeq: 4294967296'))), '400')
  t.equal(outcome(read(invite.replace('Call-ID: a84b4c76e66710', 'Call-ID: a\r\nCall-ID: b'))), '400')
  t.equal(outcome(read(invite.slice(0, invite.indexOf('\r\n\r\n')))), '400', 'cut off in the headers')
})

t.test('a broken line costs no other: the answer has every header that was legible', async t => {
  const broken = read(
    invite
      .replace('Via: ', 'b@d: 1\r\nVIA : ')
      .replace('Call-ID', 'CALL-id')
      .replace('To: ', 'no colon\r\nTO: '),
  ) as SipParseError
  t.same(
    broken.answer?.headers.map(([name]) => name),
    ['Via', 'To', 'From', 'Call-ID', 'CSeq'],
  )
})

t.test('responses are made of the request they answer', async t => {
  const answer = responseTo(read(invite) as SipRequest, 486, 'Busy Here', 'me')
  t.equal(
    formatMessage(answer),
    lines(
      'SIP/2.0 486 Busy Here',
      'Via: SIP/2.0/UDP 127.0.0.5:5060;branch=z9hG4bK776asdhds;rport',
      'To: <sip:0389000002@operator.test>;tag=me',
      'From: "Caroline" <sip:0389000001@operator.test>;tag=1928301774',
      'Call-ID: a84b4c76e66710',
      'CSeq: 314159 INVITE',
      'Content-Length: 0',
      '',
      '',
    ),
  )
})

t.test('header values', async t => {
  t.same(parseVia('SIP / 2.0 / udp [2001:db8::9:1]:5061 ; branch = z9hG4bK1;rport'), {
    transport: 'UDP',
    host: '[2001:db8::9:1]',
    port: 5061,
    parameters: [
      ['branch', 'z9hG4bK1'],
      ['rport', undefined],
    ],
  })
  t.equal(parseVia('SIP/2.0/UDP h:0'), undefined)
  t.equal(parseVia('SIP/3.0/UDP h'), undefined)
  t.same(parseCSeq('0009  INVITE'), { number: 9, method: 'INVITE' })
  t.equal(parseCSeq('2147483648 INVITE'), undefined)
  t.same(parseNameAddress('"a \\"<b>, c" <sip:d@e;f>;tag=1'), {
    display: 'a "<b>, c',
    uri: 'sip:d@e;f',
    parameters: [['tag', '1']],
  })
  t.same(parseNameAddress('tel:+33389000001;tag=1'), { uri: 'tel:+33389000001', parameters: [['tag', '1']] })
  t.equal(parseNameAddress('"open <sip:a@b>'), undefined)
  t.same(parseSipUri('sip:*21*0612%23;x=1@019f9ae299f5:5070;user=phone'), {
    scheme: 'sip',
    user: '*21*0612%23;x=1',
    host: '019f9ae299f5',
    port: 5070,
    parameters: [['user', 'phone']],
  })
  t.equal(parseSipUri('sip:a%4@b'), undefined)
  t.same(splitOutside('<sip:a,b@c>, "x,y" <sip:d@e>', ','), ['<sip:a,b@c>', '"x,y" <sip:d@e>'])
  t.equal(hostPort('::1', 5060), '[::1]:5060')
})

t.test('the quick yes never says more than the full readers', async t => {
  const piece = fc.constantFrom(
    ...[
      'sip:',
      'sips:',
      'SIP/2.0/UDP ',
      'tel:',
      'user',
      '0612',
      '@',
      'host.test',
      '192.0.2.1',
      '[::1]',
      ':',
      '5060',
      '0',
    ],
    ...[
      '70000',
      ';',
      'lr',
      'tag=',
      'branch=',
      'z9hG4bK',
      'q=0.5',
      ' ',
      '"',
      'A',
      'é',
      '<',
      '>',
      '%23',
      '%',
      ',',
      '?',
      '-',
      '.',
      '_',
    ],
  )
  const soup = fc.array(piece, { maxLength: 14 }).map(pieces => pieces.join(''))
  const address = fc
    .tuple(
      fc.constantFrom('', '"A, <b>" ', '"A"', 'Al ', 'A b '),
      soup,
      fc.constantFrom('', ';tag=1', ';lr;x=a:b', ';x= '),
    )
    .map(([display, uri, parameters]) => `${display}<sip:${uri}>${parameters}`)
  let yes = 0
  fc.assert(
    fc.property(
      fc.oneof(
        soup,
        address,
        soup.map(rest => `SIP/2.0/UDP ${rest}`),
        soup.map(rest => `sip:${rest}`),
      ),
      text => {
        const uri = isOrdinaryUri(text)
        const nameAddress = isOrdinaryAddress(text)
        const via = isOrdinaryVia(text)
        if (uri || nameAddress || via) yes++
        if (uri && (parseSipUri(text) === undefined || text.includes('?'))) throw new Error('no URI')
        if (nameAddress && (parseNameAddress(text) === undefined || splitOutside(text, ',')?.length !== 1))
          throw new Error('no address')
        const read = via ? parseVia(text) : undefined
        if (via && (read === undefined || read.parameters.some(([, value]) => value === 'z9hG4bK')))
          throw new Error('no Via')
      },
    ),
    { numRuns: 20_000, seed: 3261 },
  )
  t.ok(yes > 300, `${yes} were taken quickly`)
  t.ok(isOrdinaryAddress('"Marcel D" <sip:0389@operator.test:5060;user=phone>;tag=as58'))
  t.ok(isOrdinaryVia('SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bK4b.1;rport'))
  t.ok(isOrdinaryUri('sip:k3x9@198.51.100.77:5060;ob'))
})

// Mutations of real messages: bytes flipped, tokens moved, lines swapped or doubled, lengths that lie.
const mutation = fc.oneof(
  fc.record({ do: fc.constant('byte' as const), at: fc.nat(), to: fc.nat(255) }),
  fc.record({ do: fc.constant('cut' as const), at: fc.nat(), to: fc.nat(200) }),
  fc.record({ do: fc.constant('double' as const), at: fc.nat(), to: fc.nat(20) }),
  fc.record({ do: fc.constant('insert' as const), at: fc.nat(), to: fc.nat(12) }),
  fc.record({ do: fc.constant('swap' as const), at: fc.nat(), to: fc.nat() }),
)
const tokens = [
  '"',
  '<',
  '>',
  ';',
  ',',
  '\r\n',
  '\r\n ',
  ':',
  '%',
  '@',
  '\\',
  '\0',
  'Content-Length: 99999\r\n',
]

const mutate = (
  bytes: Buffer,
  { do: what, at, to }: { do: 'byte' | 'cut' | 'double' | 'insert' | 'swap'; at: number; to: number },
): Buffer => {
  const place = at % Math.max(1, bytes.length)
  const before = bytes.subarray(0, place)
  const after = bytes.subarray(place)
  if (what === 'byte') return Buffer.concat([before, Buffer.from([to]), after.subarray(1)])
  if (what === 'cut') return Buffer.concat([before, after.subarray(to)])
  if (what === 'double') return Buffer.concat([before, after.subarray(0, to * 20), after])
  if (what === 'insert') return Buffer.concat([before, Buffer.from(tokens[to] as string), after])
  const all = bytes.toString('latin1').split('\r\n')
  const first = at % all.length
  const second = to % all.length
  ;[all[first], all[second]] = [all[second] as string, all[first] as string]
  return Buffer.from(all.join('\r\n'), 'latin1')
}

t.test('no mutation throws, and what is let through can be written and read again', async t => {
  let taken = 0
  let refused = 0
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), mutations => {
      const message = parseMessage(mutations.reduce(mutate, Buffer.from(invite)))
      if (message.kind === 'error') {
        refused++
        if (message.answer !== undefined) formatMessage(message.answer)
        return
      }
      taken++
      const again = read(formatMessage(message))
      // A header value may only have lost bytes that were no UTF-8; the structure stands.
      if (again.kind === 'error') throw new Error(`written but not read: ${again.why}`)
      if (again.headers.length < message.headers.length) throw new Error('lost a header')
    }),
    { numRuns: 3000, seed: 4475 },
  )
  t.ok(taken > 100, 'some get through')
  t.ok(refused > 100, 'some do not')
})

t.test('random octets never throw', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), bytes => {
      parseMessage(bytes)
    }),
    { numRuns: 1000 },
  )
})
