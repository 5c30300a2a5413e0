// One mistake in a settings file, as `voiceport check --json` prints it.

import { type ErrorCode, errorTable } from '../errors.js'

export interface Problem {
  readonly code: ErrorCode
  readonly file: string
  /** 1-based; 0 when the file as a whole is meant. */
  readonly line: number
  /** "line[0].account.domain"; "" when no key is meant. */
  readonly key: string
  readonly message: string
  /** What to do about it. */
  readonly fix: string
}

export const problem = (
  code: ErrorCode,
  origin: { readonly file: string; readonly line: number },
  key: string,
  message: string,
): Problem => ({ code, file: origin.file, line: origin.line, key, message, fix: errorTable[code] })

/** "/etc/voiceport/view cannot be read: no such file or directory", of what the file system threw. */
export const unreadable = (path: string, error: unknown): string => {
  const reason =
    error instanceof Error ? error.message.replace(/^\w+: /, '').replace(/, .*/, '') : String(error)
  return `${path} cannot be read: ${reason}`
}

/** ["line", 0, "id"] as "line[0].id". */
export const keyText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text && '.'}${String(key)}`),
    '',
  )
