// The driver against the reference microcontroller: what the protocol promises when bytes, the link or the microcontroller
// go. The contracts' suites on it are rows of ../../rigs.ts.

import t from 'tap'
import { kindOf } from '../../../../hal/conformance/hal-kind.js'
import type { HalError } from '../../../../hal/errors.js'
import type { FxsEvent } from '../../../../hal/fxs-port.js'
import { framesLost, type PcmFault } from '../../../../hal/pcm-port.js'
import { SeededEntropy } from '../../../../hal/sim/seeded-entropy.js'
import { profile } from '../../../support/sounding-line.js'
import { openSerialRig, type SerialRigOptions, type Spoil } from './serial-rig.js'

/** One frame in so many is lost, one cut short, one changed. */
const badLine = (seed: number, oneIn: number): Spoil => {
  const chance = new SeededEntropy(seed)
  return bytes => {
    if (chance.uint32() % oneIn !== 0) return bytes
    const what = chance.uint32() % 3
    if (what === 0) return undefined
    if (what === 1) return bytes.subarray(0, bytes.length >> 1)
    bytes[chance.uint32() % bytes.length] = chance.uint32() & 255
    return bytes
  }
}

const withLine = async (options: SerialRigOptions = {}) => {
  const rig = await openSerialRig(options)
  const slic = await rig.connect()
  const events: FxsEvent[] = []
  const port = slic.fxs('tel1')
  await rig.finish(port.open(profile, event => events.push(event)))
  const handset = rig.board.handset('tel1')
  const act = async (action: Parameters<typeof handset.perform>[0]) => {
    await rig.finish(handset.perform(action))
  }
  const hooks = () => events.flatMap(event => (event.type === 'hook' ? [event] : []))
  const faults = () =>
    events.flatMap(event => (event.type === 'fault' ? [`${event.kind} ${event.on ? 'on' : 'off'}`] : []))
  return { ...rig, slic, port, events, hooks, faults, act, done: () => rig.close(slic) }
}

t.test('on a line that spoils one frame in ten every command and every edge arrives, once', async t => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const line = await withLine()
    line.wire.spoil = badLine(seed, 10)
    await line.act({ do: 'offhook' })
    await line.clock.advance(500)
    for (const ms of [66, 120, 270]) {
      const before = line.hooks().length
      await line.act({ do: 'flash', ms })
      await line.clock.advance(500)
      const edges = line.hooks().slice(before)
      t.equal(edges[0]?.offHook, false)
      t.equal(edges.at(-1)?.offHook, true)
      const length = (edges.at(-1)!.us - edges[0]!.us) / 1000
      t.ok(Math.abs(length - ms) <= 1.5, `${ms} ms: ${length}`)
    }
    const stamps = line.hooks().map(({ us }) => us)
    t.same(
      stamps,
      [...new Set(stamps)].sort((a, b) => a - b),
      'in order, none twice',
    )
    const before = line.events.length
    for (let n = 0; n < 20; n++) await line.finish(line.port.setLinefeed('active', { reversed: n % 2 === 0 }))
    await line.clock.advance(1000)
    const feeds = line.events
      .slice(before)
      .flatMap(event => (event.type === 'linefeed' ? [event.reversed] : []))
    t.same(
      feeds,
      Array.from({ length: 20 }, (_, n) => n % 2 === 0),
      'no command is carried out twice',
    )
    t.ok(line.slic.statistics().repeatedCommands > 0, 'and some had to be repeated')
    await line.done()
  }
})

t.test(
  'a cable pulled out: the chip makes itself safe, edges wait for the link, the feed is as before',
  async t => {
    const line = await withLine()
    await line.act({ do: 'offhook' })
    await line.finish(line.port.setLinefeed('active'))
    await line.clock.advance(100)
    line.wire.cut = true
    await line.clock.advance(1000)
    const rejected = await line.finish(
      line.port.sense().then(
        () => undefined,
        (error: HalError) => error.kind,
      ),
    )
    t.equal(rejected, 'lost', 'a command that nobody answers fails after its repetitions')
    await line.act({ do: 'flash', ms: 200 })
    const hungUpAt = line.clock.now()
    await line.act({ do: 'onhook' })
    await line.clock.advance(3000)
    t.same(line.faults(), ['link-lost on'])
    t.equal(
      await line.finish(
        line.port.sense().then(
          () => undefined,
          (error: HalError) => error.kind,
        ),
      ),
      'lost',
    )
    t.equal(line.board.handset('tel1') !== undefined, true)
    const before = line.hooks().length
    line.wire.cut = false
    await line.clock.advance(1500)
    t.same(line.faults(), ['link-lost on', 'link-lost off'])
    const late = line.hooks().slice(before)
    t.equal(late.at(-1)?.offHook, false)
    const flash = late.filter(({ source }) => source === 'edge')
    t.ok(flash.length >= 3, 'R and the hanging up are told')
    t.ok(Math.abs(flash.at(-1)!.us - hungUpAt) < 20_000, 'with the instants at which they were')
    t.equal(late.at(-1)?.source, 'resync')
    const feed = line.events.findLast(event => event.type === 'linefeed')
    t.match(feed, { state: 'active' }, 'fed as it was commanded')
    await line.done()
  },
)

t.test('more edges than are kept while the link is away: the next word says that some are lost', async t => {
  const line = await withLine()
  await line.act({ do: 'offhook' })
  await line.clock.advance(100)
  line.wire.cut = true
  for (let n = 0; n < 60; n++) await line.act({ do: 'flash', ms: 100 })
  await line.act({ do: 'onhook' })
  await line.clock.advance(3000)
  line.wire.cut = false
  await line.clock.advance(2000)
  const told = line.hooks()
  t.ok(told.some(({ overrun }) => overrun === true))
  t.match(told.at(-1), { offHook: false, source: 'resync', overrun: true })
  t.equal((await line.finish(line.port.readHook())).offHook, false)
  await line.done()
})

t.test('a microcontroller that lost its power is set anew, and its clock is learnt anew', async t => {
  const line = await withLine({ aheadUs: 5_000_000 })
  await line.act({ do: 'offhook' })
  await line.finish(line.port.setLinefeed('active'))
  await line.clock.advance(100)
  await line.restart(2, 300)
  await line.clock.advance(2000)
  t.same(line.faults(), ['link-lost on', 'link-lost off', 'chip-reset on', 'chip-reset off'])
  t.match(
    line.events.findLast(event => event.type === 'linefeed'),
    { state: 'active' },
  )
  const before = line.hooks().length
  const at = line.clock.now()
  await line.act({ do: 'flash', ms: 150 })
  await line.clock.advance(100)
  const [opened] = line.hooks().slice(before)
  t.ok(Math.abs((opened?.us ?? 0) - at) < 5000, 'its edges are dated right again')
  await line.done()
})

t.test('a line test that the microcontroller gives up ends, and the next one is done', async t => {
  const line = await withLine()
  const chip = line.board.fxs('tel1')
  const { lineTest } = chip
  chip.lineTest = () => new Promise(() => undefined)
  const endOf = (work: Promise<unknown>) => line.finish(kindOf(work))
  t.equal(await endOf(line.port.lineTest('battery')), 'io', 'no result ever comes')
  const lifted = line.port.lineTest('battery')
  lifted.catch(() => undefined)
  await line.clock.advance(50)
  const from = line.clock.now()
  await line.act({ do: 'offhook' })
  t.equal(await endOf(lifted), 'refused')
  t.ok(line.clock.now() - from < 1_000_000, 'at once')
  await line.act({ do: 'onhook' })
  await line.clock.advance(500)
  chip.lineTest = lineTest.bind(chip)
  t.match(await line.finish(line.port.lineTest('battery')), { test: 'battery', pass: true })
  await line.done()
})

t.test('lost frames of audio are silence and are counted', async t => {
  const line = await withLine({ lines: ['tel1', 'tel2'] })
  const faults: PcmFault[] = []
  let ticks = 0
  line.slic.pcm.start(
    () => ticks++,
    fault => faults.push(fault),
  )
  for (const id of ['tel1', 'tel2']) line.slic.pcm.wake(id)
  await line.clock.advance(200)
  t.ok(ticks >= 18 && ticks <= 20, `${ticks} ticks for two lines in 200 ms`)
  let dropped = 0
  line.wire.spoil = (bytes, toHost) => {
    if (!toHost || bytes.length < 100 || dropped === 3) return bytes
    dropped++
    return undefined
  }
  await line.clock.advance(300)
  t.equal(
    faults.reduce((sum, fault) => sum + framesLost(fault), 0),
    3,
  )
  t.ok(ticks >= 46, 'the other line goes on')
  await line.done()
})

t.test('nobody at the other end, or another board than described, is said at once', async t => {
  const rig = await openSerialRig()
  rig.wire.cut = true
  const kind = await rig.connect().then(
    () => 'connected',
    (error: HalError) => error.kind,
  )
  t.equal(kind, 'lost')
})
