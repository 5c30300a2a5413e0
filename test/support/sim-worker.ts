// The audio half of a simulated box in a worker thread, for tests: real clock, control over the parent's port.
import { parentPort, workerData } from 'node:worker_threads'
import { LinuxClock } from '../../hal/linux/clock.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'
import { serveControl } from '../../hal/threads/control-proxy.js'

const { seed } = workerData as { seed: number }
const board = createSimBoard({
  lines: ['tel1'],
  clock: new LinuxClock(),
  entropy: new SeededEntropy(seed),
  frames: 'real',
})
serveControl(board, parentPort!)
