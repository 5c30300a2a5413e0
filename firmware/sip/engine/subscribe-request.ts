// SUBSCRIBE requests of a line for its own state, on sip.js' core.request, and the dialog they make (RFC 6665 §4.1, §4.4):
// made by the 2xx or by the first NOTIFY, whichever comes first; a NOTIFY of any other dialog is refused, for
// message-summary allows one notifier only (RFC 3842 §3.3).

import type * as Core from 'sip.js/lib/core/index.js'
import { summaryType } from '../mwi/message-summary.js'
import type { SubscribeReply, Subscriber, SubscriptionState } from '../mwi/subscription.js'
import { exactUri, parseNameAddr } from './grammar.js'
import { leadingInteger, splitOutside, valueAndParameters } from './header-values.js'
import { guard, presign } from './signed-request.js'
import type { UserAgent } from './user-agent.js'

export interface EventSubscriber extends Subscriber {
  /** Of a NOTIFY inside a dialog: takes it for ours and gives the final status to answer with. Undefined: not ours. */
  claim(notify: Core.IncomingRequestMessage): number | undefined
}

interface Dialog {
  readonly callId: string
  readonly localTag: string
  remoteTag: string | undefined
  /** Request-URI of what follows. */
  target: string
  routes: readonly string[]
  cseq: number
  /** Of the last NOTIFY. */
  remoteCseq: number
}

type Message = Core.IncomingRequestMessage | Core.IncomingResponseMessage

const contactOf = (message: Message): string | undefined => {
  const [first] = message.getHeaders('contact').flatMap(value => splitOutside(value, ','))
  return first && parseNameAddr(first.text)?.uri.toRaw()
}

const recordedRoutes = (message: Message): readonly string[] =>
  message
    .getHeaders('record-route')
    .flatMap(value => splitOutside(value, ',').map(({ text }) => text))
    .filter(text => parseNameAddr(text))

/** The Subscription-State of a NOTIFY; without one that can be read it counts as active. */
export const stateOf = (notify: Core.IncomingRequestMessage): SubscriptionState => {
  const { value, parameters } = valueAndParameters(notify.getHeader('subscription-state') ?? '')
  const name = value.toLowerCase()
  const expires = leadingInteger(parameters['expires'] ?? undefined)
  const retryAfter = leadingInteger(parameters['retry-after'] ?? undefined)
  const reason = parameters['reason']?.toLowerCase()
  return {
    name: name === 'terminated' || name === 'pending' ? name : 'active',
    ...(reason !== undefined && { reason }),
    ...(expires !== undefined && { expires }),
    ...(retryAfter !== undefined && { retryAfter }),
  }
}

export const createSubscriber = (agent: UserAgent, event: string): EventSubscriber => {
  const { core, entropy, credentials } = agent
  let dialog: Dialog | undefined

  const newDialog = (): Dialog => ({
    callId: entropy.hex(16),
    localTag: entropy.hex(8),
    remoteTag: undefined,
    target: agent.address,
    routes: [...core.configuration.routeSet],
    cseq: 0,
    remoteCseq: -1,
  })

  const establish = (of: Dialog, message: Message, remoteTag: string, routes: readonly string[]): void => {
    if (of.remoteTag === undefined) of.routes = routes
    of.remoteTag = remoteTag
    of.target = contactOf(message) ?? of.target
  }

  const requestIn = (of: Dialog, seconds: number) => {
    const target = exactUri(of.target)
    const address = exactUri(agent.address)
    const { lines, attempts } = presign(credentials, { method: 'SUBSCRIBE', uri: target.toRaw() }, 'call')
    of.cseq++
    const message = core.makeOutgoingRequestMessage(
      'SUBSCRIBE',
      target,
      address,
      address,
      {
        callId: of.callId,
        fromTag: of.localTag,
        ...(of.remoteTag !== undefined && { toTag: of.remoteTag }),
        cseq: of.cseq,
        routeSet: [...of.routes],
        optionTags: [],
      },
      [agent.contactLine, `Event: ${event}`, `Accept: ${summaryType}`, `Expires: ${seconds}`, ...lines],
    )
    return { message, attempts }
  }

  return {
    send(seconds, done) {
      dialog ??= newDialog()
      const of = dialog
      const { message, attempts } = requestIn(of, seconds)
      let finished = false
      const reply = ({ message: response }: Core.IncomingResponse): void => {
        if (finished) return
        finished = true
        of.cseq = message.cseq
        const status = response.statusCode ?? 500
        if (status < 300 && (of.remoteTag ?? response.toTag) === response.toTag)
          establish(of, response, response.toTag, [...recordedRoutes(response)].reverse())
        done(replyOf(response, status))
      }
      const client = core.request(message, { onAccept: reply, onRedirect: reply, onReject: reply })
      guard(client, { ...agent, scope: 'call', attempts, wanted: () => !finished })
      return () => {
        finished = true
        of.cseq = Math.max(of.cseq, message.cseq)
        client.dispose()
      }
    },
    forget() {
      dialog = undefined
    },
    claim(notify) {
      const of = dialog
      if (of === undefined || notify.callId !== of.callId || notify.toTag !== of.localTag) return undefined
      if (of.remoteTag !== undefined && notify.fromTag !== of.remoteTag) return undefined
      // One that is overtaken by a later one would turn a lamp back (RFC 3261 §12.2.2).
      if (notify.cseq <= of.remoteCseq) return 500
      of.remoteCseq = notify.cseq
      establish(of, notify, notify.fromTag, recordedRoutes(notify))
      return 200
    },
  }
}

const replyOf = (response: Core.IncomingResponseMessage, status: number): SubscribeReply => {
  const expires = leadingInteger(response.getHeader('expires'))
  const retryAfter = leadingInteger(response.getHeader('retry-after'))
  const minimum = leadingInteger(response.getHeader('min-expires'))
  return {
    status,
    ...(expires !== undefined && { expires }),
    ...(retryAfter !== undefined && { retryAfter }),
    ...(minimum !== undefined && { minimum }),
  }
}
