// A call we are offered, up to our answer (RFC 3261 §13.3): 180 (reliable where the caller requires it, RFC 3262 §3),
// 200 with our description, refusal with its Q.850 cause (RFC 3326, RFC 6432), the caller's CANCEL or BYE. How long it may
// ring is the network's affair, unless the INVITE itself carries Expires.

import type * as Core from 'sip.js/lib/core/index.js'
import { ms, type Timer } from '../../../hal/clock.js'
import type { LocalMedia } from '../sip-line.js'
import { type Call, type CallContext, newDescriber, sdpBody, sdpOf } from './call-context.js'
import { calledOf, readCaller } from './caller.js'
import { createEstablishedCall, type EstablishedCall } from './established-call.js'
import { completedElsewhere, leadingInteger, optionTags } from './header-values.js'
import { allowsUpdate } from './outgoing-call.js'
import type { ServerSeam } from './patches.js'
import { createReliableAnswer, type ReliableAnswer } from './reliable-answer.js'
import { offerFits } from './session-description.js'
import { answerRequest, minimumSeconds } from './session-timer.js'

/** The caller's ringback may tell that the called party talks (RFC 7462, 3GPP TS 24.615). */
const callWaiting = 'Alert-Info: <urn:alert:service:call-waiting>'

/** Undefined: the INVITE was refused on the spot and the telephone hears nothing of it. */
export const receiveCall = (
  context: CallContext,
  call: string,
  invite: Core.IncomingInviteRequest,
): Call | undefined => {
  const { agent } = context
  const { clock, entropy, log } = agent
  const { message } = invite
  // sip.js' own tag has 50 bits of Math.random; a tag is what keeps strangers out of a dialog.
  ;(invite as unknown as ServerSeam).toTag = entropy.hex(8)
  const offer = sdpOf(message)
  const timing = answerRequest(message, context.sessionSeconds)
  if (timing.type === 'too-small') {
    invite.reject({ statusCode: 422, extraHeaders: [`Min-SE: ${minimumSeconds}`] })
    return undefined
  }
  if (offer !== undefined && !offerFits(offer)) {
    invite.reject({ statusCode: 488, extraHeaders: ['Warning: 304 voiceport "Media type not available"'] })
    return undefined
  }

  let over = false
  let established: EstablishedCall | undefined
  let ringing: ReliableAnswer | undefined
  let rung = false
  let expiry: Timer | undefined

  const close = (): void => {
    over = true
    expiry?.cancel()
    ringing?.stop()
    context.forget(call)
  }
  const refuse = (statusCode: number, extraHeaders: string[] = []): void => {
    if (over || established) return
    close()
    invite.reject({ statusCode, extraHeaders })
  }
  const abandon = (elsewhere: boolean, statusCode: number): void => {
    if (over || established) return
    refuse(statusCode)
    context.emit({ type: 'abandoned', call, elsewhere })
  }

  invite.delegate = {
    onCancel: cancel => abandon(completedElsewhere(cancel.getHeaders('reason')), 487),
  }
  const seconds = leadingInteger(message.getHeader('expires'))
  if (seconds !== undefined && seconds > 0)
    expiry = clock.timer('INVITE expiry', ms(Math.min(seconds, 3600) * 1000), () => abandon(false, 487))

  /** May come after our 200 too, when the two cross. */
  const onPrack = (prack: Core.IncomingPrackRequest): void => {
    if (ringing?.acknowledge(prack.message.getHeader('rack'))) prack.accept()
    else prack.reject({ statusCode: 481 })
  }

  /** Requests inside the dialog before we answered. */
  const watchEarly = (session: Core.Session): void => {
    session.delegate = {
      onPrack,
      onBye: bye => {
        bye.accept()
        abandon(false, 487)
      },
      onRefer: refer => refer.reject({ statusCode: 603 }),
      onNotify: notify => notify.reject({ statusCode: 489 }),
      onMessage: text => text.reject({ statusCode: 405 }),
      onInfo: info => info.accept(),
    }
    context.dialogs.set(session.id, {
      onUpdate: update => {
        // Our answer is still to come: no other offer fits in between (RFC 3311 §5.2).
        if (sdpOf(update.message) === undefined)
          update.accept({ statusCode: 200, extraHeaders: [agent.contactLine] })
        else update.reject({ statusCode: 500, extraHeaders: ['Retry-After: 5'] })
      },
    })
  }

  const ring = (waiting = false): void => {
    if (over || established || rung) return
    rung = true
    const alert = waiting ? [callWaiting] : []
    const reliable = optionTags(message.getHeaders('require')).includes('100rel')
    // A first reliable answer to an INVITE without an offer would have to carry ours (RFC 3262 §5), and no media
    // is allotted before the answer: that caller stays with 100.
    if (reliable && offer === undefined) return
    if (reliable)
      ringing = createReliableAnswer(clock, entropy, {
        send: lines =>
          watchEarly(invite.progress({ statusCode: 180, extraHeaders: [...lines, ...alert] }).session),
        expired: () => abandon(false, 504),
        cseq: message.cseq,
      })
    else watchEarly(invite.progress({ statusCode: 180, extraHeaders: alert }).session)
  }

  const answer = (media: LocalMedia): void => {
    if (over || established) return
    const describer = newDescriber(context, media)
    const answered = offer === undefined ? undefined : describer.answer(offer, 'sendrecv')
    if (offer !== undefined && !answered) {
      log.warn('offer does not fit our address', { call })
      abandon(false, 488)
      return
    }
    expiry?.cancel()
    ringing?.stop()
    const content = answered?.sdp ?? describer.offer('sendrecv')
    const { session } = invite.accept({
      statusCode: 200,
      body: sdpBody(content),
      extraHeaders: ['Allow: INVITE', ...timing.lines],
    })
    const waiting = createEstablishedCall({
      context,
      call,
      session,
      describer,
      role: 'callee',
      interval: timing.interval,
      peerUpdates: allowsUpdate(message),
    })
    established = waiting
    const delegate = session.delegate ?? {}
    // The ACK of an INVITE without an offer brings the answer to ours.
    session.delegate = {
      ...delegate,
      onPrack,
      onAck: ack => {
        const sdp = offer === undefined ? sdpOf(ack.message) : undefined
        const remote = sdp === undefined ? undefined : describer.accept(sdp)
        if (remote) waiting.tellMedia(remote)
        waiting.onAck(ack.message)
      },
    }
    if (answered) waiting.tellMedia(answered.remote)
    context.emit({ type: 'answered', call })
  }

  invite.trying()
  const alertInfo = message.getHeader('alert-info')
  const { caller, doubts } = readCaller(message, context.display)
  if (doubts.length > 0) log.info('caller identity is no clean text', { call, why: doubts.join(', ') })
  context.emit({
    type: 'incoming',
    call,
    caller,
    called: calledOf(message, context.display),
    ...(alertInfo === undefined ? {} : { alertInfo }),
  })

  return {
    ring,
    answer,
    reject: (status, q850) => {
      const known = Number.isInteger(status) && status >= 400 && status <= 699
      refuse(known ? status : 480, q850 === undefined ? [] : [`Reason: Q.850;cause=${q850}`])
    },
    hangUp: () => {
      if (established) established.hangUp()
      else refuse(480)
    },
    hold: () => established?.hold(),
    resume: () => established?.resume(),
  }
}
