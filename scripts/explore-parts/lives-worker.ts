// The second thread of `npm run explore`.

import { parentPort, workerData } from 'node:worker_threads'
import { type LifeCounter, liveOn, liveOnWires } from './lives.js'

export interface LivesWork {
  readonly counter: LifeCounter
  readonly lives: number
  /** Through the box's SIP stack instead of the machine alone. */
  readonly wire: boolean
}

const { counter, lives, wire } = workerData as LivesWork
parentPort?.postMessage(wire ? await liveOnWires(counter, lives) : liveOn(counter, lives))
