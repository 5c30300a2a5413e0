// The fault table of this driver, H1 to H8, in virtual time: what goes wrong on the hook, the line and the pins, and within
// which bounds driver and hook interpretation stay. Each test prints its row.

import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { HookContext, HookEvent } from '../../../../firmware/line/hook-event.js'
import { createHookWatch, type HookWatch } from '../../../../firmware/run/hook-watch.js'
import type { Ag1171FxsPort } from '../../../../hal/chips/ag1171/ag1171-fxs-port.js'
import { connectAg1171 } from '../../../../hal/chips/ag1171/driver.js'
import { modelPins } from '../../../../hal/chips/ag1171/model.js'
import { us } from '../../../../hal/clock.js'
import { kindOf } from '../../../../hal/conformance/hal-kind.js'
import type { FxsEvent } from '../../../../hal/fxs-port.js'
import { type Ag1171RigOptions, openAg1171Rig } from '../../../support/ag1171-rig.js'
import { frenchHook as timings } from '../../../support/french-line.js'
import { profile } from '../../../support/sounding-line.js'

t.setTimeout(120_000)

interface Told {
  readonly event: HookEvent
  /** When it was decided, µs. */
  readonly at: number
}

/** A line whose events go to the hook interpretation, as in the box. */
const watchedLine = async (options: Ag1171RigOptions = {}) => {
  const rig = await openAg1171Rig(options)
  const told: Told[] = []
  const events: FxsEvent[] = []
  const watch: HookWatch = createHookWatch({
    clock: rig.clock,
    line: 'tel1',
    fxs: rig.port,
    timings,
    onEvent: event => told.push({ event, at: rig.clock.now() }),
    onQuiet: now => watch.quiet(now),
    onResync: edge => watch.edge(edge),
  })
  const take = (event: FxsEvent): void => {
    events.push(event)
    if (event.type === 'hook') watch.edge(event)
    else if (event.type === 'ring-trip') watch.tripped(event.us)
    else if (event.type === 'fault' && event.kind === 'edge-loss') watch.resync()
  }
  await rig.finish(rig.port.open(profile, take))
  await rig.pass(10)
  const context = (next: HookContext): void => watch.setContext(next)
  const edges = (...list: (readonly [boolean, number])[]) =>
    rig.act({ do: 'edges', edges: list.map(([offHook, ms]) => ({ offHook, ms })) })
  const kinds = () => told.map(({ event }) => event.type)
  const fed = () => events.filter(event => event.type === 'hook').length
  const alarms = () =>
    events.flatMap(event => (event.type === 'fault' ? [`${event.kind} ${event.on ? 'on' : 'off'}`] : []))
  const close = async () => {
    watch.close()
    await rig.close()
  }
  return { ...rig, told, events, watch, context, edges, kinds, fed, alarms, close }
}
type WatchedLine = Awaited<ReturnType<typeof watchedLine>>

const row = (t: Test, id: string, fault: string, figure: string): void =>
  t.comment(`| ${id} | ${fault} | ${figure} |`)

/** Edges of one change of the hook: `bounces` are the lengths of away and back, ms. */
const bouncing = (to: boolean, bounces: readonly number[]): [boolean, number][] => {
  const list: [boolean, number][] = [[to, 0]]
  let at = 0
  for (const [n, length] of bounces.entries()) {
    at += length
    list.push([n % 2 === 0 ? !to : to, at])
  }
  return list
}

t.test('H1 contact bounce of 0.1 to 10 ms, 1 to 20 edges: one event, decided in time', async t => {
  let slowest = 0
  const change = async (line: WatchedLine, to: boolean, bounces: number[], within: number) => {
    const before = line.told.length
    const list = bouncing(to, bounces)
    await line.edges(...list)
    const last = line.clock.now()
    await line.pass(1000)
    const since = line.told.slice(before)
    if (since.length !== 1) throw new Error(`${JSON.stringify(bounces)}: ${line.kinds().slice(before)}`)
    const decision = ((since[0]?.at as number) - last) / 1000
    slowest = Math.max(slowest, decision - within)
  }
  const bounces = fc
    .array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 0, maxLength: 9 })
    .map(lengths => lengths.flatMap(length => [length, length]))
  await fc.assert(
    fc.asyncProperty(bounces, bounces, async (up, down) => {
      const line = await watchedLine()
      await change(line, true, up, timings.offHookMs)
      await change(line, false, down, timings.onHookMs)
      await line.close()
    }),
    { numRuns: 40, seed: 1171 },
  )
  t.ok(slowest <= 10, `${slowest.toFixed(1)} ms after the debouncing time`)
  row(t, 'H1', 'bounce, 1-20 edges', `1 event, decided ${slowest.toFixed(1)} ms after debouncing (10)`)
})

t.test('H1 a group of bounces within 15 ms leaves the driver as one edge', async t => {
  const line = await watchedLine()
  const before = line.fed()
  await line.edges(...bouncing(true, [0.1, 2, 0.3, 4, 1, 3]))
  await line.pass(100)
  t.equal(line.fed() - before, 1)
  await line.close()
})

/** 1000 edges a second on the pin, without the telephone. */
const storm = async (line: WatchedLine, seconds: number): Promise<void> => {
  const port = line.port as Ag1171FxsPort
  let high = line.model.gpio.level(modelPins.shk)
  for (let ms = 0; ms < seconds * 1000; ) {
    // At first each edge comes in time, then ten at once, as on a busy machine.
    const batch = ms < 1000 ? 1 : 10
    await line.pass(batch)
    for (let n = 1; n <= batch; n++) {
      high = !high
      port.edge({ high, us: us(line.clock.now() - (batch - n) * 1000), overrun: false })
    }
    ms += batch
  }
}

for (const lifted of [false, true])
  t.test(`H2 1000 edges/s for 60 s, telephone ${lifted ? 'lifted' : 'on the hook'}`, async t => {
    const line = await watchedLine()
    line.context(lifted ? 'talking' : 'collecting')
    if (lifted) await line.edges([true, 0])
    await line.pass(500)
    const before = line.told.length
    const fed = line.fed()
    await storm(line, 60)
    const during = line.fed() - fed
    t.equal(line.told.length, before, 'no phantom')
    t.ok(during < 600, `${during} of 60,000 edges told: no queue grows`)
    t.same(line.alarms(), ['edge-loss on'])
    const { storms, suppressedEdges } = line.module.statistics()
    t.equal(storms, 1, 'counted')
    t.ok(suppressedEdges > 59_000)
    const quiet = line.clock.now()
    await line.pass(200)
    t.same(line.alarms(), ['edge-loss on', 'edge-loss off'], 'over within 200 ms')
    const over = line.events.findLast(event => event.type === 'fault')?.us as number
    t.equal(line.told.length, before, 'and nothing happened')
    if (lifted) await line.edges([false, 0])
    else await line.edges([true, 0])
    await line.pass(1000)
    t.equal(line.kinds().at(-1), lifted ? 'on-hook' : 'off-hook', 'normal')
    row(
      t,
      'H2',
      `storm, ${lifted ? 'lifted' : 'on the hook'}`,
      `0 phantoms, normal after ${(over - quiet) / 1000} ms (200), ${during} of 60,000 edges told`,
    )
    await line.close()
  })

t.test('H3 flashes of 20 to 2000 ms, step 10, jitter 10 %', async t => {
  const line = await watchedLine()
  await line.edges([true, 0])
  line.context('talking')
  await line.pass(500)
  let slowest = 0
  let wrong = 0
  for (let n = 0; n < 199; n++) {
    const length = (20 + n * 10) * (1 + 0.1 * Math.sin(n))
    // What lies on the border may be either.
    if ([80, 600].some(border => Math.abs(border - length) < 1.5)) continue
    const before = line.told.length
    const start = line.clock.now()
    await line.edges([false, 0], [true, length])
    await line.pass(300)
    const since = line.told.slice(before)
    const wanted = length < 80 ? '' : length <= 600 ? 'flash' : 'on-hook off-hook'
    if (since.map(({ event }) => event.type).join(' ') !== wanted) wrong++
    const ended = since.find(({ event }) => event.type === 'on-hook')
    if (ended) slowest = Math.max(slowest, (ended.at - start) / 1000 - timings.onHookMs)
  }
  t.equal(wrong, 0)
  t.ok(slowest > 0 && slowest <= 50, `on-hook ${slowest.toFixed(1)} ms after the window`)
  row(t, 'H3', 'flash 20-2000 ms', `0 wrong of 199, on-hook at window + ${slowest.toFixed(1)} ms (50)`)
  await line.close()
})

t.test('H4 a telephone off the hook for an hour: told once, not rung, usable at once', async t => {
  const line = await watchedLine()
  await line.edges([true, 0])
  await line.pass(1000)
  const told = line.events.length
  await line.pass(3_600_000)
  t.equal(line.events.length, told)
  t.equal(await line.finish(kindOf(line.port.ringBurst(true))), 'refused')
  await line.edges([false, 0])
  const hungUp = line.clock.now()
  await line.pass(1000)
  const on = line.told.at(-1)
  t.equal(on?.event.type, 'on-hook')
  t.equal(await line.finish(kindOf(line.port.ringBurst(true))), 'no error')
  row(
    t,
    'H4',
    'off the hook for 1 h',
    `usable ${((on?.at as number) - hungUp) / 1000} ms after on-hook (1000)`,
  )
  await line.close()
})

const answer = async (phase: 'burst' | 'silence' | 'data') => {
  const line = await watchedLine({ quirks: { ohtResistor: true } })
  line.context('ringing')
  await line.finish(line.port.ringBurst(true))
  await line.pass(700)
  if (phase !== 'burst') {
    await line.finish(line.port.ringBurst(false))
    await line.pass(300)
  }
  if (phase === 'data') await line.finish(line.port.setLinefeed('oht'))
  let quiet = 0
  line.handset.onEvent(event => {
    if (event.ev === 'ring' && !event.on) quiet = event.us
  })
  const lifted = line.clock.now()
  await line.edges([true, 0])
  await line.pass(400)
  const seen = line.told.at(-1)
  return { line, seen, lifted, quiet }
}

for (const phase of ['burst', 'silence', 'data'] as const)
  t.test(`H5 answered during the ${phase}`, async t => {
    const { line, seen, lifted, quiet } = await answer(phase)
    t.equal(seen?.event.type, 'off-hook')
    const after = ((seen?.at as number) - lifted) / 1000
    t.ok(after <= 200, `${after} ms`)
    if (phase === 'burst')
      t.ok((quiet - lifted) / 1000 <= 100.5, `the ring stopped after ${quiet - lifted} µs`)
    if (phase === 'data') t.match(line.events.at(-1), { type: 'linefeed', state: 'standby', cause: 'auto' })
    const stopped = phase === 'burst' ? `, ring off after ${(quiet - lifted) / 1000} ms (100)` : ''
    row(t, 'H5', `answered in ${phase}`, `seen after ${after} ms (200)${stopped}`)
    await line.close()
  })

const hum = async (line: WatchedLine, ms: number): Promise<void> => {
  for (let at = 0; at < ms; at += 20) {
    line.model.gpio.drive(modelPins.shk, true)
    await line.pass(10)
    line.model.gpio.drive(modelPins.shk, false)
    await line.pass(10)
  }
}

t.test('H6 hum of 50 Hz on the hook output while it rings, and between: no answer', async t => {
  const line = await watchedLine()
  line.context('ringing')
  await line.finish(line.port.ringBurst(true))
  await line.pass(300)
  await hum(line, 20)
  await line.pass(100)
  t.equal(line.model.ringMode, true, 'it rings on')
  await line.finish(line.port.ringBurst(false))
  await line.pass(200)
  await hum(line, 2000)
  await line.pass(500)
  await line.finish(line.port.ringBurst(true))
  await line.pass(100)
  await hum(line, 1000)
  await line.pass(500)
  t.same(line.kinds(), [], 'nothing was answered')
  t.notOk(line.events.some(event => event.type === 'ring-trip'))
  t.ok(line.alarms().includes('ground on'), 'a ring that hum breaks up is given up, and said')
  t.ok(line.alarms().includes('edge-loss on'), 'so is hum on an idle line')
  row(t, 'H6', '50 Hz on the hook output', '0 answers, told as ground and edge-loss')
  await line.close()
})

t.test('H7 no alarms of the chip; a ring that fails is tried again after 5, 10, 30 s', async t => {
  const line = await watchedLine({ faults: ['PWM refuses'] })
  t.notOk(line.port.capabilities.faults.includes('thermal'), 'the module has no fault output')
  const tried: number[] = []
  let untold = 0
  for (let n = 0; n < 480; n++) {
    const before = line.alarms().length
    const kind = await line.finish(kindOf(line.port.ringBurst(true)))
    if (line.alarms().length === before || kind === 'no error') untold++
    if (kind === 'io') tried.push(Math.round(line.clock.now() / 1e6))
    await line.pass(240)
  }
  const pauses = tried.slice(1).map((second, n) => second - (tried[n] as number))
  t.same(pauses.slice(0, 4), [5, 10, 30, 30])
  t.equal(untold, 0, 'the caller is told each time')
  line.model.fail('PWM refuses', false)
  await line.pass(30_000)
  t.equal(await line.finish(kindOf(line.port.ringBurst(true))), 'no error')
  t.equal(await line.finish(kindOf(line.port.readHook())), 'no error')
  row(t, 'H7', 'ring fails', `tried again after ${pauses.slice(0, 4).join(', ')} s; the line stays usable`)
  await line.close()
})

t.test('H8 pins that are not there, that fail, and edges that get lost', async t => {
  const line = await watchedLine()
  t.equal(await line.finish(kindOf(line.connect())), 'in-use', 'taken twice')
  const chip = line.model.gpio.chip()
  const absent = { id: 'tel2', clock: line.clock, ring: 'rm-only', shk: { chip, offset: 99 } } as const
  t.equal(await line.finish(kindOf(connectAg1171({ ...absent, rm: { chip, offset: 98 } }))), 'missing')
  const since = () => line.clock.now() / 1000

  const broken = since()
  line.model.gpio.broken = true
  await line.pass(600)
  t.same(line.alarms(), ['link-lost on'])
  t.equal(await line.finish(kindOf(line.port.ringBurst(true))), 'lost')
  await line.edges([true, 0])
  await line.pass(5000)
  line.model.gpio.broken = false
  const mended = since()
  await line.pass(1000)
  t.equal(line.kinds().at(-1), 'off-hook', 'what happened meanwhile is known')
  const back = (line.events.findLast(event => event.type === 'fault')?.us as number) / 1000 - mended
  t.ok(back <= 5000 && mended > broken)

  line.model.gpio.deaf = true
  const deaf = since()
  await line.edges([false, 0])
  await line.pass(5000)
  t.equal(line.kinds().at(-1), 'on-hook', 'without a single interrupt')
  const found = ((line.told.at(-1)?.at as number) / 1000 - deaf) as number
  t.ok(found <= 5000, `${found} ms`)
  line.model.gpio.deaf = false

  line.model.gpio.lose(modelPins.shk)
  await line.edges([true, 0])
  await line.pass(500)
  t.equal(line.kinds().at(-1), 'off-hook')
  t.equal(line.module.statistics().losses, 2)
  row(
    t,
    'H8',
    'EIO; no interrupts',
    `back after ${back.toFixed(0)} ms; found after ${found.toFixed(0)} ms (5000)`,
  )
  await line.close()
})

t.test('H8 pins that fail while it rings: RM falls as soon as they answer', async t => {
  const line = await watchedLine()
  await line.finish(line.port.ringBurst(true))
  await line.pass(300)
  line.model.gpio.broken = true
  await line.finish(kindOf(line.port.ringBurst(false)))
  await line.pass(2000)
  t.equal(line.model.ringMode, true, 'nothing could be done')
  t.ok(line.alarms().includes('link-lost on'))
  line.model.gpio.broken = false
  const mended = line.clock.now()
  while (line.model.ringMode && line.clock.now() - mended < 5e6) await line.pass(10)
  const after = (line.clock.now() - mended) / 1000
  t.ok(after <= 5000, `${after} ms`)
  await line.pass(1000)
  t.equal(line.model.powered, true)
  t.equal(line.alarms().filter(alarm => alarm.endsWith('on')).length, line.alarms().length / 2, 'all is over')
  t.equal(await line.finish(kindOf(line.port.ringBurst(true))), 'no error')
  row(t, 'H8', 'EIO while it rings', `RM low ${after.toFixed(0)} ms after the pins answer (5000)`)
  await line.close()
})
