// Our own changes to an established session, one at a time: hold, resume (RFC 6337 §5), session refresh (RFC 4028 §7.4, §10).
// Of hold and resume only the latest wish counts, and it may be met by our answer to an offer of the far end as well.
// 491 is tried again after RFC 3261 §14.1's random wait; 481, 408 and silence end the call (§12.2.1.2).

import type * as Core from 'sip.js/lib/core/index.js'
import { ms, type Timer } from '../../../hal/clock.js'
import { presignInside, randomMs, sdpBody, sdpOf } from './call-context.js'
import type { DialogState } from './established-call.js'
import { leadingInteger } from './header-values.js'
import type { LocalWish } from './session-description.js'
import { fromResponse, minimumOf, minimumSeconds, requestLines } from './session-timer.js'
import { guard, signatureOf } from './signed-request.js'

type Wish = 'hold' | 'resume'
type Kind = Wish | 'refresh'

export interface Reoffers {
  hold(): void
  resume(): void
  refresh(): void
  /** What an offer of the far end is to be answered with: a wish that still waits counts already. */
  readonly direction: LocalWish
  /** The far end has agreed to `direction` in an exchange of its own making. */
  agreed(direction: LocalWish): void
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

const directionOf = (wish: Wish): LocalWish => (wish === 'hold' ? 'sendonly' : 'sendrecv')

export const createReoffers = (state: DialogState): Reoffers => {
  const { context, call, session, describer, role, timer } = state
  const { agent } = context
  const { clock, log } = agent
  /** The latest wish, not yet on the wire. */
  let wanted: Wish | undefined
  /** Outcomes that are owed for what waits and for what is on the wire: each `hold` and `resume` gets one. */
  let owed = 0
  let owedNow = 0
  let refreshDue = false
  let running: Kind | undefined
  let glares = 0
  let minimum = minimumSeconds
  let waiting: Timer | undefined

  const later = (delayMs: number): void => {
    waiting?.cancel()
    waiting = clock.timer('re-offer', ms(delayMs), pump)
  }

  const tell = (kind: Kind, ok: boolean, times: number): void => {
    const type = kind === 'hold' ? 'held' : 'resumed'
    for (let n = 0; n < times; n++) context.emit({ type, call, ok })
  }
  /** The wish that waits is done with, one way or the other. */
  const drop = (ok: boolean): void => {
    if (wanted !== undefined) tell(wanted, ok, owed)
    wanted = undefined
    owed = 0
  }

  /** The wish that waits is met already: nothing needs to be sent for it. */
  const settle = (): void => {
    if (wanted !== undefined && directionOf(wanted) === state.wish) drop(true)
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
      state.wish = directionOf(kind)
      state.tellMedia(remote)
    } else describer.rollback()
    tell(kind, remote !== undefined, owedNow)
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
      tell(kind, false, owedNow)
      finished()
    }
  }

  const again = (kind: Kind, delayMs: number): void => {
    running = undefined
    state.offering = false
    if (kind === 'refresh') refreshDue = true
    else if (wanted === undefined || wanted === kind) {
      wanted = kind
      owed += owedNow
    } else tell(kind, false, owedNow)
    settle()
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
    const sdp = kind === 'refresh' ? describer.repeat() : describer.offer(directionOf(kind))
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
    if (state.over || running) return
    settle()
    if (state.awaitsAck || !(wanted || refreshDue)) return
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
    start(wanted ?? 'refresh')
  }

  const start = (kind: Kind): void => {
    // A re-INVITE refreshes the session too (RFC 4028 §7.4).
    refreshDue = false
    owedNow = 0
    if (kind !== 'refresh') {
      owedNow = owed
      owed = 0
      wanted = undefined
    }
    running = kind
    state.offering = true
    if (kind === 'refresh' && state.peerUpdates) sendUpdate()
    else sendInvite(kind)
  }

  const want = (wish: Wish): void => {
    if (state.over) return
    if (wanted !== wish) drop(false)
    wanted = wish
    owed++
    pump()
  }

  return {
    hold: () => want('hold'),
    resume: () => want('resume'),
    refresh: () => {
      if (state.over) return
      refreshDue = true
      pump()
    },
    get direction() {
      return wanted === undefined ? state.wish : directionOf(wanted)
    },
    agreed: direction => {
      state.wish = direction
      settle()
    },
    pump,
    stop: () => {
      waiting?.cancel()
      wanted = undefined
      refreshDue = false
    },
  }
}
