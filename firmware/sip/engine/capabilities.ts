// What we tell others we can do: methods and option tags (RFC 3261 §20.5, §20.37), and nothing that sip.js could do besides.

import { headerOf, type SipMessage, withHeader } from '../wire/message.js'

export const optionTagsWeKnow = ['100rel', 'timer'] as const
export const methodsWeTake = [
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'PRACK',
  'UPDATE',
  'INFO',
  'NOTIFY',
] as const

/** sip.js lists in Allow what its core could take; what we take is less, and UPDATE. For WireLineOptions.outbound. */
export const withOurAllow = (message: SipMessage): SipMessage =>
  headerOf(message, 'Allow') === undefined ? message : withHeader(message, 'Allow', methodsWeTake.join(', '))
