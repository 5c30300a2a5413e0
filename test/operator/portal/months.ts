// Calendar months in the subscriber's own time zone, for the journal and the archives.

import { localTime } from '../spoken.js'

/** "2026-03". */
export type Month = string

export const monthOf = (wall: number, timeZone: string): Month => {
  const { year, month } = localTime(wall, timeZone)
  return `${year}-${String(month).padStart(2, '0')}`
}

/** Milliseconds that local time is ahead of UTC. */
const offsetAt = (wall: number, timeZone: string): number => {
  const { year, month, day, hour, minute, second } = localTime(wall, timeZone)
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(wall / 1000) * 1000
}

const numbersOf = (month: Month): readonly [number, number] => {
  const [year = 1970, number = 1] = month.split('-').map(Number)
  return [year, number]
}

const startOf = (month: Month, timeZone: string): number => {
  const [year, number] = numbersOf(month)
  const utc = Date.UTC(year, number - 1, 1)
  // The offset may change between the two instants; asking again where it lands settles it.
  const guess = utc - offsetAt(utc, timeZone)
  return utc - offsetAt(guess, timeZone)
}

/** `by` months later; negative: earlier. */
export const monthAfter = (month: Month, by: number): Month => {
  const [year, number] = numbersOf(month)
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7)
}

/** ms since 1970; `until` is exclusive. */
export const rangeOf = (
  month: Month,
  timeZone: string,
): { readonly from: number; readonly until: number } => ({
  from: startOf(month, timeZone),
  until: startOf(monthAfter(month, 1), timeZone),
})

/** "mars 2026". */
export const monthName = (month: Month): string => {
  const [year, number] = numbersOf(month)
  return new Date(Date.UTC(year, number - 1, 1)).toLocaleDateString('fr-FR', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
}

/** Undefined for anything but a month between 2000 and 2099. */
export const readMonth = (text: string): Month | undefined =>
  /^20\d\d-(?:0[1-9]|1[0-2])$/.test(text) ? text : undefined
