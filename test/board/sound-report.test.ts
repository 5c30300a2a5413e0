// What the log says of a sound device, and when.
import t from 'tap'
import { reportSound } from '../../board/sound-report.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

t.test('what a sound device suffered is told once, within ten minutes', async t => {
  const clock = new VirtualClock()
  const rest = { underruns: 0, lostFrames: 0, droppedFrames: 0, insertedFrames: 0, queuedSamples: 160 }
  const device = { figures: { overruns: 0, ...rest }, drift: () => ({ ms: 1, ppm: 2, codecPpm: 3 }) }
  const told: object[] = []
  const report = reportSound(device, clock, fields => told.push(fields))
  await clock.advance(3_600_000)
  t.equal(told.length, 0, 'nothing happened, nothing is said')
  device.figures = { overruns: 1, ...rest, lostFrames: 20 }
  await clock.advance(600_000)
  t.strictSame(told, [{ overruns: 1, ...rest, lostFrames: 20, driftMs: 1, driftPpm: 2, codecPpm: 3 }])
  await clock.advance(3_600_000)
  t.equal(told.length, 1, 'and not again')
  report.cancel()
  t.equal(clock.pending().length, 0)
})
