// One REGISTER and its final answer (RFC 3261 §10.2), on sip.js' core.request: its Registerer storms, gives up and forgets
// (trap 5). Request-URI is the bare domain: some registrars drop anything else in silence.

import { createHash } from 'node:crypto'
import type * as Core from 'sip.js/lib/core/index.js'
import type { RegisterReply, Registrar } from '../registration.js'
import { exactUri, parseNameAddr, parseUri } from './grammar.js'
import { leadingInteger, splitOutside } from './header-values.js'
import { guard, presign } from './signed-request.js'
import type { UserAgent } from './user-agent.js'

/** A UUID that is the same after each restart of this account (RFC 5626 §4.1); only the registrar sees it. */
const instanceOf = (address: string): string => {
  const hex = createHash('sha256').update(`voiceport ${address}`).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

/** Seconds for which the registrar keeps our binding: its own, else Expires, else what was asked; undefined: none of ours. */
const ownExpiry = (
  message: Core.IncomingResponseMessage,
  agent: UserAgent,
  asked: number,
): number | undefined => {
  const contacts = message
    .getHeaders('contact')
    .flatMap(value => splitOutside(value, ','))
    .flatMap(part => parseNameAddr(part.text) ?? [])
  const common = leadingInteger(message.getHeader('expires'))
  const own = contacts.find(contact => contact.uri.user === agent.contactUser)
  // A registrar that lists nobody has said yes without more (against §10.3); one that lists only others has not bound us.
  if (!own) return contacts.length === 0 ? (common ?? asked) : undefined
  return leadingInteger(own.getParam('expires') ?? undefined) ?? common ?? asked
}

const routesOf = (message: Core.IncomingResponseMessage): readonly string[] =>
  message
    .getHeaders('service-route')
    .flatMap(value => splitOutside(value, ',').map(part => part.text))
    .filter(text => parseNameAddr(text))

const identitiesOf = (message: Core.IncomingResponseMessage): readonly string[] =>
  message
    .getHeaders('p-associated-uri')
    .flatMap(value => splitOutside(value, ','))
    .flatMap(({ text }) => parseNameAddr(text)?.uri.toString() ?? parseUri(text)?.toString() ?? [])

export const createRegistrar = (agent: UserAgent): Registrar => {
  const { core, entropy, credentials, domain } = agent
  const callId = entropy.hex(16)
  const fromTag = entropy.hex(8)
  const instance = instanceOf(agent.address)
  let cseq = 0

  return {
    send(seconds, done) {
      const target = exactUri(`sip:${domain}`)
      const address = exactUri(agent.address)
      const uri = target.toRaw()
      const { lines, attempts } = presign(credentials, { method: 'REGISTER', uri }, 'register')
      cseq++
      const message = core.makeOutgoingRequestMessage(
        'REGISTER',
        target,
        address,
        address,
        // Service-Route is for calls; a REGISTER goes to the proxies again (RFC 3608 §6.1).
        { callId, fromTag, cseq, routeSet: [], optionTags: ['path'] },
        [
          `${agent.contactLine};expires=${seconds};+sip.instance="<urn:uuid:${instance}>"`,
          `Expires: ${seconds}`,
          ...lines,
        ],
      )
      let finished = false
      const reply = ({ message: response }: Core.IncomingResponse): void => {
        if (finished) return
        finished = true
        cseq = message.cseq
        done(replyOf(response, seconds))
      }
      const client = core.request(message, { onAccept: reply, onRedirect: reply, onReject: reply })
      guard(client, { ...agent, scope: 'register', attempts, wanted: () => !finished })
      return () => {
        finished = true
        cseq = Math.max(cseq, message.cseq)
        client.dispose()
      }
    },
  }

  function replyOf(response: Core.IncomingResponseMessage, asked: number): RegisterReply {
    const status = response.statusCode ?? 500
    const retryAfter = leadingInteger(response.getHeader('retry-after'))
    const minimum = leadingInteger(response.getHeader('min-expires'))
    const expires = status < 300 ? ownExpiry(response, agent, asked) : undefined
    return {
      status,
      ...(response.reasonPhrase ? { reason: response.reasonPhrase } : {}),
      ...(expires === undefined ? {} : { expires }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(minimum === undefined ? {} : { minimum }),
      routes: status < 300 ? routesOf(response) : [],
      identities: status < 300 ? identitiesOf(response) : [],
    }
  }
}
