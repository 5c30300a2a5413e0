// R and keys take two ways to the one loop; whatever a late loop finds first, the machine hears them as they happened.
import fc from 'fast-check'
import t from 'tap'
import type { PhoneEvent } from '../../firmware/phone/event.js'
import { createKeyOrder } from '../../firmware/run/key-order.js'
import { us } from '../../hal/clock.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

const key = (digit: string): PhoneEvent => ({ type: 'digit', digit, source: 'dtmf' })
const flash: PhoneEvent = { type: 'flash', ms: 270 }
const hangUp: PhoneEvent = { type: 'on-hook' }
const name = (event: PhoneEvent) => (event.type === 'digit' ? event.digit : event.type)

const rig = () => {
  const clock = new VirtualClock()
  const heard: string[] = []
  const stale: string[] = []
  let asked = 0
  const order = createKeyOrder({
    clock,
    line: 'tel1',
    ask: () => {
      asked++
    },
    deliver: event => heard.push(name(event)),
    post: event => heard.push(`late ${name(event)}`),
    onStale: event => stale.push(name(event)),
  })
  return { clock, order, heard, stale, asked: () => asked }
}

t.test('a key waits until the loop is known up to its instant, and no longer', async t => {
  const { order, heard, asked } = rig()
  order.key(us(1000), key('2'))
  t.equal(asked(), 1)
  order.confirmed(us(999))
  t.same(heard, [])
  order.confirmed(us(1000))
  t.same(heard, ['2'])
})

t.test('R before the 2 is told first, also where the 2 was found first', async t => {
  const { order, heard } = rig()
  order.key(us(50_000), key('2'))
  order.hook(us(10_000), flash)
  t.same(heard, ['flash'])
  order.confirmed(us(90_000))
  t.same(heard, ['flash', '2'])
})

t.test('a 2 before R is told before it, also where the port answers only later', async t => {
  const { order, heard } = rig()
  order.key(us(50_000), key('2'))
  order.hook(us(400_000), flash)
  order.confirmed(us(500_000))
  t.same(heard, ['2', 'flash'])
})

t.test('a key from before R or the hang-up that comes after it means nothing any more', async t => {
  for (const event of [flash, hangUp]) {
    const { order, heard, stale } = rig()
    order.hook(us(400_000), event)
    order.key(us(50_000), key('0'))
    order.confirmed(us(500_000))
    t.same(heard, [event.type])
    t.same(stale, ['0'])
  }
})

t.test('a port that does not answer swallows no number', async t => {
  const { clock, order, heard } = rig()
  order.key(us(0), key('1'))
  await clock.advance(100)
  order.key(us(100_000), key('5'))
  await clock.advance(149)
  t.same(heard, [])
  await clock.advance(1)
  t.same(heard, ['late 1', 'late 5'])
  t.same(clock.pending(), [])
})

t.test('closed with a key waiting: no timer is left', async t => {
  const { clock, order } = rig()
  order.key(us(0), key('1'))
  order.close()
  t.same(clock.pending(), [])
})

t.test('property: however the two ways mix, what is told is in the order of its instants', async t => {
  const happening = fc.record({ gap: fc.integer({ min: 1, max: 400 }), key: fc.boolean() })
  fc.assert(
    fc.property(
      fc.array(happening, { minLength: 1, maxLength: 12 }),
      fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
      (happenings, coins) => {
        const { order, heard, stale } = rig()
        let at = 0
        const all = happenings.map(({ gap, key: isKey }, i) => {
          at += gap
          return { at: us(at), isKey, event: isKey ? key(`k${i}`) : ({ type: 'flash', ms: i } as const) }
        })
        const label = (i: number) => (all[i]?.isKey ? `k${i}` : 'flash')
        const keys = all.filter(({ isKey }) => isKey)
        const hooks = all.filter(({ isKey }) => !isKey)
        const lost: string[] = []
        let toldHook = -1
        // Each way keeps its own order; the port answers behind the edges that wait.
        for (const coin of coins) {
          const next = coin ? keys.shift() : hooks.shift()
          if (next?.isKey) {
            if (next.at < toldHook) lost.push(name(next.event))
            order.key(next.at, next.event)
          } else if (next) {
            order.hook(next.at, next.event)
            toldHook = next.at
          }
        }
        for (const rest of hooks) {
          order.hook(rest.at, rest.event)
          toldHook = rest.at
        }
        for (const rest of keys) {
          if (rest.at < toldHook) lost.push(name(rest.event))
          order.key(rest.at, rest.event)
        }
        order.confirmed(us(at))
        const expected = all.map((_, i) => label(i)).filter(each => !lost.includes(each))
        return (
          JSON.stringify(heard) === JSON.stringify(expected) && JSON.stringify(stale) === JSON.stringify(lost)
        )
      },
    ),
    { numRuns: 500 },
  )
  t.pass('500 mixtures')
})
