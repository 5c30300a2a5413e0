// Who calls, from the INVITE to the display of the virtual telephone, whole box in virtual time: in every country, by every
// setting, and however the call goes on.

import t, { type Test } from 'tap'
import {
  type HouseOptions,
  openVirtualHouse,
  type VirtualHouse,
  type VirtualTelephone,
} from '../support/virtual-house.js'

t.setTimeout(120_000)

const inHouse = (
  title: string,
  options: HouseOptions,
  body: (t: Test, house: VirtualHouse, tel: VirtualTelephone) => Promise<void>,
) =>
  t.test(title, async t => {
    const house = await openVirtualHouse({ numbers: ['0389000001'], far: [{}], ...options })
    try {
      await body(t, house, house.telephones[0] as VirtualTelephone)
    } finally {
      await house.close()
    }
  })

const farNumber = '0389000011'
const caller = (house: VirtualHouse) => house.far[0] as VirtualHouse['far'][number]
const clips = ({ events }: VirtualTelephone) => events.flatMap(event => (event.ev === 'clip' ? [event] : []))
const rings = ({ events }: VirtualTelephone, kind = 'full') =>
  events.flatMap(event => (event.ev === 'ring' && event.kind === kind ? [event] : []))
const idle = (house: VirtualHouse) => house.box.status().every(({ situation }) => situation === 'idle')

for (const profile of ['fr', 'de', 'uk', 'us', 'es', 'it', 'be', 'ch', 'nl'])
  inHouse(`${profile}: the telephone shows the number`, { profile }, async (t, house, tel) => {
    caller(house).call(tel.number)
    await house.until('the number is shown', () => clips(tel).length > 0, 8000)
    t.match(clips(tel), [{ number: farNumber }])
    await tel.act({ do: 'offhook' })
    await house.until('they speak', () => caller(house).state === 'talking')
  })

inHouse(
  'the line may have it after the first ring',
  { lineSettings: { callerId: 'after-ring1' } },
  async (t, house, tel) => {
    caller(house).call(tel.number)
    await house.until('the number is shown', () => clips(tel).length > 0, 8000)
    t.equal(rings(tel, 'rp-as').length, 0)
    const [on, off] = rings(tel)
    t.ok((clips(tel)[0]?.us ?? 0) > (off?.us ?? Number.POSITIVE_INFINITY))
    t.equal(((off?.us ?? 0) - (on?.us ?? 0)) / 1000, 1500)
  },
)

inHouse('or never: then it rings at once', { lineSettings: { callerId: 'off' } }, async (t, house, tel) => {
  caller(house).call(tel.number)
  await house.until('it rings', () => rings(tel).length >= 3)
  t.same(clips(tel), [])
  t.equal(rings(tel, 'rp-as').length, 0)
})

const duringData = async (house: VirtualHouse, tel: VirtualTelephone): Promise<void> => {
  await house.until('the alert', () => rings(tel, 'rp-as').length > 0)
  await house.advance(900)
}

inHouse('lifting during the data answers, and the display gets nothing', {}, async (t, house, tel) => {
  caller(house).call(tel.number)
  await duringData(house, tel)
  await tel.act({ do: 'offhook' })
  await house.until('they speak', () => caller(house).state === 'talking', 300)
  await house.advance(3000)
  t.same(clips(tel), [])
  t.equal(rings(tel).length, 0, 'no ring in the ear')
  await tel.act({ do: 'onhook' })
  await house.until('idle', () => idle(house))
})

inHouse(
  'a caller who gives up during the data leaves the line at rest; the next is shown whole',
  {},
  async (t, house, tel) => {
    caller(house).call(tel.number)
    await duringData(house, tel)
    caller(house).cancel()
    await house.until('idle', () => idle(house), 500)
    await house.until('he may call again', () => caller(house).state === 'idle')
    t.equal(clips(tel).filter(({ number }) => number !== undefined).length, 0)
    caller(house).call(tel.number)
    await house.until('it rings', () => rings(tel).length > 0, 5000)
    t.match(clips(tel).at(-1), { number: farNumber })
    caller(house).cancel()
    await house.until('idle again', () => idle(house))
    const told = rings(tel).length
    await house.advance(6000)
    t.ok(rings(tel).length - told <= 1, 'the end of a burst at most')
  },
)

inHouse(
  'a box whose main thread is blocked 250 ms at a time keeps pulse, data and cadence',
  { stallMs: 250 },
  async (t, house, tel) => {
    caller(house).call(tel.number)
    await house.until('three rings', () => rings(tel).length >= 5, 20_000)
    const [pulse, end] = rings(tel, 'rp-as')
    t.equal(((end?.us ?? 0) - (pulse?.us ?? 0)) / 1000, 250)
    t.match(clips(tel), [{ number: farNumber }])
    const starts = rings(tel)
      .filter(({ on }) => on)
      .map(({ us }) => us)
    // The data end with a few marks after the last bit.
    const after = ((starts[0] ?? 0) - (clips(tel)[0]?.us ?? 0)) / 1000
    t.ok(after >= 295 && after <= 315, `first ring ${after} ms after the data`)
    t.same(
      starts.slice(1).map((us, n) => (us - (starts[n] ?? 0)) / 1000),
      [5000, 5000],
    )
  },
)
