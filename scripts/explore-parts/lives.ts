// Random lives, shared out among threads: whoever is free takes the next thousand.

import { frenchConfigs } from '../../test/phone/exploration/exploration-plan.js'
import { live } from '../../test/phone/exploration/random-lives.js'
import { liveOnWire } from '../../test/run/lossy-lives/lossy-life.js'

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
    for (let seed = first; seed < Math.min(first + BATCH, total); seed++) events += live(seed, frenchConfigs)
  }
}

/** The same through the box's SIP stack, every other one with lost datagrams; returns the calls seen on the wire. */
export const liveOnWires = async (counter: LifeCounter, total: number): Promise<number> => {
  let calls = 0
  for (;;) {
    const seed = Atomics.add(counter, 0, 1)
    if (seed >= total) return calls
    const life = await liveOnWire(seed, seed % 2 === 0 ? 0 : 0.15)
    const left = [...life.orphans, ...life.streams, ...life.late]
    if (left.length > 0) throw new Error(`life ${seed} on the wire leaves ${left.join('; ')}`)
    calls += life.calls
  }
}
