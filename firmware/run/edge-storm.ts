// A loop that moves more often than any finger or dial can: noise on the line, a contact that is broken. What the edges mean
// is decided as always; this only tells, once when it begins and once when it is over.

import type { Us } from '../../hal/clock.js'

/** In any second; the quickest rotary dial makes 40 with its bounce left in. */
const stormEdges = 100
const windowUs = 1_000_000

export interface EdgeStorm {
  edge(at: Us): void
  /** The loop rests. */
  settled(): void
}

/** `onStorm`: it began, or is over with so many edges. */
export const createEdgeStorm = (onStorm: (on: boolean, edges: number) => void): EdgeStorm => {
  let windowFrom = Number.NEGATIVE_INFINITY
  let inWindow = 0
  let all = 0
  let on = false
  return {
    edge: at => {
      if (at - windowFrom >= windowUs) {
        windowFrom = at
        inWindow = 0
      }
      inWindow++
      all++
      if (on || inWindow < stormEdges) return
      on = true
      onStorm(true, all)
    },
    settled: () => {
      if (on) onStorm(false, all)
      on = false
      all = 0
    },
  }
}
