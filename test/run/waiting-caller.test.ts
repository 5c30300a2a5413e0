// Who waits is shown on the telephone that is talking: from the second INVITE to the display, with nothing of it in any
// packet to the first party (ETSI EN 300 659-2).
import t from 'tap'
import { powerOf } from '../support/spectrum.js'
import { openThreeParties, type ThreeParties } from '../support/three-parties.js'
import type { HouseOptions } from '../support/virtual-house.js'

const inCall = async (options: HouseOptions, body: (parties: ThreeParties) => Promise<void>) => {
  const parties = await openThreeParties(options)
  try {
    await parties.tel.act({ do: 'display', inCall: true })
    await parties.dial(parties.a)
    await parties.house.advance(2500)
    await body(parties)
  } finally {
    await parties.close()
  }
}
const shown = ({ tel }: ThreeParties) => tel.events.filter(({ ev }) => ev === 'clip' || ev === 'clip-refused')
/** The loudest 10 ms of what the first party was sent, dBm0. */
const loudest = ({ a }: ThreeParties, from: number): number => {
  const sound = a.ear.heard(from)
  let most = -99
  for (let at = 0; at + 80 <= sound.length; at += 40) most = Math.max(most, powerOf(sound, at, at + 80))
  return most
}

t.test('the second caller is shown within two seconds, and the first party notices nothing', async t => {
  for (const stallMs of [undefined, 250])
    await inCall(stallMs === undefined ? {} : { stallMs }, async parties => {
      const { house, tel, a, b, situation } = parties
      const from = house.clock.now()
      b.call(tel.number)
      await house.until('shown', () => shown(parties).length > 0, 3000)
      const took = (house.clock.now() - from) / 1000
      t.ok(took < 2200, `${took} ms after the INVITE left`)
      t.match(shown(parties), [{ number: b.number, scheme: 'v23', message: 128 }])
      await house.advance(12_000)
      t.equal(shown(parties).length, 1, 'once, though the beep comes again')
      t.same(a.ear.keys(), [], 'the D is nobody’s key')
      t.ok(loudest(parties, from) < -50, `${loudest(parties, from).toFixed(1)} dBm0 at most`)
      t.ok(a.ear.heard(from).length > 90_000, 'and there was something to search')
      t.notOk(
        house.trace.steps().some(({ us, event }) => us > from && event.type === 'digit'),
        'nor the machine’s',
      )
      t.equal(situation(), 'active+waiting')
      await tel.act({ do: 'flash' })
      await tel.act({ do: 'dtmf', digits: '2' })
      await house.until('taken', () => b.state === 'talking')
    })
})

t.test('a caller who hides is shown to do so', async t => {
  await inCall({}, async parties => {
    const { house, tel, b } = parties
    b.call(tel.number, [['Privacy', 'id']])
    await house.until('shown', () => shown(parties).length > 0, 3000)
    t.match(shown(parties), [{ absence: 'P' }])
    t.notMatch(JSON.stringify(shown(parties)), b.number)
  })
})

t.test('a line that is not to show waiting calls hears the beep alone', async t => {
  await inCall({ lineSettings: { callerIdInCall: false } }, async parties => {
    const { house, tel, b } = parties
    b.call(tel.number)
    await house.until('the beep', () => tel.tone === 'waiting', 15_000)
    await house.advance(2000)
    t.same(shown(parties), [])
    t.same(
      tel.events.filter(event => event.ev === 'tone' && event.name === 'unknown'),
      [],
    )
  })
})

t.test('whoever gives up, or is taken, in the middle of it is shown no further', async t => {
  for (const after of [300, 900, 1050, 1150, 1300])
    for (const end of ['gives up', 'is taken'] as const)
      await inCall({}, async parties => {
        const { house, tel, a, b, situation } = parties
        b.call(tel.number)
        await house.until('waiting', () => situation() === 'active+waiting')
        await house.advance(after)
        if (end === 'gives up') b.cancel()
        else {
          await tel.act({ do: 'flash', ms: 100 })
          await tel.act({ do: 'dtmf', digits: '2' })
        }
        await house.until('settled', () => situation() === (end === 'gives up' ? 'active' : 'active+held'))
        await house.advance(300)
        const told = shown(parties).length
        const other = end === 'gives up' ? a : b
        tel.tap.says = n => 4000 * Math.sin((2 * Math.PI * 600 * n) / 8000)
        await house.advance(1000)
        t.equal(shown(parties).length, told, `${end} after ${after} ms`)
        t.ok(powerOf(other.ear.heard(house.clock.now() - 500_000)) > -25, 'and the talk goes on')
      })
})
