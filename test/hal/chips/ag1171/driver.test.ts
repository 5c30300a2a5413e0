// The driver on the pin-level model: the order of levels that the data sheet asks for. The contracts' suites on it are rows
// of ../../rigs.ts.

import t from 'tap'
import type { Ag1171FxsPort } from '../../../../hal/chips/ag1171/ag1171-fxs-port.js'
import { modelPins } from '../../../../hal/chips/ag1171/model.js'
import { kindOf } from '../../../../hal/conformance/hal-kind.js'
import { FRAME_SAMPLES } from '../../../../hal/pcm-port.js'
import { type Ag1171RigOptions, openAg1171Rig } from '../../../support/ag1171-rig.js'
import { dbm0Of } from '../../../support/sounding-line.js'

const opened = async (options: Ag1171RigOptions = {}) => {
  const rig = await openAg1171Rig(options)
  await rig.open()
  await rig.pass(5)
  return rig
}

/** Every change of RM and of the PWM, with its instant in ms. */
const watched = (rig: Awaited<ReturnType<typeof opened>>) => {
  const log: [string, number][] = []
  const now = () => Math.round(rig.clock.now() / 100) / 10
  const { start, stop } = rig.model.pwm
  Object.assign(rig.model.pwm, {
    start: async (hz: number) => {
      log.push([`swing ${hz}`, now()])
      return start(hz)
    },
    stop: async () => {
      log.push(['rest', now()])
      return stop()
    },
  })
  let rm = rig.model.gpio.level(modelPins.rm)
  const { drive } = { drive: rig.loop.put.bind(rig.loop) }
  rig.loop.put = (state, at) => {
    const level = rig.model.gpio.level(modelPins.rm)
    if (level !== rm) log.push([level ? 'RM high' : 'RM low', now()])
    rm = level
    drive(state, at)
  }
  return log
}

t.test('bounce that a chip without a queue misses is no loss; a pulse it misses is', async t => {
  const rig = await opened({ timestamps: 'process' })
  const port = rig.port as Ag1171FxsPort
  t.equal(port.capabilities.hookTimestamps, 'process')
  await rig.act({ do: 'edges', edges: [{ offHook: true, ms: 0 }] })
  await rig.pass(100)
  const before = rig.hooks().length
  const tell = (high: boolean, overrun: boolean) => port.edge({ high, us: rig.clock.now(), overrun })
  rig.model.gpio.deaf = true
  const step = async (high: boolean, overrun: boolean, ms: number) => {
    rig.model.gpio.drive(modelPins.shk, high)
    tell(high, overrun)
    await rig.pass(ms)
  }
  await step(false, false, 2)
  await step(false, true, 118)
  await step(true, false, 2)
  await step(true, true, 300)
  t.same(
    rig
      .hooks()
      .slice(before)
      .map(({ offHook, source }) => `${offHook} ${source}`),
    ['false edge', 'true edge'],
  )
  t.equal(rig.module.statistics().losses, 0)
  await step(true, true, 100)
  t.match(rig.hooks().at(-1), { offHook: true, source: 'resync', overrun: true })
  t.equal(rig.module.statistics().losses, 1)
  await rig.close()
})

t.test('RM is high before F/R swings, and falls 10 to 500 ms after it rests', async t => {
  const rig = await opened()
  const log = watched(rig)
  await rig.finish(rig.port.ringBurst(true, { hz: 25 }))
  await rig.pass(300)
  await rig.finish(rig.port.ringBurst(false))
  t.same(
    log.map(([what]) => what),
    ['RM high', 'swing 25', 'rest', 'RM low'],
  )
  const tail = log[3]![1] - log[2]![1]
  t.ok(tail > 10 && tail < 500, `${tail} ms`)
  await rig.close()
})

t.test('answered: the ring is off the line at the first sign, before anybody is told', async t => {
  const rig = await opened()
  await rig.finish(rig.port.ringBurst(true))
  await rig.pass(500)
  const log = watched(rig)
  await rig.act({ do: 'edges', edges: [{ offHook: true, ms: 0 }] })
  const lifted = rig.clock.now() / 1000
  await rig.pass(200)
  const [what, at] = log[0]!
  t.equal(what, 'rest')
  t.ok(
    at - lifted <= 101,
    `the hook output is 100 ms late while RM is high; the ring ends with it: ${at - lifted}`,
  )
  const trip = rig.events.find(event => event.type === 'ring-trip')
  t.ok(trip, 'told')
  t.ok((trip?.us as number) / 1000 <= at, 'with the instant of the sign')
  t.notOk(
    log.some(([what]) => what.startsWith('swing')),
    'and it does not ring again',
  )
  t.equal(rig.model.ringMode, false)
  await rig.close()
})

t.test('answered in the last moment of a burst: no ring trip, but an edge with its instant', async t => {
  const rig = await opened()
  await rig.finish(rig.port.ringBurst(true))
  await rig.pass(500)
  await rig.act({ do: 'edges', edges: [{ offHook: true, ms: 0 }] })
  const lifted = rig.clock.now()
  await rig.pass(20)
  await rig.finish(rig.port.ringBurst(false))
  await rig.pass(200)
  t.same(rig.feeds().slice(-2), ['ringing command', 'standby command'])
  const edge = rig.hooks().at(-1)!
  t.match(edge, { offHook: true, source: 'edge' })
  t.ok(edge.us - lifted < 60_000, `${edge.us - lifted} µs`)
  await rig.close()
})

t.test('the end commanded while it is being found out whether it was answered', async t => {
  const rig = await opened()
  await rig.finish(rig.port.ringBurst(true))
  await rig.pass(500)
  await rig.act({ do: 'edges', edges: [{ offHook: true, ms: 0 }] })
  await rig.pass(105)
  await rig.finish(rig.port.ringBurst(false))
  await rig.pass(100)
  t.same(rig.feeds().slice(-2), ['ringing command', 'active auto'])
  await rig.close()
})

t.test('it rings, and is answered, with the polarity that is told', async t => {
  const rig = await opened({ ring: 'rm-only' })
  await rig.finish(rig.port.setLinefeed('standby', { reversed: true }))
  t.equal(rig.model.gpio.level(modelPins.fr), false)
  await rig.finish(rig.port.ringBurst(true))
  t.equal(rig.model.gpio.level(modelPins.fr), true)
  await rig.pass(5)
  t.match(rig.events.at(-1), { type: 'linefeed', state: 'ringing', reversed: false })
  await rig.close()
})

t.test('PD is pulled low or let go, never driven high', async t => {
  const rig = await opened()
  const pd = () => rig.model.gpio.driven(modelPins.pd)
  t.equal(pd(), undefined)
  await rig.finish(rig.port.setLinefeed('open'))
  t.equal(pd(), false)
  await rig.finish(rig.port.setLinefeed('standby'))
  t.equal(pd(), undefined)
  t.equal(rig.model.gpio.level(modelPins.pd), true, 'the module pulls it up')
  await rig.close()
})

t.test('no ring without power, nor right after it came back', async t => {
  const rig = await opened()
  await rig.finish(rig.port.setLinefeed('open'))
  t.equal(rig.model.powered, false)
  t.equal(await rig.finish(kindOf(rig.port.ringBurst(true))), 'refused')
  await rig.finish(rig.port.setLinefeed('standby'))
  t.equal(await rig.finish(kindOf(rig.port.ringBurst(true))), 'refused')
  await rig.pass(50)
  t.equal(await rig.finish(kindOf(rig.port.ringBurst(true))), 'no error')
  await rig.close()
})

t.test('what the board does not have is said, not tried', async t => {
  const rig = await opened()
  const { capabilities } = rig.port
  t.equal(capabilities.onHookTransmission, false)
  t.equal(capabilities.polarityReversal, false)
  t.same(capabilities.impedances, ['600'])
  t.equal(await rig.finish(kindOf(rig.port.setLinefeed('oht'))), 'unsupported')
  t.equal(await rig.finish(kindOf(rig.port.setLinefeed('active', { reversed: true }))), 'unsupported')
  t.equal(await rig.finish(kindOf(rig.port.sense())), 'unsupported')
  t.equal(await rig.finish(kindOf(rig.port.lineTest('battery'))), 'unsupported')
  t.equal(await rig.finish(kindOf(rig.port.setImpedance('ctr21'))), 'invalid')
  await rig.close()
})

t.test('the ring is kept out of the capture until it has died away', async t => {
  const rig = await opened()
  const bare: number[] = []
  const kept: number[] = []
  const frame = new Int16Array(FRAME_SAMPLES)
  rig.pcm.start(
    () => {
      rig.bare.ports[0]!.read(frame)
      bare.push(dbm0Of(frame))
      rig.pcm.ports[0]!.read(frame)
      kept.push(dbm0Of(frame))
    },
    () => {},
  )
  rig.pcm.wake('tel1')
  await rig.finish(rig.port.ringBurst(true))
  await rig.pass(500)
  await rig.finish(rig.port.ringBurst(false))
  await rig.pass(100)
  t.ok(Math.max(...bare) > -20, `the sound device hears it: ${Math.max(...bare).toFixed(1)} dBm0`)
  t.ok(Math.max(...kept) < -60, 'nobody else does')
  t.ok(rig.module.ringing.noise.loudest > -20)
  const { noise } = rig.module.ringing
  const rest = rig.clock.now()
  t.notOk(noise.covers(rest), 'over')
  t.ok(noise.covers(rest - 60_000), 'not before 60 ms after the ring')
  await rig.pcm.stop()
  await rig.close()
})
