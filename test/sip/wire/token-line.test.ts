// The text front of the wire, as the SIP engine uses it: tokens outside in, destinations, failover, swallowed ACKs.

import t from 'tap'
import { responseTo, type SipRequest } from '../../../firmware/sip/wire/message.js'
import type { ServerTransaction, Wire, WireLineOptions } from '../../../firmware/sip/wire/wire-contract.js'
import type { Endpoint } from '../../../hal/network.js'
import { box, createWorld, dropping, nameOf, peer, request } from './wire-world.js'

const second: Endpoint = { address: '127.0.0.2', port: 5060 }

/** A line and what its engine was given. */
const lineOn = (wire: Wire, options: Partial<WireLineOptions> = {}) => {
  const got: string[] = []
  const sources: (Endpoint | undefined)[] = []
  const line = wire.line({
    token: 'l1-x7.invalid',
    contactUser: 'k3x9',
    users: ['0389000001'],
    proxies: [peer],
    allowMethods: ['UPDATE', 'PRACK'],
    ...options,
    onMessage: (text, from) => {
      got.push(text)
      sources.push(from)
      options.onMessage?.(text, from)
    },
  })
  return { line, got, sources, names: () => got.map(nameOf) }
}

interface Text {
  readonly method: string
  readonly uri?: string
  readonly branch?: string
  readonly to?: string
  readonly call?: string
  readonly extra?: string
}

/** What the engine writes. */
const engineText = ({ method, uri, branch, to, call, extra }: Text): string =>
  `${method} ${uri ?? 'sip:0389000002@operator.test'} SIP/2.0\r\n` +
  `Via: SIP/2.0/UDP l1-x7.invalid;branch=${branch ?? 'z9hG4bK1234567'};rport\r\n` +
  `Max-Forwards: 70\r\nFrom: <sip:0389000001@operator.test>;tag=f\r\nTo: ${to ?? '<sip:0389000002@operator.test>'}\r\n` +
  `Call-ID: ${call ?? 'c1'}\r\nCSeq: 1 ${method}\r\nContact: <sip:k3x9@l1-x7.invalid;ob>\r\n${extra ?? ''}Content-Length: 0\r\n\r\n`

const answering = (wire: Wire, ...statuses: number[]): ServerTransaction[] => {
  const seen: ServerTransaction[] = []
  wire.onRequest = transaction => {
    seen.push(transaction)
    for (const status of statuses) transaction.respond(responseTo(transaction.request, status, 'x', 'b'))
  }
  return seen
}

t.test(
  'outward the address stands for the token, in Via and Contact; inward the engine gets its own Via back',
  async t => {
    const { clock, open, sent } = createWorld()
    const { line, got, sources } = lineOn(await open(box, { allow: [] }))
    const far = await open(peer)
    far.onRequest = ({ request, respond }) =>
      respond(
        responseTo(request, 200, 'OK', 'b', [
          [
            'Contact',
            '<sip:k3x9@127.0.0.5:5060;ob>;expires=299, <sip:k3x9@10.0.0.9:1024>;expires=5, <sip:o@h>',
          ],
        ]),
      )
    await line.send(engineText({ method: 'REGISTER', uri: 'sip:operator.test' }))
    await clock.advance(10)
    const out = sent()[0]?.text ?? ''
    t.notMatch(out, 'invalid')
    t.match(out, /^Via: SIP\/2.0\/UDP 127.0.0.5:5060;branch=z9hG4bK[0-9a-f]{24};rport$/m)
    t.match(out, /^Contact: <sip:k3x9@127.0.0.5:5060;ob>$/m)
    t.match(got[0], /^SIP\/2.0 200 OK\r\nVia: SIP\/2.0\/UDP l1-x7.invalid;branch=z9hG4bK1234567;rport\r\n/)
    t.match(
      got[0],
      /^Contact: <sip:k3x9@l1-x7.invalid;ob>;expires=299, <sip:k3x9@l1-x7.invalid>;expires=5, <sip:o@h>$/m,
    )
    t.same(sources[0], peer)
  },
)

t.test(
  'requests reach the engine at its Contact, whatever they were addressed to; the policy may refuse',
  async t => {
    const { clock, open } = createWorld()
    const asked: string[] = []
    const { got } = lineOn(await open(box, { allow: [] }), {
      accept: ({ uri }) => {
        asked.push(uri)
        return !uri.includes('+')
      },
    })
    const far = await open(peer)
    const answers: number[] = []
    for (const uri of [
      'sip:k3x9@127.0.0.5:5060;ob',
      'sip:0389000001@operator.test',
      'sip:0389555555@127.0.0.5',
      'sip:127.0.0.5:5060',
      'sip:+33389000001@operator.test',
    ])
      far.request({ ...request('OPTIONS'), uri }, box, outcome => {
        if (outcome.type === 'response') answers.push(outcome.response.status)
      })
    await clock.advance(10)
    t.same(
      got.map(text => text.slice(0, text.indexOf('\r\n'))),
      Array(4).fill('OPTIONS sip:k3x9@l1-x7.invalid SIP/2.0'),
    )
    t.same(
      got.map(text => /^P-Called-Party-ID: (.*)$/m.exec(text)?.[1]),
      [undefined, '<sip:0389000001@operator.test>', '<sip:0389555555@127.0.0.5>', undefined],
    )
    t.same(asked, ['sip:0389555555@127.0.0.5', 'sip:127.0.0.5:5060', 'sip:+33389000001@operator.test'])
    t.same(answers, [404])
  },
)

t.test(
  'an incoming call: copies absorbed, the answer repeated, ACK and CANCEL at the right line',
  async t => {
    const { clock, open } = createWorld(dropping({ '486 INVITE': 2 }))
    const wire = await open(box, { allow: [] })
    const one = lineOn(wire)
    const two = lineOn(wire, {
      token: 'l2-y8.invalid',
      contactUser: 'm4',
      users: ['0389000009'],
      onMessage: text => {
        const status = nameOf(text) === 'INVITE' ? 'SIP/2.0 486 Busy Here' : ''
        if (status !== '')
          void two.line.send(text.replace(/^INVITE .*/, status).replace(/^To: (.*)$/m, 'To: $1;tag=two'))
      },
    })
    const far = await open(peer)
    const outcomes: string[] = []
    far.request({ ...request('INVITE'), uri: 'sip:0389000009@operator.test' }, box, outcome =>
      outcomes.push(outcome.type === 'response' ? `${outcome.response.status}` : outcome.why),
    )
    await clock.advance(10_000)
    t.same(outcomes, ['486'])
    t.same(two.names(), ['INVITE', 'ACK'], 'once each')
    t.same(one.names(), [], 'the other line hears nothing')
    const call = far.request({ ...request('INVITE'), uri: 'sip:0389000001@operator.test' }, box, () => {})
    await clock.advance(300)
    call.cancel()
    await clock.advance(300)
    t.same(one.names(), ['INVITE', 'CANCEL'])
    t.match(one.got[1], /^CANCEL sip:k3x9@l1-x7.invalid /)
    t.equal(
      /branch=[^;\r]+/.exec(one.got[0] as string)?.[0],
      /branch=[^;\r]+/.exec(one.got[1] as string)?.[0],
      'so that the engine can match it',
    )
  },
)

t.test(
  'a changed account: the newest line of a number has its calls, the old one what is its own',
  async t => {
    const { clock, open } = createWorld()
    const wire = await open(box, { allow: [] })
    const old = lineOn(wire)
    const fresh = lineOn(wire, { token: 'l1-z9.invalid', contactUser: 'q5' })
    const far = await open(peer)
    far.request({ ...request('INVITE'), uri: 'sip:0389000001@operator.test' }, box, () => {})
    far.request({ ...request('BYE'), uri: 'sip:k3x9@127.0.0.5' }, box, () => {})
    far.request({ ...request('OPTIONS'), uri: 'sip:0389777777@127.0.0.5' }, box, () => {})
    await clock.advance(100)
    t.same(fresh.names(), ['INVITE'])
    t.same(old.names(), ['BYE'])
  },
)

t.test('an outgoing call refused: the wire acknowledges, the engine’s own ACK stays here', async t => {
  const { clock, open, sent } = createWorld()
  const { line, names } = lineOn(await open(box, { allow: [] }))
  answering(await open(peer), 486)
  await line.send(engineText({ method: 'INVITE' }))
  await clock.advance(10)
  await line.send(engineText({ method: 'ACK', to: '<sip:0389000002@operator.test>;tag=b' }))
  await clock.advance(40_000)
  t.same(names(), ['486 INVITE'])
  t.equal(sent().filter(({ what }) => what === 'ACK').length, 1)
  t.same(clock.pending(), [])
})

t.test(
  'an outgoing call answered: Contact put into answers without one, ACK by Route, Allow completed',
  async t => {
    const { clock, open, sent } = createWorld()
    const { line, got } = lineOn(await open(box, { allow: [] }))
    const far = await open(peer)
    const acks: string[] = []
    far.onAck = ack => acks.push(ack.uri)
    far.onRequest = ({ request, respond }) => {
      respond(responseTo(request, 100, 'Trying'))
      respond(responseTo(request, 180, 'Ringing', 'b'))
      respond(responseTo(request, 183, 'Session Progress', 'b', [['Contact', '<sip:b@127.0.0.77>']]))
      respond(responseTo(request, 200, 'OK', 'b'))
    }
    await line.send(engineText({ method: 'INVITE', extra: 'Allow: INVITE, ACK\r\n' }))
    await clock.advance(10)
    t.match(sent()[0]?.text, /^Allow: INVITE, ACK, UPDATE, PRACK$/m)
    t.same(
      got.map(text => /^Contact: (.*)$/m.exec(text)?.[1]),
      [undefined, '<sip:127.0.0.1:5060>', '<sip:b@127.0.0.77>', '<sip:b@127.0.0.77>'],
    )
    await line.send(
      engineText({
        method: 'ACK',
        uri: 'sip:b@127.0.0.77',
        branch: 'z9hG4bK9',
        to: '<sip:x@y>;tag=b',
        extra: 'Route: <sip:127.0.0.1;lr>\r\n',
      }),
    )
    await clock.advance(10)
    t.same(acks, ['sip:b@127.0.0.77'], 'the top Route decides, not the Request-URI')
  },
)

t.test('in a dialog without Route the Request-URI decides; names are looked up', async t => {
  const { clock, network, open, sent } = createWorld()
  network.resolveHost = async name => (name === 'gateway.test' ? ['127.0.0.2'] : [])
  const { line } = lineOn(await open(box, { allow: [] }))
  answering(await open(second), 200)
  await line.send(engineText({ method: 'BYE', uri: 'sip:b@gateway.test:5060', to: '<sip:x@y>;tag=b' }))
  await clock.advance(10)
  t.ok(sent().some(({ what, from }) => what === '200 BYE' && from === second.address))
  await t.rejects(line.send(engineText({ method: 'BYE', uri: 'sip:b@nowhere.test', to: '<sip:x@y>;tag=b' })))
  await t.rejects(line.send('BYE'), /not a SIP message/)
})

t.test('nobody answers: 408 after 64*T1, 503 at once when refused, never from inside send', async t => {
  const silent = createWorld(() => 'drop')
  const one = lineOn(await silent.open(box, { allow: [] }))
  let inside = true
  const sending = one.line.send(engineText({ method: 'INVITE' }))
  inside = false
  await sending
  await silent.clock.advance(31_000)
  t.same(one.names(), [])
  await silent.clock.advance(2000)
  t.same(one.names(), ['408 INVITE'])
  t.equal(one.sources[0], undefined)
  t.match(one.got[0], /^Via: SIP\/2.0\/UDP l1-x7.invalid;branch=z9hG4bK1234567;rport$/m)
  t.match(one.got[0], /^To: .*;tag=/m)
  t.notOk(inside)
  const refusing = createWorld()
  const two = lineOn(await refusing.open(box, { allow: [] }), { proxies: [peer, second] })
  await two.line.send(engineText({ method: 'REGISTER' }))
  await refusing.clock.advance(20)
  t.same(two.names(), ['503 REGISTER'], 'after both refused')
  t.same(
    refusing.network.captured.map(({ to }) => to.address),
    [peer.address, second.address],
  )
})

t.test(
  'failover: the next proxy after failoverMs, the dead one asked last for 32 s, the late riser cancelled',
  async t => {
    const { clock, network, open, sent } = createWorld()
    const { line, names } = lineOn(await open(box, { allow: [] }), {
      proxies: [peer, second],
      failoverMs: 4000,
    })
    const asleep = await open(peer)
    const woken: ServerTransaction[] = []
    const cancels: string[] = []
    asleep.onRequest = transaction => {
      transaction.onCancel = () => {
        cancels.push(transaction.request.method)
        transaction.respond(responseTo(transaction.request, 487, 'Request Terminated', 'b'))
      }
      woken.push(transaction)
    }
    network.filter = (_data, from) => (from.address === peer.address && clock.now() < 6e6 ? 'drop' : 'pass')
    answering(await open(second), 180, 200)
    await line.send(engineText({ method: 'INVITE' }))
    await clock.advance(3999)
    t.same(names(), [])
    await clock.advance(10)
    t.same(names(), ['180 INVITE', '200 INVITE'], 'the second proxy has answered')
    await clock.advance(3000)
    for (const { request, respond } of woken) respond(responseTo(request, 180, 'Ringing', 'late'))
    await clock.advance(1000)
    t.same(cancels, ['INVITE'], 'what the first one began is cancelled')
    t.same(names(), ['180 INVITE', '200 INVITE'])
    const before = sent().length
    await line.send(engineText({ method: 'INVITE', branch: 'z9hG4bK2', call: 'c2' }))
    await clock.advance(10)
    t.equal(network.captured[before]?.to.address, second.address, 'the working one first')
    await clock.advance(60_000)
    const later = sent().length
    await line.send(engineText({ method: 'INVITE', branch: 'z9hG4bK3', call: 'c3' }))
    await clock.advance(1)
    t.equal(network.captured[later]?.to.address, peer.address, 'and the preferred one again afterwards')
  },
)

t.test('a 503 moves on to the next proxy; a 486 does not', async t => {
  for (const [status, expected] of [
    [503, ['200 REGISTER']],
    [403, ['403 REGISTER']],
  ] as const) {
    const { clock, open } = createWorld()
    const { line, names } = lineOn(await open(box, { allow: [] }), { proxies: [peer, second] })
    answering(await open(peer), status)
    answering(await open(second), 200)
    await line.send(engineText({ method: 'REGISTER' }))
    await clock.advance(10)
    t.same(names(), expected)
  }
})

t.test('CANCEL of the engine goes with the INVITE, and its answer comes back', async t => {
  const { clock, open, sent } = createWorld(dropping({ CANCEL: 1, '200 CANCEL': 1 }))
  const { line, got, names } = lineOn(await open(box, { allow: [] }))
  const far = await open(peer)
  far.onRequest = transaction => {
    transaction.respond(responseTo(transaction.request, 180, 'Ringing', 'b'))
    transaction.onCancel = () =>
      transaction.respond(responseTo(transaction.request, 487, 'Request Terminated', 'b'))
  }
  await line.send(engineText({ method: 'INVITE' }))
  await clock.advance(100)
  await line.send(engineText({ method: 'CANCEL', extra: 'Reason: SIP;cause=200\r\n' }))
  await clock.advance(3000)
  t.same(names(), ['180 INVITE', '487 INVITE', '200 CANCEL'])
  t.match(got[2], /^Via: SIP\/2.0\/UDP l1-x7.invalid;branch=z9hG4bK1234567;rport$/m)
  const [invite, cancel] = ['INVITE', 'CANCEL'].map(
    name => sent().find(({ what }) => what === name)?.text ?? '',
  )
  t.equal(/branch=\w+/.exec(invite as string)?.[0], /branch=\w+/.exec(cancel as string)?.[0])
  t.match(cancel, /^Reason: SIP;cause=200$/m)
  await line.send(engineText({ method: 'CANCEL' }))
  await clock.advance(10)
  t.equal(names().at(-1), '481 CANCEL', 'too late')
})

t.test('the address changes: what leaves later carries the new one, a running call goes on', async t => {
  const { clock, open, sent } = createWorld()
  const wire = await open(box, { allow: [] })
  const { line, names } = lineOn(wire)
  const seen = answering(await open(peer), 180)
  await line.send(engineText({ method: 'INVITE' }))
  await clock.advance(10)
  const moved = { address: '127.0.0.55', port: 5070 }
  await wire.rebind(moved)
  t.same(wire.local, moved)
  await line.send(engineText({ method: 'REGISTER', branch: 'z9hG4bK2' }))
  await clock.advance(10)
  const out = sent().find(({ what }) => what === 'REGISTER')?.text ?? ''
  t.match(out, /^Via: SIP\/2.0\/UDP 127.0.0.55:5070;/m)
  t.match(out, /^Contact: <sip:k3x9@127.0.0.55:5070;ob>$/m)
  t.equal(seen.length, 2)
  t.same(names(), ['180 INVITE', '180 REGISTER'])
})

t.test('header policy both ways, and malformed things never reach the engine', async t => {
  const { clock, network, open, sent } = createWorld()
  const { line, got } = lineOn(await open(box, { allow: [] }), {
    outbound: message => ({ ...message, headers: [...message.headers, ['X-Out', '1']] }),
    inbound: message => ({ ...message, headers: [...message.headers, ['X-In', '1']] }),
  })
  const raw = await network.openUdp({ ...peer, onDatagram() {}, onError() {} })
  await line.send(engineText({ method: 'INVITE' }))
  await clock.advance(10)
  t.match(sent()[0]?.text, /^X-Out: 1$/m)
  const ringing = (sent()[0]?.text ?? '').replace(/^INVITE .*$/m, 'SIP/2.0 180 Ringing')
  raw.send(Buffer.from(ringing.replace('CSeq: 1', 'CSeq: one')), box)
  raw.send(Buffer.from(ringing.replace('Call-ID: c1\r\n', '')), box)
  raw.send(Buffer.from(ringing.replace('Content-Length: 0', 'Content-Length: 5')), box)
  raw.send(Buffer.from('INVITE tel:0389000001 SIP/2.0\r\nFrom: broken\r\n\r\n'), box)
  await clock.advance(10)
  t.same(got, [])
  raw.send(Buffer.from(ringing), box)
  await clock.advance(10)
  t.match(got[0], /^X-In: 1$/m)
})

t.test('a closed line: requests get 404, sending is refused', async t => {
  const { clock, open } = createWorld()
  const { line, got } = lineOn(await open(box))
  line.close()
  const far = await open(peer)
  const answers: number[] = []
  const options: SipRequest = { ...request('OPTIONS'), uri: 'sip:k3x9@127.0.0.5' }
  far.request(options, box, outcome => {
    if (outcome.type === 'response') answers.push(outcome.response.status)
  })
  await clock.advance(10)
  t.same(answers, [404])
  t.same(got, [])
  await t.rejects(line.send(engineText({ method: 'BYE' })), /closed/)
})
