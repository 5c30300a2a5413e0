// Modules with one fault each. The driver must say so: by a fault, by refusing, by an error. What its pins cannot show is
// named here too, so that WIRING.md stays true.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { ModuleFault } from '../../../../hal/chips/ag1171/model.js'
import { kindOf } from '../../../../hal/conformance/hal-kind.js'
import { FRAME_SAMPLES } from '../../../../hal/pcm-port.js'
import { type Ag1171Rig, type Ag1171RigOptions, openAg1171Rig } from '../../../support/ag1171-rig.js'

t.setTimeout(120_000)

/** Everything a board can have that helps to notice. */
const wellFitted: Ag1171RigOptions = { dtmf: true, quirks: { ringHeardDbm0: -7 } }

/** What a line does in a day: it rings in vain, a number is dialled, it rings and is answered. Returns what was complained of. */
const day = async (options: Ag1171RigOptions, spoil: (rig: Ag1171Rig) => void): Promise<string[]> => {
  const rig = await openAg1171Rig(options)
  const told: string[] = []
  const say = (what: string) => {
    if (what !== 'no error' && !told.includes(what)) told.push(what)
  }
  const frame = new Int16Array(FRAME_SAMPLES)
  rig.pcm.start(
    () => rig.pcm.ports[0]!.read(frame),
    () => {},
  )
  rig.pcm.wake('tel1')
  await rig.open()
  spoil(rig)
  const command = async (work: Promise<unknown>) => say(await rig.finish(kindOf(work)))
  await command(rig.port.ringBurst(true))
  await rig.pass(1500)
  await command(rig.port.ringBurst(false))
  await rig.pass(3500)
  await rig.act({ do: 'offhook' })
  await rig.pass(500)
  for (const key of ['1', '7']) {
    rig.decoder.tone(key)
    await rig.pass(80)
    rig.decoder.tone(undefined)
    await rig.pass(80)
  }
  await rig.act({ do: 'onhook' })
  await rig.pass(5500)
  await command(rig.port.ringBurst(true))
  await rig.pass(700)
  await rig.act({ do: 'offhook' })
  await rig.pass(300)
  await command(rig.port.ringBurst(false))
  await rig.act({ do: 'onhook' })
  await rig.pass(1000)
  for (const fault of rig.faults()) say(fault)
  if (rig.feeds().some(feed => feed === 'open fault')) say('cut off')
  await rig.pcm.stop()
  await rig.close()
  return told
}

const withFault =
  (fault: ModuleFault) =>
  (options: Ag1171RigOptions): Promise<string[]> =>
    day({ ...options, faults: [fault] }, () => {})

const noticed: readonly [ModuleFault, string][] = [
  ['hook output stuck high', 'refused'],
  ['hook output stuck low', 'edge-loss on'],
  ['hook output follows RM', 'ground on'],
  ['hook output never rests', 'edge-loss on'],
  ['RM does not arrive', 'power on'],
  ['PD stuck low', 'power on'],
  ['PWM refuses', 'io'],
  ['PWM does nothing', 'power on'],
  ['PWM cannot be stopped', 'cut off'],
]

t.test('a sound module gives no cause for complaint', async t => {
  t.same(await day(wellFitted, () => {}), [])
  t.same(await day({}, () => {}), [])
})

for (const [fault, sign] of noticed)
  t.test(fault, async t => {
    const told = await withFault(fault)(wellFitted)
    t.ok(told.includes(sign), `${sign} among ${told.join(', ')}`)
  })

t.test('a ring that cannot be stopped: the line has no power until it can, and after close', async t => {
  const rig = await openAg1171Rig()
  await rig.open()
  await rig.finish(rig.port.ringBurst(true))
  await rig.pass(300)
  rig.model.fail('PWM cannot be stopped')
  await rig.finish(kindOf(rig.port.ringBurst(false)))
  await rig.pass(20)
  t.equal(rig.model.powered, false)
  t.equal(rig.model.ringMode, false)
  t.same(rig.faults(), ['power on'])
  t.equal(await rig.finish(kindOf(rig.port.ringBurst(true))), 'refused')
  rig.model.fail('PWM cannot be stopped', false)
  await rig.pass(600)
  t.equal(rig.model.powered, true, 'stopped at the next try')
  t.equal(rig.faults().at(-1), 'power off')
  await rig.pass(50)
  t.equal(await rig.finish(kindOf(rig.port.ringBurst(true))), 'no error')
  rig.model.fail('PWM cannot be stopped')
  await rig.finish(rig.port.close())
  t.equal(rig.model.powered, false)
  await rig.close()
})

t.test('pins that answer with EIO', async t => {
  const told = await day(wellFitted, rig => {
    rig.model.gpio.broken = true
  })
  t.ok(told.includes('link-lost on'), told.join(', '))
  t.ok(told.includes('io') || told.includes('lost'), 'and commands fail')
})

t.test('interrupts that do not arrive', async t => {
  const told = await day(wellFitted, rig => {
    rig.model.gpio.deaf = true
  })
  t.ok(told.includes('edge-loss on'), told.join(', '))
})

t.test('edges lost by the queue of the kernel', async t => {
  const told = await day(wellFitted, rig => rig.model.gpio.lose(0))
  t.ok(told.includes('edge-loss on'), told.join(', '))
})

t.test('what nobody notices on a board without key decoder that does not listen to its ring', async t => {
  const silent: string[] = []
  for (const [fault] of noticed) if ((await withFault(fault)({})).length === 0) silent.push(fault)
  t.same(silent, ['hook output stuck low', 'RM does not arrive', 'PD stuck low', 'PWM does nothing'])
})

t.test('a slow hook output is found by the suite of the contract alone', async t => {
  t.same(await withFault('hook output slow')(wellFitted), [])
  const suite = fileURLToPath(new URL('./mutant-suite.js', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, [suite, 'hook output slow'], { encoding: 'utf8' })
  t.not(status, 0)
  t.match(stdout, /^# time=/m, 'it ran to its end')
})
