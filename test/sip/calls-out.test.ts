// Calls we place, against a scripted far end in virtual time. Trap numbers are those of the list of measured traps of sip.js.
import t from 'tap'
import {
  headerOf,
  headersOf,
  type SipRequest,
  type SipResponse,
  tagOf,
} from '../../firmware/sip/wire/message.js'
import { farDialog, openWorld, sdp, type World } from './scripted-peer.js'

const isRequest = (method: string) => (message: { kind: string; method?: string }) =>
  message.kind === 'request' && message.method === method
const challenge = (nonce: string, realm = 'operator.test', more = '') =>
  `Digest realm="${realm}", nonce="${nonce}", algorithm=MD5, qop="auth"${more}`

/** Placed, rung, answered, acknowledged. */
const connect = async (world: World, extra: readonly (readonly [string, string])[] = []) => {
  world.place('c1')
  const invite = await world.peer.request('INVITE')
  world.peer.reply(invite, 200, extra, sdp())
  const ack = await world.peer.request('ACK')
  const answer = {
    ...({ kind: 'response', status: 200, reason: '', body: '' } as const),
    headers: invite.headers.map(
      ([name, value]) => [name, name === 'To' ? `${value};tag=peer` : value] as const,
    ),
  } satisfies SipResponse
  return { invite, ack, far: farDialog(invite, answer, true) }
}

t.test('a call goes out, rings, is answered with its media, and is hung up', async t => {
  const world = await openWorld()
  const { peer, clock, line } = world
  world.place('c1')
  t.equal(world.events.length, 0, 'nothing comes back from inside place')
  const invite = await peer.request('INVITE')
  t.equal(invite.uri, 'sip:0389000002@operator.test;user=phone')
  t.match(headerOf(invite, 'From'), '<sip:0389000001@operator.test>;tag=')
  t.match(headerOf(invite, 'Supported'), '100rel, timer')
  t.match(headerOf(invite, 'Allow'), 'UPDATE')
  t.notMatch(headerOf(invite, 'Allow'), /REFER|REGISTER|MESSAGE|SUBSCRIBE/)
  t.match(headerOf(invite, 'Contact'), /^<sip:u[0-9a-f]{16}@127\.0\.0\.5:5060>$/)
  t.match(headerOf(invite, 'Session-Expires'), /^1800$/)
  t.equal(headerOf(invite, 'Min-SE'), '90')
  t.match(invite.body, 'm=audio 16384 RTP/AVP 8 0 101')
  peer.reply(invite, 180)
  await clock.runUntil(() => world.of('progress').length > 0, 100)
  peer.reply(invite, 200, [], sdp())
  const ack = await peer.request('ACK')
  t.equal(ack.uri, 'sip:far@127.0.0.1:5060')
  t.match(world.events, [
    { type: 'progress', status: 180 },
    { type: 'media', early: false, remote: { port: 4000, codec: 'PCMA', eventPayloadType: 101 } },
    { type: 'answered', call: 'c1' },
  ])
  line.hangUp('c1')
  line.hangUp('c1')
  const bye = await peer.request('BYE')
  peer.reply(bye, 200)
  await clock.advance(40_000)
  t.equal(peer.unread(isRequest('BYE')), 0, 'once')
  t.equal(world.events.length, 3, 'no event for what the telephone did itself')
  await world.end()
})

t.test('the far end hangs up: ended, with its cause', async t => {
  const world = await openWorld()
  const { far } = await connect(world)
  world.peer.send(far.request('BYE', [['Reason', 'Q.850;cause=16;text="x"']]))
  await world.peer.response(200, 'BYE')
  t.match(world.of('ended'), [{ call: 'c1', q850: 16 }])
  await world.end()
})

t.test('refusals carry status, reason and cause; 3xx is not followed', async t => {
  const world = await openWorld()
  for (const [status, q850] of [
    [486, 17],
    [302, undefined],
    [404, 1],
  ] as const) {
    const call = `c${status}`
    world.place(call)
    const invite = await world.peer.request('INVITE')
    world.peer.reply(invite, status, [
      ['Contact', '<sip:elsewhere@127.0.0.9>'],
      ...(q850 ? ([['Reason', `Q.850;cause=${q850}`]] as const) : []),
    ])
    await world.peer.request('ACK')
    await world.clock.advance(100)
    t.match(world.of('failed').at(-1), { call, status, reason: 'Whatever', q850 })
  }
  t.equal(world.peer.unread(isRequest('INVITE')), 0)
  await world.end()
})

t.test('trap 2: a lost INVITE, 200 and BYE are repeated; nobody answering is 408 after 32 s', async t => {
  let invites = 0
  const world = await openWorld({
    filter: data => (Buffer.from(data).toString().startsWith('INVITE') && invites++ < 2 ? 'drop' : 'pass'),
  })
  world.place('c1')
  const invite = await world.peer.request('INVITE', 2000)
  t.equal(world.clock.now(), 1_501_000, 'third copy, at 0.5 + 1 s')
  world.peer.reply(invite, 200, [], sdp())
  await world.peer.request('ACK')
  world.peer.reply(invite, 200, [], sdp())
  await world.peer.request('ACK')
  t.equal(world.of('answered').length, 1, 'a repeated 200 is acknowledged again and told once')
  world.line.hangUp('c1')
  await world.peer.request('BYE')
  const again = await world.peer.request('BYE')
  world.peer.reply(again, 200)
  await world.clock.advance(1000)
  world.place('c2')
  await world.clock.advance(31_900)
  t.equal(world.of('failed').length, 0)
  await world.clock.advance(200)
  t.match(world.of('failed'), [{ call: 'c2', status: 408 }])
  await world.end()
})

t.test('trap 1: hanging up while the 407 is in flight leaves no ringing telephone', async t => {
  const world = await openWorld()
  world.place('c1')
  const invite = await world.peer.request('INVITE')
  world.peer.reply(invite, 407, [['Proxy-Authenticate', challenge('n1')]])
  world.line.hangUp('c1')
  await world.peer.request('ACK')
  await world.clock.advance(60_000)
  t.equal(world.peer.received.filter(isRequest('INVITE')).length, 1, 'no INVITE with credentials')
  t.equal(world.of('failed').length, 0)
  await world.end()
})

t.test(
  'hanging up before any answer: CANCEL only after the first 1xx; a crossing 200 is taken and ended',
  async t => {
    const world = await openWorld()
    const { peer } = world
    world.place('c1')
    const invite = await peer.request('INVITE')
    world.line.hangUp('c1')
    await world.clock.advance(300)
    t.equal(peer.unread(isRequest('CANCEL')), 0)
    peer.reply(invite, 180)
    const cancel = await peer.request('CANCEL')
    t.equal(cancel.uri, invite.uri)
    t.equal(headerOf(cancel, 'CSeq'), '1 CANCEL')
    peer.reply(cancel, 200)
    peer.reply(invite, 200, [], sdp())
    await peer.request('ACK')
    peer.reply(await peer.request('BYE'), 200)
    await world.clock.advance(40_000)
    t.same(world.events, [])
    await world.end()
  },
)

t.test('CANCEL answered 487 ends in silence', async t => {
  const world = await openWorld()
  world.place('c1')
  const invite = await world.peer.request('INVITE')
  world.peer.reply(invite, 180)
  await world.clock.advance(100)
  world.line.hangUp('c1')
  const cancel = await world.peer.request('CANCEL')
  world.peer.reply(cancel, 200)
  world.peer.reply(invite, 487)
  await world.peer.request('ACK')
  await world.clock.advance(40_000)
  t.same(
    world.events.map(event => event.type),
    ['progress'],
  )
  await world.end()
})

t.test(
  'trap 13: 407 then 401, MD5-sess and SHA-256; credentials go out unasked afterwards with a rising nc',
  async t => {
    const world = await openWorld()
    const { peer } = world
    world.place('c1')
    const first = await peer.request('INVITE')
    t.equal(headerOf(first, 'Proxy-Authorization'), undefined)
    peer.reply(first, 407, [
      ['Proxy-Authenticate', 'Digest realm="operator.test", nonce="p", algorithm=SHA-256, qop="auth"'],
      ['Proxy-Authenticate', challenge('p')],
    ])
    const second = await peer.request('INVITE')
    t.match(headerOf(second, 'Proxy-Authorization'), /algorithm=SHA-256.*nc=00000001/)
    t.equal(headerOf(second, 'CSeq'), '2 INVITE')
    t.equal(headerOf(second, 'Call-ID'), headerOf(first, 'Call-ID'))
    t.equal(tagOf(headerOf(second, 'From')), tagOf(headerOf(first, 'From')))
    peer.reply(second, 401, [
      ['WWW-Authenticate', 'Digest realm="operator.test", nonce="s", algorithm=MD5-sess, qop="auth-int"'],
    ])
    const third = await peer.request('INVITE')
    t.match(headerOf(third, 'Authorization'), /algorithm=MD5-sess.*qop=auth-int, nc=00000001/)
    t.match(headerOf(third, 'Proxy-Authorization'), /nonce="p".*nc=00000002/)
    t.equal(headersOf(third, 'Proxy-Authorization').length, 1)
    for (let refused = 0; refused < 2; refused++) await peer.request('ACK')
    peer.reply(third, 200, [], sdp())
    const ack = await peer.request('ACK')
    t.equal(headerOf(ack, 'CSeq'), '3 ACK')
    t.ok(headerOf(ack, 'Proxy-Authorization'), 'the ACK carries what the INVITE carried')
    world.line.hangUp('c1')
    const bye = await peer.request('BYE')
    t.match(headerOf(bye, 'Proxy-Authorization'), /nc=00000003/)
    t.equal(headerOf(bye, 'CSeq'), '4 BYE')
    peer.reply(bye, 407, [['Proxy-Authenticate', challenge('p2', 'operator.test', ', stale=true')]])
    const again = await peer.request('BYE')
    t.match(headerOf(again, 'Proxy-Authorization'), 'nonce="p2"')
    t.equal(headersOf(again, 'Proxy-Authorization').length, 1)
    t.equal(headerOf(again, 'CSeq'), '5 BYE')
    await world.end()
  },
)

t.test('a wrong password ends in failed 407, not in a loop; a foreign realm gets nothing', async t => {
  const world = await openWorld()
  world.place('c1')
  for (let round = 0; round < 2; round++) {
    const invite = await world.peer.request('INVITE')
    world.peer.reply(invite, 407, [['Proxy-Authenticate', challenge(`n${round}`)]])
  }
  await world.clock.advance(1000)
  t.match(world.of('failed'), [{ status: 407 }])
  world.place('c2')
  const invite = await world.peer.request('INVITE')
  world.peer.reply(invite, 401, [['WWW-Authenticate', challenge('n', 'evil.example')]])
  await world.clock.advance(1000)
  t.match(world.of('failed'), [{}, { status: 401 }])
  t.equal(world.peer.unread(isRequest('INVITE')), 0)
  await world.end()
})

t.test('trap 8: early media by fork, latest wins; the 200 of another fork brings its own', async t => {
  const world = await openWorld()
  const { peer, clock } = world
  world.place('c1')
  const invite = await peer.request('INVITE')
  peer.reply(invite, 183, [], sdp(4000), 'fork1')
  await clock.advance(10)
  peer.reply(invite, 183, [], sdp(4002), 'fork2')
  await clock.advance(10)
  peer.reply(invite, 200, [], sdp(5000), 'fork1')
  await peer.request('ACK')
  t.match(
    world.of('media').map(event => [event.remote.port, event.early]),
    [
      [4000, true],
      [4002, true],
      [5000, false],
    ],
    'a 200 that differs from its own 183 counts',
  )
  peer.reply(invite, 200, [], sdp(6000), 'fork2')
  const ack = await peer.request('ACK')
  t.equal(tagOf(headerOf(ack, 'To')), 'fork2')
  const bye = await peer.request('BYE')
  t.equal(tagOf(headerOf(bye, 'To')), 'fork2', 'the second fork is taken and ended')
  t.equal(world.of('media').length, 3)
  t.equal(world.of('answered').length, 1)
  await world.end()
})

t.test(
  'trap 8: 180 without Contact or without a tag still rings; 200 without SDP takes that of its 183',
  async t => {
    const world = await openWorld()
    world.place('c1')
    const invite = await world.peer.request('INVITE')
    world.peer.reply(invite, 180, [['Contact', '']])
    await world.clock.advance(10)
    world.peer.reply(invite, 180, [['Contact', '']], '', '')
    await world.clock.advance(10)
    world.peer.reply(invite, 183, [], sdp(4004))
    await world.clock.advance(10)
    world.peer.reply(invite, 200)
    await world.peer.request('ACK')
    t.same(
      world.of('progress').map(event => event.status),
      [180, 180, 183],
    )
    t.match(world.of('media').at(-1), { early: false, remote: { port: 4004 } })
    await world.end()
  },
)

t.test('an answer without usable media is acknowledged, ended and told as 488', async t => {
  const world = await openWorld()
  world.place('c1')
  const invite = await world.peer.request('INVITE')
  world.peer.reply(invite, 200, [], sdp(4000).replace('8 101', '18'))
  await world.peer.request('ACK')
  await world.peer.request('BYE')
  t.match(world.of('failed'), [{ status: 488 }])
  await world.end()
})

t.test(
  'reliable 183: PRACK once, repeated when lost, the late copy not acknowledged again (RFC 3262)',
  async t => {
    let pracks = 0
    const world = await openWorld({
      filter: data => (Buffer.from(data).toString().startsWith('PRACK') && pracks++ === 0 ? 'drop' : 'pass'),
    })
    const { peer } = world
    world.place('c1')
    const invite = await peer.request('INVITE')
    const reliable = [
      ['Require', '100rel'],
      ['RSeq', '77'],
    ] as const
    peer.reply(invite, 183, reliable, sdp())
    const prack = await peer.request('PRACK')
    t.equal(headerOf(prack, 'RAck'), '77 1 INVITE')
    t.equal(headerOf(prack, 'CSeq'), '2 PRACK')
    peer.reply(prack, 200)
    peer.reply(invite, 183, reliable, sdp())
    await world.clock.advance(2000)
    t.equal(peer.unread(isRequest('PRACK')), 0)
    peer.reply(invite, 200)
    await peer.request('ACK')
    t.match(world.of('media'), [{ early: true }, { early: false, remote: { port: 4000 } }])
    t.equal(world.of('progress').length, 1)
    await world.end()
  },
)

t.test('422 raises the session interval; the same call tries again (RFC 4028 §7.4)', async t => {
  const world = await openWorld({ account: { sessionSeconds: 120 } })
  world.place('c1')
  const first = await world.peer.request('INVITE')
  t.equal(headerOf(first, 'Session-Expires'), '120')
  world.peer.reply(first, 422, [['Min-SE', '600']])
  const second = await world.peer.request('INVITE')
  t.equal(headerOf(second, 'Session-Expires'), '600')
  t.equal(headerOf(second, 'Min-SE'), '600')
  t.equal(headerOf(second, 'CSeq'), '2 INVITE')
  t.equal(headerOf(second, 'Call-ID'), headerOf(first, 'Call-ID'))
  await world.end()
})

t.test(
  'traps 6 and 14: a masked caller shows in P-Preferred-Identity only, in every message of the call',
  async t => {
    const world = await openWorld()
    const { peer } = world
    world.place('c1', { masked: true })
    const first = await peer.request('INVITE')
    t.match(headerOf(first, 'From'), /^"Anonymous" <sip:anonymous@anonymous\.invalid>;tag=/)
    t.equal(headerOf(first, 'Privacy'), 'id')
    t.equal(headerOf(first, 'P-Preferred-Identity'), '<sip:0389000001@operator.test>')
    peer.reply(first, 407, [['Proxy-Authenticate', challenge('n')]])
    const invite = await peer.request('INVITE')
    await peer.request('ACK')
    peer.reply(invite, 200, [], sdp())
    await peer.request('ACK')
    world.line.hold('c1')
    const reinvite = await peer.request('INVITE', 3000)
    peer.reply(reinvite, 200, [], sdp(4000, ['a=recvonly']))
    await peer.request('ACK')
    world.line.hangUp('c1')
    await peer.request('BYE')
    const messages = peer.received.filter(message => message.kind === 'request') as SipRequest[]
    t.same(
      messages.map(message => message.method),
      ['INVITE', 'ACK', 'INVITE', 'ACK', 'INVITE', 'ACK', 'BYE'],
    )
    for (const message of messages) {
      const shown = message.headers.filter(
        ([name]) => name !== 'P-Preferred-Identity' && !/Authorization$/.test(name),
      )
      t.notMatch(`${message.uri} ${JSON.stringify(shown)} ${message.body}`, '0389000001', message.method)
      t.notMatch(headerOf(message, 'From'), 'operator.test')
    }
    // What belongs to the dialog may be passed on to the far end as it is, credentials included.
    const inside = messages.filter(message => message.uri !== first.uri)
    t.same(
      inside.map(message => message.method),
      ['ACK', 'INVITE', 'ACK', 'BYE'],
    )
    t.notMatch(JSON.stringify(inside), '0389000001')
    await world.end()
  },
)

t.test('an emergency call is never masked', async t => {
  const world = await openWorld()
  world.place('c1', { target: '112', masked: true, emergency: true })
  const invite = await world.peer.request('INVITE')
  t.match(headerOf(invite, 'From'), '<sip:0389000001@operator.test>')
  t.equal(headerOf(invite, 'Privacy'), undefined)
  t.equal(headerOf(invite, 'Priority'), 'emergency')
  await world.end()
})

t.test('star codes: # as the account wants it, in INVITE, ACK and CANCEL alike', async t => {
  for (const [hash, uri] of [
    ['escaped', 'sip:*21*0612345678%23@operator.test;user=phone'],
    ['raw', 'sip:*21*0612345678#@operator.test;user=phone'],
    ['strip', 'sip:*21*0612345678@operator.test;user=phone'],
  ] as const) {
    const world = await openWorld({ account: { hash } })
    world.place('c1', { target: '*21*0612345678#' })
    const invite = await world.peer.request('INVITE')
    t.equal(invite.uri, uri)
    world.peer.reply(invite, 180)
    await world.clock.advance(10)
    world.line.hangUp('c1')
    const cancel = await world.peer.request('CANCEL')
    t.equal(cancel.uri, uri)
    world.peer.reply(invite, 487)
    t.equal((await world.peer.request('ACK')).uri, uri)
    await world.end()
  }
})

t.test('Record-Route makes the route of later requests, backwards (RFC 3261 §12.1.2)', async t => {
  const world = await openWorld()
  const { ack } = await connect(world, [
    ['Record-Route', '<sip:127.0.0.8:5060;lr;b=2>'],
    ['Record-Route', '<sip:127.0.0.1:5060;lr;a=1>'],
  ])
  t.same(headersOf(ack, 'Route'), ['<sip:127.0.0.1:5060;lr;a=1>', '<sip:127.0.0.8:5060;lr;b=2>'])
  await world.end()
})

t.test('the account has no way: failed 503 or 408, never an exception', async t => {
  const world = await openWorld({ account: { proxies: ['sip:nowhere.test'] } })
  world.place('c1')
  await world.clock.advance(1000)
  t.match(world.of('failed'), [{ call: 'c1', status: 503 }])
  world.place('c2')
  world.line.hangUp('c2')
  await world.clock.advance(1000)
  t.equal(world.of('failed').length, 1)
  for (const call of ['c1', 'never']) {
    world.line.ring(call)
    world.line.answer(call, { address: '127.0.0.5', port: 2 })
    world.line.reject(call, 486)
    world.line.hold(call)
    world.line.resume(call)
    world.line.hangUp(call)
  }
  t.equal(world.events.length, 1)
  await world.end()
})
