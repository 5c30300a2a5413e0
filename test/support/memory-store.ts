// A store without a disk: as slow or as broken as a test wants, in the test's own time. What it holds is what a disk
// would hold after a power cut now.

import type { LineStore } from '../../firmware/run/masking.js'
import type { LineSettings } from '../../firmware/settings/store.js'
import { type Clock, ms } from '../../hal/clock.js'

export interface MemoryStore extends LineStore {
  /** A commit takes so long, ms. */
  commitMs: number
  /** Reason why nothing can be committed. */
  broken: string | undefined
  readonly changes: {
    readonly line: string
    readonly change: Partial<LineSettings>
    readonly author: string
  }[]
}

export const memoryStore = (
  clock: Clock,
  begin: Readonly<Record<string, Partial<LineSettings>>> = {},
): MemoryStore => {
  const lines = new Map(Object.entries(begin))
  const store: MemoryStore = {
    commitMs: 0,
    broken: undefined,
    changes: [],
    line: line => ({ masking: false, simservs: null, contact: null, ...lines.get(line) }),
    setLine: async (line, change, author) => {
      if (store.commitMs > 0)
        await new Promise<void>(resolve => void clock.timer('commit', ms(store.commitMs), resolve))
      if (store.broken !== undefined) throw new Error(store.broken)
      lines.set(line, { ...lines.get(line), ...change })
      store.changes.push({ line, change, author })
    },
  }
  return store
}
