// Random lives, shared out among threads: whoever is free takes the next thousand.

import { frenchConfigs } from '../../test/phone/exploration/exploration-plan.js'
import { live } from '../../test/phone/exploration/random-lives.js'

/** How many lives have been taken so far. */
export type LifeCounter = Int32Array

export const createLifeCounter = (): LifeCounter => new Int32Array(new SharedArrayBuffer(4))

const BATCH = 1000

/** Lives as many of `total` lives as nobody else takes; returns the number of events. Throws the first Violation. */
export const liveOn = (counter: LifeCounter, total: number): number => {
  let events = 0
  for (;;) {
    const first = Atomics.add(counter, 0, BATCH)
    if (first >= total) return events
    for (let seed = first; seed < Math.min(first + BATCH, total); seed++) {
      const config = frenchConfigs[seed % frenchConfigs.length]
      if (config) events += live(seed, config)
    }
  }
}
