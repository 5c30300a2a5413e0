// The main job, end to end in virtual time: from a finger on the telephone, through loop, hybrid, detector, feature
// machine, SIP and RTP to the operator, and back to the ear.

import t from 'tap'
import { openVirtualHouse, type VirtualHouse, type VirtualTelephone } from '../support/virtual-house.js'

const inHouse = (
  title: string,
  options: Parameters<typeof openVirtualHouse>[0],
  body: (
    t: import('tap').Test,
    house: VirtualHouse,
    tel1: VirtualTelephone,
    tel2: VirtualTelephone,
  ) => Promise<void>,
) =>
  t.test(title, async t => {
    const house = await openVirtualHouse(options)
    try {
      const [tel1, tel2] = house.telephones as [VirtualTelephone, VirtualTelephone]
      await body(t, house, tel1, tel2)
    } finally {
      await house.close()
    }
  })

const situation = (house: VirtualHouse, line: string) =>
  house.box.status().find(status => status.line === line)?.situation

const call = async (house: VirtualHouse, from: VirtualTelephone, to: VirtualTelephone) => {
  await from.act({ do: 'offhook' })
  await house.until('dial tone', () => from.tone === 'dial')
  await from.act({ do: 'dtmf', digits: to.number })
  await house.until('it rings', () => to.ringing)
  await house.until('ringback', () => from.tone === 'ringback')
  await to.act({ do: 'offhook' })
  await house.until('the call stands', () => situation(house, from.line) === 'active')
}

inHouse(
  'two lines of one box call each other through the operator, hear each other, and hang up',
  {},
  async (t, house, tel1, tel2) => {
    await call(house, tel1, tel2)
    await tel1.act({ do: 'dtmf', digits: '5' })
    await house.until('the key is heard', () =>
      tel2.events.some(event => event.ev === 'dtmf' && event.digit === '5'),
    )
    await tel2.act({ do: 'onhook' })
    await house.until('busy tone for the one left', () => tel1.tone === 'busy')
    await tel1.act({ do: 'onhook' })
    await house.until('both idle', () => house.box.status().every(line => line.situation === 'idle'))
    t.pass('a call from lifting to hanging up')
  },
)

inHouse(
  'the French ring: 50 Hz, 1.5 s on, 3.5 s off, so that five seconds are one ring (guide lines 57-67)',
  {},
  async (t, house, tel1, tel2) => {
    await tel1.act({ do: 'offhook' })
    await house.until('dial tone', () => tel1.tone === 'dial')
    await tel1.act({ do: 'dtmf', digits: tel2.number })
    await house.until('it rings', () => tel2.ringing)
    await house.clock.advance(16_000)
    const [pulse, pulseEnd, ...rings] = tel2.events.flatMap(event => (event.ev === 'ring' ? [event] : []))
    t.match(pulse, { kind: 'rp-as', on: true }, 'the alert of caller identity is no ring')
    t.equal(((pulseEnd?.us ?? 0) - (pulse?.us ?? 0)) / 1000, 250)
    t.equal(rings[0]?.hz, 50)
    t.equal(rings[0]?.kind, 'full')
    for (let i = 1; i < rings.length; i++) {
      const ms = ((rings[i]?.us ?? 0) - (rings[i - 1]?.us ?? 0)) / 1000
      const wanted = rings[i]?.on ? 3500 : 1500
      t.ok(Math.abs(ms - wanted) <= wanted * 0.02, `${rings[i]?.on ? 'silence' : 'burst'} of ${ms} ms`)
    }
    await tel1.act({ do: 'onhook' })
    await house.until(
      'the caller gives up: quiet',
      () => !tel2.ringing && situation(house, 'tel2') === 'idle',
    )
  },
)

inHouse('a busy line refuses: the caller hears the busy tone', {}, async (t, house, tel1, tel2) => {
  await tel2.act({ do: 'offhook' })
  await tel1.act({ do: 'offhook' })
  await house.until('dial tone', () => tel1.tone === 'dial')
  await tel1.act({ do: 'dtmf', digits: tel2.number })
  await house.until('busy', () => tel1.tone === 'busy')
  t.notOk(
    tel2.events.some(event => event.ev === 'ring'),
    'the busy telephone does not ring',
  )
})

inHouse('an unallocated number gives the special information tone', {}, async (t, house, tel1) => {
  await tel1.act({ do: 'offhook' })
  await house.until('dial tone', () => tel1.tone === 'dial')
  await tel1.act({ do: 'dtmf', digits: '0399999999' })
  await house.until('SIT', () => tel1.tone === 'sit')
  t.pass()
})

inHouse('a rotary telephone calls too', {}, async (t, house, tel1, tel2) => {
  await tel1.act({ do: 'offhook' })
  await house.until('dial tone', () => tel1.tone === 'dial')
  const begun = house.clock.now()
  await tel1.act({ do: 'pulse', digits: '0' })
  const heard = tel1.events.flatMap(event => (event.ev === 'tone' && event.us > begun ? [event] : []))
  t.match(heard, [{ name: 'none' }], 'one silence, from the first of ten pulses on')
  t.comment(`told ${((heard[0]?.us ?? 0) - begun) / 1000} ms after the first pulse began`)
  const stopped = house.trace.steps().find(({ event }) => event.type === 'digit-begun')?.us ?? 0
  t.ok(stopped - begun <= 66_000 + 60_000, `tone stopped ${(stopped - begun) / 1000} ms after it`)
  await tel1.act({ do: 'onhook' })
  await house.clock.advance(1000)
  await tel1.act({ do: 'offhook' })
  await house.until('dial tone', () => tel1.tone === 'dial')
  await tel1.act({ do: 'pulse', digits: tel2.number })
  await house.until('it rings', () => tel2.ringing)
  t.pass()
})

inHouse(
  'without an operator: congestion cadence, and emergency is still tried',
  { operator: false },
  async (t, house, tel1) => {
    await tel1.act({ do: 'offhook' })
    await house.until('no-service tone', () => tel1.tone === 'congestion')
    await tel1.act({ do: 'dtmf', digits: '112' })
    await house.until('an INVITE for 112 leaves', () =>
      house.network.captured.some(({ data }) => Buffer.from(data).toString().startsWith('INVITE sip:112@')),
    )
    t.pass()
  },
)

inHouse(
  'left off the hook: dial tone 15 s, busy tone 30 s, then no more than a watched line; on-hook makes it usable',
  {},
  async (t, house, tel1) => {
    await tel1.act({ do: 'offhook' })
    await house.until('dial tone', () => tel1.tone === 'dial')
    await house.until('busy tone', () => tel1.tone === 'busy', 20_000)
    await house.clock.advance(100_000)
    t.equal(situation(house, 'tel1'), 'left-off-hook')
    await tel1.act({ do: 'onhook' })
    await house.clock.advance(1000)
    await tel1.act({ do: 'offhook' })
    await house.until('dial tone again', () => tel1.tone === 'dial')
  },
)

inHouse('the echo number gives back what is said', {}, async (t, house, tel1) => {
  await tel1.act({ do: 'offhook' })
  await house.until('dial tone', () => tel1.tone === 'dial')
  await tel1.act({ do: 'dtmf', digits: '3100' })
  await house.until('answered', () => situation(house, 'tel1') === 'active')
  await tel1.act({ do: 'dtmf', digits: '5' })
  await house.until('the key comes back', () =>
    tel1.events.some(event => event.ev === 'dtmf' && event.digit === '5'),
  )
  await tel1.act({ do: 'onhook' })
  await house.until('idle', () => situation(house, 'tel1') === 'idle')
  t.ok(
    house.network.captured.some(({ data }) => Buffer.from(data).toString().startsWith('BYE ')),
    'the hang-up went out',
  )
})

t.test('the same seed gives the same traffic, byte for byte', async t => {
  const traffic = async () => {
    const house = await openVirtualHouse({ seed: 7 })
    const [tel1, tel2] = house.telephones as [VirtualTelephone, VirtualTelephone]
    await call(house, tel1, tel2)
    await house.clock.advance(500)
    const datagrams = house.network.captured.map(
      ({ us, data }) => `${us} ${Buffer.from(data).toString('hex')}`,
    )
    await house.close()
    return datagrams
  }
  const once = await traffic()
  const twice = await traffic()
  t.ok(once.length > 50)
  t.equal(twice.length, once.length)
  t.equal(
    twice.findIndex((datagram, i) => datagram !== once[i]),
    -1,
  )
})
