// Calls we are offered, and requests that must not shake the box, against a scripted far end in virtual time.
import fc from 'fast-check'
import t from 'tap'
import type { SipEvent } from '../../firmware/sip/sip-line.js'
import { headerOf, type SipRequest, tagOf } from '../../firmware/sip/wire/message.js'
import { account, box, farDialog, media, openWorld, sdp, type World } from './scripted-peer.js'

type Extra = readonly (readonly [string, string])[]

const offerCall = async (world: World, extra: Extra = [], body = sdp()) => {
  const invite = world.peer.initial('INVITE', extra, body)
  world.peer.send(invite)
  await world.clock.runUntil(() => world.of('incoming').length > 0, 500)
  const [incoming] = world.of('incoming')
  return { invite, call: incoming?.call ?? 'none' }
}

/** Offered, answered, acknowledged. */
const takeCall = async (world: World, extra: Extra = []) => {
  const { invite, call } = await offerCall(world, extra)
  world.line.answer(call, media)
  const ok = await world.peer.response(200, 'INVITE')
  const far = farDialog(invite, ok, false)
  world.peer.send(far.ack(invite))
  await world.clock.advance(10)
  return { invite, call, ok, far }
}

const types = (events: readonly SipEvent[]) => events.map(event => event.type)

t.test('a call comes in: caller, 180, 200 with our media, ACK, BYE from here', async t => {
  const world = await openWorld()
  const { peer } = world
  const { invite, call } = await offerCall(world, [['Alert-Info', '<http://x/y>']])
  t.match(world.events, [
    {
      type: 'incoming',
      caller: { number: '0389000002', name: 'Alice', withheld: false },
      called: '0389000001',
      alertInfo: '<http://x/y>',
    },
  ])
  world.line.ring(call)
  world.line.ring(call)
  const ringing = await peer.response(180)
  t.equal(headerOf(ringing, 'RSeq'), undefined)
  t.match(headerOf(ringing, 'Contact'), /<sip:u[0-9a-f]{16}@127\.0\.0\.5:5060>/)
  t.match(tagOf(headerOf(ringing, 'To')), /^[0-9a-f]{16}$/, 'a tag of 64 random bits')
  world.line.answer(call, media)
  const ok = await peer.response(200, 'INVITE')
  t.equal(tagOf(headerOf(ok, 'To')), tagOf(headerOf(ringing, 'To')))
  t.match(ok.body, 'm=audio 16384 RTP/AVP 8 101')
  t.match(world.events.slice(1), [
    { type: 'media', early: false, remote: { port: 4000, codec: 'PCMA' } },
    { type: 'answered', call },
  ])
  world.line.hangUp(call)
  await world.clock.advance(300)
  t.equal(
    peer.unread(message => message.kind === 'request'),
    0,
    'trap 20: no BYE before the ACK',
  )
  peer.send(farDialog(invite, ok, false).ack(invite))
  const bye = await peer.request('BYE')
  t.equal(headerOf(bye, 'To')?.split(';')[0], '<sip:0389000002@operator.test>')
  peer.reply(bye, 200)
  await world.clock.advance(40_000)
  t.same(types(world.events), ['incoming', 'media', 'answered'])
  await world.end()
})

t.test('a lost 200 is repeated until its ACK; without any ACK the call ends with BYE', async t => {
  const world = await openWorld()
  const { call } = await offerCall(world)
  world.line.answer(call, media)
  for (let copy = 0; copy < 3; copy++) await world.peer.response(200, 'INVITE', 1500)
  await world.peer.request('BYE', 40_000)
  t.same(world.of('ended'), [{ type: 'ended', call }])
  await world.end()
})

t.test('trap 3: a late copy of the INVITE after 486 and ACK rings nothing', async t => {
  const world = await openWorld()
  const { invite, call } = await offerCall(world)
  world.line.reject(call, 486, 17)
  world.line.reject(call, 603)
  const busy = await world.peer.response(486)
  t.equal(headerOf(busy, 'Reason'), 'Q.850;cause=17')
  const ack: SipRequest = {
    ...invite,
    method: 'ACK',
    body: '',
    headers: invite.headers.map(([name, value]) =>
      name === 'CSeq' ? [name, '1 ACK'] : name === 'To' ? [name, headerOf(busy, 'To') ?? ''] : [name, value],
    ),
  }
  world.peer.send(ack)
  await world.clock.advance(3000)
  world.peer.send(invite)
  await world.clock.advance(3000)
  t.same(types(world.events), ['incoming'])
  await world.end()
})

t.test('the caller gives up: CANCEL, answered elsewhere or not; BYE before our answer; Expires', async t => {
  const cancelOf = (invite: SipRequest, extra: Extra = []): SipRequest => ({
    ...invite,
    method: 'CANCEL',
    body: '',
    headers: [
      ...invite.headers.filter(([name]) => name !== 'CSeq' && name !== 'Content-Type'),
      ['CSeq', '1 CANCEL'],
      ...extra,
    ],
  })
  for (const [extra, elsewhere] of [
    [[['Reason', 'SIP;cause=200;text="Call completed elsewhere"']] as Extra, true],
    [[] as Extra, false],
  ] as const) {
    const world = await openWorld()
    const { invite, call } = await offerCall(world)
    world.line.ring(call)
    const ringing = await world.peer.response(180)
    world.peer.send(cancelOf(invite, extra))
    const ok = await world.peer.response(200, 'CANCEL')
    const over = await world.peer.response(487)
    t.equal(tagOf(headerOf(over, 'To')), tagOf(headerOf(ringing, 'To')))
    t.ok(ok)
    t.same(world.of('abandoned'), [{ type: 'abandoned', call, elsewhere }])
    world.line.answer(call, media)
    await world.clock.advance(100)
    t.same(types(world.events), ['incoming', 'abandoned'], 'an answer that comes too late changes nothing')
    await world.end()
  }
  const world = await openWorld()
  await offerCall(world, [['Expires', '20']])
  await world.peer.response(487, 'INVITE', 20_100)
  t.equal(world.of('abandoned').length, 1)
  await world.end()
})

t.test('no time limit of ours: a call may ring for four minutes', async t => {
  const world = await openWorld()
  const { call } = await offerCall(world)
  world.line.ring(call)
  await world.clock.advance(240_000)
  world.line.answer(call, media)
  await world.peer.response(200, 'INVITE')
  t.equal(world.of('abandoned').length, 0)
  await world.end()
})

t.test(
  'Require: 100rel makes the 180 reliable: repeated until PRACK, 504 without one (RFC 3262)',
  async t => {
    const world = await openWorld()
    const { peer } = world
    const { invite, call } = await offerCall(world, [
      ['Require', '100rel'],
      ['Supported', '100rel'],
    ])
    world.line.ring(call)
    const first = await peer.response(180)
    const second = await peer.response(180)
    t.match(headerOf(first, 'Require'), '100rel')
    t.equal(headerOf(first, 'RSeq'), headerOf(second, 'RSeq'))
    const far = farDialog(invite, first, false)
    peer.send(far.request('PRACK', [['RAck', `${Number(headerOf(first, 'RSeq')) + 1} 1 INVITE`]]))
    await peer.response(481, 'PRACK')
    peer.send(far.request('PRACK', [['RAck', `${headerOf(first, 'RSeq')} 1 INVITE`]]))
    await peer.response(200, 'PRACK')
    await world.clock.advance(10_000)
    t.equal(
      peer.unread(message => message.kind === 'response' && message.status === 180),
      0,
    )
    world.line.answer(call, media)
    await peer.response(200, 'INVITE')
    await world.end()

    const silent = await openWorld()
    const offered = await offerCall(silent, [['Require', '100rel']])
    silent.line.ring(offered.call)
    await silent.peer.response(504, 'INVITE', 33_000)
    t.equal(silent.of('abandoned').length, 1)
    await silent.end()
  },
)

t.test('an INVITE without an offer gets ours in the 200; the answer comes with the ACK', async t => {
  const world = await openWorld()
  const { invite, call } = await offerCall(world, [], '')
  world.line.answer(call, media)
  const ok = await world.peer.response(200, 'INVITE')
  t.match(ok.body, 'm=audio 16384 RTP/AVP 8 0 101')
  t.equal(world.of('media').length, 0)
  world.peer.send(farDialog(invite, ok, false).ack(invite, sdp(4010)))
  await world.clock.advance(10)
  t.match(world.of('media'), [{ remote: { port: 4010 } }])
  await world.end()
})

t.test('what cannot be taken is refused with the right answer and rings nothing', async t => {
  const world = await openWorld()
  const refused: [Extra, string, number, string?, RegExp?][] = [
    [[['Require', 'foobar, 100rel']], sdp(), 420, 'Unsupported', /^foobar$/],
    [[['Require', 'replaces']], sdp(), 420, 'Unsupported', /replaces/],
    [[['Replaces', 'nobody;to-tag=1;from-tag=2']], sdp(), 481],
    [[], sdp().replace('8 101', '18'), 488],
    [[], 'garbage', 488],
    [
      [
        ['Session-Expires', '60'],
        ['Supported', 'timer'],
      ],
      sdp(),
      422,
      'Min-SE',
      /^90$/,
    ],
    [[['Content-Type', 'text/plain']], 'hello', 415, 'Accept', /application\/sdp/],
    [[['Content-Encoding', 'gzip']], sdp(), 415],
    [[['Contact', 'nonsense<']], sdp(), 400],
  ]
  for (const [extra, body, status, name, value] of refused) {
    world.peer.send(world.peer.initial('INVITE', extra, body))
    const response = await world.peer.response(status, 'INVITE')
    if (name && value) t.match(headerOf(response, name), value)
    else t.pass(`${status}`)
  }
  t.same(world.events, [])
  await world.end()
})

t.test(
  'trap 10: a DID in the Request-URI is ours and named as called; OPTIONS without a user is answered',
  async t => {
    const world = await openWorld()
    const { peer } = world
    peer.send({ ...peer.initial('INVITE', [], sdp()), uri: 'sip:+33389009999@127.0.0.5:5060' })
    await world.clock.advance(50)
    t.match(world.of('incoming'), [{ called: '0389009999' }])
    peer.send({ ...peer.initial('OPTIONS'), uri: 'sip:127.0.0.5:5060' })
    const options = await peer.response(200, 'OPTIONS')
    t.match(headerOf(options, 'Allow'), 'UPDATE')
    t.match(headerOf(options, 'Accept'), 'application/sdp')
    t.notMatch(headerOf(options, 'Allow'), 'REFER')
    await world.end()
  },
)

t.test(
  'trap 7: callers by tel: URI, P-Asserted-Identity lists, Remote-Party-ID, and callers who hide',
  async t => {
    const cases: [Extra, object][] = [
      [[['From', '<tel:+33389000002>;tag=1']], { number: '0389000002', withheld: false }],
      [[['From', '<sip:+4930123456@x>;tag=1']], { number: '004930123456' }],
      [
        [['P-Asserted-Identity', '"Bob" <sip:bob@h>, <tel:+33389000003>']],
        { number: '0389000003', name: 'Bob' },
      ],
      [[['Remote-Party-ID', '<sip:0389000004@h>;party=calling;privacy=off']], { number: '0389000004' }],
      [[['Remote-Party-ID', '<sip:0389000004@h>;privacy=full']], { withheld: true, number: undefined }],
      [
        [
          ['Privacy', 'id'],
          ['P-Asserted-Identity', '<tel:+33389000005>'],
        ],
        { withheld: true, number: undefined },
      ],
      [[['From', '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1']], { withheld: true }],
      [[['From', '"A\\"B" <sip:0389000002;x=1@h>;tag=1']], { number: '0389000002', name: 'A"B' }],
      [[['From', '<sip:#31#06@019f9ae299f5>;tag=1']], { number: '#31#06' }],
    ]
    for (const [extra, caller] of cases) {
      const world = await openWorld()
      await offerCall(world, extra)
      t.match(world.of('incoming')[0]?.caller, caller, JSON.stringify(extra))
      await world.end()
    }
  },
)

t.test('trap 4: REFER is declined, in a dialog and outside, and nothing is dialled', async t => {
  const world = await openWorld()
  const { far } = await takeCall(world)
  const refer = [['Refer-To', '<sip:0899123456@operator.test>']] as const
  world.peer.send(far.request('REFER', refer))
  await world.peer.response(603, 'REFER')
  world.peer.send(world.peer.initial('REFER', refer))
  await world.peer.response(603, 'REFER')
  await world.clock.advance(5000)
  t.equal(
    world.peer.unread(message => message.kind === 'request'),
    0,
  )
  await world.end()
})

t.test('INFO, OPTIONS, NOTIFY, MESSAGE and unknown methods, inside and outside a dialog', async t => {
  const world = await openWorld()
  const { far } = await takeCall(world)
  const { peer } = world
  const inside: [string, number, Extra, string?][] = [
    ['INFO', 200, []],
    ['INFO', 415, [['Content-Type', 'application/dtmf-relay']], 'Signal=1'],
    ['INFO', 469, [['Info-Package', 'x']]],
    ['OPTIONS', 200, []],
    ['NOTIFY', 489, [['Event', 'refer']]],
    ['MESSAGE', 405, []],
    ['PRACK', 481, [['RAck', '1 1 INVITE']]],
  ]
  for (const [method, status, extra, body] of inside) {
    const request = far.request(method, extra)
    peer.send(body ? { ...request, body } : request)
    t.ok(await peer.response(status, method), `${method} ${status}`)
  }
  const outside: [string, number, Extra][] = [
    ['INFO', 481, []],
    ['PRACK', 481, []],
    ['UPDATE', 481, []],
    ['BYE', 481, []],
    ['NOTIFY', 200, [['Event', 'message-summary']]],
    ['NOTIFY', 489, [['Event', 'presence']]],
    ['MESSAGE', 405, []],
    ['SUBSCRIBE', 405, [['Event', 'x']]],
    ['REGISTER', 405, []],
    ['WHATEVER', 405, []],
  ]
  for (const [method, status, extra] of outside) {
    peer.send(peer.initial(method, extra))
    t.ok(await peer.response(status, method), `${method} ${status}`)
  }
  t.same(types(world.events), ['incoming', 'media', 'answered'])
  await world.end()
})

t.test('trap 11: requests and responses that sip.js throws at do no harm', async t => {
  const world = await openWorld()
  const { peer } = world
  const ours = await takeCall(world)
  peer.send({ ...peer.initial('INVITE'), uri: 'foo:bar' })
  peer.send({ ...peer.initial('INVITE'), uri: 'tel:+33389000001' })
  peer.send({ ...peer.initial('INVITE', [['Content-Type', '']], sdp()) })
  peer.send(ours.far.request('INVITE', [['Contact', '<sip:%FF@h>']], sdp()))
  peer.send({
    kind: 'response',
    status: 200,
    reason: 'x',
    headers: [
      ['Via', 'SIP/2.0/UDP 127.0.0.5:5060;branch=z9hG4bKq'],
      ['CSeq', 'x'],
    ],
    body: '',
  })
  await world.clock.advance(1000)
  world.line.hangUp(ours.call)
  t.ok(await peer.request('BYE', 2000), 'the call in hand can still be ended')
  await world.end()
})

t.test('garbage in any header of an INVITE never throws and leaves the line usable', async t => {
  const world = await openWorld()
  const names = [
    'From',
    'To',
    'Contact',
    'CSeq',
    'Call-ID',
    'Require',
    'Supported',
    'Session-Expires',
    'Content-Type',
    'Privacy',
    'P-Asserted-Identity',
    'Replaces',
    'Record-Route',
    'Expires',
    'Reason',
    'Content-Disposition',
  ]
  const text = fc.array(fc.constantFrom(...'<>";:@=, \\sip%tel0Z#[]\t')).map(chars => chars.join(''))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), text, async (name, value) => {
      world.peer.send(world.peer.initial('INVITE', [[name, value]], sdp()))
      await world.clock.advance(20)
      for (const { call } of world.of('incoming')) world.line.reject(call, 486)
      world.events.length = 0
      await world.clock.advance(1)
    }),
    { numRuns: 150 },
  )
  await world.clock.advance(40_000)
  const { call } = await offerCall(world)
  t.not(call, 'none', 'a proper call still comes in')
  await world.end()
})

t.test('a stranger is not heard at all', async t => {
  const world = await openWorld()
  const stranger = await world.network.openUdp({
    address: '127.0.0.66',
    port: 5060,
    onDatagram: () => t.fail('answered'),
    onError: () => {},
  })
  const text = `INVITE sip:${account.user}@127.0.0.5 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.66:5060;branch=z9hG4bKs\r\nFrom: <sip:x@y>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: s\r\nCSeq: 1 INVITE\r\nContact: <sip:x@127.0.0.66>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n`
  stranger.send(Buffer.from(text), box)
  await world.clock.advance(1000)
  t.same(world.events, [])
  await world.end()
})
