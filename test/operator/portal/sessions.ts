// Who is logged in at the portal. Sessions live in memory only: a restart logs everybody out.

import type { Clock } from '../../../hal/clock.js'
import type { Entropy } from '../../../hal/entropy.js'

export interface Session {
  readonly user: string
  /** Goes into every form and must come back with it. */
  readonly csrf: string
}

export interface Sessions {
  /** The token for the cookie. */
  open(user: string): string
  /** Undefined when it never was, has ended, or was idle for too long. */
  of(token: string): Session | undefined
  close(token: string): void
}

const IDLE_MS = 30 * 60_000
const LONGEST_MS = 12 * 3_600_000
const MOST = 10_000

interface Entry extends Session {
  readonly since: number
  used: number
}

export const createSessions = (clock: Clock, entropy: Entropy): Sessions => {
  const entries = new Map<string, Entry>()
  const live = ({ since, used }: Entry): boolean =>
    clock.wall() - used <= IDLE_MS && clock.wall() - since <= LONGEST_MS
  return {
    open: user => {
      for (const [token, entry] of entries) if (!live(entry)) entries.delete(token)
      if (entries.size >= MOST) entries.delete(entries.keys().next().value as string)
      const token = entropy.hex(32)
      const now = clock.wall()
      entries.set(token, { user, csrf: entropy.hex(16), since: now, used: now })
      return token
    },
    of: token => {
      const entry = entries.get(token)
      if (entry === undefined) return undefined
      if (!live(entry)) {
        entries.delete(token)
        return undefined
      }
      entry.used = clock.wall()
      return entry
    },
    close: token => void entries.delete(token),
  }
}
