// The log of the box: JSON lines on standard error, written at once, so that the last line before a crash is there.

import { pino } from 'pino'
import type { Log, LogFields } from '../firmware/log.js'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LevelledLog extends Log {
  /** From now on. */
  setLevel(level: LogLevel): void
}

// Names that pino writes itself; a field of the same name would stand twice in the line.
const taken = new Set(['level', 'time', 'msg'])

const named = (fields: LogFields): LogFields =>
  Object.keys(fields).some(key => taken.has(key))
    ? Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [taken.has(key) ? `${key}_` : key, value]),
      )
    : fields

export const openLog = (level: LogLevel, fd = 2): LevelledLog => {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    pino.destination({ fd, sync: true }),
  )
  const write =
    (severity: LogLevel) =>
    (message: string, fields: LogFields = {}): void =>
      logger[severity](named(fields), message)
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    setLevel: next => {
      logger.level = next
    },
  }
}
