// The one way firmware code writes a log line. Structured fields, no secrets, one line a message.

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
