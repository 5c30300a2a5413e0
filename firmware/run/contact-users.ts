// Contacts over restarts: a registrar knows a binding by its Contact (RFC 3261 §10.3). A box that lost its power comes back
// under the one it had, so that its old binding is renewed; under a new one each call would fork to a dead address as well.

import type { Log } from '../log.js'
import type { Store } from '../settings/store.js'
import type { ContactUsers } from '../sip/sip-line.js'

/** Nothing is known while the store is not open, or when there is none: then Contacts are new. */
export const createContactUsers = (
  store: Promise<Pick<Store, 'line' | 'setLine'> | undefined>,
  log: Log,
): ContactUsers => {
  let open: Awaited<typeof store>
  store.then(
    opened => {
      open = opened
    },
    () => {},
  )
  const taken = new Set<string>()
  return {
    take(line, address) {
      const contact = open?.line(line).contact
      if (contact?.address !== address || taken.has(contact.user)) return undefined
      taken.add(contact.user)
      return contact.user
    },
    keep(line, contact) {
      taken.add(contact.user)
      store
        .then(opened => opened?.setLine(line, { contact }, 'box'))
        .catch((error: Error) => log.warn('Contact not stored', { line, reason: error.message }))
    },
  }
}
