// Slows down guessing: after a few wrong passwords a number (or an address) must wait, longer each time.

import type { Clock } from '../../../hal/clock.js'

export interface LoginGuard {
  /** Seconds still to wait, 0 when it may try. Counts the attempt, so that attempts at the same time count as well. */
  attempt(key: string): number
  succeeded(key: string): void
}

const FIRST_WAIT_MS = 30_000
const LONGEST_WAIT_MS = 15 * 60_000
/** So long after its last failure a key is forgotten. */
const MEMORY_MS = 60 * 60_000
/** Keys that are remembered; the oldest go first. */
const KEYS = 10_000

/** `free`: attempts before the first wait. */
export const createLoginGuard = (clock: Clock, free: number): LoginGuard => {
  const known = new Map<string, { failures: number; at: number }>()
  const waitAfter = (failures: number): number =>
    failures < free ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - free, 10))
  return {
    attempt: key => {
      const now = clock.wall()
      let entry = known.get(key) ?? { failures: 0, at: now }
      if (now - entry.at > MEMORY_MS) entry = { failures: 0, at: now }
      const left = entry.at + waitAfter(entry.failures) - now
      if (left > 0) return Math.ceil(left / 1000)
      known.delete(key)
      known.set(key, { failures: entry.failures + 1, at: now })
      if (known.size > KEYS) known.delete(known.keys().next().value as string)
      return 0
    },
    succeeded: key => void known.delete(key),
  }
}
