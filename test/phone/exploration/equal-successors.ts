// Checks the abstraction itself: a concrete state met on a random walk and the concrete state that stands for its
// canonical one are a pair of equal abstraction. Both must do the same at the same event, and lead to equal states.
// A state on the walk that the exploration does not know is a hole in it.

import { reduce } from '../../../firmware/phone/reduce.js'
import { initialState } from '../../../firmware/phone/state.js'
import { SeededEntropy } from '../../../hal/sim/seeded-entropy.js'
import type { Watched } from './checked-step.js'
import { type Closure, keyOf } from './closure.js'
import { live } from './random-lives.js'
import { eventsAt } from './telephone-events.js'
import { initialWitness } from './witness.js'

/** Events tried on each pair. */
const TRIALS = 4

/** Compares `wanted` pairs, none of a state with itself. Throws at the first that differs. */
export const checkPairs = (closure: Closure, wanted: number): void => {
  const entropy = new SeededEntropy(41)
  let pairs = 0
  const onState = (at: Watched): void => {
    if (pairs === wanted) return
    const other = closure.places.get(keyOf(closure.canonical, at))
    if (!other) throw new Error(`not explored: ${JSON.stringify(at)}`)
    if (JSON.stringify(other.state) === JSON.stringify(at.state)) return
    pairs++
    compare(closure, at, other, entropy)
  }
  for (let seed = 1; pairs < wanted; seed++) {
    // A telephone that has called before: all its calls have other names.
    const start = { state: { ...initialState, nextCall: 2 + (seed % 90) }, seen: initialWitness }
    live(seed, [closure.config], { start, onState })
  }
}

const compare = ({ canonical, config }: Closure, a: Watched, b: Watched, entropy: SeededEntropy): void => {
  // Calls are listed in the same order on both sides, so that the events of the same index are the same event.
  const eventsOfA = eventsAt(a.seen, a.state.callBackOf)
  const eventsOfB = eventsAt(b.seen, b.state.callBackOf)
  const outcome = ({ state }: Watched, events: typeof eventsOfA, i: number): readonly unknown[] => {
    const event = events[i]?.event
    if (!event) throw new Error('lists of events of different length')
    const [after, effects] = reduce(state, event, config)
    return [state, event, effects, after]
  }
  for (let trial = 0; trial < TRIALS; trial++) {
    const i = entropy.uint32() % eventsOfA.length
    const [ofA, ofB] = [outcome(a, eventsOfA, i), outcome(b, eventsOfB, i)]
    if (canonical(...ofA) !== canonical(...ofB))
      throw new Error(
        `equal states, unequal successors at ${eventsOfA[i]?.name}:\n${JSON.stringify(ofA)}\n${JSON.stringify(ofB)}`,
      )
  }
}
