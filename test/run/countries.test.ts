// A telephone of each country that comes with the box, from ringing to hanging up: dial tone, cadence and frequency of the
// ringing, an R key of its length, and putting down.

import t from 'tap'
import { shippedProfiles } from '../support/shipped-profiles.js'
import { levelAt } from '../support/spectrum.js'
import { openThreeParties } from '../support/three-parties.js'

t.setTimeout(120_000)

/** What a subscriber there hears and does; cadence [on, off, …], R key, and a break that is hanging up, ms. */
const countries: Readonly<
  Record<
    string,
    {
      readonly dial: readonly number[]
      readonly hz: number
      readonly cadence: readonly number[]
      readonly flash: number
      readonly down: number
    }
  >
> = {
  fr: { dial: [440], hz: 50, cadence: [1500, 3500], flash: 270, down: 700 },
  de: { dial: [425], hz: 25, cadence: [1000, 4000], flash: 100, down: 700 },
  uk: { dial: [350, 440], hz: 25, cadence: [400, 200, 400, 2000], flash: 90, down: 250 },
  us: { dial: [350, 440], hz: 20, cadence: [2000, 4000], flash: 700, down: 1300 },
  es: { dial: [425], hz: 25, cadence: [1500, 3000], flash: 100, down: 700 },
  it: { dial: [425], hz: 25, cadence: [1000, 4000], flash: 100, down: 350 },
  be: { dial: [425], hz: 25, cadence: [1000, 3000], flash: 100, down: 700 },
  ch: { dial: [425], hz: 25, cadence: [1000, 4000], flash: 100, down: 700 },
  nl: { dial: [425], hz: 25, cadence: [1000, 4000], flash: 100, down: 700 },
}

t.test('every country is tried', async t =>
  t.same(Object.keys(countries).sort(), [...shippedProfiles].sort()),
)

/** Lengths of the bursts and the pauses between them, ms. */
const cadenceOf = (events: readonly { readonly ev: string }[]): readonly number[] => {
  const edges = (events as readonly { ev: string; kind?: string; us?: number }[]).filter(
    ({ ev, kind }) => ev === 'ring' && kind !== 'rp-as',
  )
  return edges.slice(1).map(({ us = 0 }, i) => (us - (edges[i]?.us ?? 0)) / 1000)
}

for (const profile of shippedProfiles)
  t.test(`${profile}: it rings, is answered, holds by R and hangs up; its dial tone is its own`, async t => {
    const { dial, hz, cadence, flash, down } = countries[profile]!
    const { house, tel, a, situation, close } = await openThreeParties({ profile })

    const lifted = house.clock.now() + 500_000
    await tel.act({ do: 'offhook' })
    await house.advance(700)
    const heard = tel.tap.heard(lifted).subarray(0, 1440)
    for (const frequency of dial)
      t.ok(levelAt(heard, frequency) > -15, `${frequency} Hz: ${levelAt(heard, frequency)} dBm0`)
    await tel.act({ do: 'onhook' })
    await house.until('it is idle', () => situation() === 'idle')

    a.call(tel.number)
    await house.until('it rings', () => tel.events.some(({ ev }) => ev === 'ring'))
    const period = cadence.reduce((sum, time) => sum + time, 0)
    await house.advance(2 * period + 2500)
    const rings = tel.events.filter(event => event.ev === 'ring')
    t.ok(
      rings.every(event => event.ev !== 'ring' || !event.on || event.hz === hz),
      `${hz} Hz`,
    )
    const times = cadenceOf(rings).slice(0, 2 * cadence.length)
    t.ok(times.length >= cadence.length, `${times.length} times`)
    t.ok(
      times.every((time, i) => Math.abs(time - cadence[i % cadence.length]!) <= 20),
      `${times.join(' ')} for ${cadence.join(' ')}`,
    )

    await tel.act({ do: 'offhook' })
    await house.until('they speak', () => a.state === 'talking')
    await house.advance(1000)
    await tel.act({ do: 'flash', ms: flash })
    await house.until('the caller is held', () => a.direction === 'recvonly' || a.direction === 'inactive')
    t.equal(a.state, 'talking')
    await tel.act({ do: 'flash', ms: flash })
    await house.until('they speak again', () => a.direction === 'sendrecv')
    await house.advance(1000)
    await tel.act({ do: 'flash', ms: down })
    await house.until('the caller is free', () => a.state === 'idle', 3000)
    await tel.act({ do: 'onhook' })
    await house.until('it is idle', () => situation() === 'idle')
    await close()
  })
