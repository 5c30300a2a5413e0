// R and its digit while the event loop of the control half stands still: the far end is told of no command and hears none of
// it, however late the box learns what the keys meant.
import t, { type Test } from 'tap'
import { openThreeParties, type ThreeParties } from '../support/three-parties.js'

/** Packets under way, and 5 ms in which a wave dies away. */
const LAG_US = 45_000

const inCall = async (
  stallMs: number | undefined,
  body: (parties: ThreeParties) => Promise<void>,
): Promise<void> => {
  const parties = await openThreeParties(stallMs === undefined ? {} : { stallMs })
  try {
    await parties.dial(parties.a)
    await parties.house.advance(2500)
    await body(parties)
  } finally {
    await parties.close()
  }
}
const toldTo = ({ a }: ThreeParties): string =>
  a.ear
    .keys()
    .map(({ key }) => key)
    .join('')
const loudest = (sound: Int16Array): number =>
  sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)

const lates = [undefined, 90, 650, 1000] as const
const named = (late: number | undefined): string => (late === undefined ? 'in time' : `${late} ms at a time`)

t.test('the digit behind R never reaches the far end, neither told nor heard', async t => {
  for (const late of lates)
    await inCall(late, async parties => {
      const { house, tel, a } = parties
      for (const gap of [50, 120, 300]) {
        const from = house.clock.now()
        tel.begin({ do: 'flash', ms: 100 })
        tel.begin({ do: 'dtmf', digits: '2', onMs: 80 }, 100 + gap)
        // 30 ms after the release the loop is looked at again wherever it stands.
        await house.advance(1300)
        const title = `${named(late)}, ${gap} ms after R`
        t.equal(toldTo(parties), '', title)
        const sound = a.ear.heard(from + LAG_US, from + 1_000_000)
        t.ok(loudest(sound) <= 8, `${title}: ${loudest(sound)} in ${sound.length} samples`)
        await house.until('back in the call', () => parties.situation() === 'active', 30_000)
        await house.advance(1500)
      }
    })
})

const commandsOf = ({ house }: ThreeParties): string =>
  house.trace
    .steps()
    .flatMap(({ event }) => (event.type === 'flash' ? ['R'] : event.type === 'digit' ? [event.digit] : []))
    .join('')

t.test('the box acts upon it all the same, and keys before R and after the command pass', async t => {
  for (const late of lates)
    await inCall(late, async parties => {
      const { house, tel } = parties
      tel.begin({ do: 'dtmf', digits: '7' })
      tel.begin({ do: 'flash', ms: 100 }, 160)
      tel.begin({ do: 'dtmf', digits: '2' }, 320)
      await house.advance(1500)
      t.match(commandsOf(parties), /7R2$/, named(late))
      t.equal(toldTo(parties), '7', named(late))
      await house.until('back in the call', () => parties.situation() === 'active', 30_000)
      await house.advance(1500)
      await tel.act({ do: 'dtmf', digits: '58' })
      await house.advance(1500)
      t.equal(toldTo(parties), '758', named(late))
    })
})

t.test('a loop that trembles keeps back no key and no word', async t => {
  const quietFor = async (t: Test, late: number | undefined): Promise<void> =>
    inCall(late, async parties => {
      const { house, tel, a } = parties
      tel.tap.says = n => 4000 * Math.sin((2 * Math.PI * 500 * n) / 8000)
      tel.begin({ do: 'flash', ms: 40 })
      await house.advance(2000)
      const from = house.clock.now()
      await house.advance(500)
      t.ok(loudest(a.ear.heard(from)) > 3000, `${named(late)}: heard again`)
      tel.tap.says = () => 0
      await tel.act({ do: 'dtmf', digits: '4' })
      await house.advance(1500)
      t.equal(toldTo(parties), '4', named(late))
    })
  for (const late of lates) await quietFor(t, late)
})
