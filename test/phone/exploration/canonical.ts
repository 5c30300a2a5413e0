// The same state with everything forgotten that the machine cannot tell apart: keys become their dial-plan class, calls
// their place among the others, numbers and names nothing at all. Times are no part of a state: a timer runs or not.

import type { Classifier } from './digit-class.js'

/** A text that is equal exactly for states that behave alike; not for people to read. */
export type Canonical = (...parts: readonly unknown[]) => string

/** Facts that are only carried along: shown on a display, written into an INVITE, or used to name the next call. */
const carried = ['nextCall', 'caller', 'target', 'number'] as const

/** What stands for the parts of a text that are no words: one sign each. Words have the signs from `FIRST_WORD` on. */
const SIGN = { open: 1, close: 2, list: 3, callPlace: 10, storePlace: 40 } as const
const FIRST_WORD = 100
const LONGEST = 4096

export const canonicalOf = (classify: Classifier): Canonical => {
  // Written and hashed millions of times: a sign a word is a twentieth of the words themselves.
  const words = new Map<unknown, number>()
  const signs = new Uint16Array(LONGEST)
  const bytes = Buffer.from(signs.buffer)
  let calls: string[] = []
  let length = 0

  const signOf = (word: unknown): number => {
    const known = words.get(word)
    if (known !== undefined) return known
    const sign = FIRST_WORD + words.size
    if (sign > 0xffff) throw new Error('more words than there are signs')
    words.set(word, sign)
    return sign
  }
  carried.forEach(signOf)
  const lastCarried = FIRST_WORD + carried.length - 1
  const digits = signOf('digits')
  const write = (sign: number): void => {
    if (length === LONGEST) throw new Error('a state of that size was not expected')
    signs[length++] = sign
  }
  const writeText = (value: string): void => {
    const known = words.get(value)
    write(known ?? (isCall(value) ? placeOf(value, calls) : signOf(value)))
  }
  const writeValue = (value: unknown): void => {
    if (typeof value === 'string') writeText(value)
    else if (typeof value !== 'object' || value === null) write(signOf(value))
    else if (Array.isArray(value)) {
      write(SIGN.list)
      for (const item of value) writeValue(item)
      write(SIGN.close)
    } else writeFields(value as Readonly<Record<string, unknown>>)
  }
  const writeFields = (fields: Readonly<Record<string, unknown>>): void => {
    write(SIGN.open)
    for (const name in fields) {
      const item = fields[name]
      if (item === undefined) continue
      const sign = words.get(name) ?? signOf(name)
      write(sign)
      if (sign === digits) write(signOf(classify(item as string)))
      else if (sign > lastCarried) writeValue(item)
    }
    write(SIGN.close)
  }
  return (...parts) => {
    calls = []
    length = 0
    for (const part of parts) writeValue(part)
    return bytes.toString('utf16le', 0, 2 * length)
  }
}

const isCall = (value: string): boolean => /^(?:in|out|set)-\d+$/.test(value)

/** Calls and stores are told apart by which is named first; who called whom matters to nobody once it stands. */
const placeOf = (call: string, calls: string[]): number => {
  let place = calls.indexOf(call)
  if (place < 0) place = calls.push(call) - 1
  return (call.startsWith('set-') ? SIGN.storePlace : SIGN.callPlace) + place
}
