// The chapter on how often the telephone rings (guide lines 57-67), the box's part of it: five seconds are one ring, and
// it goes on until the network takes the call away. How long that is, the subscriber sets in the network.

import t from 'tap'
import { openThreeParties } from '../support/three-parties.js'

for (const seconds of [20, 40, 60])
  t.test(
    `${seconds} s are ${seconds / 5} rings, and the box never ends them by itself (guide line 67)`,
    async t => {
      const { house, tel, a, situation, close } = await openThreeParties()
      a.call(tel.number)
      await house.until('it rings', () => tel.ringing)
      await house.advance(seconds * 1000 - 1000)
      t.equal(a.state, 'calling', 'nothing but ringing was said')
      t.same(
        a.told.filter(status => Number(status) >= 200),
        [],
      )
      const bursts = tel.events.filter(event => event.ev === 'ring' && event.on && event.kind === 'full')
      t.equal(bursts.length, seconds / 5)
      a.cancel()
      await house.until('quiet', () => !tel.ringing && situation() === 'idle')
      await house.advance(10_000)
      t.equal(
        tel.events.filter(event => event.ev === 'ring' && event.on && event.kind === 'full').length,
        seconds / 5,
      )
      await close()
    },
  )

t.test('lifting after many rings answers all the same (guide line 61)', async t => {
  const { house, tel, a, close } = await openThreeParties()
  a.call(tel.number)
  await house.until('it rings', () => tel.ringing)
  await house.advance(57_000)
  await tel.act({ do: 'offhook' })
  await house.until('they speak', () => a.state === 'talking')
  t.pass()
  await close()
})
