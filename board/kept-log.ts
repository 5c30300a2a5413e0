// The log of the box, with its last messages kept for the console and everything shown to whoever watches.

import type { LogFacts } from '../firmware/console/console-box.js'
import type { Log, LogFields } from '../firmware/log.js'
import { createWatchers } from '../firmware/watchers.js'
import type { Clock } from '../hal/clock.js'

export type LogWatcher = (message: string, fields: LogFields) => void

export interface KeptLog {
  /** Writes where `log` did, and keeps. */
  readonly log: Log
  /** Oldest first. Debug messages are shown to watchers only: they would push out what matters. */
  last(most: number): readonly LogFacts[]
  watch(watcher: LogWatcher): () => void
}

const capacity = 500

export const keepLog = (log: Log, clock: Clock): KeptLog => {
  const kept: LogFacts[] = []
  const keep = (level: LogFacts['level'], message: string, fields: LogFields = {}): void => {
    log[level](message, fields)
    watchers.tell(message, fields)
    if (level === 'debug') return
    kept.push({ wallMs: clock.wall(), level, message, fields: defined(fields) })
    if (kept.length > capacity) kept.shift()
  }
  const keeping: Log = {
    debug: (message, fields) => keep('debug', message, fields),
    info: (message, fields) => keep('info', message, fields),
    warn: (message, fields) => keep('warn', message, fields),
    error: (message, fields) => keep('error', message, fields),
  }
  const watchers = createWatchers<Parameters<LogWatcher>>('log', keeping)
  return {
    log: keeping,
    last: most => kept.slice(-most),
    watch: watchers.add,
  }
}

const defined = (fields: LogFields): LogFacts['fields'] =>
  Object.fromEntries(
    Object.entries(fields).filter(
      (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
    ),
  )
