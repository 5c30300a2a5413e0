// An established call, whoever placed it: requests inside the dialog both ways until one BYE (RFC 3261 §12.2, §14, §15).
// Offers of ours (hold, resume, refresh) are in reoffer.ts, the far end's in peer-offers.ts.

import type * as Core from 'sip.js/lib/core/index.js'
import type { RemoteMedia } from '../sip-line.js'
import { type CallContext, type DialogOwner, presignInside } from './call-context.js'
import { q850Cause } from './header-values.js'
import { createPeerOffers } from './peer-offers.js'
import { createReoffers } from './reoffer.js'
import type { LocalWish, SessionDescriber } from './session-description.js'
import { createSessionTimer, type SessionInterval, type SessionTimer } from './session-timer.js'
import { guard } from './signed-request.js'

export interface EstablishedOptions {
  readonly context: CallContext
  readonly call: string
  readonly session: Core.Session
  readonly describer: SessionDescriber
  readonly role: 'caller' | 'callee'
  readonly interval: SessionInterval | undefined
  /** The far end lists UPDATE in Allow (RFC 3311). */
  readonly peerUpdates: boolean
}

/** What the two sides of re-negotiation need of the call. */
export interface DialogState extends EstablishedOptions {
  readonly dialog: Core.Dialog
  readonly timer: SessionTimer
  /** `sendonly` while we hold. */
  wish: LocalWish
  over: boolean
  /** We took the call and its ACK has not come. */
  awaitsAck: boolean
  /** Monotonic µs before which we make no offer (RFC 5407 §3.1). */
  quietUntil: number
  /** An offer of ours by UPDATE or re-INVITE is unanswered. */
  offering: boolean
  peerUpdates: boolean
  /** Tells the far end's media, if they differ from what was told last. */
  tellMedia(remote: RemoteMedia): void
  /** Ends the call from this side; `tell`: the telephone did not ask for it. */
  finish(tell: boolean, q850?: number): void
}

export interface EstablishedCall extends DialogOwner {
  hangUp(): void
  hold(): void
  resume(): void
  tellMedia(remote: RemoteMedia): void
  readonly onAck: (ack: Core.IncomingRequestMessage) => void
}

/** After a 2xx the far end may still wait for its ACK: no offer of ours for that long, µs (RFC 5407 §3.1). */
const quietUs = 2_000_000

export const createEstablishedCall = (options: EstablishedOptions): EstablishedCall => {
  const { context, call, session, role } = options
  const { agent, dialogs } = context
  const { clock, log } = agent

  const timer = createSessionTimer(clock, {
    refresh: () => reoffers.refresh(),
    expire: () => {
      log.info('session timer ran out', { call })
      state.finish(true)
    },
  })

  let told: string | undefined
  /** The far end has sent its BYE. */
  let gone = false

  const sendBye = (): void => {
    if (gone) return
    const { lines, attempts } = presignInside(context, session, 'BYE')
    const bye = session.bye(undefined, { extraHeaders: lines })
    guard(bye, { ...agent, scope: 'call', dialog: state.dialog, attempts })
  }

  const state: DialogState = {
    ...options,
    dialog: session as unknown as Core.Dialog,
    timer,
    wish: 'sendrecv',
    over: false,
    awaitsAck: role === 'callee',
    quietUntil: clock.now() + quietUs,
    offering: false,
    tellMedia(remote) {
      const text = JSON.stringify(remote)
      if (text !== told) context.emit({ type: 'media', call, remote, early: false })
      told = text
    },
    finish(tell, q850) {
      if (state.over) return
      conclude(tell, q850)
      // RFC 3261 §15: no BYE before the ACK; onAck or onAckTimeout sends it then.
      if (!state.awaitsAck) sendBye()
    },
  }

  const conclude = (tell: boolean, q850?: number): void => {
    state.over = true
    timer.stop()
    reoffers.stop()
    peer.stop()
    dialogs.delete(session.id)
    context.forget(call)
    if (tell) context.emit({ type: 'ended', call, ...(q850 === undefined ? {} : { q850 }) })
  }

  const reoffers = createReoffers(state)
  const peer = createPeerOffers(state, reoffers)

  /** Anything from the far end inside the dialog proves that the ACK arrived. */
  const heard = (): void => {
    state.quietUntil = 0
    reoffers.pump()
  }

  const onAck = (ack: Core.IncomingRequestMessage): void => {
    if (!state.awaitsAck) {
      peer.onAck(ack)
      return
    }
    state.awaitsAck = false
    state.quietUntil = 0
    if (state.over) sendBye()
    else {
      peer.onAck(ack)
      reoffers.pump()
    }
  }

  session.delegate = {
    onAck: ({ message }) => onAck(message),
    onAckTimeout: () => {
      if (gone) return
      log.info('no ACK for our answer', { call })
      state.awaitsAck = false
      if (state.over) sendBye()
      else state.finish(true)
    },
    onBye: request => {
      request.accept()
      gone = true
      if (!state.over) conclude(true, q850Cause(request.message.getHeaders('reason')))
    },
    onInvite: request => {
      peer.onInvite(request)
      heard()
    },
    onInfo: request => answerInfo(request),
    onNotify: request => request.reject({ statusCode: 489 }),
    onRefer: request => request.reject({ statusCode: 603 }),
    onMessage: request => request.reject({ statusCode: 405 }),
    onPrack: request => request.reject({ statusCode: 481 }),
  }

  const answerInfo = (request: Core.IncomingRequest): void => {
    heard()
    if (request.message.hasHeader('info-package'))
      request.reject({ statusCode: 469, extraHeaders: ['Recv-Info:'] })
    else if (request.message.body)
      request.reject({ statusCode: 415, extraHeaders: ['Accept: application/sdp'] })
    // Empty INFO is how some gateways ask whether we still live.
    else request.accept()
  }

  timer.restart(options.interval)

  const owner: EstablishedCall = {
    onUpdate: request => {
      peer.onUpdate(request)
      heard()
    },
    hangUp: () => state.finish(false),
    hold: () => reoffers.hold(),
    resume: () => reoffers.resume(),
    tellMedia: remote => state.tellMedia(remote),
    onAck,
  }
  dialogs.set(session.id, owner)
  return owner
}
