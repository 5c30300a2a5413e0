// The date and time a telephone is shown, in the time zone of the box, daylight saving included (the zone's own rules).
// While the clock of the box is not set there is none: a telephone would set its own clock by it (EN 300 659-3 §5.4.1).

import type { DisplayDate } from './display.js'

/** A box without a battery wakes up in 1970 or when its system was built; this software did not exist before. */
const EARLIEST = Date.UTC(2026, 0, 1)
/** Beyond the range of a date. */
const LATEST = 8.64e15

const formats = new Map<string, Intl.DateTimeFormat>()

const formatOf = (timezone: string): Intl.DateTimeFormat => {
  const known = formats.get(timezone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  formats.set(timezone, format)
  return format
}

/**
 * `wallMs`: milliseconds since 1970 (`Clock.wall`); `timezone`: as in the settings, e.g. "Europe/Paris".
 * Undefined while the clock is not set.
 * @throws RangeError when there is no such time zone
 */
export const callTime = (wallMs: number, timezone: string): DisplayDate | undefined => {
  if (!(wallMs >= EARLIEST && wallMs <= LATEST)) return undefined
  const parts = formatOf(timezone).formatToParts(wallMs)
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find(found => found.type === type)?.value)
  return { month: part('month'), day: part('day'), hour: part('hour'), minute: part('minute') }
}
