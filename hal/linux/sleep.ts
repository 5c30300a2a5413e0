// Sleeping a thread to the point: clock_nanosleep(2) to an absolute instant through koffi, so that what comes between
// looking at the clock and falling asleep costs nothing. Atomics.wait will not do for a real-time thread: V8 wakes it for
// every function a helper thread has compiled, and both then share one lock that the helper, at ordinary priority, may
// hold for a whole time slice of a busy machine (seen: 5-16 ms).

import type { Us } from '../clock.js'
import { HalError } from '../errors.js'

/** Blocks the calling thread until `instant` of the monotonic clock; returns at once when that has passed. */
export type SleepUntil = (instant: Us) => void

const CLOCK_MONOTONIC = 1
const TIMER_ABSTIME = 1

/** Rejects with HalError 'unsupported' when koffi cannot be loaded here. */
export const loadSleep = async (): Promise<SleepUntil> => {
  try {
    const { default: koffi } = await import('koffi')
    const nanosleep = koffi.load(null).func('int clock_nanosleep(int, int, const void *, void *)')
    // struct timespec: two 64-bit words, or two 32-bit words on a 32-bit C library. Both numbers fit in 31 bits.
    const fields = koffi.sizeof('long') / 4
    const time = new Int32Array(2 * fields)
    return instant => {
      const seconds = Math.floor(instant / 1e6)
      time[0] = seconds
      time[fields] = (instant - seconds * 1e6) * 1000
      nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, time, null)
    }
  } catch (error) {
    throw new HalError('unsupported', 'sleeping to the point needs the koffi package', { cause: error })
  }
}
