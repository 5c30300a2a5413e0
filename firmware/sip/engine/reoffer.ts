// Our own changes to an established session, one at a time: hold, resume (RFC 6337 §5), session refresh (RFC 4028 §7.4, §10).
// 491 is tried again after RFC 3261 §14.1's random wait; 481, 408 and silence end the call (§12.2.1.2).

import type * as Core from 'sip.js/lib/core/index.js'
import { ms, type Timer } from '../../../hal/clock.js'
import { presignInside, randomMs, sdpBody, sdpOf } from './call-context.js'
import type { DialogState } from './established-call.js'
import { leadingInteger } from './header-values.js'
import { fromResponse, minimumOf, minimumSeconds, requestLines } from './session-timer.js'
import { guard, signatureOf } from './signed-request.js'

type Kind = 'hold' | 'resume' | 'refresh'

export interface Reoffers {
  hold(): void
  resume(): void
  refresh(): void
  /** Starts what waits, if it may start now. */
  pump(): void
  /** The call is over. */
  stop(): void
}

/** How often a glare (491) is tried again before we give in. */
const glareLimit = 5
/** A refresh that failed for a passing reason is tried again after this long, ms. */
const refreshRetryMs = 10_000
/** The far end's own offer is in hand: look again, ms. */
const busyRetryMs = 500

export const createReoffers = (state: DialogState): Reoffers => {
  const { context, call, session, describer, role, timer } = state
  const { agent } = context
  const { clock, log } = agent
  let queue: Kind[] = []
  let running: Kind | undefined
  let glares = 0
  let minimum = minimumSeconds
  let waiting: Timer | undefined

  const later = (delayMs: number): void => {
    waiting?.cancel()
    waiting = clock.timer('re-offer', ms(delayMs), pump)
  }

  const tell = (kind: Kind, ok: boolean): void => {
    if (kind !== 'refresh') context.emit({ type: kind === 'hold' ? 'held' : 'resumed', call, ok })
  }

  const finished = (): void => {
    running = undefined
    glares = 0
    state.offering = false
    pump()
  }

  const sessionLines = (): string[] => {
    const seconds = timer.current?.seconds ?? context.sessionSeconds
    const { current } = timer
    // The roles stay as they are: in this request we are the UAC.
    const refresher = current && (current.weRefresh ? 'uac' : 'uas')
    return requestLines(seconds, minimum, refresher)
  }

  const accepted = (kind: Kind, response: Core.IncomingResponseMessage): void => {
    timer.restart(fromResponse(response))
    if (kind === 'refresh') {
      const answer = sdpOf(response)
      if (answer !== undefined) describer.accept(answer)
      finished()
      return
    }
    const remote = describer.accept(sdpOf(response) ?? '')
    if (remote) {
      state.wish = kind === 'hold' ? 'sendonly' : 'sendrecv'
      state.tellMedia(remote)
    } else describer.rollback()
    tell(kind, remote !== undefined)
    finished()
  }

  const refused = (kind: Kind, response: Core.IncomingResponseMessage): void => {
    describer.rollback()
    const { statusCode = 0 } = response
    if (statusCode === 481 || statusCode === 408) {
      log.info('the far end knows the call no more', { call, status: statusCode })
      state.finish(true)
      return
    }
    const least = minimumOf(response)
    const busySeconds = leadingInteger(response.getHeader('retry-after')) ?? 0
    if (statusCode === 422 && least !== undefined && least > minimum && least <= 7200) {
      minimum = least
      again(kind, 0)
    } else if (statusCode === 491 && glares < glareLimit) {
      glares++
      const [low, high] = role === 'caller' ? [2100, 4000] : [0, 2000]
      again(kind, Math.round(randomMs(context, low, high) / 10) * 10)
    } else if (statusCode === 500 && busySeconds > 0 && busySeconds <= 10 && glares < glareLimit) {
      // Two INVITEs crossed, or an ACK was lost (RFC 3261 §14.2).
      glares++
      again(kind, busySeconds * 1000)
    } else {
      if (kind === 'refresh') timer.retry(refreshRetryMs)
      tell(kind, false)
      finished()
    }
  }

  const again = (kind: Kind, delayMs: number): void => {
    running = undefined
    state.offering = false
    queue = [kind, ...queue]
    later(delayMs)
  }

  /** A refresh that needs no offer (RFC 3311); the peer must take UPDATE. */
  const sendUpdate = (): void => {
    const { lines, attempts } = presignInside(context, session, 'UPDATE')
    const message = state.dialog.createOutgoingRequestMessage('UPDATE', {
      extraHeaders: [agent.contactLine, ...sessionLines(), ...lines],
    })
    const request = agent.core.request(message, {
      onAccept: response => !state.over && accepted('refresh', response.message),
      onRedirect: response => !state.over && refused('refresh', response.message),
      onReject: response => {
        if (state.over) return
        const { statusCode } = response.message
        if (statusCode === 405 || statusCode === 501) {
          state.peerUpdates = false
          again('refresh', 0)
        } else refused('refresh', response.message)
      },
    })
    guard(request, { ...agent, scope: 'call', dialog: state.dialog, attempts, wanted: () => !state.over })
  }

  const sendInvite = (kind: Kind): void => {
    const sdp =
      kind === 'refresh' ? describer.repeat() : describer.offer(kind === 'hold' ? 'sendonly' : 'sendrecv')
    const { lines, attempts } = presignInside(context, session, 'INVITE', sdp)
    const request = session.invite(
      {
        onAccept: response => {
          const sent = (request as unknown as { message: Core.OutgoingRequestMessage }).message
          response.ack({ extraHeaders: signatureOf(sent, session) })
          if (!state.over) accepted(kind, response.message)
        },
        onRedirect: response => !state.over && refused(kind, response.message),
        onReject: response => !state.over && refused(kind, response.message),
      },
      {
        body: sdpBody(sdp),
        extraHeaders: [agent.contactLine, 'Allow: INVITE', ...sessionLines(), ...lines],
      },
    )
    guard(request, { ...agent, scope: 'call', dialog: state.dialog, attempts, wanted: () => !state.over })
  }

  const pump = (): void => {
    waiting?.cancel()
    if (state.over || running || state.awaitsAck || queue.length === 0) return
    const quietMs = (state.quietUntil - clock.now()) / 1000
    if (quietMs > 0) {
      later(quietMs)
      return
    }
    const dialog = session as Core.SessionDialog
    if (dialog.reinviteUserAgentServer || dialog.reinviteUserAgentClient) {
      later(busyRetryMs)
      return
    }
    const kind = queue.shift()
    if (kind === undefined) return
    running = kind
    state.offering = true
    if (kind === 'refresh' && state.peerUpdates) sendUpdate()
    else sendInvite(kind)
  }

  const want = (kind: Kind): void => {
    if (state.over) return
    // The last wish counts: an older one that has not started is answered as done or dropped with it.
    const overtaken: Kind[] = kind === 'refresh' ? [] : queue.filter(entry => entry !== 'refresh')
    queue = [...queue.filter(entry => entry !== kind && !overtaken.includes(entry)), kind]
    for (const old of overtaken) if (old !== kind) tell(old, false)
    pump()
  }

  return {
    hold: () => want('hold'),
    resume: () => want('resume'),
    refresh: () => want('refresh'),
    pump,
    stop: () => {
      waiting?.cancel()
      queue = []
    },
  }
}
