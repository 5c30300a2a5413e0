// The real clock: CLOCK_MONOTONIC through process.hrtime, timers on the event loop.
// Node's own timers count whole milliseconds and may run a fraction early; these never do.

import { type Clock, type Ms, type Timer, type Us, us } from '../clock.js'
import { HalError } from '../errors.js'

// setTimeout turns anything above into 1 ms.
const longestWaitMs = 2 ** 31 - 1

const monotonicUs = (): number => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e6 + Math.floor(nanoseconds / 1000)
}

export class LinuxClock implements Clock {
  now(): Us {
    return us(monotonicUs())
  }

  wall(): number {
    return Date.now()
  }

  /** A negative delay counts as 0. Throws HalError 'invalid' when `delay` is not finite. */
  timer(name: string, delay: Ms, fire: () => void): Timer {
    if (!Number.isFinite(delay)) throw new HalError('invalid', `timer "${name}": delay ${delay} ms`)
    const due = monotonicUs() + Math.max(0, delay) * 1000
    let handle: NodeJS.Timeout
    const wait = (): void => {
      const leftMs = Math.max(0, Math.ceil((due - monotonicUs()) / 1000))
      handle = setTimeout(run, Math.min(leftMs, longestWaitMs))
    }
    const run = (): void => {
      if (monotonicUs() < due) wait()
      else fire()
    }
    wait()
    return { cancel: () => clearTimeout(handle) }
  }

  external<T>(work: Promise<T>): Promise<T> {
    return work
  }
}
