// Whether the wall clock can be believed: no time before this firmware was written, none that the operator's contradicts,
// and no jump against the monotonic clock while the box runs. Calls need no wall clock; dates on displays and in logs do.

import type { Clock } from '../../../hal/clock.js'
import type { AlarmTable } from './alarm-table.js'

export interface ClockCheck {
  /** Called often; compares two clocks and nothing else. */
  look(): void
  /** `ahead`: how far the operator's clock is ahead, by line, s. */
  judge(ahead: readonly (number | undefined)[]): void
}

/** Nobody has run it before. */
const firstDay = Date.UTC(2026, 0, 1)
/** More than a date that was cut to seconds and a message that was repeated can explain. */
const toleratedSeconds = 120
const jumpMs = 30_000

export const createClockCheck = (clock: Clock, alarms: AlarmTable): ClockCheck => {
  const offset = (): number => clock.wall() - clock.now() / 1000
  let last = offset()
  return {
    look: () => {
      const now = offset()
      const jumped = now - last
      last = now
      if (Math.abs(jumped) > jumpMs) alarms.note('clock-jumped', undefined, `${Math.round(jumped / 1000)} s`)
    },
    judge: ahead => {
      const wrong = ahead.find(seconds => seconds !== undefined && Math.abs(seconds) > toleratedSeconds)
      const early = clock.wall() < firstDay
      if (early || wrong !== undefined)
        alarms.raise('clock-wrong', undefined, wrong === undefined ? undefined : `${wrong} s`)
      else alarms.clear('clock-wrong')
    },
  }
}
