// The simulated clock, entropy and network, and the bridge that puts sip.js on them.
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { ms } from '../../../hal/clock.js'
import { kindOf } from '../../../hal/conformance/hal-kind.js'
import { isHalError } from '../../../hal/errors.js'
import type { Endpoint } from '../../../hal/network.js'
import { MemoryNetwork } from '../../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../../hal/sim/virtual-clock.js'
import { bridgeGlobals } from '../../support/virtual-time.js'

t.test('virtual clock', async t => {
  t.test('timers fire by due time, then in order of creation, and time stands at each', async t => {
    const clock = new VirtualClock()
    const seen: string[] = []
    for (const [name, delay] of [
      ['c', 30],
      ['a', 10],
      ['b', 10],
      ['zero', 0],
    ] as const)
      clock.timer(name, ms(delay), () => seen.push(`${name}@${clock.now()}`))
    t.strictSame(
      clock.pending().map(p => p.name),
      ['zero', 'a', 'b', 'c'],
    )
    await clock.advance(29.999)
    t.strictSame(seen, ['zero@0', 'a@10000', 'b@10000'])
    await clock.advance(0.001)
    t.equal(seen.at(-1), 'c@30000')
    t.strictSame(clock.pending(), [])
  })

  t.test('any set of timers fires sorted, cancelled ones never', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ delay: fc.integer({ min: 0, max: 50 }), cancel: fc.boolean() }), {
          maxLength: 60,
        }),
        async plan => {
          const clock = new VirtualClock()
          const fired: number[] = []
          const timers = plan.map(({ delay }, n) => clock.timer(`${n}`, ms(delay), () => fired.push(n)))
          plan.forEach(({ cancel }, n) => {
            if (cancel) timers[n]!.cancel()
          })
          await clock.advance(50)
          const expected = plan
            .map(({ delay, cancel }, n) => ({ delay, cancel, n }))
            .filter(p => !p.cancel)
            .sort((a, b) => a.delay - b.delay || a.n - b.n)
            .map(p => p.n)
          return JSON.stringify(fired) === JSON.stringify(expected)
        },
      ),
      { numRuns: 50 },
    )
  })

  t.test('promise chains settle between events; a timer set by one fires in its turn', async t => {
    const clock = new VirtualClock()
    const seen: string[] = []
    clock.timer('first', ms(5), () => {
      void (async () => {
        for (let n = 0; n < 30; n++) await null
        seen.push('chain')
        clock.timer('nested', ms(1), () => seen.push(`nested@${clock.now()}`))
      })()
    })
    clock.timer('second', ms(7), () => seen.push('second'))
    await clock.advance(10)
    t.strictSame(seen, ['chain', 'nested@6000', 'second'])
  })

  t.test('external work holds time until it settles, also when it fails', async t => {
    const clock = new VirtualClock()
    const seen: string[] = []
    const path = join(tmpdir(), `voiceport-clock-${randomBytes(6).toString('hex')}`, 'no-such-directory')
    clock.timer('write', ms(1), () => {
      clock.external(writeFile(path, 'x')).then(
        () => seen.push('written'),
        () => seen.push(`failed@${clock.now()}`),
      )
    })
    clock.timer('after', ms(2), () => seen.push('after'))
    await clock.advance(5)
    t.strictSame(seen, ['failed@1000', 'after'])
  })

  t.test('runUntil stops at the event that satisfies, or at the limit', async t => {
    const clock = new VirtualClock({ startWall: 1_000_000 })
    let ticks = 0
    const tick = () => {
      ticks++
      clock.timer('tick', ms(10), tick)
    }
    clock.timer('tick', ms(10), tick)
    t.equal(await clock.runUntil(() => ticks === 3, 1000), true)
    t.equal(clock.now(), 30_000)
    t.equal(await clock.runUntil(() => ticks === 99, 25), false)
    t.equal(clock.now(), 55_000)
    t.equal(clock.wall(), 1_000_055)
  })

  t.test('wrong use is refused', async t => {
    const clock = new VirtualClock()
    t.equal(await kindOf(() => clock.timer('bad', ms(Number.NaN), () => {})), 'invalid')
    t.equal(await kindOf(() => clock.advance(Number.POSITIVE_INFINITY)), 'invalid')
    const running = clock.advance(1)
    t.equal(await kindOf(() => clock.advance(1)), 'refused')
    await running
    clock.timer('throws', ms(1), () => {
      throw new Error('from the timer')
    })
    await t.rejects(clock.advance(2), /from the timer/)
    await clock.advance(1)
    t.equal(clock.now(), 3000, 'usable after an error')
  })
})

t.test('seeded entropy repeats by seed and differs between seeds', async t => {
  const draw = (seed: number) => {
    const entropy = new SeededEntropy(seed)
    return Array.from({ length: 100 }, () => entropy.uint32())
  }
  t.strictSame(draw(7), draw(7))
  t.notSame(draw(7), draw(8))
  const values = draw(3)
  t.ok(values.every(v => Number.isInteger(v) && v >= 0 && v < 2 ** 32))
  t.equal(new Set(values).size, 100)
  t.match(new SeededEntropy(1).hex(5), /^[0-9a-f]{10}$/)
})

t.test('memory network', async t => {
  const a: Endpoint = { address: '10.0.0.1', port: 5060 }
  const b: Endpoint = { address: '10.0.0.2', port: 5060 }
  const text = (data: Uint8Array) => Buffer.from(data).toString()
  const world = async (options: Partial<ConstructorParameters<typeof MemoryNetwork>[0]> = {}) => {
    const clock = new VirtualClock()
    const network = new MemoryNetwork({ clock, latencyMs: 10, ...options })
    const heard: string[] = []
    const errors: string[] = []
    const onError = (error: Error, to?: Endpoint) =>
      errors.push(`${isHalError(error) ? error.kind : error} ${to?.port} @${clock.now()}`)
    const first = await network.openUdp({ ...a, onDatagram() {}, onError })
    const second = await network.openUdp({
      ...b,
      onDatagram: (data, from) => heard.push(`${text(data)} ${from.address}:${from.port} @${clock.now()}`),
      onError,
    })
    return { clock, network, heard, errors, first, second }
  }

  t.test('a datagram is a clock event after the latency; the sender may reuse its buffer', async t => {
    const { clock, heard, first, network } = await world()
    const buffer = Buffer.from('one')
    first.send(buffer, b)
    buffer.write('---')
    t.strictSame(heard, [])
    await clock.advance(9.999)
    t.strictSame(heard, [])
    await clock.advance(1)
    t.strictSame(heard, ['one 10.0.0.1:5060 @10000'])
    t.strictSame(
      network.captured.map(c => [text(c.data), c.us, c.verdict]),
      [['one', 0, 'pass']],
    )
  })

  t.test('the filter drops, doubles and delays; the index counts every datagram', async t => {
    const verdicts = ['drop', 'duplicate', { delayMs: 5 }, 'pass'] as const
    const { clock, heard, first } = await world({ filter: (_data, _from, _to, index) => verdicts[index]! })
    for (const word of ['lost', 'twice', 'late', 'plain']) first.send(Buffer.from(word), b)
    await clock.advance(100)
    t.strictSame(
      heard.map(line => line.split(' ')[0]),
      ['twice', 'twice', 'plain', 'late'],
    )
    t.match(heard.at(-1), /@15000$/)
  })

  t.test('seeded loss loses the same datagrams every time, about as many as asked', async t => {
    const run = async () => {
      const { clock, heard, first } = await world({ loss: 0.1, entropy: new SeededEntropy(5) })
      for (let n = 0; n < 1000; n++) first.send(Buffer.from(`${n}`), b)
      await clock.advance(20)
      return heard
    }
    const arrived = await run()
    t.strictSame(arrived, await run())
    t.ok(arrived.length > 860 && arrived.length < 940, `${arrived.length} of 1000 arrived`)
    t.equal(await kindOf(() => new MemoryNetwork({ clock: new VirtualClock(), loss: 0.1 })), 'invalid')
  })

  t.test('a port without a socket refuses; so does a closed one', async t => {
    const { clock, errors, first, second } = await world()
    first.send(Buffer.from('x'), { address: '10.0.0.9', port: 9 })
    await clock.advance(20)
    t.strictSame(errors, ['unreachable 9 @20000'])
    await second.close()
    first.send(Buffer.from('x'), b)
    await clock.advance(20)
    t.strictSame(errors[1], 'unreachable 5060 @40000')
    second.send(Buffer.from('x'), a)
    await clock.advance(20)
    t.match(errors[2], /^closed 5060/)
  })

  t.test('addresses are exclusive, port 0 takes a free one, the wildcard hears all', async t => {
    const { network, clock } = await world()
    const sink = { onDatagram() {}, onError() {} }
    t.equal(await kindOf(() => network.openUdp({ ...a, ...sink })), 'in-use')
    t.equal(await kindOf(() => network.openUdp({ address: '0.0.0.0', port: 5060, ...sink })), 'in-use')
    t.equal(await kindOf(() => network.openUdp({ ...a, port: 0, device: 'eth9', ...sink })), 'missing')
    const heard: string[] = []
    const any = await network.openUdp({
      address: '0.0.0.0',
      port: 0,
      onDatagram: data => heard.push(text(data)),
      onError() {},
    })
    const other = await network.openUdp({ address: '10.0.0.1', port: 0, ...sink })
    t.not(any.local.port, other.local.port)
    other.send(Buffer.from('hi'), { address: '10.7.7.7', port: any.local.port })
    await clock.advance(20)
    t.strictSame(heard, ['hi'])
  })

  t.test('names, routes and interfaces come from tables', async t => {
    const srv = [{ name: 'p1.operator.test', port: 5060, priority: 1, weight: 0 }]
    const { network } = await world({
      hosts: { 'p1.operator.test': ['10.0.0.2'] },
      srv: { '_sip._udp.operator.test': srv },
      interfaces: { eth0: '10.0.0.1' },
      route: to => (to.address.startsWith('10.') ? '10.0.0.1' : undefined),
    })
    t.strictSame(await network.resolveHost('p1.operator.test'), ['10.0.0.2'])
    t.strictSame(await network.resolveSrv('_sip._udp.operator.test'), srv)
    t.equal(await kindOf(() => network.resolveNaptr('operator.test')), 'missing')
    t.equal(await kindOf(() => network.resolveHost('nowhere.test')), 'missing')
    t.equal(await network.localAddressFor(b), '10.0.0.1')
    t.equal(await kindOf(() => network.localAddressFor({ address: '192.0.2.1', port: 1 })), 'unreachable')
    t.equal(network.interfaceAddress('eth0'), '10.0.0.1')
    t.equal(network.interfaceAddress('eth1'), undefined)
  })
})

t.test('bridged globals follow the virtual clock and come back whole', async t => {
  const before = [setTimeout, clearTimeout, setInterval, clearInterval, Date, Math.random]
  const clock = new VirtualClock({ startWall: 5000 })
  const early = setTimeout(() => t.fail('was cleared'), 0)
  const restore = bridgeGlobals(clock, new SeededEntropy(1))
  try {
    clearTimeout(early)
    const seen: string[] = []
    setTimeout((word: string) => seen.push(`${word}@${Date.now()}`), 32_000, 'late')
    const cancelled = setTimeout(() => seen.push('never'), 10)
    clearTimeout(cancelled)
    const interval = setInterval(() => seen.push('tick'), 10_000)
    await clock.advance(25_000)
    clearInterval(interval)
    await clock.advance(25_000)
    t.strictSame(seen, ['tick', 'tick', 'late@37000'])
    t.equal(new Date().toISOString(), '1970-01-01T00:00:55.000Z')
    t.equal(new Date(7).getTime(), 7)
    t.ok(new Date() instanceof Date)
    t.equal(Math.random(), new SeededEntropy(1).uint32() / 2 ** 32)
  } finally {
    restore()
  }
  t.strictSame([setTimeout, clearTimeout, setInterval, clearInterval, Date, Math.random], before)
})
