// Says every so often in the log what a sound device suffered since, and how its clocks run; nothing where it suffered nothing.

import type { LogFields } from '../firmware/log.js'
import { type Clock, ms, type Timer } from '../hal/clock.js'
import type { AlsaBoard } from '../hal/linux/alsa-board.js'

const every = ms(600_000)

/** Until it is cancelled. */
export const reportSound = (
  device: Pick<AlsaBoard, 'figures' | 'drift'>,
  clock: Clock,
  tell: (fields: LogFields) => void,
): Timer => {
  let told = 0
  let next: Timer
  const look = (): void => {
    next = clock.timer('sound report', every, look)
    const { queuedSamples, ...counts } = device.figures
    const sum = Object.values(counts).reduce((total, count) => total + count, 0)
    if (sum === told) return
    told = sum
    const { ms: driftMs, ppm: driftPpm, codecPpm } = device.drift()
    tell({ ...counts, queuedSamples, driftMs, driftPpm, codecPpm })
  }
  next = clock.timer('sound report', every, look)
  return { cancel: () => next.cancel() }
}
