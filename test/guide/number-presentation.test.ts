// The chapter on the caller's number (guide lines 143-145): what the telephone's own receiver makes of what the line carries
// before the first ring, in virtual time.

import type { Test } from 'tap'
import { inCodeHouse } from '../support/code-house.js'
import type { VirtualTelephone } from '../support/virtual-house.js'
import { inTwoCalls } from './two-calls.js'

const told = <E extends 'clip' | 'ring'>({ events }: VirtualTelephone, ev: E, from = 0) =>
  events.slice(from).flatMap(event => (event.ev === ev ? [event as Extract<typeof event, { ev: E }>] : []))

const beforeFirstRing = (t: Test, telephone: VirtualTelephone): void => {
  const shown = told(telephone, 'clip')[0]?.us ?? Number.POSITIVE_INFINITY
  const rang = told(telephone, 'ring').find(({ kind, on }) => kind === 'full' && on)?.us ?? 0
  t.ok(shown < rang, `shown ${(rang - shown) / 1000} ms before the first ring`)
}

inCodeHouse(
  'the caller’s number, the date and the time are on the display before the first ring (guide lines 143-145)',
  {},
  async (t, house) => {
    const { tel1, tel2 } = house
    await house.dial(tel1, tel2.number)
    await house.until('it rings', () => tel2.ringing)
    t.match(told(tel2, 'clip'), [{ number: tel1.number, scheme: 'v23', message: 0x80, date: '01151100' }])
    beforeFirstRing(t, tel2)
    await house.hangUp(tel1)
  },
)

inCodeHouse(
  'a caller who masks his number is shown as withheld, and nothing of it is (guide line 145)',
  {},
  async (t, house) => {
    const { tel1, tel2 } = house
    await house.dial(tel1, `*92*${tel2.number}`)
    await house.until('it rings', () => tel2.ringing)
    const [clip] = told(tel2, 'clip')
    t.match(clip, { absence: 'P' })
    t.equal(clip?.number, undefined)
    t.equal(clip?.name, undefined)
    beforeFirstRing(t, tel2)
    await house.hangUp(tel1)
  },
)

inTwoCalls(
  'a held party who recalls, and a caller who waited, are shown by their own numbers (guide lines 133, 145)',
  async (t, world) => {
    const { tel, a, b, house } = world
    await world.consulting()
    let from = tel.events.length
    await tel.act({ do: 'onhook' })
    await world.rings('recall', 6000)
    t.match(told(tel, 'clip', from), [{ number: a.number }], 'held')
    await tel.act({ do: 'offhook' })
    await house.until('he is back, the other gone', () => a.state === 'talking' && b.state === 'idle')
    await house.advance(500)
    b.call(tel.number)
    await world.in('active+waiting')
    from = tel.events.length
    await tel.act({ do: 'onhook' })
    await world.rings('full', 6000)
    t.match(told(tel, 'clip', from), [{ number: b.number }], 'waited')
  },
)
