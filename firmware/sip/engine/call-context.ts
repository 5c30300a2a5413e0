// What the parts of a call share: the user agent they speak through, where their events go, and the small rules that all
// of them follow.

import type * as Core from 'sip.js/lib/core/index.js'
import type { CallerDisplay, CallId, LocalMedia, SipEvent } from '../sip-line.js'
import { newAttempts } from './credentials.js'
import { describeSession, type SessionDescriber } from './session-description.js'
import { isWithheld, presign } from './signed-request.js'
import type { UserAgent } from './user-agent.js'

export interface CallContext {
  readonly agent: UserAgent
  /** Session timer asked for, seconds. */
  readonly sessionSeconds: number
  /** How callers are shown. */
  readonly display: CallerDisplay
  /** Delivered in order, never from inside a method of SipLine. */
  emit(event: SipEvent): void
  /** UPDATE finds its call by dialog id. */
  readonly dialogs: Map<string, DialogOwner>
  /** The call is over and needs nothing any more. */
  forget(call: CallId): void
}

export interface DialogOwner {
  onUpdate(request: Core.UserAgentServer): void
}

/** A call as SipLine's methods see it. Each method may come at any time and any number of times. */
export interface Call {
  ring(waiting?: boolean): void
  answer(media: LocalMedia): void
  reject(status: number, q850?: number): void
  hangUp(): void
  hold(): void
  resume(): void
}

export const newDescriber = ({ agent }: CallContext, media: LocalMedia): SessionDescriber =>
  // 31 bits: some peers read o= into a signed integer.
  describeSession(media, agent.entropy.uint32() >>> 1, agent.entropy.uint32() >>> 2)

export const sdpBody = (content: string): Core.Body => ({
  contentDisposition: 'session',
  contentType: 'application/sdp',
  content,
})

/** The session description in a message, or undefined. */
export const sdpOf = (
  message: Core.IncomingRequestMessage | Core.IncomingResponseMessage,
): string | undefined =>
  message.body && message.parseHeader('Content-Type') === 'application/sdp' ? message.body : undefined

/** Credentials for a request inside `session`, and the record that `guard` needs. */
export const presignInside = (
  { agent }: CallContext,
  session: Core.Session,
  method: string,
  body?: string,
) =>
  isWithheld(session)
    ? { lines: [], attempts: newAttempts() }
    : presign(
        agent.credentials,
        { method, uri: session.remoteTarget.toRaw(), ...(body === undefined ? {} : { body }) },
        'call',
      )

/** Uniform in [low, high) ms. */
export const randomMs = ({ agent }: CallContext, low: number, high: number): number =>
  low + ((high - low) * agent.entropy.uint32()) / 2 ** 32
