// The simulated loop: hook edges, ring, hybrid, faults; and what the telephone sends. Properties by random trains.
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { kindOf } from '../../../hal/conformance/hal-kind.js'
import type { FxsEvent } from '../../../hal/fxs-port.js'
import type { HandsetEvent, HandsetFault } from '../../../hal/sim/handset-contract.js'
import { bounceOffsets } from '../../../hal/sim/hook-switch.js'
import { SeededEntropy } from '../../../hal/sim/seeded-entropy.js'
import { readWav, wavImage } from '../../../hal/sim/wav.js'
import { dbm0Of, type SoundingLine, samplesOf, soundingLine } from '../../support/sounding-line.js'

const hooks = (events: readonly FxsEvent[]) => events.flatMap(event => (event.type === 'hook' ? [event] : []))
const rings = (events: readonly HandsetEvent[]) =>
  events.flatMap(event => (event.ev === 'ring' ? [event] : []))

/** Edges joined to groups: edges less than 15 ms after the first one of a group belong to it. */
const groups = (events: readonly FxsEvent[]) => {
  const found: { offHook: boolean; first: number; last: number }[] = []
  for (const { us, offHook } of hooks(events)) {
    const group = found.at(-1)
    if (group !== undefined && us - group.first <= 15_000) {
      group.last = us
      group.offHook = offHook
    } else found.push({ offHook, first: us, last: us })
  }
  return found
}

const wavFile = (t: Test): string => {
  const path = join(tmpdir(), `voiceport-${randomBytes(6).toString('hex')}.wav`)
  t.teardown(() => rm(path, { force: true }))
  return path
}

/** Records `ms` of the receiver. */
const record = async (t: Test, line: SoundingLine, length: number): Promise<Int16Array> => {
  const wav = wavFile(t)
  t.match(await line.act({ do: 'record', wav, ms: length }), { ok: true })
  return readWav(wav)
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 })

t.test('contact bounce: single bounces 0.1-10 ms, groups of at most 15 ms', async t => {
  let most = 0
  fc.assert(
    fc.property(seeds, seed => {
      const offsets = bounceOffsets(new SeededEntropy(seed))
      most = Math.max(most, offsets.length)
      return (
        offsets.length % 2 === 1 &&
        (offsets.at(-1) as number) <= 15_000 &&
        offsets.slice(1).every((at, n) => {
          const step = at - (offsets[n] as number)
          return step >= 100 && step <= 10_000
        })
      )
    }),
    { numRuns: 500 },
  )
  t.ok(most > 3, 'contacts do bounce')
})

t.test('any train of lifts, flashes and hang-ups keeps its lengths to the millisecond', async () => {
  const step = fc.record({
    flash: fc.integer({ min: 40, max: 900 }),
    pause: fc.integer({ min: 30, max: 700 }),
  })
  await fc.assert(
    fc.asyncProperty(seeds, fc.array(step, { minLength: 1, maxLength: 6 }), async (seed, train) => {
      const line = await soundingLine({ seed })
      line.sleep()
      await line.act({ do: 'offhook' })
      await line.clock.advance(40)
      const before = line.fxsEvents.length
      for (const { flash, pause } of train) {
        await line.act({ do: 'flash', ms: flash })
        await line.clock.advance(pause)
      }
      const found = groups(line.fxsEvents.slice(before))
      if (found.length !== train.length * 2) return false
      if (found.some(group => group.last - group.first > 15_000)) return false
      return train.every(({ flash }, n) => {
        const [opened, closed] = [found[2 * n]!, found[2 * n + 1]!]
        return (
          !opened.offHook && closed.offHook && Math.abs(closed.last - opened.first - flash * 1000) <= 1000
        )
      })
    }),
    { numRuns: 40 },
  )
})

t.test('edges are exactly those asked for, rotary digits break and make as a dial does', async t => {
  const line = await soundingLine()
  const start = line.clock.now()
  const edges = [
    { offHook: true, ms: 0 },
    { offHook: false, ms: 300.5 },
    { offHook: true, ms: 303 },
    { offHook: false, ms: 400 },
  ]
  await line.act({ do: 'edges', edges })
  t.strictSame(
    hooks(line.fxsEvents)
      .slice(1)
      .map(({ offHook, us }) => ({ offHook, ms: (us - start) / 1000 })),
    edges,
  )
  t.match((await line.act({ do: 'state' })) as object, { state: { offHook: false } })
  await line.act({ do: 'offhook' })
  await line.clock.advance(100)
  const before = line.fxsEvents.length
  await line.act({ do: 'pulse', digits: '30*' })
  const pulses = groups(line.fxsEvents.slice(before)).filter(group => !group.offHook)
  t.equal(pulses.length, 3 + 10 + 11)
  const gaps = pulses.slice(1).map((group, n) => Math.round((group.first - pulses[n]!.first) / 1000))
  t.strictSame([...new Set(gaps)].sort(), [799, 99], '66 + 33 ms, 700 ms between digits')
})

t.test('however the contact bounces, the telephone knows whether its receiver is up', async () => {
  await fc.assert(
    fc.asyncProperty(
      seeds,
      fc.array(fc.constantFrom('offhook', 'onhook', 'flash'), { maxLength: 6 }),
      async (seed, acts) => {
        const line = await soundingLine({ seed })
        let up = false
        for (const act of acts) {
          await line.act({ do: act })
          if (act !== 'flash') up = act === 'offhook'
          const reply = await line.act({ do: 'state' })
          if (!reply.ok || reply.state?.offHook !== up || reply.state.loopMa > 0 !== up) return false
        }
        return true
      },
    ),
    { numRuns: 40 },
  )
})

t.test('the same seed gives the same edges', async t => {
  const run = async (seed: number) => {
    const line = await soundingLine({ seed })
    await line.act({ do: 'offhook' })
    await line.act({ do: 'pulse', digits: '9' })
    return JSON.stringify(line.fxsEvents)
  }
  t.equal(await run(5), await run(5))
  t.not(await run(5), await run(6))
})

t.test('nothing leaks while the telephone is on-hook or not fed', async () => {
  const feeds = ['open', 'standby', 'active', 'oht'] as const
  await fc.assert(
    fc.asyncProperty(seeds, fc.constantFrom(...feeds), fc.boolean(), async (seed, feed, lifted) => {
      const line = await soundingLine({ seed })
      await line.fxs.setLinefeed(feed)
      if (lifted) await line.act({ do: 'offhook' })
      const from = line.captured.length
      line.play(samplesOf([[[440], 500]], -6))
      await line.act({ do: 'dtmf', digits: '15' })
      const captured = Int16Array.from(line.captured.slice(from + 800))
      const energy = dbm0Of(captured)
      // Lifting the receiver ends on-hook transmission.
      const talking = lifted && feed === 'active'
      return talking ? energy > -30 : captured.every(sample => sample === 0)
    }),
    { numRuns: 25 },
  )
})

t.test(
  'on-hook transmission reaches the receiver of a telephone on-hook, talking battery does not',
  async t => {
    const line = await soundingLine()
    for (const [feed, level] of [
      ['oht', -14],
      ['active', -99],
      ['standby', -99],
    ] as const) {
      await line.fxs.setLinefeed(feed)
      line.play(samplesOf([[[1300], 600]], -14))
      await line.clock.advance(50)
      const heard = dbm0Of(await record(t, line, 300))
      t.ok(Math.abs(heard - level) < 0.3, `${feed}: ${heard.toFixed(1)} dBm0`)
    }
    t.strictSame(line.tones(), [], 'nobody listens on-hook')
  },
)

t.test('the hybrid returns the box its own signal, weaker by the trans-hybrid loss', async t => {
  const noise = Int16Array.from({ length: 16_000 }, (_, n) => Math.round(6000 * Math.sin(n * n * 0.7317)))
  for (const [echoLossDb, impedance, expected] of [
    [undefined, 'ctr21', 12],
    [undefined, '600', 10],
    [20, 'ctr21', 20],
  ] as const) {
    const line = await soundingLine(echoLossDb === undefined ? {} : { echoLossDb })
    await line.fxs.setImpedance(impedance)
    await line.fxs.setLinefeed('active')
    await line.act({ do: 'offhook' })
    const from = line.captured.length
    line.play(noise)
    await line.clock.advance(1500)
    const echo = dbm0Of(Int16Array.from(line.captured.slice(from + 1600, from + 9600)))
    const loss = dbm0Of(noise) - echo
    t.ok(Math.abs(loss - expected) < 1, `${impedance}: ${loss.toFixed(1)} dB, wanted ${expected}`)
  }
})

t.test('gain moves both directions by its decibels', async t => {
  const line = await soundingLine({ echoLossDb: 60 })
  await line.fxs.setLinefeed('active')
  await line.act({ do: 'offhook' })
  await line.fxs.setGain({ receiveDb: -7, transmitDb: 3 })
  line.play(samplesOf([[[800], 600]], -10))
  await line.clock.advance(50)
  const heard = dbm0Of(await record(t, line, 300))
  t.ok(Math.abs(heard + 17) < 0.2, `${heard}`)
  await line.clock.advance(500)
  const wav = wavFile(t)
  await writeFile(wav, wavImage(samplesOf([[[800], 500]], -20)))
  const from = line.captured.length
  await line.act({ do: 'play', wav })
  const sent = dbm0Of(Int16Array.from(line.captured.slice(from + 800, from + 2400)))
  t.ok(Math.abs(sent + 17) < 0.2, `${sent}`)
})

t.test('keys: level, twist, error and timing are those asked for', async t => {
  const line = await soundingLine()
  await line.fxs.setLinefeed('active')
  await line.act({ do: 'offhook' })
  const from = line.captured.length
  await line.act({ do: 'dtmf', digits: '5', onMs: 300, offMs: 100, dbm0: -14, twistDb: 4, errorPercent: 1 })
  const captured = Int16Array.from(line.captured.slice(from))
  const sounding = [...captured.keys()].filter(n => Math.abs(captured[n]!) > 100)
  const length = (sounding.at(-1)! - sounding[0]!) / 8
  t.ok(Math.abs(length - 300) < 2, `${length} ms`)
  const level = (hz: number) => {
    const part = captured.slice(sounding[0]!, sounding[0]! + 1600)
    let re = 0
    let im = 0
    part.forEach((sample, n) => {
      re += sample * Math.cos((2 * Math.PI * hz * n) / 8000)
      im += sample * Math.sin((2 * Math.PI * hz * n) / 8000)
    })
    return 20 * Math.log10((2 * Math.hypot(re, im)) / 1600 / (32767 * 10 ** (-3.14 / 20)))
  }
  t.ok(Math.abs(level(770 * 1.01) + 14) < 0.3, `${level(770 * 1.01)}`)
  t.ok(Math.abs(level(1336 * 1.01) + 10) < 0.3, `${level(1336 * 1.01)}`)
  t.ok(level(1477) < -35)
})

t.test('with the PCM cut, keys yield nothing and the loss is counted', async t => {
  const line = await soundingLine()
  await line.fxs.setLinefeed('active')
  await line.act({ do: 'offhook' })
  await line.act({ do: 'fault', kind: 'pcm-xrun', on: true })
  const from = line.captured.length + 80
  t.match(await line.act({ do: 'dtmf', digits: '0123456789' }), { ok: true })
  t.ok(line.captured.slice(from).every(sample => sample === 0))
  await line.act({ do: 'fault', kind: 'pcm-xrun', on: false })
  await line.act({ do: 'dtmf', digits: '5' })
  t.ok(line.captured.slice(-1600).some(sample => sample !== 0))
  t.match(
    line.fxsEvents.filter(event => event.type === 'fault'),
    [
      { kind: 'pcm-xrun', on: true },
      { kind: 'pcm-xrun', on: false },
    ],
  )
})

t.test('bursts are told apart by length, with their frequency; ringing voltage is not recorded', async t => {
  const line = await soundingLine()
  const burst = async (length: number, hz: number) => {
    const start = line.clock.now()
    await line.fxs.ringBurst(true, { hz })
    await line.clock.advance(length)
    await line.fxs.ringBurst(false)
    await line.clock.advance(200)
    const [on, off] = rings(line.heard.splice(0))
    t.equal(on!.us, start)
    t.equal(off!.us, start + length * 1000)
    t.strictSame([on!.on, off!.on, off!.kind], [true, false, on!.kind])
    t.ok(Math.abs(on!.hz - hz) < 0.5, `${on!.hz} Hz`)
    return on!.kind
  }
  t.equal(await burst(250, 50), 'rp-as')
  t.equal(await burst(500, 25), 'recall')
  t.equal(await burst(1500, 50), 'full')
  t.equal(await burst(1000, 20), 'full')
  await line.fxs.ringBurst(true)
  t.ok((await record(t, line, 300)).every(sample => sample === 0))
  await line.act({ do: 'offhook' })
  await line.clock.advance(100)
  t.match(rings(line.heard), [
    { on: true, kind: 'full' },
    { on: false, kind: 'full' },
  ])
})

t.test('no bell, no socket: no ring is told, and the line test sees it', async t => {
  for (const kind of ['no-ringer', 'unplug'] as const) {
    const line = await soundingLine()
    await line.act({ do: 'fault', kind, on: true })
    await line.fxs.ringBurst(true)
    await line.clock.advance(1500)
    await line.fxs.ringBurst(false)
    t.strictSame(rings(line.heard), [])
    const test = line.fxs.lineTest('ringers')
    await line.clock.advance(200)
    t.match(await test, { pass: false, values: { ren: 0 } })
  }
})

t.test('faults show as events, in the feed and in the line tests', async t => {
  const after = async (kind: HandsetFault) => {
    const line = await soundingLine()
    const before = line.fxsEvents.length
    await line.act({ do: 'fault', kind, on: true })
    await line.clock.advance(20)
    return { line, since: line.fxsEvents.slice(before) }
  }
  const short = await after('short')
  t.match(short.since, [
    { type: 'fault', kind: 'short', on: true },
    { type: 'hook', offHook: true },
  ])
  t.equal(await kindOf(() => short.line.fxs.ringBurst(true)), 'refused')
  t.ok((await short.line.fxs.sense()).tipRingVolts < 1, 'a lifted telephone leaves more')
  const test = short.line.fxs.lineTest('resistive-fault')
  await short.line.clock.advance(200)
  t.match(await test, { pass: false, values: { tipRingOhms: 5 } })

  for (const kind of ['power', 'thermal', 'chip-reset'] as const) {
    const { line, since } = await after(kind)
    t.match(since, [
      { type: 'fault', kind, on: true },
      { type: 'linefeed', state: 'open', cause: 'fault' },
    ])
    t.equal(await kindOf(() => line.fxs.setLinefeed('active')), 'refused')
    await line.act({ do: 'fault', kind, on: false })
    t.match(
      line.fxsEvents.findLast(event => event.type === 'linefeed'),
      { state: 'standby', cause: 'auto' },
    )
  }

  const { line } = await after('edge-loss')
  await line.act({ do: 'offhook' })
  t.equal(hooks(line.fxsEvents).length, 1, 'the edges are lost')
  await line.act({ do: 'fault', kind: 'edge-loss', on: false })
  t.match(hooks(line.fxsEvents).at(-1), { offHook: true, source: 'resync', overrun: true })

  const gone = await after('link-lost')
  t.equal(await kindOf(() => gone.line.fxs.setLinefeed('active')), 'lost')
  await gone.line.act({ do: 'offhook' })
  await gone.line.act({ do: 'fault', kind: 'link-lost', on: false })
  t.match(hooks(gone.line.fxsEvents).at(-1), { offHook: true, source: 'resync', overrun: true })
})

t.test('asleep and idle, nothing runs at all', async t => {
  const line = await soundingLine()
  await line.fxs.setLinefeed('active')
  await line.act({ do: 'offhook' })
  line.play(samplesOf([[[440], 60_000]]))
  await line.clock.advance(1000)
  t.strictSame(line.tones(), ['dial'])
  line.sleep()
  await line.clock.advance(100)
  t.strictSame(line.tones(), ['dial', 'none'], 'the receiver is dead')
  t.strictSame(line.clock.pending(), [])
  const frames = line.frames()
  await line.act({ do: 'dtmf', digits: '1' })
  t.equal(line.frames(), frames, 'keys pressed meanwhile reach nobody')
  t.strictSame(line.clock.pending(), [])
  line.wake()
  await line.clock.advance(1000)
  t.equal(line.frames(), frames + 100)
})
