// For tests of failures: which kind of HalError a piece of work ends in.

import { isHalError } from '../../hal/errors.js'

/** The kind of the HalError thrown or rejected with, 'no error' when there was none; any other error goes through. */
export const kindOf = async (work: () => unknown): Promise<string> => {
  try {
    await work()
    return 'no error'
  } catch (error) {
    if (isHalError(error)) return error.kind
    throw error
  }
}
