// A call inside a house of each country, in virtual time: dial tone, the ring at one telephone and the ringback in the other, busy,
// each as the telephones of that country know it.
import t from 'tap'
import { shippedProfiles } from '../support/shipped-profiles.js'
import { openVirtualHouse, type VirtualTelephone } from '../support/virtual-house.js'

/** Two numbers that are complete at their last digit, and a ring as subscribers know it: [on, off, …] of ITU-T E.180, ms. */
const countries: Readonly<
  Record<string, { readonly numbers: readonly [string, string]; readonly ring: readonly number[] }>
> = {
  be: { numbers: ['025551212', '025551213'], ring: [1000, 3000] },
  ch: { numbers: ['0441234567', '0441234568'], ring: [1000, 4000] },
  de: { numbers: ['0301234567890', '0301234567891'], ring: [1000, 4000] },
  es: { numbers: ['912345678', '912345679'], ring: [1500, 3000] },
  fr: { numbers: ['0389000001', '0389000002'], ring: [1500, 3500] },
  it: { numbers: ['3331234567', '3331234568'], ring: [1000, 4000] },
  nl: { numbers: ['0201234567', '0201234568'], ring: [1000, 4000] },
  uk: { numbers: ['02079460000', '02079460001'], ring: [400, 200, 400, 2000] },
  us: { numbers: ['2125550123', '2125550124'], ring: [2000, 4000] },
}

t.test('there is one of each', async t => t.same(Object.keys(countries), [...shippedProfiles].sort()))

/** Lengths of full rings and of the pauses between, from the second turn of the cadence on: data may follow the first ring. */
const ringTimes = ({ events }: VirtualTelephone, turn: number): number[] => {
  const edges = events.flatMap(event => (event.ev === 'ring' && event.kind === 'full' ? [event.us] : []))
  const times = edges.slice(1).map((us, n) => Math.round((us - (edges[n] as number)) / 1000))
  return times.slice(turn, 2 * turn)
}

for (const [profile, { numbers, ring }] of Object.entries(countries))
  t.test(`${profile}: dial tone, ring, ringback, busy`, async t => {
    const house = await openVirtualHouse({
      profile,
      numbers,
      lineSettings: { callWaiting: false, callerId: 'profile' },
    })
    const [one, other] = house.telephones as [VirtualTelephone, VirtualTelephone]
    await one.act({ do: 'offhook' })
    await house.until('dial tone', () => one.tone === 'dial')
    await one.act({ do: 'dtmf', digits: numbers[1] })
    await house.until('ringback', () => one.tone === 'ringback')
    await house.advance(15_000)
    t.ok(
      ringTimes(other, ring.length).every((time, n) => Math.abs(time - (ring[n] as number)) <= 20) &&
        ringTimes(other, ring.length).length === ring.length,
      `${ringTimes(other, ring.length)} ms`,
    )
    t.equal(one.tone, 'ringback', 'until it is answered')
    await one.act({ do: 'onhook' })
    await house.advance(5000)

    await other.act({ do: 'offhook' })
    await house.until('dial tone', () => other.tone === 'dial')
    await one.act({ do: 'offhook' })
    await house.until('dial tone', () => one.tone === 'dial')
    await one.act({ do: 'dtmf', digits: numbers[1] })
    await house.until('busy', () => one.tone === 'busy')
    const names = new Set(one.events.flatMap(event => (event.ev === 'tone' ? [event.name] : [])))
    t.same([...names].sort(), ['busy', 'dial', 'none', 'ringback'], 'and nothing else')
    await house.close()
  })
