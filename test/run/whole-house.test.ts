// The whole house where things go wrong: line faults that overlap, an event loop that stands still, and telephones used
// by somebody with no plan on a network that loses datagrams.

import fc from 'fast-check'
import t from 'tap'
import type { PhoneEvent } from '../../firmware/phone/event.js'
import type { HandsetAction } from '../../hal/sim/handset-contract.js'
import { openVirtualHouse, type VirtualHouse, type VirtualTelephone } from '../support/virtual-house.js'

type Options = Parameters<typeof openVirtualHouse>[0]

const inHouse = async (
  options: Options,
  body: (house: VirtualHouse, tel1: VirtualTelephone, tel2: VirtualTelephone) => Promise<void>,
): Promise<void> => {
  const house = await openVirtualHouse(options)
  try {
    const [tel1, tel2] = house.telephones as [VirtualTelephone, VirtualTelephone]
    await body(house, tel1, tel2)
  } finally {
    await house.close()
  }
}

const situation = (house: VirtualHouse, line: string) =>
  house.box.status().find(status => status.line === line)?.situation

t.test('a line with two faults works again when both are over', async t => {
  await inHouse({}, async (house, tel1, tel2) => {
    for (const kind of ['short', 'thermal'] as const) await tel1.act({ do: 'fault', kind, on: true })
    await tel1.act({ do: 'fault', kind: 'short', on: false })
    await tel2.act({ do: 'offhook' })
    await house.until('dial tone', () => tel2.tone === 'dial')
    await tel2.act({ do: 'dtmf', digits: tel1.number })
    await house.until('refused', () => tel2.tone === 'congestion')
    t.notOk(tel1.events.some(event => event.ev === 'ring'))
    await tel2.act({ do: 'onhook' })
    await tel1.act({ do: 'fault', kind: 'thermal', on: false })
    await house.advance(1000)
    await tel1.act({ do: 'offhook' })
    await house.until('dial tone where the faults were', () => tel1.tone === 'dial')
  })
})

t.test('after the chip was reset or its link lost the line feeds, rings and is answered', async t => {
  for (const kind of ['chip-reset', 'link-lost'] as const)
    await inHouse({}, async (house, tel1, tel2) => {
      await tel1.act({ do: 'offhook' })
      await house.until('dial tone', () => tel1.tone === 'dial')
      await tel1.act({ do: 'fault', kind, on: true })
      await house.advance(500)
      await tel1.act({ do: 'onhook' })
      await house.advance(2000)
      await tel1.act({ do: 'fault', kind, on: false })
      await house.until(`idle after ${kind}`, () => situation(house, 'tel1') === 'idle')
      await tel2.act({ do: 'offhook' })
      await house.until('dial tone', () => tel2.tone === 'dial')
      await tel2.act({ do: 'dtmf', digits: tel1.number })
      await house.until('it rings', () => tel1.ringing)
      await tel1.act({ do: 'offhook' })
      await house.until('answered', () => situation(house, 'tel2') === 'active')
      t.equal(situation(house, 'tel1'), 'active', kind)
    })
})

/** What the machine was told by the hook and the keys of each line. */
const toldByHand = (house: VirtualHouse): readonly string[] => {
  const byHand: ReadonlySet<PhoneEvent['type']> = new Set([
    'off-hook',
    'on-hook',
    'flash',
    'digit-begun',
    'digit-lost',
    'digit',
  ])
  return house.telephones.map(({ line }) =>
    house.trace
      .steps()
      .filter(step => step.line === line && byHand.has(step.event.type))
      .map(({ event }) =>
        event.type === 'digit' ? event.digit : event.type === 'flash' ? `flash ${event.ms}` : event.type,
      )
      .join(' '),
  )
}

t.test('an event loop that stands still makes the box late, never wrong', async t => {
  const life = async (stallMs?: number) => {
    let told: readonly string[] = []
    await inHouse({ ...(stallMs !== undefined && { stallMs }) }, async (house, tel1, tel2) => {
      await tel1.act({ do: 'offhook' })
      await house.until('dial tone', () => tel1.tone === 'dial')
      await tel1.act({ do: 'pulse', digits: tel2.number })
      await house.until('it rings', () => tel2.ringing)
      await tel2.act({ do: 'offhook' })
      await house.until('the call stands', () => situation(house, 'tel1') === 'active')
      await house.advance(2500)
      await tel1.act({ do: 'flash', ms: 85 })
      await house.until('recall dial tone', () => tel1.tone === 'recall')
      await tel1.act({ do: 'flash', ms: 590 })
      await house.advance(1000)
      await tel1.act({ do: 'dtmf', digits: '1' })
      await house.until('back in the call', () => situation(house, 'tel1') === 'active')
      await house.advance(2500)
      await tel1.act({ do: 'onhook' })
      await house.until('busy tone for the one left', () => tel2.tone === 'busy')
      await tel2.act({ do: 'onhook' })
      await house.until('both idle', () => house.box.status().every(line => line.situation === 'idle'))
      await tel2.act({ do: 'offhook' })
      await house.until('dial tone', () => tel2.tone === 'dial')
      await tel2.act({ do: 'dtmf', digits: '0399999999' })
      await house.until('refused', () => tel2.tone === 'sit')
      await tel2.act({ do: 'onhook' })
      await house.until('idle', () => situation(house, 'tel2') === 'idle')
      told = toldByHand(house)
    })
    return told
  }
  const prompt = await life()
  t.same(prompt, [
    `off-hook ${[...'0389000002'].map(digit => `digit-begun ${digit}`).join(' ')} flash 85 flash 590 1 on-hook`,
    'off-hook on-hook off-hook 0 3 9 9 9 9 9 9 9 9 on-hook',
  ])
  for (const stallMs of [90, 650, 1000]) t.same(await life(stallMs), prompt, `${stallMs} ms at a time`)
})

t.test('R and a key close to it keep their order, however late the loop is', async t => {
  const life = async (stallMs?: number) => {
    let told: readonly string[] = []
    await inHouse({ ...(stallMs !== undefined && { stallMs }) }, async (house, tel1) => {
      await tel1.act({ do: 'offhook' })
      await house.until('dial tone', () => tel1.tone === 'dial')
      await tel1.act({ do: 'dtmf', digits: '3100' })
      await house.until('the call stands', () => situation(house, 'tel1') === 'active')
      await house.advance(2500)
      for (const gap of [50, 120, 300]) {
        // A memory key stores "R2": the digit begins 50 ms after the break is over. Both are over before the loop looks.
        tel1.begin({ do: 'flash', ms: 100 })
        tel1.begin({ do: 'dtmf', digits: '2' }, 100 + gap)
        await house.advance(4000)
        tel1.begin({ do: 'dtmf', digits: '7' })
        tel1.begin({ do: 'flash', ms: 100 }, 140 + gap)
        await house.advance(4000)
      }
      told = toldByHand(house)
    })
    return told[0]?.split(' 0 ').at(-1)
  }
  const prompt = await life()
  t.match(prompt, /(flash 100 2 7 flash 100 ?){3}/)
  for (const stallMs of [90, 650, 1000]) t.same(await life(stallMs), prompt, `${stallMs} ms at a time`)
})

type Deed = HandsetAction | { readonly wait: number }
interface Move {
  readonly phone: 0 | 1
  readonly deeds: readonly Deed[]
}

const lift: Deed = { do: 'offhook' }
const hangUp: Deed = { do: 'onhook' }
const pause = fc.integer({ min: 0, max: 4000 }).map((wait): Deed => ({ wait }))
const keys = fc.string({ unit: fc.constantFrom(...'0123456789*#'), minLength: 1, maxLength: 4 })
const number = fc.constantFrom(
  '0389000001',
  '0389000002',
  '0389000001',
  '0389000002',
  '3100',
  '15',
  '0399999999',
)
/** Whole ways of using a telephone, and single movements that fit nothing. */
const deeds: fc.Arbitrary<readonly Deed[]> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(number, pause)
      .map(
        ([digits, after]) =>
          [hangUp, { wait: 800 }, lift, { wait: 400 }, { do: 'dtmf', digits }, after] as const,
      ),
  },
  { weight: 5, arbitrary: pause.map(after => [lift, after]) },
  { weight: 3, arbitrary: pause.map(after => [hangUp, after]) },
  { weight: 2, arbitrary: pause.map(wait => [wait]) },
  { weight: 1, arbitrary: fc.integer({ min: 20, max: 590 }).map(ms => [{ do: 'flash', ms }] as const) },
  { weight: 1, arbitrary: keys.map(digits => [{ do: 'dtmf', digits }] as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('1', '15', '30').map(digits => [{ do: 'pulse', digits }] as const),
  },
)
const script: fc.Arbitrary<Move[]> = fc.array(fc.record({ phone: fc.constantFrom(0, 1), deeds }), {
  minLength: 3,
  maxLength: 12,
  size: 'max',
})

/** Timers of a box that only keeps its registration and its subscription, and waits for emergency services to call back. */
const atRest = /^(register|binding expiry|subscribe|tel\d:call-back)$/

t.test(
  'whatever two people do on a lossy network, hanging up leaves silence, no call, no socket, no timer',
  async t => {
    let placed = 0
    let answered = 0
    const leftBehind = (house: VirtualHouse): string[] => [
      ...house.telephones.flatMap(({ line, tone, ringing }) =>
        ringing || tone !== 'none' ? [`${line} ${tone}`] : [],
      ),
      ...house.box.status().flatMap(({ line, situation: is }) => (is === 'idle' ? [] : [`${line} ${is}`])),
      ...house.network.openSockets.flatMap(({ port }) => (port === 5060 ? [] : [`socket ${port}`])),
      ...house.clock.pending().flatMap(({ name }) => (atRest.test(name) ? [] : [`timer ${name}`])),
      ...(house.operator?.serviceCalls ? [`${house.operator.serviceCalls} service calls`] : []),
    ]
    const holds = fc.asyncProperty(
      script,
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom(0, 0.05, 0.15),
      async (moves, seed, loss) =>
        inHouse({ seed, loss }, async house => {
          for (const { phone, deeds: all } of moves)
            for (const deed of all) {
              if ('wait' in deed) await house.advance(deed.wait)
              else await house.telephones[phone]?.act(deed)
            }
          for (const telephone of house.telephones) await telephone.act({ do: 'onhook' })
          await house.advance(700)
          // Whose caller has gone still rings while the CANCEL is lost: the network says it again, up to 32 s.
          const noisy = house.telephones.filter(
            ({ tone, ringing }) => (ringing && loss === 0) || tone !== 'none',
          )
          if (noisy.length > 0) throw new Error('something is heard after hanging up')
          // The last answer of the network may take all its repetitions (RFC 3261 timers B, F, H: 32 s, one after another).
          await house.advance(140_000)
          const left = leftBehind(house)
          if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`)
          const steps = house.trace.steps()
          placed += steps.filter(({ effects }) => effects.some(({ type }) => type === 'place')).length
          answered += steps.filter(({ event }) => event.type === 'answered').length
        }),
    )
    await fc.assert(holds, { numRuns: 30 })
    t.comment(`${placed} calls placed, ${answered} answered`)
    t.ok(placed >= 20 && answered >= 5, 'the scripts do call')
  },
)
