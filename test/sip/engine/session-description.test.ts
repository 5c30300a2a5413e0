// Offer and answer of the one audio stream (RFC 3264), and bad SDP.
import fc from 'fast-check'
import t from 'tap'
import { isUsableDestination } from '../../../firmware/sip/engine/media-address.js'
import { describeSession } from '../../../firmware/sip/engine/session-description.js'

const media = { address: '192.0.2.5', port: 16_384 }
const session = () => describeSession(media, 42, 7)
const sdp = (lines: readonly string[]) =>
  `${['v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=0 0', ...lines].join('\r\n')}\r\n`
const versionOf = (text: string) => Number(/^o=- 42 (\d+) IN IP4 192\.0\.2\.5\r$/m.exec(text)?.[1])
const full = ['m=audio 4000 RTP/AVP 0 8 97', 'a=rtpmap:97 telephone-event/8000', 'a=ptime:30']

t.test('our offer names nobody, PCMA first, events 0-15, 20 ms', async t => {
  const offer = session().offer('sendrecv')
  t.match(
    offer,
    /^v=0\r\no=- 42 7 IN IP4 192\.0\.2\.5\r\ns=-\r\nc=IN IP4 192\.0\.2\.5\r\nt=0 0\r\nm=audio 16384 RTP\/AVP 8 0 101\r\n/,
  )
  for (const line of ['a=rtpmap:8 PCMA/8000', 'a=fmtp:101 0-15', 'a=ptime:20', 'a=sendrecv'])
    t.match(offer, `${line}\r\n`)
})

t.test('the version of o= moves only with the content', async t => {
  const one = session()
  const first = one.offer('sendrecv')
  t.equal(one.repeat(), first)
  t.equal(one.offer('sendrecv'), first)
  const held = one.offer('sendonly')
  t.equal(versionOf(held), 8)
  t.match(held, 'a=sendonly')
  t.equal(one.repeat(), held)
  t.equal(versionOf(one.offer('sendrecv')), 9)
})

t.test('an answer takes the first codec that the offer prefers, with its payload types', async t => {
  const one = session()
  const answered = one.answer(sdp(full), 'sendrecv')
  t.match(answered?.remote, {
    address: '192.0.2.9',
    port: 4000,
    codec: 'PCMU',
    payloadType: 0,
    eventPayloadType: 97,
    ptime: 30,
    direction: 'sendrecv',
  })
  t.match(answered?.sdp, 'm=audio 16384 RTP/AVP 0 97\r\n')
  t.match(one.offer('sendonly'), 'm=audio 16384 RTP/AVP 0 8 97\r\n', 'types stay what they were')
  const dynamic = session().answer(sdp(['m=audio 4000 RTP/AVP 98', 'a=rtpmap:98 pcma/8000']), 'sendrecv')
  t.match(dynamic?.remote, { codec: 'PCMA', payloadType: 98, eventPayloadType: undefined })
})

t.test('directions are seen from here, old-style hold included', async t => {
  const direction = (line: string, wish: 'sendrecv' | 'sendonly' = 'sendrecv') => {
    const answered = session().answer(sdp([...full, line]), wish)
    const said = /^a=(send\w+|recvonly|inactive)\r$/m.exec(answered?.sdp ?? '')?.[1]
    t.equal(said, answered?.remote.direction)
    return said
  }
  t.equal(direction('a=sendonly'), 'recvonly')
  t.equal(direction('a=recvonly'), 'sendonly')
  t.equal(direction('a=inactive'), 'inactive')
  t.equal(direction('a=sendonly', 'sendonly'), 'inactive')
  t.equal(direction('a=sendrecv', 'sendonly'), 'sendonly')
  t.equal(direction('c=IN IP4 0.0.0.0'), 'recvonly', 'nothing is sent to 0.0.0.0')
})

t.test('other lines are refused in place and stay refused in our later offers', async t => {
  const one = session()
  const offer = sdp(['m=video 5000 RTP/AVP 31', ...full, 'm=image 6000 udptl t38'])
  const lines = (text = '') => text.match(/^m=.*$/gm)?.map(line => line.trim())
  t.same(lines(one.answer(offer, 'sendrecv')?.sdp), [
    'm=video 0 RTP/AVP 31',
    'm=audio 16384 RTP/AVP 0 97',
    'm=image 0 udptl t38',
  ])
  t.same(
    lines(one.offer('sendonly'))?.map(line => line.split(' ')[1]),
    ['0', '16384', '0'],
  )
})

t.test(
  'nothing fits: no common codec, secure only, refused, multicast, other family, host name, too much',
  async t => {
    const bad = [
      ['m=audio 4000 RTP/AVP 18', 'a=rtpmap:18 G729/8000'],
      ['m=audio 4000 RTP/AVP 8', 'a=rtpmap:8 opus/48000'],
      ['m=audio 4000 RTP/SAVP 8'],
      ['m=audio 0 RTP/AVP 8'],
      ['m=audio 4000 RTP/AVP 8', 'c=IN IP4 239.1.2.3/127'],
      ['m=audio 4000 RTP/AVP 8', 'c=IN IP4 255.255.255.255'],
      ['m=audio 4000 RTP/AVP 8', 'c=IN IP6 2001:db8::1'],
      ['m=audio 4000 RTP/AVP 8', 'c=IN IP4 victim.example'],
      [...Array(17).fill('m=audio 0 RTP/AVP 8'), 'm=audio 4000 RTP/AVP 8'],
      ['m=audio 4000 RTP/AVP 8', `a=x:${'y'.repeat(20_000)}`],
      [],
    ]
    for (const lines of bad) t.equal(session().answer(sdp(lines), 'sendrecv'), undefined, lines[0])
  },
)

t.test('their answer to our offer', async t => {
  const one = session()
  one.offer('sendonly')
  const answer = sdp([
    'm=audio 4002 RTP/AVP 8 101',
    'a=rtpmap:101 telephone-event/8000',
    'a=recvonly',
    'a=rtcp:4010',
  ])
  t.match(one.accept(answer), {
    port: 4002,
    codec: 'PCMA',
    direction: 'sendonly',
    eventPayloadType: 101,
    rtcp: { address: '192.0.2.9', port: 4010 },
  })
  t.equal(one.accept(sdp(['m=audio 0 RTP/AVP 8'])), undefined, 'refused')
  t.equal(
    one.accept(sdp(['m=video 0 RTP/AVP 31', 'm=audio 4002 RTP/AVP 8'])),
    undefined,
    'not the line we offered',
  )
})

t.test('addresses that RTP may go to', async t => {
  for (const address of ['192.0.2.1', '127.0.0.1', '10.0.0.1']) t.equal(isUsableDestination(address, 4), true)
  for (const address of ['0.0.0.0', '224.0.0.1', '255.255.255.255', 'x', '::1', '1.2.3'])
    t.equal(isUsableDestination(address, 4), false, address)
  t.equal(isUsableDestination('2001:db8::1', 6), true)
  t.equal(isUsableDestination('::1', 6), true)
  for (const address of ['::', '0:0:0:0:0:0:0:0', 'ff02::1', '192.0.2.1'])
    t.equal(isUsableDestination(address, 6), false, address)
})

t.test('garbage never throws past the parser', async t => {
  const pieces = fc.constantFrom(
    ...[
      'v=0',
      'm=audio 4000 RTP/AVP 8 101',
      'm=audio',
      'm=',
      'a=rtpmap:',
      'a=rtpmap:8',
      'a=fmtp:101',
      'c=IN IP4',
      'c=IN IP4 1.2.3.4',
    ],
    ...[
      'a=ptime:x',
      'a=rtcp:',
      'a=rtcp:99999999',
      'o=',
      'a=candidate:1',
      't=',
      'a=ssrc:',
      'a=rid:1 send pt=',
      'a=imageattr:',
      '=',
      '\0',
    ],
  )
  const text = fc.array(fc.oneof(pieces, fc.string())).map(lines => lines.join('\r\n'))
  fc.assert(
    fc.property(text, garbage => {
      for (const body of [garbage, `v=0\r\n${garbage}`]) {
        const answered = session().answer(body, 'sendrecv')
        if (answered && !/^m=audio 16384 /m.test(answered.sdp)) return false
        const offering = session()
        offering.offer('sendrecv')
        offering.accept(body)
      }
      return true
    }),
    { numRuns: 300 },
  )
  t.pass('300 bodies')
})
