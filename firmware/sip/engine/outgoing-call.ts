// A call we place, up to its answer: early media by to-tag, reliable provisional answers (RFC 3262), forks (RFC 3261 §13.2.2.4),
// 422 (RFC 4028 §7.4), a hang-up at any moment (§9.1, trap 1). 3xx is not followed: the network routes, not the box.

import type * as Core from 'sip.js/lib/core/index.js'
import { ms, type Timer } from '../../../hal/clock.js'
import type { CallId, PlaceRequest } from '../sip-line.js'
import { type Call, type CallContext, newDescriber, presignInside, sdpBody, sdpOf } from './call-context.js'
import { createEstablishedCall, type EstablishedCall } from './established-call.js'
import { exactUri } from './grammar.js'
import { leadingInteger, optionTags, q850Cause } from './header-values.js'
import { fromResponse, minimumOf, minimumSeconds, requestLines } from './session-timer.js'
import { guard, presign, signatureOf } from './signed-request.js'
import { maskedAgent } from './user-agent.js'

/** After CANCEL the INVITE counts as over when nothing comes for 64*T1, ms (RFC 3261 §9.1). */
const cancelLimitMs = 32_000
const maximumInterval = 7200

export interface OutgoingOptions {
  readonly call: CallId
  readonly request: PlaceRequest
  /** Request-URI as it is to stand in the request line. */
  readonly target: string
}

const isHidden = ({ masked, emergency }: PlaceRequest): boolean => masked && !emergency

const addresses = ({ agent }: CallContext, request: PlaceRequest) => {
  const { emergency } = request
  // The number must not show: it stands for the network alone, in P-Preferred-Identity (RFC 3325 §9.2).
  const hidden = isHidden(request)
  return {
    from: exactUri(hidden ? 'sip:anonymous@anonymous.invalid' : agent.address),
    fromDisplayName: hidden ? 'Anonymous' : '',
    lines: [
      ...(hidden ? ['Privacy: id', `P-Preferred-Identity: <${agent.address}>`] : []),
      ...(emergency ? ['Priority: emergency'] : []),
    ],
  }
}

export const placeCall = (shared: CallContext, options: OutgoingOptions): Call => {
  const { call, request } = options
  const describer = newDescriber(shared, request.media)
  const offer = describer.offer('sendrecv')
  const callId = shared.agent.entropy.hex(16)
  const context = isHidden(request) ? { ...shared, agent: maskedAgent(shared.agent, callId) } : shared
  const { agent, dialogs } = context
  const { core, clock, entropy, log, credentials } = agent
  const fromTag = entropy.hex(8)
  let invite: Core.InviteUserAgentClient | undefined
  let established: EstablishedCall | undefined
  let accepted: string | undefined
  let minimum = minimumSeconds
  /** The telephone has hung up: nothing is told and nothing sent again. */
  let over = false
  let giveUp: Timer | undefined
  const early = new Set<string>()

  const done = (): void => {
    giveUp?.cancel()
    for (const id of early) dialogs.delete(id)
    early.clear()
    if (!established) context.forget(call)
  }

  const failed = (message: Core.IncomingResponseMessage): void => {
    const { statusCode: status = 500, reasonPhrase: reason } = message
    const q850 = q850Cause(message.getHeaders('reason'))
    if (!over)
      context.emit({
        type: 'failed',
        call,
        status,
        ...(reason ? { reason } : {}),
        ...(q850 === undefined ? {} : { q850 }),
      })
    over = true
    done()
  }

  const onReject = (message: Core.IncomingResponseMessage): void => {
    const least = minimumOf(message)
    if (
      message.statusCode === 422 &&
      least !== undefined &&
      least > minimum &&
      least <= maximumInterval &&
      !over
    ) {
      minimum = least
      send((invite?.message.cseq ?? 0) + 1)
    } else failed(message)
  }

  const acknowledgeProvisional = (response: Core.PrackableIncomingResponseWithSession): void => {
    const { message, session, prack } = response
    const sequence = leadingInteger(message.getHeader('rseq'))
    if (!optionTags(message.getHeaders('require')).includes('100rel') || sequence === undefined) return
    const { lines, attempts } = presignInside(context, session, 'PRACK')
    const rack = `RAck: ${sequence} ${message.cseq} INVITE`
    const sent = prack({ extraHeaders: [rack, ...lines] })
    guard(sent, { ...agent, scope: 'call', dialog: session as unknown as Core.Dialog, attempts })
  }

  const onProgress = (response: Core.PrackableIncomingResponseWithSession): void => {
    const { message, session } = response
    if (accepted !== undefined) return
    acknowledgeProvisional(response)
    if (over) return
    watchEarly(session)
    context.emit({ type: 'progress', call, status: message.statusCode ?? 183 })
    const sdp = sdpOf(message)
    const remote = sdp === undefined ? undefined : describer.accept(sdp)
    if (remote) context.emit({ type: 'media', call, remote, early: true })
  }

  /** Requests of the far end before the answer: UPDATE may move the early media, the rest has its usual refusal. */
  const watchEarly = (session: Core.Session): void => {
    if (early.has(session.id)) return
    early.add(session.id)
    dialogs.set(session.id, {
      onUpdate: update => {
        const sdp = sdpOf(update.message)
        const answered = sdp === undefined ? undefined : describer.answer(sdp, 'sendrecv')
        // An offer is only allowed once ours was answered reliably (RFC 3311 §5.1).
        const settled = (session as Core.SessionDialog).answer !== undefined
        if (sdp !== undefined && (!settled || !answered)) {
          update.reject({ statusCode: settled ? 488 : 491 })
          return
        }
        update.accept({
          statusCode: 200,
          extraHeaders: [agent.contactLine, 'Allow: INVITE'],
          ...(answered ? { body: sdpBody(answered.sdp) } : {}),
        })
        if (answered && !over) context.emit({ type: 'media', call, remote: answered.remote, early: true })
      },
    })
    session.delegate = {
      onRefer: refer => refer.reject({ statusCode: 603 }),
      onNotify: notify => notify.reject({ statusCode: 489 }),
      onMessage: text => text.reject({ statusCode: 405 }),
      onInfo: info => info.accept(),
    }
  }

  const dismiss = (session: Core.Session): void => {
    const { lines, attempts } = presignInside(context, session, 'BYE')
    const bye = session.bye(undefined, { extraHeaders: lines })
    guard(bye, { ...agent, scope: 'call', dialog: session as unknown as Core.Dialog, attempts })
  }

  const onAccept = (response: Core.AckableIncomingResponseWithSession): void => {
    const { message, session, ack } = response
    if (invite) ack({ extraHeaders: signatureOf(invite.message, session) })
    // Hung up meanwhile, or a second fork answered: taken and ended at once.
    if (over || accepted !== undefined) {
      dismiss(session)
      done()
      return
    }
    accepted = session.id
    // The answer's own description counts; without one, what this fork said early (trap 8).
    const sdp = sdpOf(message) ?? (session as Core.SessionDialog).answer?.content
    const remote = sdp === undefined ? undefined : describer.accept(sdp)
    if (!remote) {
      log.warn('answer without usable media', { call })
      over = true
      dismiss(session)
      context.emit({ type: 'failed', call, status: 488 })
      done()
      return
    }
    for (const id of early) dialogs.delete(id)
    early.clear()
    established = createEstablishedCall({
      context,
      call,
      session,
      describer,
      role: 'caller',
      interval: fromResponse(message),
      peerUpdates: allowsUpdate(message),
    })
    established.tellMedia(remote)
    context.emit({ type: 'answered', call })
  }

  const send = (cseq: number): void => {
    const { from, fromDisplayName, lines: identity } = addresses(context, request)
    const target = exactUri(options.target)
    const { lines, attempts } = presign(
      credentials,
      { method: 'INVITE', uri: options.target, body: offer },
      'call',
    )
    const message = core.makeOutgoingRequestMessage(
      'INVITE',
      target,
      from,
      target,
      { callId, fromTag, fromDisplayName, cseq },
      [
        agent.contactLine,
        'Allow: INVITE',
        'Accept: application/sdp',
        ...requestLines(context.sessionSeconds, minimum),
        ...identity,
        ...lines,
      ],
      sdpBody(offer),
    )
    const client = core.invite(message, {
      onProgress,
      onAccept,
      onRedirect: response => failed(response.message),
      onReject: response => onReject(response.message),
    })
    invite = client as Core.InviteUserAgentClient
    guard(client, {
      ...agent,
      scope: 'call',
      attempts,
      wanted: () => !over,
      onResponse: response => {
        // sip.js drops an 18x without a tag (RFC 2543 gateways); it still means that something rings.
        const { statusCode = 0 } = response
        if (statusCode > 100 && statusCode < 200 && !response.toTag && !over && accepted === undefined)
          context.emit({ type: 'progress', call, status: statusCode })
      },
    })
  }

  send(1)

  return {
    ring() {},
    answer() {},
    reject() {},
    hangUp() {
      if (established) {
        established.hangUp()
        return
      }
      if (over) return
      over = true
      invite?.cancel()
      giveUp = clock.timer('cancelled INVITE', ms(cancelLimitMs), () => {
        invite?.dispose()
        done()
      })
    },
    hold: () => established?.hold(),
    resume: () => established?.resume(),
  }
}

export const allowsUpdate = (message: Core.IncomingRequestMessage | Core.IncomingResponseMessage): boolean =>
  message.getHeaders('allow').some(value => /\bUPDATE\b/i.test(value))
