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

/** The `code` of a Node system error, "" when it has none. */
export const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Wraps a Node error; `what` says what was tried ("bind 127.0.0.5:5060"). A HalError goes through unchanged. */
export const halErrorFrom = (error: unknown, what: string): HalError => {
  if (error instanceof HalError) return error
  const detail = error instanceof Error ? error.message : String(error)
  return new HalError(kinds[systemCode(error)] ?? 'io', `${what}: ${detail}`, { cause: error })
}
