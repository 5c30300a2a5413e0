// Text in, text out for the SIP engine: one line on the shared socket. The engine has dialogs and transaction objects
// but neither repeats nor remembers anything on UDP, knows no addresses and names itself by an opaque token; here its
// messages get real addresses and transactions, and what arrives is made fit for it. Nothing malformed, repeated or
// meant for another line reaches it.

import { ms } from '../../../hal/clock.js'
import type { Endpoint } from '../../../hal/network.js'
import { parseSipUri } from './header-values.js'
import { createLineRequests } from './line-requests.js'
import { formatMessage, headerOf, type SipMessage, type SipRequest } from './message.js'
import { parseMessage } from './scanner.js'
import { contactOutward, isToContact, retarget, withAllow } from './token-rewrite.js'
import type { ServerHandle, TransactionLayer } from './transaction-layer.js'
import type { WireDependencies, WireLine, WireLineOptions } from './wire-contract.js'

/** How surely a request is this line's: its Contact, one of its numbers, only by policy, or not at all. */
export type Claim = 'contact' | 'user' | 'policy' | 'none'

export interface TokenLine extends WireLine {
  readonly proxies: readonly Endpoint[]
  claim(request: SipRequest, from: Endpoint): Claim
  owns(invite: ServerHandle): boolean
  receive(server: ServerHandle): void
  receiveAck(ack: SipRequest, from: Endpoint): void
}

const userOf = (uri: string): string | undefined => {
  const user = parseSipUri(uri)?.user
  return user?.split(/[;:]/, 1)[0]
}

const toUri = (request: SipRequest): string => {
  const value = headerOf(request, 'To') ?? ''
  return /<([^>]*)>/.exec(value)?.[1] ?? value.split(';', 1)[0] ?? ''
}

export const createTokenLine = (
  options: WireLineOptions,
  layer: TransactionLayer,
  dependencies: WireDependencies,
  onClose: (line: TokenLine) => void,
): TokenLine => {
  const { clock } = dependencies
  const owned = new WeakSet<ServerHandle>()
  let { proxies, users } = options
  let closed = false

  const up = (message: SipMessage, from: Endpoint | undefined): void => {
    if (closed) return
    const taken = options.inbound?.(message, from) ?? message
    options.onMessage(formatMessage(taken), from)
  }
  const requests = createLineRequests({
    names: options,
    failoverMs: options.failoverMs,
    layer,
    dependencies,
    up,
    // A failure known at once is still told from outside `send`.
    upSoon: message => {
      clock.timer('sip failure to engine', ms(0), () => up(message, undefined))
    },
  })

  const line: TokenLine = {
    get proxies() {
      return proxies
    },
    claim: (request, from) => {
      const user = userOf(request.uri)
      if (isToContact(request, user, options)) return 'contact'
      if (user !== undefined && users.includes(user)) return 'user'
      const to = userOf(toUri(request))
      const known = to !== undefined && users.includes(to)
      if (options.accept !== undefined && !options.accept(request, from)) return 'none'
      return known ? 'user' : 'policy'
    },
    owns: invite => owned.has(invite),
    receive: server => {
      owned.add(server)
      up(retarget(server.request, options), server.from)
    },
    receiveAck: (ack, from) => up(retarget(ack, options), from),
    send: async text => {
      if (closed) throw new Error('the line is closed')
      const message = parseMessage(Buffer.from(text))
      if (message.kind === 'error') throw new Error(`not a SIP message: ${message.why}`)
      const shaped = withAllow(options.outbound?.(message) ?? message, options.allowMethods ?? [])
      const addressed = contactOutward(shaped, options, layer.transport.local)
      if (addressed.kind === 'request') return requests.send(addressed, proxies)
      const server = layer.serverOf(addressed)
      if (server !== undefined) server.respond(addressed)
      else layer.transport.sendResponse(addressed)
    },
    setProxies: next => {
      proxies = next
    },
    setUsers: next => {
      users = next
    },
    close: () => {
      closed = true
      onClose(line)
    },
  }
  return line
}
