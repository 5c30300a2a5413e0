// A subscriber's telephones ring for so long as he has set, one ring being 5 s (guide lines 57-67). Tells once how it ended.

import { headerOf, type SipResponse } from '../../firmware/sip/wire/message.js'
import type { ServerTransaction, Wire } from '../../firmware/sip/wire/wire-contract.js'
import { type Clock, ms, type Timer } from '../../hal/clock.js'
import { type Failure, type Forwarding, forward, type Target } from './forward.js'

export type RingOutcome =
  | { readonly type: 'busy' | 'no-reply' | 'unavailable'; readonly response: SipResponse }
  /** The caller gave up. */
  | { readonly type: 'cancelled'; readonly response: SipResponse }
  /** Something no diversion is for: 488, 415, 401 … */
  | { readonly type: 'refused'; readonly response: SipResponse }

export interface RingOptions {
  readonly wire: Wire
  readonly clock: Clock
  readonly server: ServerTransaction
  readonly targets: readonly Target[]
  /** Ends ringing; absent: as long as the caller waits. Counted from the first 180. */
  readonly ringMs?: number
  /** A final answer of our own. */
  respondWith(status: number, reason: string): SipResponse
  /** The caller was answered; nothing else follows. */
  onAnswered?(): void
  onEnded(outcome: RingOutcome): void
}

/** A telephone that gives no sign of life for so long is not there: its binding is stale. Four copies of the INVITE. */
const STALE_MS = 4000
/** An answer on its way as the ringing ends still counts. */
const CROSSING_MS = 2000

/** 480 with Q.850 cause 19 is a waiting call that nobody took; 408 comes from a far end that rang. */
const meaningOf = (response: SipResponse, why: Failure): RingOutcome['type'] => {
  const { status } = response
  if (why !== 'refused') return 'unavailable'
  if (status === 487) return 'cancelled'
  if (status === 486 || status === 600 || status === 603) return 'busy'
  if (status === 408) return 'no-reply'
  if (status === 480)
    return /\bcause\s*=\s*19\b/.test(headerOf(response, 'Reason') ?? '') ? 'no-reply' : 'unavailable'
  return status >= 500 || status === 404 || status === 410 ? 'unavailable' : 'refused'
}

export const ring = (options: RingOptions): void => {
  const { clock, server } = options
  const noReply = options.respondWith(480, 'Temporarily Unavailable')
  const terminated: RingOutcome = {
    type: 'cancelled',
    response: options.respondWith(487, 'Request Terminated'),
  }
  const timers = new Set<Timer>()
  let stale: Timer | undefined
  let ringing = false
  let timedOut = false
  let cancelled = false
  let over = false

  const quiet = (): void => {
    stale?.cancel()
    for (const timer of timers) timer.cancel()
  }
  const end = (outcome: RingOutcome): void => {
    if (over) return
    over = true
    quiet()
    options.onEnded(outcome)
  }
  const after = (name: string, delay: number, happen: () => void): void =>
    void timers.add(clock.timer(`operator ${name}`, ms(delay), happen))
  const giveUp = (type: 'no-reply' | 'unavailable'): void => {
    forwarding.abandon()
    end({ type, response: noReply })
  }
  const stop = (): void => {
    timedOut = true
    forwarding.cancel()
    after('crossing', CROSSING_MS, () => giveUp('no-reply'))
  }

  const forwarding: Forwarding = forward(options.wire, clock, server, options.targets, options.respondWith, {
    onProvisional: ({ status }) => {
      stale?.cancel()
      if (status < 180 || ringing) return
      ringing = true
      if (options.ringMs !== undefined) after('ringing', options.ringMs, stop)
    },
    onAnswered: () => {
      over = true
      quiet()
      options.onAnswered?.()
    },
    onFailed: (response, why) => {
      if (cancelled) end(terminated)
      else if (timedOut) end({ type: 'no-reply', response: noReply })
      else end({ type: meaningOf(response, why), response })
    },
  })
  if (over) return
  const cancel = server.onCancel
  server.onCancel = message => {
    cancelled = true
    cancel?.(message)
    after('crossing', CROSSING_MS, () => {
      forwarding.abandon()
      end(terminated)
    })
  }
  // Only where there is something else to do with the call: nobody else could take it earlier.
  if (options.ringMs !== undefined)
    stale = clock.timer('operator stale', ms(STALE_MS), () => giveUp('unavailable'))
}
