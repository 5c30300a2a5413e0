// Which kind of HalError a piece of work ends in: 'no error' where there was none, and any other error as its text.

import { isHalError } from '../errors.js'

/** Of an error that somebody was told. */
export const errorKind = (error: unknown): string => (isHalError(error) ? error.kind : String(error))

/** Of what it throws. */
export const kindThrown = (work: () => unknown): string => {
  try {
    work()
    return 'no error'
  } catch (error) {
    return errorKind(error)
  }
}

/** Of what it rejects with, or is thrown before. */
export const kindOf = async (work: Promise<unknown> | (() => unknown)): Promise<string> => {
  try {
    await (typeof work === 'function' ? work() : work)
    return 'no error'
  } catch (error) {
    return errorKind(error)
  }
}
