// Those who want to be told of something. None of them can stop what they are told of: whoever throws is told no more.

import type { Log } from './log.js'

export interface Watchers<Told extends readonly unknown[]> {
  /** Answers what ends it. */
  add(watcher: (...told: Told) => void): () => void
  /** In the order in which they came. Never throws. */
  tell(...told: Told): void
}

/** `what` they watch, for the log. */
export const createWatchers = <Told extends readonly unknown[]>(
  what: string,
  log: Pick<Log, 'error'>,
): Watchers<Told> => {
  const watchers = new Set<(...told: Told) => void>()
  return {
    add: watcher => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    tell: (...told) => {
      for (const watcher of watchers)
        try {
          watcher(...told)
        } catch (error) {
          // First of all: what is logged now may come to the same watcher.
          watchers.delete(watcher)
          log.error('a watcher failed and is told no more', { what, reason: String(error) })
        }
    },
  }
}
