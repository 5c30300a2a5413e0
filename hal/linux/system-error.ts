// Kernel and resolver error codes as the few kinds a box reports.

import { HalError, type HalErrorKind } from '../errors.js'

const kinds: Readonly<Record<string, HalErrorKind>> = {
  EADDRINUSE: 'in-use',
  EBUSY: 'in-use',
  ENOENT: 'missing',
  ENODEV: 'missing',
  ENXIO: 'missing',
  EADDRNOTAVAIL: 'missing',
  ENOTFOUND: 'missing',
  ENODATA: 'missing',
  EACCES: 'permission',
  EPERM: 'permission',
  EROFS: 'permission',
  ECONNREFUSED: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ETIMEOUT: 'unreachable',
  ESERVFAIL: 'unreachable',
  EREFUSED: 'unreachable',
  EINVAL: 'invalid',
  EBADF: 'closed',
}

/** What to do, where the kind does not say it. */
const advice: Readonly<Record<string, string>> = {
  EROFS:
    'it is mounted read-only; under systemd a board with PWM or onoff needs ProtectKernelTunables=no in its unit',
}

/** The `code` of a Node system error, "" when it has none. */
export const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Wraps a Node error; `what` says what was tried ("bind 127.0.0.5:5060"). A HalError goes through unchanged. */
export const halErrorFrom = (error: unknown, what: string): HalError => {
  if (error instanceof HalError) return error
  const code = systemCode(error)
  const detail = error instanceof Error ? error.message : String(error)
  const text = [what, detail, advice[code]].filter(part => part !== undefined).join(': ')
  return new HalError(kinds[code] ?? 'io', text, { cause: error })
}
