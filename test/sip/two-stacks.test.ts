// Two whole stacks calling each other: under seeded loss in virtual time, and once over real sockets on 127.0.0.x.
import t from 'tap'
import { type Log, silentLog } from '../../firmware/log.js'
import type { SipAccount, SipEvent, SipLine, SipStack } from '../../firmware/sip/sip-line.js'
import { createSipStack } from '../../firmware/sip/sip-stack.js'
import { type Clock, ms } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import type { Network } from '../../hal/network.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { createOperator } from '../operator/operator.js'
import { bridgeGlobals } from '../support/virtual-time.js'

const one = '0389000001'
const two = '0389000002'
const accountOf = (user: string, peer: string): SipAccount => ({
  user,
  domain: 'operator.test',
  password: 'hunter2-secret',
  proxies: [`sip:${peer}`],
  hash: 'escaped',
})

interface Side {
  readonly stack: SipStack
  readonly line: SipLine
  readonly events: SipEvent[]
}

interface Base {
  readonly clock: Clock
  readonly network: Network
  readonly entropy: Entropy
  readonly log?: Log
}

const openSide = async (
  base: Base,
  address: string,
  port: number,
  user: string,
  peer: string,
  onEvent: (event: SipEvent, line: SipLine) => void,
): Promise<Side> => {
  const stack = createSipStack({
    log: silentLog,
    ...base,
    listen: { address, port },
    allow: [],
    userAgent: 'voiceport/test',
  })
  const events: SipEvent[] = []
  const line = stack.line('tel1', accountOf(user, peer), event => {
    events.push(event)
    onEvent(event, line)
  })
  await stack.open()
  return { stack, line, events }
}

const count = (side: Side, type: SipEvent['type']) => side.events.filter(event => event.type === type).length

t.test(
  'trap 2: 60 calls at 10 % loss both ways: every one established, held, resumed and ended on both sides',
  async t => {
    const clock = new VirtualClock()
    const entropy = new SeededEntropy(11)
    const restore = bridgeGlobals(clock, entropy)
    const network = new MemoryNetwork({ clock, entropy: new SeededEntropy(12), loss: 0.1 })
    const base = { clock, network, entropy }
    const caller = await openSide(base, '127.0.0.5', 5060, one, '127.0.0.6:5060', () => {})
    const callee = await openSide(base, '127.0.0.6', 5060, two, '127.0.0.5:5060', (event, line) => {
      if (event.type !== 'incoming') return
      line.ring(event.call)
      clock.timer('pick up', ms(500), () => line.answer(event.call, { address: '127.0.0.6', port: 20_000 }))
    })
    const calls = 60
    for (let n = 0; n < calls; n++) {
      const call = `c${n}`
      caller.line.place(call, {
        target: two,
        media: { address: '127.0.0.5', port: 16_384 },
        masked: n % 2 === 0,
        emergency: false,
      })
      await clock.runUntil(
        () => caller.events.some(event => event.type === 'answered' && event.call === call),
        60_000,
      )
      if (n % 3 === 0) {
        caller.line.hold(call)
        await clock.runUntil(
          () => caller.events.some(event => event.type === 'held' && event.call === call),
          60_000,
        )
        caller.line.resume(call)
        await clock.runUntil(
          () => caller.events.some(event => event.type === 'resumed' && event.call === call),
          60_000,
        )
      }
      await clock.advance(1000)
      if (n % 2 === 0) caller.line.hangUp(call)
      else {
        const taken = callee.events.findLast(event => event.type === 'answered')
        if (taken?.type === 'answered') callee.line.hangUp(taken.call)
      }
      await clock.advance(3000)
    }
    await clock.advance(70_000)
    t.equal(count(caller, 'answered'), calls)
    t.equal(count(callee, 'answered'), calls)
    t.equal(count(callee, 'incoming'), calls, 'no ghost ring')
    t.equal(count(caller, 'failed') + count(callee, 'abandoned'), 0)
    t.same(
      caller.events.filter(event => event.type === 'held' || event.type === 'resumed').map(event => event.ok),
      Array(40).fill(true),
    )
    t.equal(
      count(caller, 'ended') + count(callee, 'ended'),
      calls,
      'each call was told as ended where it was not hung up',
    )
    const lost = network.captured.filter(({ verdict }) => verdict === 'drop').length
    t.ok(lost > 30, `${lost} datagrams lost`)
    await caller.stack.close()
    await callee.stack.close()
    restore()
  },
)

t.test('trap 16: nothing secret reaches the log, whatever is logged', async t => {
  const clock = new VirtualClock()
  const entropy = new SeededEntropy(5)
  const restore = bridgeGlobals(clock, entropy)
  const lines: string[] = []
  const write = (message: string, fields?: object) => lines.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const log: Log = { debug: write, info: write, warn: write, error: write }
  const network = new MemoryNetwork({ clock })
  const registrar = await network.openUdp({
    address: '127.0.0.6',
    port: 5060,
    onDatagram: data => {
      const text = Buffer.from(data).toString()
      const copy = (name: string) => new RegExp(`^${name}: .*$`, 'm').exec(text)?.[0]
      const again = /^Authorization/m.test(text)
      const status = again ? '403 No' : '401 Who'
      const asked = 'WWW-Authenticate: Digest realm="operator.test", nonce="n", qop="auth"'
      const head = [
        `SIP/2.0 ${status}`,
        ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map(copy),
        asked,
        'Content-Length: 0',
      ]
      registrar.send(Buffer.from(`${head.join('\r\n').replace(/\r\r/g, '\r')}\r\n\r\n`), {
        address: '127.0.0.5',
        port: 5060,
      })
    },
    onError: () => {},
  })
  const printed: unknown[] = []
  const real = { ...console }
  Object.assign(console, {
    log: (...x: unknown[]) => printed.push(x),
    warn: (...x: unknown[]) => printed.push(x),
    error: (...x: unknown[]) => printed.push(x),
    debug: (...x: unknown[]) => printed.push(x),
  })
  const side = await openSide(
    { clock, network, entropy, log },
    '127.0.0.5',
    5060,
    one,
    '127.0.0.6:5060',
    () => {},
  )
  side.line.start()
  await clock.advance(10_000)
  Object.assign(console, real)
  const sent = network.captured
    .map(({ data }) => /response="([0-9a-f]+)"/.exec(Buffer.from(data).toString())?.[1])
    .find(Boolean)
  t.match(side.events.at(-1), { type: 'registration', state: 'refused', status: 403 })
  t.match(sent, /^[0-9a-f]{32}$/, 'a digest went out')
  t.ok(lines.length > 0)
  for (const secret of ['hunter2-secret', sent ?? '']) t.notOk(lines.some(line => line.includes(secret)))
  t.same(printed, [], 'and nothing is printed')
  await side.stack.close()
  await registrar.close()
  restore()
})

t.test(
  'two lines of one box call each other through the reference operator, masked and hung up from either end',
  async t => {
    const clock = new VirtualClock()
    const entropy = new SeededEntropy(21)
    const restore = bridgeGlobals(clock, entropy)
    const network = new MemoryNetwork({ clock })
    const operator = await createOperator(
      {
        sip: { address: '127.0.0.1', port: 5060 },
        domain: 'operator.test',
        subscribers: { [one]: 'hunter2-secret', [two]: 'hunter2-secret' },
      },
      { clock, network, entropy },
    )
    const stack = createSipStack({
      clock,
      network,
      entropy,
      log: silentLog,
      listen: { address: '127.0.0.5', port: 5060 },
      allow: [],
      userAgent: 'voiceport/test',
    })
    await stack.open()
    const seen: Record<string, SipEvent[]> = { a: [], b: [] }
    const a = stack.line('a', accountOf(one, '127.0.0.1:5060'), event => seen['a']?.push(event))
    const b = stack.line('b', accountOf(two, '127.0.0.1:5060'), event => seen['b']?.push(event))
    const has = (line: string, type: SipEvent['type']) => seen[line]?.findLast(event => event.type === type)
    const until = async (line: string, type: SipEvent['type']) => {
      t.ok(await clock.runUntil(() => has(line, type) !== undefined, 10_000), `${line}: ${type}`)
      return has(line, type)
    }
    a.start()
    b.start()
    await clock.advance(500)
    t.match(has('a', 'registration'), { state: 'registered' })
    t.match(has('b', 'registration'), { state: 'registered' })
    for (const masked of [false, true]) {
      seen['a'] = []
      seen['b'] = []
      a.place('out', { target: two, media: { address: '127.0.0.5', port: 16_384 }, masked, emergency: false })
      const incoming = await until('b', 'incoming')
      const call = incoming?.type === 'incoming' ? incoming.call : 'none'
      t.match(incoming, {
        caller: masked ? { withheld: true, number: undefined } : { withheld: false, number: one },
      })
      b.ring(call)
      await until('a', 'progress')
      b.answer(call, { address: '127.0.0.5', port: 16_386 })
      await until('a', 'answered')
      await until('b', 'answered')
      t.match(has('a', 'media'), { remote: { port: 16_386 } })
      t.match(has('b', 'media'), { remote: { port: 16_384 } })
      a.hold('out')
      t.match(await until('a', 'held'), { ok: true })
      t.match(has('b', 'media'), { remote: { direction: 'recvonly' } })
      if (masked) b.hangUp(call)
      else a.hangUp('out')
      await until(masked ? 'a' : 'b', 'ended')
    }
    let stopped = false
    Promise.all([a.stop(2000), b.stop(2000)]).then(() => {
      stopped = true
    })
    await clock.advance(1000)
    t.equal(stopped, true)
    t.same([operator.bindingsOf(one).length, operator.bindingsOf(two).length], [0, 0])
    await stack.close()
    await operator.close()
    restore()
  },
)

t.test('over real UDP sockets on loopback: a call each way and its end', async t => {
  const base = { clock: new LinuxClock(), network: new LinuxNetwork(), entropy: new LinuxEntropy() }
  const happened: (() => void)[] = []
  const wake = () => {
    for (const look of [...happened]) look()
  }
  const until = (fits: () => boolean) =>
    new Promise<void>(resolve => {
      const look = () => {
        if (!fits()) return
        happened.splice(happened.indexOf(look), 1)
        resolve()
      }
      happened.push(look)
      look()
    })
  const pickUp = (address: string) => (event: SipEvent, line: SipLine) => {
    if (event.type === 'incoming') line.answer(event.call, { address, port: 20_000 })
    wake()
  }
  const left = await openSide(base, '127.0.0.71', 25_060, one, '127.0.0.72:25060', pickUp('127.0.0.71'))
  const right = await openSide(base, '127.0.0.72', 25_060, two, '127.0.0.71:25060', pickUp('127.0.0.72'))
  for (const [from, to, target, address] of [
    [left, right, two, '127.0.0.71'],
    [right, left, one, '127.0.0.72'],
  ] as const) {
    const before = count(to, 'ended')
    from.line.place('c1', { target, media: { address, port: 16_384 }, masked: false, emergency: false })
    await until(() => from.events.some(event => event.type === 'answered' && event.call === 'c1'))
    from.line.hangUp('c1')
    await until(() => count(to, 'ended') > before)
    t.match(
      from.events.findLast(event => event.type === 'media'),
      { remote: { port: 20_000, codec: 'PCMA' } },
    )
  }
  await left.stack.close()
  await right.stack.close()
})
