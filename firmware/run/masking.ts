// Whether the number of one line is withheld for good, and who decides it (settings masking.owner, design §6.9).
// What cannot be known or done keeps the number withheld: it counts as such until the store has been read, and a
// change counts only after its commit.

import type { Log } from '../log.js'
import type { PhoneEvent } from '../phone/event.js'
import type { Store } from '../settings/store.js'

export type MaskingOwner = 'box' | 'network' | 'both'

/** Of the store, what a telephone needs. */
export type LineStore = Pick<Store, 'line' | 'setLine'>

export interface LineMasking {
  /** Reads the store and tells the machine. */
  start(): void
  /** The owner of a changed configuration. */
  setOwner(owner: MaskingOwner): void
  /** Resolves when it is stored; rejects when it is not, and then nothing has changed. */
  set(masked: boolean): Promise<void>
}

export interface LineMaskingOptions {
  readonly line: string
  readonly owner: MaskingOwner
  /** Resolves once it is open; with undefined when it cannot be. */
  readonly store: Promise<LineStore | undefined>
  readonly log: Log
  readonly post: (event: PhoneEvent) => void
}

export const createLineMasking = (options: LineMaskingOptions): LineMasking => {
  const { line, log, post } = options
  let owner = options.owner
  let store: LineStore | undefined

  const tell = (): void => {
    // Codes go to the network, which withholds the number or does not: the box adds nothing to it.
    if (owner === 'network') post({ type: 'masking', masked: false })
    else if (store) post({ type: 'masking', masked: store.line(line).masking })
    else post({ type: 'masking', masked: true })
  }

  return {
    start: () => {
      tell()
      options.store.then(opened => {
        store = opened
        if (!opened && owner !== 'network')
          log.warn('the number is withheld: it is not known whether it was', { line })
        tell()
      })
    },
    setOwner: next => {
      if (next === owner) return
      owner = next
      tell()
    },
    set: async masked => {
      const opened = await options.store
      if (!opened) throw new Error('there is no store')
      await opened.setLine(line, { masking: masked }, 'telephone')
      tell()
    },
  }
}
