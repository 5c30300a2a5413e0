// Message waiting (RFC 3842) on the wire: subscribed to (RFC 6665), told unasked, and everything a notifier may answer.

import fc from 'fast-check'
import t from 'tap'
import type { LogFields } from '../../firmware/log.js'
import { readSummary } from '../../firmware/sip/mwi/message-summary.js'
import {
  headerOf,
  headersOf,
  type SipMessage,
  type SipRequest,
  tagOf,
} from '../../firmware/sip/wire/message.js'
import { openWorld, proxy, type World, type WorldOptions } from './scripted-peer.js'

type Extra = readonly (readonly [string, string])[]

const summary = (waiting: boolean, voice?: string): string =>
  `Messages-Waiting: ${waiting ? 'yes' : 'no'}\r\n${voice === undefined ? '' : `Voice-Message: ${voice}\r\n`}`

const subscribes = (world: World): SipRequest[] =>
  world.peer.received.filter(
    (entry: SipMessage): entry is SipRequest => entry.kind === 'request' && entry.method === 'SUBSCRIBE',
  )

const openSubscriber = async (options: WorldOptions = {}) => {
  const world = await openWorld({ ...options, account: { mwi: 'subscribe', ...options.account } })
  await world.register()
  const first = await world.peer.request('SUBSCRIBE')
  return { world, first }
}

let branches = 0

/** A NOTIFY of the subscription that `request` made. */
const notify = (
  world: World,
  request: SipRequest,
  cseq: number,
  body: string,
  extra: Extra = [['Subscription-State', 'active;expires=3600']],
  tag = 'peer',
): void =>
  world.peer.send({
    kind: 'request',
    method: 'NOTIFY',
    uri: /<([^>]*)>/.exec(headerOf(request, 'Contact') ?? '')?.[1] ?? '',
    headers: [
      ['Via', `SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKn${branches++}`],
      ['Max-Forwards', '70'],
      ['From', `${(headerOf(request, 'To') ?? '').replace(/;tag=.*/, '')};tag=${tag}`],
      ['To', headerOf(request, 'From') ?? ''],
      ['Call-ID', headerOf(request, 'Call-ID') ?? ''],
      ['CSeq', `${cseq} NOTIFY`],
      ['Contact', '<sip:notifier@127.0.0.1:5060>'],
      ['Event', 'message-summary'],
      ...extra,
      ...(body === '' ? [] : [['Content-Type', 'application/simple-message-summary'] as const]),
    ],
    body,
  })

/** Answered, and told that there are no messages. */
const subscribed = async (expires = '3600') => {
  const { world, first } = await openSubscriber()
  world.peer.reply(first, 200, [['Expires', expires]])
  notify(world, first, 1, summary(false), [['Subscription-State', `active;expires=${expires}`]])
  await world.peer.response(200, 'NOTIFY')
  return { world, first }
}

/** The next SUBSCRIBE, while the registrar does its part. */
const nextSubscribe = async (world: World, limitMs: number): Promise<SipRequest> => {
  const before = subscribes(world).length
  const isRegister = (message: SipMessage): boolean =>
    message.kind === 'request' && message.method === 'REGISTER'
  const came = (): boolean => subscribes(world).length > before || world.peer.unread(isRegister) > 0
  for (let left = limitMs; left > 0; ) {
    const begun = world.clock.now()
    await world.clock.runUntil(came, left)
    left -= (world.clock.now() - begun) / 1000
    if (subscribes(world).length > before) return world.peer.request('SUBSCRIBE')
    if (world.peer.unread(isRegister) === 0) break
    const register = await world.peer.request('REGISTER')
    world.peer.reply(register, 200, [['Contact', headerOf(register, 'Contact') ?? '']])
  }
  throw new Error(`no SUBSCRIBE within ${limitMs} ms`)
}

const minutes = (n: number): number => n * 60_000

t.test('subscribes once registered, tells what each NOTIFY says, refreshes at half its life', async t => {
  const { world, first } = await openSubscriber()
  t.equal(first.uri, 'sip:0389000001@operator.test')
  t.equal(headerOf(first, 'Event'), 'message-summary')
  t.equal(headerOf(first, 'Accept'), 'application/simple-message-summary')
  t.equal(headerOf(first, 'Expires'), '3600')
  t.match(headerOf(first, 'Contact'), /^<sip:u[0-9a-f]{16}@127\.0\.0\.5:5060>$/)
  world.peer.reply(first, 200, [
    ['Expires', '600'],
    ['Record-Route', `<sip:127.0.0.1:5060;lr>`],
  ])
  notify(world, first, 1, summary(false, '0/2 (0/0)'))
  await world.peer.response(200, 'NOTIFY')
  notify(world, first, 2, summary(true, '3/2 (1/0)'))
  await world.peer.response(200, 'NOTIFY')
  t.same(world.of('messages'), [
    { type: 'messages', waiting: false, count: 0 },
    { type: 'messages', waiting: true, count: 3 },
  ])
  const refresh = await world.peer.request('SUBSCRIBE', 300_010)
  t.equal(Math.round(world.clock.now() / 1e6), 300)
  t.equal(refresh.uri, 'sip:notifier@127.0.0.1:5060', 'inside the dialog')
  t.equal(headerOf(refresh, 'Call-ID'), headerOf(first, 'Call-ID'))
  t.equal(tagOf(headerOf(refresh, 'To')), 'peer')
  t.equal(headerOf(refresh, 'CSeq'), '2 SUBSCRIBE')
  t.same(headersOf(refresh, 'Route'), ['<sip:127.0.0.1:5060;lr>'])
  await world.end()
})

t.test(
  'a NOTIFY before the 2xx makes the subscription; one of another dialog or an older one counts for nothing',
  async t => {
    const { world, first } = await openSubscriber()
    notify(world, first, 7, summary(true, '1/0'))
    await world.peer.response(200, 'NOTIFY')
    world.peer.reply(first, 200, [['Expires', '3600']])
    notify(world, first, 8, summary(false), [], 'fork')
    await world.peer.response(481, 'NOTIFY')
    notify(world, first, 6, summary(false))
    await world.peer.response(500, 'NOTIFY')
    notify(world, first, 8, 'Messages-Waiting: perhaps')
    await world.peer.response(200, 'NOTIFY')
    t.same(world.of('messages'), [{ type: 'messages', waiting: true, count: 1 }])
    await world.clock.advance(minutes(29))
    t.equal(subscribes(world).length, 1)
    await world.end()
  },
)

t.test('challenged: with credentials, and a refresh with them at once', async t => {
  const { world, first } = await openSubscriber()
  world.peer.reply(first, 407, [
    ['Proxy-Authenticate', 'Digest realm="operator.test", nonce="n", qop="auth"'],
  ])
  const second = await world.peer.request('SUBSCRIBE')
  t.match(headerOf(second, 'Proxy-Authorization'), /nonce="n".*nc=00000001/)
  world.peer.reply(second, 200, [['Expires', '120']])
  notify(world, second, 1, summary(false))
  const refresh = await world.peer.request('SUBSCRIBE', 61_000)
  t.match(headerOf(refresh, 'Proxy-Authorization'), /nc=00000002/)
  t.equal(headerOf(refresh, 'CSeq'), '3 SUBSCRIBE')
  await world.end()
})

t.test('a notifier that has forgotten us (481) is subscribed to anew at once', async t => {
  const { world, first } = await subscribed('600')
  const refresh = await world.peer.request('SUBSCRIBE', 301_000)
  world.peer.reply(refresh, 481)
  const again = await world.peer.request('SUBSCRIBE')
  t.not(headerOf(again, 'Call-ID'), headerOf(first, 'Call-ID'))
  t.equal(tagOf(headerOf(again, 'To')), undefined)
  world.peer.reply(again, 200, [['Expires', '600']])
  notify(world, again, 1, summary(true, '2/0'))
  await world.peer.response(200, 'NOTIFY')
  t.match(world.of('messages').at(-1), { waiting: true, count: 2 })
  notify(world, first, 9, summary(false))
  await world.peer.response(481, 'NOTIFY')
  await world.end()
})

/** Minutes from an answer to the next SUBSCRIBE, and whether that begins a new subscription. */
const nextAfter = async (status: number, extra: Extra = [], limit = 26 * 60): Promise<number> => {
  const { world, first } = await openSubscriber()
  world.peer.reply(first, status, extra)
  const begun = world.clock.now()
  await nextSubscribe(world, minutes(limit))
  const waited = (world.clock.now() - begun) / 60e6
  await world.end()
  return waited
}

t.test(
  'refused: a network without the service is left alone for a day, others are asked as registrars are',
  async t => {
    const cases: readonly (readonly [number, Extra, number, number])[] = [
      [489, [], 24 * 60, 26.5 * 60],
      [404, [], 24 * 60, 26.5 * 60],
      [405, [], 24 * 60, 26.5 * 60],
      [501, [], 24 * 60, 26.5 * 60],
      [403, [], 5, 6.1],
      [503, [], 0.2, 0.51],
      [503, [['Retry-After', '600']], 10, 10.2],
      [500, [], 0.2, 0.51],
      [423, [['Min-Expires', '7200']], 0, 0.1],
    ]
    for (const [status, extra, least, most] of cases) {
      const waited = await nextAfter(status, extra, 27 * 60)
      t.ok(waited >= least && waited <= most, `${status}: ${waited.toFixed(2)} min`)
    }
  },
)

t.test('no answer, or no NOTIFY after the 2xx: asked again, ever more rarely, with jitter', async t => {
  for (const answer of [false, true]) {
    const { world, first } = await openSubscriber()
    if (answer) world.peer.reply(first, 200, [['Expires', '3600']])
    const ids = new Set([headerOf(first, 'Call-ID')])
    await world.clock.advance(minutes(60))
    for (const request of subscribes(world)) {
      ids.add(headerOf(request, 'Call-ID'))
      if (answer && request !== first) world.peer.reply(request, 200, [['Expires', '3600']])
    }
    t.ok(ids.size >= 2 || !answer, `${ids.size} subscriptions`)
    t.ok(subscribes(world).length < 120, `${subscribes(world).length} datagrams in an hour`)
    await world.end()
  }
})

t.test('ended by the notifier: anew at once, after its time, or in a day, as its reason says', async t => {
  const cases: readonly (readonly [string, number, number])[] = [
    ['terminated;reason=deactivated', 0, 0.1],
    ['terminated;reason=timeout', 0, 0.1],
    ['terminated', 0, 0.1],
    ['terminated;reason=probation;retry-after=300', 5, 5.1],
    ['terminated;reason=giveup', 0.2, 0.51],
    ['terminated;reason=rejected', 24 * 60, 26.5 * 60],
    ['terminated;reason=noresource', 24 * 60, 26.5 * 60],
  ]
  for (const [state, least, most] of cases) {
    const { world, first } = await subscribed()
    await world.clock.advance(10_000)
    notify(world, first, 2, summary(true, '1/0'), [['Subscription-State', state]])
    const begun = world.clock.now()
    const again = await nextSubscribe(world, minutes(27 * 60))
    const waited = (world.clock.now() - begun) / 60e6
    t.ok(waited >= least && waited <= most, `${state}: ${waited.toFixed(2)} min`)
    t.equal(tagOf(headerOf(again, 'To')), undefined, 'a new one')
    t.match(world.of('messages').at(-1), { waiting: true }, 'its last word counts')
    await world.end()
  }
})

t.test('a notifier that ends every subscription at once makes no storm', async t => {
  const world = await openWorld({ account: { mwi: 'subscribe' } })
  await world.register()
  const answered = new Set<SipRequest>()
  for (let s = 0; s < 600; s++) {
    for (const request of subscribes(world))
      if (!answered.has(request)) {
        answered.add(request)
        world.peer.reply(request, 200, [['Expires', '3600']])
        notify(world, request, 1, '', [['Subscription-State', 'terminated;reason=deactivated']])
      }
    await world.clock.advance(1000)
  }
  t.ok(answered.size < 20, `${answered.size} in ten minutes`)
  await world.end()
})

t.test('the line loses its registration: nothing is asked; registered again: subscribed anew', async t => {
  const world = await openWorld({ account: { mwi: 'subscribe', expiresSeconds: 120 } })
  await world.register([['Expires', '120']])
  const first = await world.peer.request('SUBSCRIBE')
  world.peer.reply(first, 200, [['Expires', '90']])
  notify(world, first, 1, summary(true, '1/0'), [['Subscription-State', 'active;expires=90']])
  world.peer.reply(await world.peer.request('SUBSCRIBE', 46_000), 200, [['Expires', '90']])
  const refresh = await world.peer.request('REGISTER', 100_000)
  world.peer.reply(refresh, 403)
  await world.clock.advance(100)
  const before = subscribes(world).length
  await world.clock.advance(200_000)
  t.equal(subscribes(world).length, before)
  const register = await world.peer.request('REGISTER', 600_000)
  world.peer.reply(register, 200, [['Contact', headerOf(register, 'Contact') ?? '']])
  await world.clock.advance(100)
  const again = subscribes(world).at(-1) as SipRequest
  t.equal(subscribes(world).length, before + 1)
  t.not(headerOf(again, 'Call-ID'), headerOf(first, 'Call-ID'))
  await world.end()
})

t.test(
  'told unasked: taken, and a subscription that must have been lost is looked after at once',
  async t => {
    const { world, first } = await subscribed()
    await world.clock.advance(10_000)
    world.peer.send({
      ...world.peer.initial('NOTIFY', [
        ['Event', 'message-summary'],
        ['Subscription-State', 'terminated;reason=noresource'],
        ['Content-Type', 'application/simple-message-summary'],
      ]),
      body: summary(true, '4/0'),
    })
    await world.peer.response(200, 'NOTIFY')
    t.match(world.of('messages').at(-1), { waiting: true, count: 4 })
    const refresh = await world.peer.request('SUBSCRIBE')
    t.equal(headerOf(refresh, 'Call-ID'), headerOf(first, 'Call-ID'))
    world.peer.reply(refresh, 481)
    t.not(headerOf(await world.peer.request('SUBSCRIBE', 6000), 'Call-ID'), headerOf(first, 'Call-ID'))
    await world.end()
  },
)

t.test(
  'unsolicited: no SUBSCRIBE, each NOTIFY counts; off: nothing does; strangers are not even answered',
  async t => {
    for (const mwi of ['unsolicited', 'off'] as const) {
      const world = await openWorld({ account: { mwi } })
      await world.register()
      const told = {
        ...world.peer.initial('NOTIFY', [
          ['Event', 'message-summary'],
          ['Content-Type', 'application/simple-message-summary'],
        ]),
        body: summary(true, '4/0'),
      }
      world.peer.send(told)
      await world.peer.response(200, 'NOTIFY')
      await world.clock.advance(minutes(60))
      t.same(world.of('messages'), mwi === 'off' ? [] : [{ type: 'messages', waiting: true, count: 4 }])
      t.equal(subscribes(world).length, 0)
      await world.end()
    }
    const world = await openWorld({ account: { mwi: 'unsolicited' } })
    await world.register()
    let heard = 0
    const stranger = await world.network.openUdp({
      address: '127.0.0.66',
      port: proxy.port,
      onDatagram: () => void heard++,
      onError: () => {},
    })
    stranger.send(
      Buffer.from(
        `NOTIFY sip:0389000001@127.0.0.5:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.66:5060;branch=z9hG4bKx\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:0389000001@operator.test>\r\nCall-ID: x\r\nCSeq: 1 NOTIFY\r\nEvent: message-summary\r\nContent-Type: application/simple-message-summary\r\nContent-Length: 23\r\n\r\nMessages-Waiting: yes\r\n`,
      ),
      { address: '127.0.0.5', port: 5060 },
    )
    await world.clock.advance(1000)
    t.same(world.of('messages'), [])
    t.equal(heard, 0)
    await stranger.close()
    await world.end()
  },
)

t.test(
  'another body than a summary is refused (415); one that says nothing is one word in the log',
  async t => {
    const lines: string[] = []
    const info = (message: string, fields?: LogFields): void =>
      void lines.push(`${message} ${JSON.stringify(fields)}`)
    const { world, first } = await openSubscriber({ log: { debug() {}, info, warn() {}, error() {} } })
    world.peer.reply(first, 200)
    world.peer.send({
      ...world.peer.initial('NOTIFY', [
        ['Event', 'message-summary'],
        ['Content-Type', 'application/pidf+xml'],
      ]),
      body: '<presence/>',
    })
    const refused = await world.peer.response(415, 'NOTIFY')
    t.equal(headerOf(refused, 'Accept'), 'application/simple-message-summary')
    lines.length = 0
    notify(world, first, 1, 'Voice-Message: lots')
    await world.peer.response(200, 'NOTIFY')
    t.same(lines, ['message summary not readable {"length":19}'])
    t.same(world.of('messages'), [])
    await world.end()
  },
)

t.test('stopping ends the subscription; a changed account begins its own', async t => {
  const { world, first } = await subscribed()
  world.line.update({
    user: '0389000009',
    domain: 'operator.test',
    password: 'x',
    proxies: ['sip:127.0.0.1:5060;transport=udp'],
    hash: 'escaped',
    mwi: 'subscribe',
  })
  const last = await world.peer.request('SUBSCRIBE')
  t.equal(headerOf(last, 'Expires'), '0')
  t.equal(headerOf(last, 'Call-ID'), headerOf(first, 'Call-ID'))
  world.peer.reply(last, 200, [['Expires', '0']])
  // One of the former account, to sign off, and one of the new one.
  for (let i = 0; i < 2; i++) {
    const register = await world.peer.request('REGISTER')
    world.peer.reply(register, 200, [['Contact', headerOf(register, 'Contact') ?? '']])
  }
  const next = await world.peer.request('SUBSCRIBE')
  t.equal(next.uri, 'sip:0389000009@operator.test')
  const told = world.of('messages').length
  notify(world, first, 2, summary(true, '1/0'), [['Subscription-State', 'terminated;reason=timeout']])
  await world.clock.advance(100)
  t.equal(world.of('messages').length, told, 'the former mailbox is nobody’s any more')
  world.peer.reply(next, 200, [['Expires', '3600']])
  notify(world, next, 1, summary(false))
  await world.clock.advance(100)
  const stopping = world.line.stop(2000)
  const ended = await world.peer.request('SUBSCRIBE')
  t.equal(headerOf(ended, 'Expires'), '0')
  await world.clock.advance(2100)
  await stopping
  await world.end()
})

t.test('what a summary says (RFC 3842 §5.2)', async t => {
  const cases: readonly (readonly [string, object | undefined])[] = [
    [
      'Messages-Waiting: yes\r\nMessage-Account: sip:a@b\r\nVoice-Message: 2/8 (0/2)\r\n',
      { waiting: true, count: 2 },
    ],
    ['messages-waiting : YES\nvoice-message: 12/0\n', { waiting: true, count: 12 }],
    ['Messages-Waiting: yes\r\n', { waiting: true }],
    ['Messages-Waiting: yes\r\nFax-Message: 1/0\r\nVoice-Message: 0/3\r\n', { waiting: true }],
    ['Messages-Waiting: no\r\nVoice-Message: 0/3\r\n', { waiting: false, count: 0 }],
    ['Messages-Waiting: no\r\nVoice-Message: 7/3\r\n', { waiting: false, count: 0 }],
    ['Messages-Waiting: yes\r\nVoice-Message: 99999/0\r\n', { waiting: true, count: 65_535 }],
    ['Voice-Message: 2/8\r\n', undefined],
    ['X-Messages-Waiting: yes\r\n', undefined],
    ['', undefined],
  ]
  for (const [body, said] of cases) t.strictSame(readSummary(body), said, JSON.stringify(body))
  const line = fc.oneof(
    fc.constantFrom('Messages-Waiting: yes', 'Voice-Message: 1/1', 'Voice-Message:', '\r\n', '(1/2)', '\0'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), lines => {
      const said = readSummary(lines.join('\r\n'))
      return said === undefined || said.count === undefined || (said.count >= 0 && said.count <= 65_535)
    }),
  )
})
