// The simulated box in real time, where the machine stands still for a moment. Its rows of the contracts' suites: rigs.ts.
import t from 'tap'
import { LinuxClock } from '../../hal/linux/clock.js'
import { framesLost, type PcmFault } from '../../hal/pcm-port.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'

t.test('a stalled thread loses frames but never the grid, and says how many', async t => {
  const board = createSimBoard({
    lines: ['tel1', 'tel2'],
    clock: new LinuxClock(),
    entropy: new SeededEntropy(1),
    frames: 'real',
  })
  const stamps: number[] = []
  const faults: PcmFault[] = []
  let served = 0
  const messages = setInterval(() => served++, 1)
  await new Promise<void>(resolve => {
    board.pcm.start(
      us => {
        stamps.push(us)
        if (stamps.length === 5) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
        if (stamps.length === 30) resolve()
      },
      fault => faults.push(fault),
    )
    board.pcm.wake('tel2')
  })
  await board.pcm.stop()
  clearInterval(messages)
  const span = (stamps.at(-1)! - stamps[0]!) / 10_000 + 1
  t.equal(span, Math.round(span), 'on the grid')
  t.ok(faults.length >= 1)
  t.strictSame([...new Set(faults.map(fault => `${fault.port} ${fault.kind}`))], ['tel2 pcm-xrun'])
  const lost = faults.reduce((sum, fault) => sum + framesLost(fault), 0)
  t.equal(stamps.length + lost, span)
  t.ok(lost >= 18, `${lost} frames lost in a stall of 200 ms`)
  t.ok(served > 20, 'the event loop is served between frames')
})
