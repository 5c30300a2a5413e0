// A caller whose number the network withholds (3GPP TS 24.607): From and Contact toward the far end are anonymous for the
// whole dialog, and put back on the way to the caller; what tells of him beside them is taken out (RFC 3323 §5.3). Call-ID,
// tags and Via stay as the telephone wrote them: a proxy may not change them (RFC 3261 §16.6), and only a back-to-back user
// agent could.

import { hostPort, parseSipUri } from '../../firmware/sip/wire/header-values.js'
import {
  headerOf,
  type SipMessage,
  type SipRequest,
  tagOf,
  withHeader,
  withoutHeader,
} from '../../firmware/sip/wire/message.js'
import type { Endpoint } from '../../hal/network.js'
import { contactOf } from './service-dialog.js'

export interface Mask {
  /** A request or answer of the caller, as the far end may see it. */
  outward<M extends SipMessage>(message: M): M
  /** A request or answer of the far end, as the caller must see it. */
  homeward<M extends SipMessage>(message: M): M
}

const telling = [
  'P-Preferred-Identity',
  'P-Asserted-Identity',
  'Remote-Party-ID',
  'Subject',
  'Reply-To',
  'Call-Info',
  'Organization',
  'User-Agent',
  'Server',
  'In-Reply-To',
]

/** `token` is unguessable and stands for the caller's Contact. */
export const createMask = (invite: SipRequest, local: Endpoint, token: string): Mask => {
  const from = headerOf(invite, 'From') as string
  const tag = tagOf(from)
  const anonymous = `"Anonymous" <sip:anonymous@anonymous.invalid>;tag=${tag}`
  const contact = `sip:${token}@${hostPort(local.address, local.port)}`
  let target = contactOf(invite)
  return {
    outward: message => {
      target = contactOf(message) ?? target
      const bare = telling.reduce((rest, name) => withoutHeader(rest, name), message)
      const named = withHeader(bare, message.kind === 'request' ? 'From' : 'To', anonymous)
      const hidden = contactOf(message) === undefined ? named : withHeader(named, 'Contact', `<${contact}>`)
      return message.kind === 'request' ? withHeader(hidden, 'Privacy', 'id') : hidden
    },
    homeward: message => {
      const named = withHeader(message, message.kind === 'request' ? 'To' : 'From', from)
      return named.kind === 'request' && parseSipUri(named.uri)?.user === token
        ? { ...named, uri: target ?? named.uri }
        : named
    },
  }
}
