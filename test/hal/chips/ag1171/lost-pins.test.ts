// Pins, a sound device or a session that go away at the wrong moment, in virtual time: nothing rings on, nothing is left
// behind. Nobody commands anything from outside once the fault has happened.

import t from 'tap'
import { modelPins } from '../../../../hal/chips/ag1171/model.js'
import { kindOf } from '../../../../hal/conformance/hal-kind.js'
import { type Ag1171Rig, type Ag1171RigOptions, openAg1171Rig } from '../../../support/ag1171-rig.js'
import { profile } from '../../../support/sounding-line.js'

const ringing = async (options: Ag1171RigOptions = {}): Promise<Ag1171Rig> => {
  const rig = await openAg1171Rig(options)
  await rig.open()
  await rig.finish(rig.port.ringBurst(true))
  await rig.pass(300)
  return rig
}

const swings = (rig: Ag1171Rig): boolean => rig.loop.feed === 'ringing'

/** Until the bell is silent and RM low, ms. */
const silentAfter = async (rig: Ag1171Rig, limit: number): Promise<number> => {
  const from = rig.clock.now()
  await rig.clock.runUntil(() => !swings(rig) && !rig.model.ringMode, limit)
  return (rig.clock.now() - from) / 1000
}

const kind = (rig: Ag1171Rig, work: Promise<unknown>): Promise<string> => rig.finish(kindOf(() => work))

t.test(
  'SHK alone fails in a burst: the bell is silent within a look, and the line is whole afterwards',
  async t => {
    const rig = await ringing()
    rig.model.gpio.dead.add(modelPins.shk)
    const silent = await silentAfter(rig, 2000)
    t.ok(silent <= 520, `${silent} ms`)
    await rig.pass(5)
    t.same(rig.feeds().slice(-2), ['ringing command', 'standby fault'])
    t.same(rig.faults(), ['link-lost on'])
    t.equal(await kind(rig, rig.port.ringBurst(true)), 'lost')
    rig.model.gpio.dead.clear()
    await rig.pass(600)
    t.same(rig.faults(), ['link-lost on', 'link-lost off'])
    await rig.pass(5000)
    t.equal(await kind(rig, rig.port.ringBurst(true)), 'no error')
    t.equal(rig.model.ringMode, true)
    await rig.close()
  },
)

t.test(
  'every pin fails in a burst: the PWM stops at once, RM falls when it answers, SHK or no SHK',
  async t => {
    const rig = await ringing()
    rig.model.gpio.broken = true
    await rig.clock.runUntil(() => !swings(rig), 2000)
    t.notOk(swings(rig), 'the PWM is no pin')
    await rig.pass(2000)
    t.equal(rig.model.ringMode, true, 'nothing could be done')
    rig.model.gpio.dead.add(modelPins.shk)
    rig.model.gpio.broken = false
    await rig.pass(600)
    t.equal(rig.model.ringMode, false)
    t.equal(rig.faults().at(-1), 'power off', 'the line has its power again')
    t.notOk(rig.faults().includes('link-lost off'), 'SHK does not answer yet')
    rig.model.gpio.dead.clear()
    await rig.pass(600)
    t.equal(rig.faults().at(-1), 'link-lost off')
    t.equal(rig.model.powered, true)
    await rig.close()
  },
)

t.test('what takes the ring or the feed away is carried out while a pin does not answer', async t => {
  const rig = await ringing()
  rig.model.gpio.dead.add(modelPins.shk)
  await rig.pass(600)
  t.equal(await kind(rig, rig.port.ringBurst(false)), 'no error')
  t.equal(await kind(rig, rig.port.ringBurst(false, { atUs: rig.clock.now() })), 'no error')
  t.equal(await kind(rig, rig.port.setLinefeed('open')), 'no error')
  await rig.pass(5)
  t.equal(rig.model.powered, false)
  t.equal(await kind(rig, rig.port.setLinefeed('standby')), 'no error')
  t.equal(await kind(rig, rig.port.setLinefeed('active')), 'lost')
  await rig.close()
})

t.test('a ring that is planned does not begin once a pin has failed', async t => {
  const rig = await openAg1171Rig()
  await rig.open()
  const soon = (ms: number) => ({ atUs: (rig.clock.now() + ms * 1000) as ReturnType<typeof rig.clock.now> })
  await rig.finish(rig.port.ringBurst(true, soon(1000)))
  rig.model.gpio.dead.add(modelPins.shk)
  await rig.pass(600)
  rig.model.gpio.dead.clear()
  await rig.pass(1000)
  t.equal(rig.model.ringMode, false)
  t.same(rig.faults(), ['link-lost on', 'link-lost off'])
  await rig.close()
})

t.test('a burst that nobody ends is ended after 5 s, and told', async t => {
  const rig = await ringing()
  const silent = await silentAfter(rig, 60_000)
  t.ok(silent > 4600 && silent < 4800, `${silent} ms behind the first 300`)
  await rig.pass(5)
  t.same(rig.feeds().slice(-2), ['ringing command', 'standby fault'])
  t.same(rig.faults(), ['power on', 'power off'])
  t.equal(await kind(rig, rig.port.ringBurst(true)), 'refused')
  await rig.pass(5000)
  t.equal(await kind(rig, rig.port.ringBurst(true)), 'no error', 'later it is tried again')
  await rig.finish(rig.port.ringBurst(false))
  await rig.pass(10_000)
  t.equal(rig.feeds().at(-1), 'standby command', 'no end comes after the end')
  await rig.close()
})

t.test('each burst has its own 5 s', async t => {
  const rig = await ringing()
  for (let n = 0; n < 4; n++) {
    await rig.pass(1700)
    await rig.finish(rig.port.ringBurst(false))
    await rig.pass(300)
    t.equal(await kind(rig, rig.port.ringBurst(true)), 'no error')
  }
  await rig.pass(4500)
  t.ok(swings(rig))
  t.same(rig.faults(), [])
  await rig.close()
})

t.test('edges are lost, and the pin cannot be read: told, not thrown at whoever delivers edges', async t => {
  const rig = await openAg1171Rig()
  await rig.open()
  rig.model.gpio.dead.add(modelPins.shk)
  rig.model.gpio.lose(modelPins.shk)
  rig.model.gpio.drive(modelPins.shk, true)
  await t.resolves(rig.pass(5))
  t.same(rig.faults(), ['link-lost on'])
  await rig.close()
})

t.test('closed while it wakes: no session, and no timer that looks at a pin', async t => {
  const rig = await openAg1171Rig()
  const opening = kindOf(() => rig.port.open(profile, () => t.fail('an event')))
  await rig.pass(10)
  await rig.finish(rig.port.close())
  t.equal(await rig.finish(opening), 'closed')
  await rig.pass(1000)
  t.same(
    rig.clock.pending().filter(({ name }) => name.startsWith('tel1')),
    [],
  )
  await t.resolves(rig.open(), 'and it can be opened again')
  await rig.close()
})

t.test('closed and opened again while it wakes: only the second session counts', async t => {
  const rig = await openAg1171Rig()
  const first = kindOf(() => rig.port.open(profile, () => t.fail('an event of the first')))
  await rig.pass(10)
  await rig.finish(rig.port.close())
  await t.resolves(rig.open())
  t.equal(await first, 'closed')
  await rig.act({ do: 'offhook' })
  await rig.pass(100)
  t.equal(rig.hooks().at(-1)?.offHook, true)
  await rig.close()
})
