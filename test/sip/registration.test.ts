// Registering for ever: the state machine against tables and on the wire, in virtual time.
import fc from 'fast-check'
import t from 'tap'
import { readProxy, resolveProxies } from '../../firmware/sip/proxies.js'
import { refreshDelayMs, retryDelayMs } from '../../firmware/sip/registration.js'
import { headerOf, headersOf, type SipRequest } from '../../firmware/sip/wire/message.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { account, openWorld, sdp, type World } from './scripted-peer.js'

const registers = (world: World): SipRequest[] =>
  world.peer.received.filter(
    (entry): entry is SipRequest => entry.kind === 'request' && entry.method === 'REGISTER',
  )
const contactOf = (request: SipRequest) => headerOf(request, 'Contact') ?? ''
const uriOf = (request: SipRequest) => /<[^>]*>/.exec(contactOf(request))?.[0] ?? ''
const states = (world: World) => world.of('registration').map(event => event.state)
const challenge = (nonce: string, more = '') => `Digest realm="any name", nonce="${nonce}", qop="auth"${more}`

t.test(
  'the request: bare domain, own Contact, instance; registered tells the life of our own binding',
  async t => {
    const world = await openWorld()
    world.line.start()
    world.line.start()
    const request = await world.peer.request('REGISTER')
    t.equal(request.uri, 'sip:operator.test')
    t.match(headerOf(request, 'To'), '<sip:0389000001@operator.test>')
    t.match(
      contactOf(request),
      /^<sip:u[0-9a-f]{16}@127\.0\.0\.5:5060>;expires=3600;\+sip\.instance="<urn:uuid:[0-9a-f-]{36}>"$/,
    )
    t.equal(headerOf(request, 'Supported'), 'path')
    t.equal(headerOf(request, 'Expires'), '3600')
    world.peer.reply(request, 200, [
      ['Contact', '<sip:0389000001@127.0.0.9:5060>;expires=7'],
      ['Contact', `${uriOf(request)};expires=600, <sip:x@127.0.0.8>;expires=9`],
      ['Expires', '3600'],
    ])
    await world.clock.advance(10)
    t.match(world.of('registration'), [
      { state: 'registering' },
      { state: 'registered', expiresSeconds: 600 },
    ])
    const refresh = await world.peer.request('REGISTER', 300_010)
    t.equal(Math.round(world.clock.now() / 1e6), 300, 'refreshed at half')
    t.equal(headerOf(refresh, 'Call-ID'), headerOf(request, 'Call-ID'))
    t.equal(headerOf(refresh, 'CSeq'), '2 REGISTER')
    t.equal(uriOf(refresh), uriOf(request))
    await world.end()
  },
)

t.test('trap 5: a 200 without Contact parameters or without Contact does not start a storm', async t => {
  for (const [extra, seconds] of [
    [[['Expires', '120']], 120],
    [[], 3600],
  ] as const) {
    const world = await openWorld()
    world.line.start()
    const request = await world.peer.request('REGISTER')
    world.peer.reply(
      request,
      200,
      seconds === 120 ? [['Contact', uriOf(request)], ...extra] : [['Contact', ''], ...extra],
    )
    await world.clock.advance((seconds / 2) * 1000 - 1000)
    t.equal(registers(world).length, 1)
    t.match(world.of('registration').at(-1), { state: 'registered', expiresSeconds: seconds })
    await world.end()
  }
})

t.test('a 200 that lists only others has not bound us', async t => {
  const world = await openWorld()
  world.line.start()
  world.peer.reply(await world.peer.request('REGISTER'), 200, [['Contact', '<sip:x@127.0.0.8>;expires=100']])
  await world.clock.advance(100)
  t.same(states(world), ['registering', 'unregistered'])
  await world.end()
})

t.test(
  'challenged once, then credentials go out unasked; stale is silent; a wrong password waits 5 minutes',
  async t => {
    const world = await openWorld()
    const { peer } = world
    world.line.start()
    peer.reply(await peer.request('REGISTER'), 401, [['WWW-Authenticate', challenge('n1')]])
    const second = await peer.request('REGISTER')
    t.match(headerOf(second, 'Authorization'), /username="0389000001".*uri="sip:operator\.test".*nc=00000001/)
    peer.reply(second, 200, [['Contact', `${uriOf(second)};expires=200`]])
    const third = await peer.request('REGISTER', 101_000)
    t.match(headerOf(third, 'Authorization'), /nonce="n1".*nc=00000002/)
    peer.reply(third, 401, [['WWW-Authenticate', challenge('n2', ', stale=true')]])
    const fourth = await peer.request('REGISTER')
    t.match(headerOf(fourth, 'Authorization'), /nonce="n2".*nc=00000001/)
    t.equal(headersOf(fourth, 'Authorization').length, 1)
    peer.reply(fourth, 401, [['WWW-Authenticate', challenge('n3')]])
    await world.clock.advance(299_000)
    t.match(world.of('registration').at(-1), { state: 'refused', status: 401 })
    t.equal(registers(world).length, 4, 'no loop')
    t.ok(await peer.request('REGISTER', 70_000))
    await world.end()
  },
)

t.test('423 is obeyed at once and remembered; a registrar that keeps raising is a failure', async t => {
  const world = await openWorld({ account: { expiresSeconds: 60 } })
  const { peer } = world
  world.line.start()
  peer.reply(await peer.request('REGISTER'), 423, [['Min-Expires', '900']])
  const again = await peer.request('REGISTER')
  t.match(contactOf(again), 'expires=900')
  peer.reply(again, 200, [['Contact', `${uriOf(again)};expires=900`]])
  t.match(contactOf(await peer.request('REGISTER', 451_000)), 'expires=900')
  await world.end()
  const raising = await openWorld()
  raising.line.start()
  for (let round = 1; round <= 4; round++)
    raising.peer.reply(await raising.peer.request('REGISTER'), 423, [['Min-Expires', `${5000 * round}`]])
  await raising.clock.advance(10_000)
  t.equal(registers(raising).length, 4)
  await raising.end()
})

t.test(
  '403 waits 5 to 30 minutes; a changed account is tried at once and the old binding removed',
  async t => {
    const world = await openWorld()
    const { peer } = world
    world.line.start()
    peer.reply(await peer.request('REGISTER'), 403)
    await world.clock.advance(299_000)
    t.equal(registers(world).length, 1)
    t.match(world.of('registration').at(-1), { state: 'refused', status: 403 })
    world.line.update({ ...account, password: 'better' })
    const sent = [await peer.request('REGISTER'), await peer.request('REGISTER')]
    const fresh = sent.find(request => !contactOf(request).includes('expires=0')) as SipRequest
    const old = sent.find(request => contactOf(request).includes('expires=0')) as SipRequest
    peer.reply(old, 200)
    peer.reply(fresh, 200, [['Contact', `${uriOf(fresh)};expires=600`]])
    await world.clock.advance(100)
    t.match(world.of('registration').at(-1), { state: 'registered' })
    t.not(uriOf(fresh), uriOf(old))
    await world.end()
  },
)

t.test(
  'nobody answers for two hours: it goes on trying, ever less often, never more than every 15 s',
  async t => {
    const world = await openWorld({
      filter: data => (Buffer.from(data).toString().startsWith('REGISTER') ? 'drop' : 'pass'),
    })
    world.line.start()
    await world.clock.advance(7_200_000)
    const byCall = new Set(
      world.network.captured
        .map(({ data }) => Buffer.from(data).toString())
        .filter(text => text.startsWith('REGISTER'))
        .map(text => /CSeq: (\d+)/.exec(text)?.[1]),
    )
    t.ok(byCall.size >= 6 && byCall.size <= 14, `${byCall.size} attempts`)
    world.network.filter = undefined
    const request = await world.peer.request('REGISTER', 1_900_000)
    world.peer.reply(request, 200, [['Contact', `${uriOf(request)};expires=600`]])
    await world.clock.advance(10)
    t.equal(states(world).at(-1), 'registered')
    await world.end()
  },
)

t.test('a refresh that fails keeps the binding until its end', async t => {
  const world = await openWorld()
  const { peer } = world
  world.line.start()
  const first = await peer.request('REGISTER')
  peer.reply(first, 200, [['Contact', `${uriOf(first)};expires=600`]])
  peer.reply(await peer.request('REGISTER', 301_000), 503, [['Retry-After', '400']])
  await world.clock.advance(250_000)
  t.equal(states(world).at(-1), 'registered')
  await world.clock.advance(60_000)
  t.equal(states(world).at(-1), 'unregistered')
  t.equal(registers(world).length, 2, 'Retry-After is kept')
  t.ok(await peer.request('REGISTER', 130_000))
  await world.end()
})

t.test('Service-Route is the route of calls and not of REGISTER; Path never is', async t => {
  const world = await openWorld()
  const request = await world.register([
    ['Service-Route', '<sip:127.0.0.1:5060;lr;orig>'],
    ['Path', '<sip:127.0.0.7:5060;lr>'],
    ['P-Associated-URI', '<sip:0389000001@operator.test>, <tel:+33389000001>'],
  ])
  world.place('c1')
  const invite = await world.peer.request('INVITE')
  t.same(headersOf(invite, 'Route'), ['<sip:127.0.0.1:5060;lr;orig>'])
  world.peer.reply(invite, 486)
  const ack = await world.peer.request('ACK')
  t.same(headersOf(ack, 'Route'), ['<sip:127.0.0.1:5060;lr;orig>'])
  const refresh = await world.peer.request('REGISTER', 1_900_000)
  t.same(headersOf(refresh, 'Route'), [])
  t.ok(request)
  await world.end()
})

t.test('a changed account leaves the call in hand as it began', async t => {
  const world = await openWorld()
  const { peer } = world
  await world.register()
  world.place('c1')
  const invite = await peer.request('INVITE')
  peer.reply(invite, 200, [], sdp())
  await peer.request('ACK')
  world.line.update({ ...account, user: '0389000009' })
  await world.clock.advance(60_000)
  t.equal(world.of('ended').length, 0)
  world.place('c2')
  const second = await peer.request('INVITE')
  t.match(headerOf(second, 'From'), '<sip:0389000009@operator.test>')
  world.line.hangUp('c1')
  const bye = await peer.request('BYE')
  t.match(headerOf(bye, 'From'), '<sip:0389000001@operator.test>')
  await world.end()
})

t.test('an account that is no SIP address has no service, and nothing throws', async t => {
  const world = await openWorld({ account: { user: 'a b@c' } })
  world.line.start()
  world.place('c1')
  await world.clock.advance(100)
  t.match(world.events, [
    { type: 'registration', state: 'refused', status: 400 },
    { type: 'failed', call: 'c1', status: 503 },
  ])
  await world.line.stop(10)
  await world.end()
})

t.test(
  'stop: calls ended, binding removed, resolved when answered; bounded when nobody answers (trap 17)',
  async t => {
    const world = await openWorld()
    const { peer, clock } = world
    await world.register()
    world.place('c1')
    const invite = await peer.request('INVITE')
    peer.reply(invite, 200, [], sdp())
    await peer.request('ACK')
    let stopped = false
    world.line.stop(2000).then(() => {
      stopped = true
    })
    const bye = await peer.request('BYE')
    const gone = await peer.request('REGISTER')
    t.match(contactOf(gone), 'expires=0')
    t.equal(headerOf(gone, 'Expires'), '0')
    peer.reply(gone, 200)
    await clock.advance(100)
    t.equal(stopped, false, 'the BYE is still unanswered')
    peer.reply(bye, 200)
    await clock.advance(200)
    t.equal(stopped, true)
    await clock.advance(4_000_000)
    t.equal(registers(world).length, 2, 'and stays silent')
    world.place('c2')
    await clock.advance(10)
    t.match(world.of('failed'), [{ call: 'c2', status: 503 }])
    await world.end()

    const alone = await openWorld()
    await alone.register()
    let over = 0
    alone.line.stop(1500).then(() => {
      over = alone.clock.now()
    })
    const since = alone.clock.now()
    await alone.clock.advance(10_000)
    t.ok(over > 0 && over - since <= 1_600_000, `${over - since} µs`)
    await alone.end()
  },
)

t.test('when to refresh', async t => {
  for (const [seconds, delay] of [
    [3600, 1800],
    [600, 300],
    [121, 60.5],
    [120, 60],
    [60, 30],
    [29, 14.5],
    [1, 5],
    [10_000_000, 43_200],
  ] as const)
    t.equal(refreshDelayMs(seconds) / 1000, delay, `${seconds}`)
})

t.test('how long to wait after a failure, whatever the figures', async t => {
  const status = fc.constantFrom(401, 403, 404, 408, 420, 480, 500, 503, 600)
  const chance = fc.double({ min: 0, max: 0.999, noNaN: true })
  fc.assert(
    fc.property(
      status,
      fc.integer({ min: 1, max: 50 }),
      chance,
      fc.option(fc.nat(4000), { nil: undefined }),
      (code, failures, at, after) => {
        const wait = retryDelayMs(
          { status: code, ...(after === undefined ? {} : { retryAfter: after }) },
          failures,
          at,
        )
        const refused = [401, 403, 404, 407].includes(code)
        const least = Math.max(refused ? 300_000 : 15_000, (after ?? 0) * 1000)
        return wait >= least && wait <= Math.max(1_800_000, (after ?? 0) * 1000 + 10_000)
      },
    ),
  )
  t.equal(retryDelayMs({ status: 408 }, 1, 0), 15_000)
  t.equal(retryDelayMs({ status: 408 }, 3, 0.5), 90_000)
  t.equal(retryDelayMs({ status: 403 }, 2, 0), 600_000)
})

t.test('proxies: written forms, SRV by priority, names, and what stands in for silence', async t => {
  t.same(readProxy('sip:127.0.0.1:5060;transport=udp'), { host: '127.0.0.1', port: 5060 })
  t.same(readProxy('sip:[::1]:5070;lr'), { host: '::1', port: 5070 })
  t.same(readProxy('proxy.test'), { host: 'proxy.test' })
  t.equal(readProxy('sip:a:99999'), undefined)
  const clock = new VirtualClock()
  const network = new MemoryNetwork({
    clock,
    hosts: { 'a.test': ['192.0.2.1', '192.0.2.2'], 'b.test': ['192.0.2.3'], 'operator.test': ['192.0.2.9'] },
    srv: {
      '_sip._udp.srv.test': [
        { name: 'b.test', port: 5071, priority: 20, weight: 0 },
        { name: 'a.test', port: 5070, priority: 10, weight: 5 },
        { name: 'gone.test', port: 5072, priority: 30, weight: 0 },
      ],
    },
  })
  const resolver = { network, clock, entropy: new SeededEntropy(3) }
  const resolve = (domain: string, proxies: string[] = []) => resolveProxies({ domain, proxies }, resolver)
  t.same(await resolve('srv.test'), [
    { address: '192.0.2.1', port: 5070 },
    { address: '192.0.2.2', port: 5070 },
    { address: '192.0.2.3', port: 5071 },
  ])
  t.same(await resolve('operator.test'), [{ address: '192.0.2.9', port: 5060 }])
  t.same(await resolve('x', ['sip:b.test:5090', 'nowhere.test', '127.0.0.1']), [
    { address: '192.0.2.3', port: 5090 },
    { address: '127.0.0.1', port: 5060 },
  ])
  await t.rejects(resolve('nowhere.test'), /nowhere\.test/)
})
