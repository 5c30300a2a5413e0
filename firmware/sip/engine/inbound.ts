// Requests on their way in, before sip.js sees them: what it would answer wrongly, throw at or obey is answered here.
// RFC 3261 §8.2, RFC 3311 (UPDATE), RFC 3262 (PRACK), RFC 6665 (NOTIFY). REFER is always declined: sip.js would dial for
// whoever asks (trap 4).

import * as Core from 'sip.js/lib/core/index.js'
import { summaryType } from '../mwi/message-summary.js'
import { methodsWeTake, optionTagsWeKnow } from './capabilities.js'
import { optionTags, valueAndParameters } from './header-values.js'
import type { DialogSeam, ServerSeam } from './patches.js'
import type { UserAgent } from './user-agent.js'

export interface InboundHandlers {
  /** A new INVITE that passed the checks; the handler must answer it. */
  onInvite(request: Core.IncomingInviteRequest): void
  /** NOTIFY out of a dialog that service settings have changed (RFC 5875, RFC 6080). */
  onSettingsChanged(): void
  /**
   * NOTIFY of message-summary, inside a dialog that is no call's or out of any (RFC 3842). Returns the final status;
   * undefined: it belongs to no subscription of ours.
   */
  onSummary(notify: Core.IncomingRequestMessage): number | undefined
  /** UPDATE in a known dialog, sequence number checked; the handler must answer it. */
  onUpdate(dialog: Core.Dialog, request: Core.UserAgentServer): void
}

type Request = Core.IncomingRequestMessage

const insideOnly = ['BYE', 'PRACK', 'UPDATE', 'INFO']

const dialogOf = ({ core }: UserAgent, message: Request): Core.Dialog | undefined =>
  core.dialogs.get(message.callId + message.toTag + message.fromTag)

/** A server transaction of our own for requests that sip.js answers without one. */
export const serve = (agent: UserAgent, message: Request): Core.UserAgentServer => {
  const server = new Core.UserAgentServer(Core.NonInviteServerTransaction, agent.core, message)
  if (!message.toTag) (server as unknown as ServerSeam).toTag = agent.entropy.hex(8)
  return server
}

interface Refusal {
  readonly statusCode: number
  readonly extraHeaders?: string[]
}

/** Why a request cannot be taken, whatever it is about (RFC 3261 §8.2.1-8.2.3); undefined: it can. */
const generalRefusal = (message: Request): Refusal | undefined => {
  if (!(methodsWeTake as readonly string[]).includes(message.method) && message.method !== 'REFER')
    return { statusCode: 405, extraHeaders: [`Allow: ${methodsWeTake.join(', ')}`] }
  const unknown = optionTags(message.getHeaders('require')).filter(
    tag => !(optionTagsWeKnow as readonly string[]).includes(tag),
  )
  if (unknown.length > 0) return { statusCode: 420, extraHeaders: [`Unsupported: ${unknown.join(', ')}`] }
  if (message.body && !message.hasHeader('content-type')) return { statusCode: 400 }
  const encoding = message.getHeader('content-encoding')?.trim().toLowerCase()
  if (message.body && encoding && encoding !== 'identity')
    return { statusCode: 415, extraHeaders: ['Accept: application/sdp', 'Accept-Encoding: identity'] }
  return undefined
}

const sessionRefusal = (agent: UserAgent, message: Request): Refusal | undefined => {
  const body = message.body ? message.parseHeader('Content-Type') : undefined
  if (body !== undefined && body !== 'application/sdp')
    return { statusCode: 415, extraHeaders: ['Accept: application/sdp'] }
  if (message.toTag || !message.hasHeader('replaces')) return undefined
  // Taking over a call is not offered (no "replaces" in Supported): refused, never rung as a call of its own (RFC 3891 §3).
  const { value, parameters } = valueAndParameters(message.getHeader('replaces') ?? '')
  const known = agent.core.dialogs.has(value + parameters['to-tag'] + parameters['from-tag'])
  return { statusCode: known ? 603 : 481 }
}

const settingsEvents = ['xcap-diff', 'ua-profile']

const eventOf = (message: Request): string => {
  const event: { event?: string } | undefined = message.parseHeader('Event')
  return event?.event?.toLowerCase() ?? ''
}

/** Messages and changed settings may also be told unasked (RFC 3842 and RFC 5875 notwithstanding). */
const answerNotify = (message: Request, handlers: InboundHandlers): Refusal => {
  const event = eventOf(message)
  if (event === 'message-summary') return answerSummary(message, handlers)
  if (message.toTag) return { statusCode: 481 }
  return { statusCode: settingsEvents.includes(event) ? 200 : 489 }
}

const answerSummary = (message: Request, handlers: InboundHandlers): Refusal => {
  const type: unknown = message.body ? message.parseHeader('Content-Type') : summaryType
  if (type !== summaryType) return { statusCode: 415, extraHeaders: [`Accept: ${summaryType}`] }
  return { statusCode: handlers.onSummary(message) ?? 481 }
}

/**
 * A far end that re-INVITEs has had our 2xx to its last one, though the ACK was lost: sip.js would go on waiting for it and
 * answer 500 (RFC 3261 §14.2 asks for that only before the final answer).
 */
const forgetUnacknowledged = (dialog: Core.Dialog): void => {
  const session = dialog as Core.SessionDialog
  if (session.reinviteUserAgentServer?.transaction.state === Core.TransactionState.Accepted)
    session.reinviteUserAgentServer = undefined
}

export const dispatchRequest = (agent: UserAgent, message: Request, handlers: InboundHandlers): void => {
  const { core } = agent
  const { method } = message
  const isRepetition = core.userAgentServers.has(message.viaBranch)
  if (method === 'ACK' || method === 'CANCEL' || isRepetition) {
    core.receiveIncomingRequestFromTransport(message)
    return
  }
  const refuse = ({ statusCode, extraHeaders = [] }: Refusal): void => {
    serve(agent, message)[statusCode < 300 ? 'accept' : 'reject']({ statusCode, extraHeaders })
  }
  const dialog = message.toTag ? dialogOf(agent, message) : undefined
  const refusal =
    generalRefusal(message) ??
    (method === 'INVITE' || method === 'UPDATE' ? sessionRefusal(agent, message) : undefined) ??
    (!dialog && (insideOnly.includes(method) || (message.toTag && method !== 'NOTIFY'))
      ? { statusCode: 481 }
      : undefined)
  if (refusal) {
    // An INVITE refused this way needs no INVITE server transaction: the wire repeats its answer until the ACK.
    refuse(refusal)
    return
  }
  if (method === 'INVITE' && dialog) forgetUnacknowledged(dialog)
  switch (method) {
    case 'OPTIONS':
      // Without a Contact, which it may do without (RFC 3261 §11.2): the asker may be the other party of a masked call.
      refuse({
        statusCode: 200,
        extraHeaders: [`Allow: ${methodsWeTake.join(', ')}`, 'Accept: application/sdp'],
      })
      return
    case 'REFER':
      if (dialog) break
      refuse({ statusCode: 603 })
      return
    case 'NOTIFY':
      if (dialog) break
      refuse(answerNotify(message, handlers))
      if (!message.toTag && settingsEvents.includes(eventOf(message))) handlers.onSettingsChanged()
      return
    case 'UPDATE': {
      if (!dialog || !(dialog as unknown as DialogSeam).sequenceGuard(message)) return
      // The base class moves the remote sequence number; SessionDialog's own would answer 501.
      Core.Dialog.prototype.receiveRequest.call(dialog, message)
      handlers.onUpdate(dialog, serve(agent, message))
      return
    }
  }
  core.receiveIncomingRequestFromTransport(message)
}
