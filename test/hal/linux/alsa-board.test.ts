// The board on a sound device, in virtual time: what becomes of late, lost and starved audio, and of two clocks that differ.
import fc from 'fast-check'
import t from 'tap'
import { kindOf } from '../../../hal/conformance/hal-kind.js'
import { AlsaBoard } from '../../../hal/linux/alsa-board.js'
import { FRAME_SAMPLES, framesLost, type PcmFault } from '../../../hal/pcm-port.js'
import { VirtualClock } from '../../../hal/sim/virtual-clock.js'
import { openVirtualAlsa } from '../../support/alsa-rigs.js'
import { VirtualPcmDevice } from '../../support/virtual-pcm-device.js'

/** Listens, and gives each frame a tone so that what is heard shows where silence was put in. */
const listen = (board: AlsaBoard) => {
  const stamps: number[] = []
  const faults: PcmFault[] = []
  const frame = new Int16Array(FRAME_SAMPLES).fill(1000)
  const port = board.ports[0]!
  board.start(
    us => {
      stamps.push(us)
      port.write(frame)
    },
    fault => faults.push(fault),
  )
  board.wake('tel1')
  const lost = () => faults.reduce((sum, fault) => sum + framesLost(fault), 0)
  const span = () => Math.round(((stamps.at(-1) as number) - (stamps[0] as number)) / 10_000) + 1
  return { stamps, faults, lost, span }
}

for (const queue of ['exact', 'reckoned'] as const) {
  t.test(`${queue}: a program that was not run for 100 ms leaves no delay behind`, async t => {
    const { clock, device, board } = await openVirtualAlsa({ queue })
    const { stamps, faults, span } = listen(board)
    await clock.advance(1000)
    const usual = device.truth
    t.ok(usual >= FRAME_SAMPLES && usual <= 3 * FRAME_SAMPLES, `${usual} samples queued`)
    device.stall(100)
    await clock.advance(110)
    t.ok(device.underruns >= 1, 'the codec ran dry meanwhile')
    await clock.advance(1000)
    t.ok(device.truth <= 3 * FRAME_SAMPLES, `${device.truth} samples queued afterwards, ${usual} before`)
    t.ok(board.figures.droppedFrames >= 5, 'what came too late for the ear is dropped')
    t.equal(stamps.length, span(), 'captured frames are all there: keys are heard')
    t.equal(faults.length, 0)
    await board.stop()
  })

  t.test(`${queue}: what capture lost is counted, told, and silence to the ear`, async t => {
    const { clock, device, board } = await openVirtualAlsa({ queue })
    const { stamps, faults, lost, span } = listen(board)
    await clock.advance(1000)
    device.overrun(250)
    await clock.advance(2000)
    t.ok(lost() >= 24 && lost() <= 26, `${lost()} frames lost of 250 ms`)
    t.strictSame([...new Set(faults.map(({ port, kind }) => `${port} ${kind}`))], ['tel1 pcm-xrun'])
    t.equal(stamps.length + lost(), span(), 'the tick count stays right')
    t.equal(board.figures.overruns, 1)
    t.equal(board.figures.lostFrames, lost())
    t.ok(board.figures.insertedFrames >= 4, 'silence is put in')
    t.ok(device.truth >= FRAME_SAMPLES / 2 && device.truth <= 3 * FRAME_SAMPLES, `${device.truth} queued`)
    await board.stop()
  })

  t.test(`${queue}: whatever happens, ticks are counted right and the delay comes back`, async t => {
    const trouble = fc.record({
      what: fc.constantFrom('stall', 'overrun'),
      ms: fc.integer({ min: 1, max: 400 }),
      afterMs: fc.integer({ min: 10, max: 700 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(trouble, { minLength: 1, maxLength: 6 }), async troubles => {
        const { clock, device, board } = await openVirtualAlsa({ queue })
        const { stamps, lost, span } = listen(board)
        await clock.advance(500)
        for (const { what, ms, afterMs } of troubles) {
          if (what === 'stall') device.stall(ms)
          else device.overrun(ms)
          await clock.advance(afterMs)
        }
        await clock.advance(4000)
        const dry = device.underruns
        await clock.advance(500)
        await board.stop()
        const delay = device.truth
        return (
          stamps.length + lost() === span() &&
          delay >= FRAME_SAMPLES / 4 &&
          delay <= 4 * FRAME_SAMPLES &&
          device.underruns === dry
        )
      }),
      { numRuns: 40, seed: 20261 },
    )
    t.end()
  })
}

t.test('two clocks: playback that runs faster or slower neither dries up nor piles up', async t => {
  for (const playbackPpm of [150, -150]) {
    const { clock, device, board } = await openVirtualAlsa({ playbackPpm })
    listen(board)
    await clock.advance(15_000)
    const { ppm } = board.drift()
    t.ok(Math.abs(ppm - playbackPpm) < 30, `${ppm.toFixed(0)} of ${playbackPpm} ppm`)
    let [least, most] = [1e9, 0]
    for (let n = 0; n < 250; n++) {
      await clock.advance(1000)
      least = Math.min(least, device.truth)
      most = Math.max(most, device.truth)
    }
    t.ok(least > 0 && most <= 4 * FRAME_SAMPLES, `${least} to ${most} samples queued in 250 s`)
    t.equal(device.underruns, 0)
    const { insertedFrames, droppedFrames } = board.figures
    // 150 ppm of 265 s is 40 ms.
    t.ok(
      playbackPpm > 0 ? insertedFrames >= 3 && insertedFrames <= 9 : droppedFrames >= 2,
      `${insertedFrames} ${droppedFrames}`,
    )
    await board.stop()
  }
})

t.test('behind a pipe the drift is told by what the codec has played', async t => {
  for (const playbackPpm of [150, -150]) {
    const { clock, device, board } = await openVirtualAlsa({ playbackPpm, queue: 'reckoned' })
    t.strictSame(board.drift().ms, Number.NaN, 'nothing was told yet')
    listen(board)
    await clock.advance(30_000)
    const { ms, ppm } = board.drift()
    t.ok(Math.abs(ppm - playbackPpm) < 30, `${ppm.toFixed(0)} of ${playbackPpm} ppm`)
    t.ok(Math.abs(ms - (playbackPpm * 29) / 1000) < 1, `${ms.toFixed(2)} ms`)
    device.stall(300)
    await clock.advance(2000)
    t.ok(Math.abs(board.drift().ms) < 1, 'it counts anew after an interruption')
    await board.stop()
  }
})

t.test("the grid follows the codec's clock, by microseconds a frame", async t => {
  for (const ppm of [200, -200]) {
    const { clock, board } = await openVirtualAlsa({ ppm, delay: n => (n * 3) % 4 })
    const { stamps, lost } = listen(board)
    await clock.advance(60_000)
    const steps = stamps.slice(1).map((us, n) => us - (stamps[n] as number))
    t.ok(
      steps.every(step => Math.abs(step - 10_000) <= 5.01),
      `${Math.min(...steps)} to ${Math.max(...steps)} µs`,
    )
    t.equal(lost(), 0, '12 ms apart by now, and none of it is taken for a loss')
    const late = clock.now() - (stamps.at(-1) as number) - 10_000
    t.ok(late > -1000 && late < 12_000, `the last frame ended ${late.toFixed(0)} µs ago`)
    const { codecPpm, ppm: drift } = board.drift()
    t.ok(Math.abs(codecPpm - ppm) < 20, `${codecPpm.toFixed(0)} ppm`)
    t.ok(Math.abs(drift) < 20, 'one clock for both directions')
    await board.stop()
  }
})

t.test('two lines are two channels of one device', async t => {
  const clock = new VirtualClock()
  const device = new VirtualPcmDevice({ clock, channels: 2 })
  device.send = (n, channel) => (channel === 0 ? 100 : -(n % 80))
  const lines = [
    { id: 'tel1', channel: 1 },
    { id: 'tel2', channel: 0 },
  ]
  const board = new AlsaBoard({ lines, device, clock })
  await board.open()
  const [one, two] = [new Int16Array(FRAME_SAMPLES), new Int16Array(FRAME_SAMPLES)]
  board.start(
    () => {
      board.ports[0]?.read(one)
      board.ports[1]?.read(two)
      board.ports[0]?.write(new Int16Array(FRAME_SAMPLES).fill(7))
      board.ports[1]?.write(new Int16Array(FRAME_SAMPLES).fill(-9))
    },
    () => {},
  )
  board.wake('tel2')
  await clock.advance(100)
  t.strictSame([...new Set(one)], [0], 'a port that sleeps hears nothing')
  t.strictSame([...new Set(two)], [100])
  board.wake('tel1')
  await clock.advance(200)
  t.strictSame([one[5], two[5]], [-5, 100])
  t.equal(device.heard.at(-1), -9, 'and the first channel plays what the second line wrote')
  await board.stop()
})

t.test('the stream goes on while nobody listens, and nothing is told', async t => {
  const { clock, device, board } = await openVirtualAlsa()
  const faults: PcmFault[] = []
  let frames = 0
  board.start(
    () => frames++,
    fault => faults.push(fault),
  )
  await clock.advance(2000)
  device.overrun(300)
  await clock.advance(2000)
  t.equal(frames, 0)
  t.equal(faults.length, 0)
  t.equal(device.underruns, 1, 'the codec had silence to play but where capture stood still')
  board.wake('tel1')
  await clock.advance(100)
  t.equal(frames, 10)
  t.equal(device.closed, false)
  await board.stop()
  await board.stop()
  t.equal(device.closed, true)
})

t.test('what cannot be is refused', async t => {
  const { clock, device, board } = await openVirtualAlsa()
  const make = (lines: readonly { id: string; channel: number }[]) => () =>
    new AlsaBoard({ lines, device, clock })
  t.equal(await kindOf(make([])), 'invalid')
  t.equal(await kindOf(make([{ id: 'tel1', channel: 1 }])), 'invalid')
  const twice = [
    { id: 'tel1', channel: 0 },
    { id: 'tel2', channel: 0 },
  ]
  t.equal(await kindOf(make(twice)), 'invalid')
  t.equal(await kindOf(() => board.wake('tel9')), 'missing')
  t.equal(await kindOf(() => board.ports[0]?.write(new Int16Array(3))), 'invalid')
  board.start(
    () => {},
    () => {},
  )
  const again = () =>
    board.start(
      () => {},
      () => {},
    )
  t.equal(await kindOf(again), 'in-use')
  await board.stop()
  t.equal(await kindOf(again), 'closed')
})

t.test(
  'a device that is pulled out: one complaint, its lines lost within 1.5 s, and back within 0.5 s',
  async t => {
    const clock = new VirtualClock()
    const device = new VirtualPcmDevice({ clock })
    const troubles: string[] = []
    const lines = [{ id: 'tel1', channel: 0 }]
    const board = new AlsaBoard({ lines, device, clock, onTrouble: ({ message }) => troubles.push(message) })
    await board.open()
    const { faults, stamps } = listen(board)
    const told = () => faults.flatMap(fault => (fault.kind === 'pcm-lost' ? [fault] : []))
    await clock.advance(1000)
    for (const minutes of [10, 0.05]) {
      faults.length = 0
      const pulled = clock.now()
      device.pulled(true)
      await clock.advance(minutes * 60_000)
      t.match(told(), [{ port: 'tel1', kind: 'pcm-lost', on: true }], `${minutes} minutes`)
      const after = ((told()[0]?.us ?? Number.NaN) - pulled) / 1000
      t.ok(after >= 1000 && after <= 1500, `lost after ${after} ms`)
      const plugged = clock.now()
      device.pulled(false)
      await clock.advance(600)
      t.match(told()[1], { on: false })
      t.ok(((told()[1]?.us ?? Number.NaN) - plugged) / 1000 <= 500, 'back')
      const before = stamps.length
      await clock.advance(1000)
      t.ok(stamps.length - before >= 90, `${stamps.length - before} frames in the next second`)
    }
    t.equal(troubles.length, 1, 'of the second outage, so soon, nothing more is said')
    await clock.advance(60_000)
    device.pulled(true)
    await clock.advance(300)
    device.pulled(false)
    await clock.advance(1000)
    t.equal(troubles.length, 2)
    t.equal(told().length, 2, 'an interruption of less than a second is none')
    await board.stop()
  },
)
