// The transactions of RFC 3261 §17 in virtual time: every timer at its exact instant, scripted loss, and strangers.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { headerOf, responseTo, type SipRequest } from '../../../firmware/sip/wire/message.js'
import { parseMessage } from '../../../firmware/sip/wire/scanner.js'
import type { ClientOutcome, ServerTransaction, Wire } from '../../../firmware/sip/wire/wire-contract.js'
import { ms } from '../../../hal/clock.js'
import { box, createWorld, dropping, peer, request, stranger } from './wire-world.js'

const told = (outcomes: ClientOutcome[]): string[] =>
  outcomes.map(outcome => (outcome.type === 'response' ? String(outcome.response.status) : outcome.why))

/** A peer that answers each new request with these statuses at once; returns the transactions it saw. */
const answering = (wire: Wire, ...statuses: number[]): ServerTransaction[] => {
  const seen: ServerTransaction[] = []
  wire.onRequest = transaction => {
    seen.push(transaction)
    for (const status of statuses) transaction.respond(responseTo(transaction.request, status, 'x', 'b'))
  }
  return seen
}

t.test('INVITE to nobody: timer A doubles, timer B gives up after 64*T1', async t => {
  const { clock, open, times } = createWorld(() => 'drop')
  const wire = await open(box)
  const outcomes: ClientOutcome[] = []
  let failedAt = 0
  wire.request(request('INVITE'), peer, outcome => {
    outcomes.push(outcome)
    failedAt = clock.now() / 1000
  })
  await clock.advance(60_000)
  t.same(times('INVITE', box), [0, 500, 1500, 3500, 7500, 15_500, 31_500])
  t.same(told(outcomes), ['timeout'])
  t.equal(failedAt, 32_000)
  t.same(clock.pending(), [], 'nothing is left ticking')
})

t.test('BYE to nobody: timer E doubles up to T2, timer F gives up after 64*T1', async t => {
  const { clock, open, times } = createWorld(() => 'drop')
  const wire = await open(box)
  const outcomes: ClientOutcome[] = []
  wire.request(request('BYE'), peer, outcome => outcomes.push(outcome))
  await clock.advance(60_000)
  t.same(times('BYE', box), [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
  t.same(told(outcomes), ['timeout'])
  t.same(clock.pending(), [])
})

t.test('a provisional answer: INVITE is not repeated any more, others go on every T2', async t => {
  const { clock, open, times } = createWorld()
  const wire = await open(box)
  answering(await open(peer), 100)
  wire.request(request('INVITE'), peer, () => {})
  wire.request(request('OPTIONS'), peer, () => {})
  await clock.advance(40_000)
  t.same(times('INVITE', box), [0])
  t.same(times('OPTIONS', box), [0, 500, 4500, 8500, 12_500, 16_500, 20_500, 24_500, 28_500])
})

t.test('nobody listens there: told at once', async t => {
  const { clock, open } = createWorld()
  const wire = await open(box)
  const outcomes: ClientOutcome[] = []
  wire.request(request('INVITE'), peer, outcome => outcomes.push(outcome))
  wire.request(request('REGISTER'), peer, outcome => outcomes.push(outcome))
  await clock.advance(10)
  t.same(told(outcomes), ['unreachable', 'unreachable'])
  t.same(clock.pending(), [])
})

t.test('a final refusal: timers G and H at the server, ACK by the wire, timer D at the client', async t => {
  const world = createWorld(dropping({ ACK: 99 }))
  const { clock, open, times } = world
  const wire = await open(box)
  const far = await open(peer)
  let timedOut = 0
  far.onRequest = transaction => {
    transaction.onTimeout = () => {
      timedOut = clock.now() / 1000
    }
    transaction.respond(responseTo(transaction.request, 486, 'Busy Here', 'b'))
  }
  const outcomes: ClientOutcome[] = []
  const routes = [
    ['Route', '<sip:127.0.0.1;lr>'],
    ['Route', '<sip:service.test;lr>'],
    ['Proxy-Authorization', 'Digest username="a"'],
  ] as const
  wire.request(request('INVITE', routes), peer, outcome => outcomes.push(outcome))
  await clock.advance(70_000)
  const at = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]
  t.same(
    times('486 INVITE', peer),
    at.map(time => time + 1),
  )
  t.same(
    times('ACK', box),
    at.map(time => time + 2),
    'one ACK for each',
  )
  t.same(told(outcomes), ['486'], 'told once')
  t.equal(timedOut, 32_001)
  t.same(clock.pending(), [])
  const ack = world.sent().find(one => one.what === 'ACK')?.text ?? ''
  const invite = world.sent().find(one => one.what === 'INVITE')?.text ?? ''
  t.equal(/^Via: .*$/m.exec(ack)?.[0], /^Via: .*$/m.exec(invite)?.[0], 'same Via')
  t.match(ack, /^Route: <sip:127.0.0.1;lr>\r\nRoute: <sip:service.test;lr>$/m, 'all Routes')
  t.match(ack, /^Proxy-Authorization: Digest username="a"$/m)
  t.match(ack, /^To: .*;tag=b$/m)
  t.match(ack, /^CSeq: 1 ACK$/m)
})

t.test('timer I, J and K: an answered request is remembered for 64*T1 and reaches nobody twice', async t => {
  for (const [method, status] of [
    ['INVITE', 486],
    ['INVITE', 200],
    ['MESSAGE', 200],
  ] as const) {
    const world = createWorld()
    const { clock, network, open } = world
    const wire = await open(box)
    const seen = answering(await open(peer), status)
    wire.request(request(method), peer, () => {})
    await clock.advance(100)
    const first = network.captured.find(one => one.index === 0)
    const raw = await network.openUdp({ address: '127.0.0.9', port: 0, onDatagram() {}, onError() {} })
    for (const delay of [900, 6000, 24_900]) {
      await clock.advance(delay)
      raw.send(first?.data as Uint8Array, peer)
    }
    await clock.advance(100)
    t.equal(seen.length, 1, `${method} ${status}: late copies at 1, 7 and 31.9 s`)
    await clock.advance(1000)
    raw.send(first?.data as Uint8Array, peer)
    await clock.advance(10)
    t.equal(seen.length, 2, 'after 33 s it is a new request')
    const answers = world.sent().filter(one => one.from === peer.address && one.what === '200 MESSAGE')
    t.equal(answers.length, method === 'MESSAGE' ? 5 : 0, 'the copies of a MESSAGE get the same answer')
  }
})

t.test('the 100 goes out by itself after 200 ms', async t => {
  const { clock, open, times } = createWorld()
  const wire = await open(box)
  ;(await open(peer)).onRequest = transaction => {
    clock.timer('later', ms(300), () =>
      transaction.respond(responseTo(transaction.request, 180, 'Ringing', 'b')),
    )
  }
  const outcomes: ClientOutcome[] = []
  wire.request(request('INVITE'), peer, outcome => outcomes.push(outcome))
  await clock.advance(1000)
  t.same(times('100 INVITE', peer), [201])
  t.same(told(outcomes), ['100', '180'])
})

for (const lost of [1, 2, 3])
  t.test(
    `the first ${lost} INVITE lost: the call is set up after ${[0, 500, 1500, 3500][lost]} ms`,
    async t => {
      const { clock, open } = createWorld(dropping({ INVITE: lost }))
      const wire = await open(box)
      const seen = answering(await open(peer), 180, 200)
      const outcomes: ClientOutcome[] = []
      let at = -1
      wire.request(request('INVITE'), peer, outcome => {
        outcomes.push(outcome)
        at = clock.now() / 1000
      })
      await clock.runUntil(() => outcomes.length === 2, 32_000)
      t.equal(at, ([0, 500, 1500, 3500][lost] as number) + 2)
      t.same(told(outcomes), ['180', '200'])
      t.equal(seen.length, 1)
    },
  )

t.test(
  'a lost 200 is repeated by the user agent through the same transaction; each copy is told',
  async t => {
    const { clock, open, sent } = createWorld(dropping({ '200 INVITE': 1 }))
    const wire = await open(box)
    const far = await open(peer)
    let acks = 0
    far.onAck = () => acks++
    far.onRequest = transaction => {
      const ok = responseTo(transaction.request, 200, 'OK', 'b', [['Contact', '<sip:bob@127.0.0.1:5060>']])
      for (const delay of [0, 500, 1500]) clock.timer('2xx', ms(delay), () => transaction.respond(ok))
    }
    const outcomes: ClientOutcome[] = []
    wire.request(request('INVITE'), peer, outcome => {
      outcomes.push(outcome)
      wire.send(request('ACK'), peer)
    })
    await clock.advance(3000)
    t.same(told(outcomes), ['200', '200'])
    t.equal(acks, 2, 'ACKs to a 2xx are handed up')
    t.equal(sent().filter(one => one.what === 'INVITE').length, 2, 'one repetition, absorbed')
  },
)

t.test('486 lost twice, ACK lost once: one answer, one request, silence afterwards', async t => {
  const { clock, open, sent } = createWorld(dropping({ '486 INVITE': 2, ACK: 1 }))
  const wire = await open(box)
  const seen = answering(await open(peer), 486)
  const outcomes: ClientOutcome[] = []
  wire.request(request('INVITE'), peer, outcome => outcomes.push(outcome))
  await clock.advance(10_000)
  const quiet = sent().length
  await clock.advance(60_000)
  t.same(told(outcomes), ['486'])
  t.equal(seen.length, 1)
  t.equal(sent().length, quiet)
  t.same(clock.pending(), [])
})

for (const method of ['BYE', 'REGISTER', 'PRACK', 'NOTIFY'])
  t.test(`${method} lost, then its answer lost: one request, one outcome`, async t => {
    const { clock, open, times } = createWorld(dropping({ [method]: 1, [`200 ${method}`]: 1 }))
    const wire = await open(box)
    const seen = answering(await open(peer), 200)
    const outcomes: ClientOutcome[] = []
    wire.request(request(method), peer, outcome => outcomes.push(outcome))
    await clock.advance(60_000)
    t.same(times(method, box), [0, 500, 1500])
    t.same(told(outcomes), ['200'])
    t.equal(seen.length, 1)
  })

t.test('CANCEL waits for a provisional answer, survives loss, and the INVITE ends with 487', async t => {
  const { clock, open, times } = createWorld(dropping({ CANCEL: 1 }))
  const wire = await open(box)
  const far = await open(peer)
  let cancels = 0
  far.onRequest = transaction => {
    clock.timer('ring', ms(100), () =>
      transaction.respond(responseTo(transaction.request, 180, 'Ringing', 'b')),
    )
    transaction.onCancel = () => {
      cancels++
      transaction.respond(responseTo(transaction.request, 487, 'Request Terminated', 'b'))
    }
  }
  const outcomes: ClientOutcome[] = []
  const call = wire.request(request('INVITE'), peer, outcome => outcomes.push(outcome))
  call.cancel([['Reason', 'SIP;cause=200;text="Call completed elsewhere"']])
  await clock.advance(50)
  t.same(times('CANCEL', box), [], 'not before the 180')
  await clock.advance(5000)
  call.cancel()
  await clock.advance(40_000)
  t.same(times('CANCEL', box), [102, 602])
  t.equal(cancels, 1)
  t.same(told(outcomes), ['180', '487'])
  t.same(clock.pending(), [])
})

t.test('a CANCEL that nobody heeds ends the INVITE after 64*T1; one for nothing gets 481', async t => {
  const { clock, open, sent } = createWorld(dropping({ CANCEL: 99 }))
  const wire = await open(box)
  answering(await open(peer), 180)
  const outcomes: ClientOutcome[] = []
  wire.request(request('INVITE'), peer, outcome => outcomes.push(outcome)).cancel()
  await clock.advance(40_000)
  t.same(told(outcomes), ['180', 'timeout'])
  const other = createWorld()
  const lonely = await other.open(box)
  answering(await other.open(peer), 200)
  const answers: ClientOutcome[] = []
  lonely.request(request('CANCEL'), peer, outcome => answers.push(outcome))
  await other.clock.advance(10)
  t.same(told(answers), ['481'])
  t.ok(sent().length > 0)
})

t.test('strangers get nothing: not for good messages, nor for bad ones', async t => {
  const { clock, network, open } = createWorld()
  const drops: string[] = []
  const wire = await open(box, {
    allow: ['127.0.0.1/32', '10.0.0.0/8'],
    onDropped: (_from, why) => drops.push(why),
  })
  const seen = answering(wire, 200)
  const scanner = await open(stranger)
  for (const method of ['OPTIONS', 'REGISTER', 'INVITE']) scanner.request(request(method), box, () => {})
  const raw = await network.openUdp({ ...stranger, port: 5999, onDatagram() {}, onError() {} })
  raw.send(Buffer.from('INVITE broken SIP/2.0\r\nVia: SIP/2.0/UDP x\r\n\r\n'), box)
  await clock.advance(2000)
  t.equal(network.captured.filter(one => one.from.address === box.address).length, 0, 'not one datagram')
  t.equal(seen.length, 0)
  t.ok(drops.length > 0 && drops.every(why => why === 'stranger'))
  t.ok(drops.length <= 8, 'and the log is not flooded')
  const outcomes: ClientOutcome[] = []
  ;(await open(peer)).request(request('OPTIONS'), box, outcome => outcomes.push(outcome))
  await clock.advance(10)
  t.same(told(outcomes), ['200'], 'while the proxy is served')
})

t.test('whoever is asked may answer, not ask', async t => {
  const { clock, open } = createWorld()
  const wire = await open(box, { allow: [] })
  const seen = answering(wire, 200)
  const other = await open(stranger)
  const outcomes: ClientOutcome[] = []
  other.onRequest = transaction => {
    other.request(request('INVITE'), box, () => {})
    clock.timer('later', ms(100), () => transaction.respond(responseTo(transaction.request, 200, 'OK', 'b')))
  }
  wire.request(request('BYE'), stranger, outcome => outcomes.push(outcome))
  await clock.advance(1000)
  t.same(told(outcomes), ['200'])
  t.equal(seen.length, 0)
})

t.test('more unanswered requests than allowed are dropped until some are answered', async t => {
  const { clock, open } = createWorld()
  const wire = await open(box, { maxUnanswered: 3 })
  const seen = answering(wire)
  const far = await open(peer)
  for (let n = 0; n < 5; n++) far.request(request('OPTIONS'), box, () => {})
  await clock.advance(100)
  t.equal(seen.length, 3)
  for (const transaction of seen) transaction.respond(responseTo(transaction.request, 200, 'OK', 'b'))
  await clock.advance(1000)
  t.equal(seen.length, 5, 'their repetitions are taken')
  const answers = [200, 486, 200, 603, 404]
  for (const [n, transaction] of seen.slice(3).entries())
    transaction.respond(responseTo(transaction.request, answers[n]!, 'x', 'b'))
  for (let round = 0; round < 5; round++) {
    const before = seen.length
    for (let n = 0; n < 3; n++) far.request(request('INVITE'), box, () => {})
    await clock.advance(50)
    t.equal(seen.length, before + 3, 'however the ones before were answered')
    for (const transaction of seen.slice(before)) {
      transaction.respond(responseTo(transaction.request, 180, 'Ringing', 'b'))
      transaction.respond(responseTo(transaction.request, answers[round]!, 'x', 'b'))
      transaction.respond(responseTo(transaction.request, 500, 'late', 'b'))
    }
    await clock.advance(50)
  }
})

t.test('after any torture message and any mutation of a real one, a good request is served', async t => {
  const { clock, network, entropy, open } = createWorld()
  const wire = await open(box, { sourceRate: 1e6, maxUnanswered: 1e6 })
  const given: string[] = []
  wire.line({
    token: 'l1.invalid',
    contactUser: 'k3',
    users: ['a'],
    proxies: [peer],
    onMessage: text => given.push(text),
  })
  const raw = await network.openUdp({ ...peer, onDatagram() {}, onError() {} })
  const folder = ['../shared/data/rfc4475', '../../shared/data/rfc4475'].find(existsSync)
  const torture = (folder === undefined ? [] : readdirSync(folder))
    .filter(file => file.endsWith('.dat'))
    .map(file => readFileSync(`${folder}/${file}`))
  wire.request(request('INVITE'), peer, () => {})
  await clock.advance(10)
  const real = network.captured.map(({ data }) => Buffer.from(data))
  const answer = Buffer.from(real[0]?.toString().replace(/^INVITE .*$/m, 'SIP/2.0 180 Ringing') ?? '')
  const mutated = [...real, answer].flatMap(bytes =>
    Array.from({ length: 400 }, () => {
      const copy = Buffer.from(bytes)
      for (let n = entropy.uint32() % 4; n >= 0; n--)
        copy[entropy.uint32() % copy.length] = entropy.uint32() & 0xff
      return copy.subarray(0, entropy.uint32() % 4 === 0 ? entropy.uint32() % copy.length : copy.length)
    }),
  )
  for (const datagram of [...torture, ...mutated]) raw.send(datagram, box)
  await clock.advance(100)
  const before = given.length
  raw.send(Buffer.from(real[0]?.toString().replace(/branch=\w+/, 'branch=z9hG4bKgood') ?? ''), box)
  await clock.advance(10)
  t.equal(given.length, before + 1)
  for (const text of given) t.not(parseMessage(Buffer.from(text)).kind, 'error', 'and nothing broken got up')
  await clock.advance(200_000)
  t.same(clock.pending(), [])
})

t.test('a malformed request of the proxy gets its 400, with a To tag', async t => {
  const { clock, network, open } = createWorld()
  await open(box, { allow: ['127.0.0.1'] })
  let answer = ''
  const raw = await network.openUdp({
    ...peer,
    onDatagram: data => {
      answer = Buffer.from(data).toString()
    },
    onError() {},
  })
  raw.send(
    Buffer.from(
      'INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n',
    ),
    box,
  )
  await clock.advance(10)
  t.match(answer, /^SIP\/2.0 400 Bad Request\r\n/)
  t.match(answer, /^To: <sip:c@d>;tag=\w+$/m)
})

t.test('a flood from an allowed source is cut to the rate, with bursts of twice that', async t => {
  const { clock, open } = createWorld()
  const wire = await open(box, { sourceRate: 10 })
  const seen = answering(wire, 200)
  const far = await open(peer, { t1: 100_000 })
  for (let i = 0; i < 100; i++) far.request(request('OPTIONS'), box, () => {})
  await clock.advance(5)
  t.equal(seen.length, 20)
  await clock.advance(1000)
  for (let i = 0; i < 100; i++) far.request(request('OPTIONS'), box, () => {})
  await clock.advance(5)
  t.equal(seen.length, 30)
})

t.test('a response counts only with the right branch, sent-by, method and source', async t => {
  const { clock, network, open, sent } = createWorld()
  const wire = await open(box)
  const silent = await network.openUdp({ ...peer, onDatagram() {}, onError() {} })
  const liar = await network.openUdp({ ...stranger, onDatagram() {}, onError() {} })
  const outcomes: ClientOutcome[] = []
  wire.request(request('INVITE'), peer, outcome => outcomes.push(outcome))
  await clock.advance(10)
  const ok = (sent()[0]?.text ?? '').replace(/^INVITE .*$/m, 'SIP/2.0 200 OK')
  liar.send(Buffer.from(ok), box)
  silent.send(Buffer.from(ok.replace(/branch=\w+/, 'branch=z9hG4bKguess')), box)
  silent.send(Buffer.from(ok.replace('127.0.0.5:5060', '127.0.0.5:5061')), box)
  silent.send(Buffer.from(ok.replace('CSeq: 1 INVITE', 'CSeq: 1 BYE')), box)
  await clock.advance(10)
  t.same(told(outcomes), [])
  silent.send(Buffer.from(ok), box)
  await clock.advance(10)
  t.same(told(outcomes), ['200'])
  t.match(ok, /branch=z9hG4bK[0-9a-f]{24};rport/, '96 random bits')
})

t.test('rport and received: answers go where the request came from (RFC 3581)', async t => {
  const { clock, network, open } = createWorld()
  const wire = await open(box)
  const seen: SipRequest[] = []
  wire.onRequest = transaction => {
    seen.push(transaction.request)
    transaction.respond(responseTo(transaction.request, 200, 'OK', 'b'))
  }
  const answers: string[] = []
  const behindNat = await network.openUdp({
    address: '127.0.0.9',
    port: 40_000,
    onDatagram: data => answers.push(Buffer.from(data).toString()),
    onError() {},
  })
  const atDefault = await network.openUdp({
    address: '127.0.0.9',
    port: 5060,
    onDatagram: data => answers.push(`5060 ${Buffer.from(data).toString()}`),
    onError() {},
  })
  const options = (via: string): Buffer =>
    Buffer.from(
      `OPTIONS sip:box SIP/2.0\r\nVia: ${via}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: ${via.length}\r\nCSeq: 1 OPTIONS\r\n\r\n`,
    )
  behindNat.send(options('SIP/2.0/UDP 192.168.1.2:5062;rport;branch=z9hG4bKa;received=10.0.0.1'), box)
  await clock.advance(10)
  t.match(answers[0], /^Via: SIP\/2.0\/UDP 192.168.1.2:5062;rport=40000;branch=z9hG4bKa;received=127.0.0.9$/m)
  behindNat.send(options('SIP/2.0/UDP client.test;branch=z9hG4bKb'), box)
  await clock.advance(10)
  t.match(answers[1], /^5060 [\s\S]*received=127.0.0.9/, 'without rport: to the port of sent-by')
  t.equal(headerOf(seen[0] as SipRequest, 'Via')?.includes('10.0.0.1'), false, 'a forged received is dropped')
  await atDefault.close()
})

t.test('the trace shows both directions and no proof of a password', async t => {
  const { clock, open } = createWorld()
  const trace: string[] = []
  const wire = await open(box, {
    onMessage: (direction, to, text) => trace.push(`${direction} ${to.port} ${text}`),
  })
  answering(await open(peer), 200)
  const credentials =
    'Digest username="u", realm="r", nonce="n", uri="sip:o", response="0123456789abcdef", algorithm=MD5'
  wire.request(request('REGISTER', [['Authorization', credentials]]), peer, () => {})
  await clock.advance(10)
  t.match(trace[0], /^out 5060 REGISTER [\s\S]*response="\*\*\*"/)
  t.match(trace[1], /^in 5060 SIP\/2.0 200/)
  t.notMatch(trace.join(), '0123456789abcdef')
})
