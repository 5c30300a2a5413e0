// The second thread of `npm run explore`.

import { parentPort, workerData } from 'node:worker_threads'
import { type LifeCounter, liveOn } from './lives.js'

const { counter, lives } = workerData as { counter: LifeCounter; lives: number }
parentPort?.postMessage(liveOn(counter, lives))
