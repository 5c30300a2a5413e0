// The Contact of a masked call: a user part that no other call has (RFC 3323 §4.1: nothing that tells who calls, yet a URI
// that works), or whoever is called could tell by it that two masked calls come from one telephone. Requests inside the
// dialog are addressed to it (RFC 3261 §12.2.1.1); it follows from the Call-ID, so that they are known again without a list.
// Other calls keep the registered Contact, which some networks compare (3GPP TS 24.229 §5.1.2A.1).

import { createHmac } from 'node:crypto'
import type { Entropy } from '../../../hal/entropy.js'

export interface MaskedContacts {
  /** User part for a call; opaque, the same whenever it is asked for. */
  of(callId: string): string
  /** Whether a request of this Call-ID may be addressed so. */
  is(user: string, callId: string): boolean
}

export const createMaskedContacts = (entropy: Entropy): MaskedContacts => {
  let key: string | undefined
  const of = (callId: string): string => {
    key ??= entropy.hex(16)
    return `u${createHmac('sha256', key).update(callId).digest('hex').slice(0, 16)}`
  }
  return { of, is: (user, callId) => key !== undefined && user === of(callId) }
}
