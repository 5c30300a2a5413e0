// The keys of a telephone and their two frequencies (ITU-T Q.23), in the order of RFC 4733 event codes 0-15.

export const LOW_HZ = [697, 770, 852, 941] as const
export const HIGH_HZ = [1209, 1336, 1477, 1633] as const

/** Index = RFC 4733 event code. */
export const DTMF_DIGITS = '0123456789*#ABCD'

const keypad = ['123A', '456B', '789C', '*0#D'] as const

/** The key at row `low` and column `high` (0-3 each). */
export const keyAt = (low: number, high: number): string => keypad[low]?.[high] ?? ''

/** [low Hz, high Hz] of a key, or undefined when it is none of 0-9 * # A-D. */
export const frequenciesOf = (digit: string): readonly [number, number] | undefined => {
  if (digit.length !== 1) return undefined
  const low = keypad.findIndex(row => row.includes(digit))
  const high = keypad[low]?.indexOf(digit) ?? -1
  const pair = [LOW_HZ[low], HIGH_HZ[high]] as const
  return pair[0] === undefined || pair[1] === undefined ? undefined : [pair[0], pair[1]]
}
