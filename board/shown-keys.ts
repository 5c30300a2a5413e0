// How much of what a subscriber dials the console shows of each key and of each SIP message: the beginning of a number, the
// head of a code. What a code carries is a PIN, or whom a masked call goes to.

import type { Entry, PhoneState } from '../firmware/phone/state.js'
import { hiddenCode, shownNumber } from '../firmware/run/facts/shown-number.js'
import { unescaped } from '../firmware/sip/engine/shown-number.js'

const digitsShown = 4
const hidden = '(not shown)'

/** A key, by the state it was pressed in; in a conversation it may belong to a bank's code. */
export const shownKey = (digit: string, before: PhoneState): string => {
  const typed = typedBefore(before.entry)
  return typed !== undefined && mayShow(typed + digit) ? digit : hidden
}

/** The end of a key: it stands in the collection already. */
export const shownKeyEnd = (digit: string, { entry }: PhoneState): string =>
  entry.kind === 'collecting' && mayShow(entry.collection.digits) ? digit : hidden

const mayShow = (keys: string): boolean =>
  /^[*#]/.test(keys) ? /^[*#]+\d{0,3}$/.test(keys) : keys.length <= digitsShown

/** undefined: the key belongs to no number. */
const typedBefore = (entry: Entry): string | undefined => {
  switch (entry.kind) {
    case 'collecting':
      return entry.collection.digits
    case 'dial-tone':
    case 'error-tone':
    case 'confirmation':
    // One key behind R.
    case 'command':
      return ''
    default:
      return undefined
  }
}

/** The first line of a message; of a request, the user part of its URI is a number or a code. */
export const shownStartLine = (line: string): string =>
  line
    .replace(/^(\S+ +sips?:)(\S*)@/i, (_, head: string, user: string) => `${head}${shownUser(user)}@`)
    .replace(/^(\S+ +tel:)([^\s;]*)/i, (_, head: string, user: string) => head + shownUser(user))

const shownUser = (user: string): string => {
  const plain = unescaped(user)
  return /^[*#]/.test(plain) ? hiddenCode(plain) : shownNumber(plain)
}
