// Sleeping a thread to the point: nanosleep(2) through koffi. Atomics.wait will not do for a real-time thread: V8 wakes
// it for every function a helper thread has compiled, and both then share one lock that the helper, at ordinary
// priority, may hold for a whole time slice of a busy machine (seen: 5-16 ms).

import { HalError } from '../errors.js'

/** Blocks the calling thread for `ms` (may be a fraction; nothing happens below 0). */
export type Sleep = (ms: number) => void

/** Rejects with HalError 'unsupported' when koffi cannot be loaded here. */
export const loadSleep = async (): Promise<Sleep> => {
  try {
    const { default: koffi } = await import('koffi')
    const nanosleep = koffi.load(null).func('int nanosleep(const void *, void *)')
    // struct timespec: two 64-bit words, or two 32-bit words on a 32-bit C library.
    const word = koffi.sizeof('long')
    const time = Buffer.alloc(2 * word)
    return ms => {
      if (!(ms > 0)) return
      const seconds = Math.floor(ms / 1000)
      const nanoseconds = Math.floor((ms - seconds * 1000) * 1e6)
      time.writeUInt32LE(seconds, 0)
      time.writeUInt32LE(nanoseconds, word)
      nanosleep(time, null)
    }
  } catch (error) {
    throw new HalError('unsupported', 'sleeping to the point needs the koffi package', { cause: error })
  }
}
