// The far end's changes to an established session: re-INVITE (RFC 3261 §14.2) and UPDATE (RFC 3311 §5.2), with or without
// an offer, and the session timer they carry (RFC 4028 §9).

import type * as Core from 'sip.js/lib/core/index.js'
import { ms, type Timer } from '../../../hal/clock.js'
import type { RemoteMedia } from '../sip-line.js'
import { randomMs, sdpBody, sdpOf } from './call-context.js'
import type { DialogState } from './established-call.js'
import type { Reoffers } from './reoffer.js'
import type { LocalWish } from './session-description.js'
import { answerRequest, minimumSeconds } from './session-timer.js'

export interface PeerOffers {
  onInvite(request: Core.IncomingInviteRequest): void
  onUpdate(request: Core.UserAgentServer): void
  onAck(ack: Core.IncomingRequestMessage): void
  stop(): void
}

/** 64*T1: an answer to a re-INVITE without its ACK for that long ends the call, ms (RFC 3261 §14.2, §13.3.1.4). */
const ackLimitMs = 32_000

const tooSmall = { statusCode: 422, extraHeaders: [`Min-SE: ${minimumSeconds}`] }
const notAcceptable = { statusCode: 488, extraHeaders: ['Warning: 304 voiceport "Media type not available"'] }

export const createPeerOffers = (state: DialogState, reoffers: Reoffers): PeerOffers => {
  const { context, describer, timer } = state
  const { agent } = context
  /** What our 2xx offered, when it carried an offer: the ACK brings the answer (RFC 3261 §13.2.1). */
  let offered: LocalWish | undefined
  let ackTimer: Timer | undefined

  const changed = (remote: RemoteMedia, wish: LocalWish): void => {
    state.tellMedia(remote)
    reoffers.agreed(wish)
  }

  return {
    onInvite(request) {
      const { message } = request
      const session = answerRequest(message, context.sessionSeconds)
      if (session.type === 'too-small') {
        request.reject(tooSmall)
        return
      }
      const offer = sdpOf(message)
      const wish = reoffers.direction
      const answered = offer === undefined ? undefined : describer.answer(offer, wish)
      if (offer !== undefined && !answered) {
        request.reject(notAcceptable)
        return
      }
      offered = offer === undefined ? wish : undefined
      const content = answered?.sdp ?? describer.offer(wish)
      request.accept({
        statusCode: 200,
        body: sdpBody(content),
        extraHeaders: [agent.contactLine, 'Allow: INVITE', ...session.lines],
      })
      timer.restart(session.interval)
      if (answered) changed(answered.remote, wish)
      ackTimer?.cancel()
      ackTimer = agent.clock.timer('re-INVITE ACK', ms(ackLimitMs), () => state.finish(true))
    },

    onUpdate(request) {
      const { message } = request
      const session = answerRequest(message, context.sessionSeconds)
      const dialog = state.dialog as unknown as Core.SessionDialog
      const offer = sdpOf(message)
      const reject = (statusCode: number, extraHeaders: string[] = []): void => {
        request.reject({ statusCode, extraHeaders })
      }
      if (session.type === 'too-small') return reject(tooSmall.statusCode, tooSmall.extraHeaders)
      if (offer !== undefined && state.offering) return reject(491)
      if (offer !== undefined && dialog.reinviteUserAgentServer)
        return reject(500, [`Retry-After: ${Math.ceil(randomMs(context, 0, 10_000) / 1000)}`])
      const wish = reoffers.direction
      const answered = offer === undefined ? undefined : describer.answer(offer, wish)
      if (offer !== undefined && !answered)
        return reject(notAcceptable.statusCode, notAcceptable.extraHeaders)
      const contact: { uri: unknown } | undefined = message.parseHeader('contact')
      if (contact)
        (dialog as unknown as { dialogState: { remoteTarget: unknown } }).dialogState.remoteTarget =
          contact.uri
      request.accept({
        statusCode: 200,
        extraHeaders: [agent.contactLine, 'Allow: INVITE', ...session.lines],
        ...(answered ? { body: sdpBody(answered.sdp) } : {}),
      })
      timer.restart(session.interval)
      if (answered) changed(answered.remote, wish)
    },

    onAck(ack) {
      ackTimer?.cancel()
      const wish = offered
      offered = undefined
      const remote = wish && describer.accept(sdpOf(ack) ?? '')
      if (wish && remote) changed(remote, wish)
      else if (wish) describer.rollback()
      reoffers.pump()
    },

    stop() {
      ackTimer?.cancel()
    },
  }
}
