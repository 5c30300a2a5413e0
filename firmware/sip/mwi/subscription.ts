// One subscription kept for as long as its line is registered (RFC 6665 §4.1, RFC 3842): refreshed at half its life, begun
// anew when the notifier has forgotten it (481) or ends it. A network that has no such service is asked again a day later,
// one that refuses after 5 to 30 minutes, one that fails after 30 s doubling to 30 minutes (each with jitter).

import { type Clock, ms, type Timer } from '../../../hal/clock.js'
import type { Entropy } from '../../../hal/entropy.js'
import type { Log } from '../../log.js'
import { refreshDelayMs, retryDelayMs } from '../registration.js'

export interface SubscribeReply {
  /** Final status; 408 and 503 also stand for no answer and no way. */
  readonly status: number
  /** Life of the subscription, seconds. */
  readonly expires?: number
  /** Seconds. */
  readonly retryAfter?: number
  /** Min-Expires of a 423, seconds. */
  readonly minimum?: number
}

/** Sends SUBSCRIBE requests and knows the dialog they have made. */
export interface Subscriber {
  /** One SUBSCRIBE inside the subscription, or for a new one (0 seconds: ends it). `done` runs once. Returns how to forget it unanswered. */
  send(seconds: number, done: (reply: SubscribeReply) => void): () => void
  /** Forgets the subscription: the next SUBSCRIBE begins another. */
  forget(): void
}

/** Subscription-State of a NOTIFY (RFC 6665 §4.1.3). */
export interface SubscriptionState {
  readonly name: 'active' | 'pending' | 'terminated'
  readonly reason?: string
  /** Seconds. */
  readonly expires?: number
  /** Seconds. */
  readonly retryAfter?: number
}

export interface SubscriptionOptions {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly log: Log
  readonly subscriber: Subscriber
  /** Asked for, seconds; default 3600. */
  readonly seconds?: number
}

export interface Subscription {
  /** The line is registered now and was not before: subscribes, anew if need be. */
  begin(): void
  /** The line is not registered any more: nothing is asked. */
  pause(): void
  /** Of its NOTIFY. */
  notified(state: SubscriptionState): void
  /** It may have been forgotten over there: refreshed at once, at most once a minute. */
  doubt(): void
  /** Ends it; resolves when that is answered or after `withinMs`. */
  stop(withinMs: number): Promise<void>
}

/** No NOTIFY for so long after the 2xx: there is no subscription (RFC 6665 §4.1.2.4, timer N), ms. */
const FIRST_NOTIFY_MS = 32_000
/** A network without the service is asked again after a day, ms. */
const NO_SERVICE_MS = 86_400_000
const DOUBT_MS = 60_000
/** Another subscription sooner than this after the last is a storm, ms. */
const SHORTEST_MS = 5000

/** There is no such service, or not for this line. */
const noService: ReadonlySet<number> = new Set([404, 405, 410, 416, 489, 501, 604])
/** The subscription is gone with these, whatever its life was (RFC 6665 §4.1.2.2). */
const ends: ReadonlySet<number> = new Set([...noService, 480, 481, 482, 483, 484, 485])

export const createSubscription = (options: SubscriptionOptions): Subscription => {
  const { clock, entropy, log, subscriber } = options
  let seconds = options.seconds ?? 3600
  let timer: Timer | undefined
  let firstNotify: Timer | undefined
  let cancel: (() => void) | undefined
  let failures = 0
  let raised = 0
  let running = false
  /** When it runs out, µs; undefined: there is none. */
  let until: number | undefined
  let begunAt = Number.NEGATIVE_INFINITY
  let doubtedAt = Number.NEGATIVE_INFINITY

  const chance = (): number => entropy.uint32() / 2 ** 32
  const later = (delayMs: number): void => {
    timer?.cancel()
    timer = clock.timer('subscribe', ms(delayMs), attempt)
  }
  const forgetRequest = (): void => {
    cancel?.()
    cancel = undefined
  }
  const drop = (): void => {
    forgetRequest()
    firstNotify?.cancel()
    until = undefined
    subscriber.forget()
  }
  const attempt = (): void => {
    if (!running || cancel) return
    timer?.cancel()
    if (until !== undefined && until <= clock.now()) drop()
    if (until === undefined) begunAt = clock.now()
    cancel = subscriber.send(seconds, onReply)
  }
  const anew = (): void => {
    drop()
    const since = (clock.now() - begunAt) / 1000
    if (since >= SHORTEST_MS) attempt()
    else failed({ status: 500 })
  }

  const onReply = (reply: SubscribeReply): void => {
    cancel = undefined
    if (!running) return
    const { status, minimum } = reply
    if (status < 300) subscribed(reply.expires ?? seconds)
    else if (status === 423 && minimum !== undefined && minimum > seconds && raised < 3) {
      raised++
      seconds = Math.min(minimum, NO_SERVICE_MS / 1000)
      attempt()
    } else if (status === 481 && until !== undefined) anew()
    else refused(reply)
  }
  const subscribed = (expires: number): void => {
    raised = 0
    if (expires <= 0) return failed({ status: 500 })
    if (until === undefined) {
      firstNotify?.cancel()
      firstNotify = clock.timer('first NOTIFY', ms(FIRST_NOTIFY_MS), () => {
        drop()
        failed({ status: 408 })
      })
    }
    lives(expires)
  }
  const lives = (expires: number): void => {
    until = clock.now() + expires * 1e6
    later(refreshDelayMs(expires))
  }
  const refused = (reply: SubscribeReply): void => {
    if (ends.has(reply.status)) drop()
    if (!noService.has(reply.status)) return failed(reply)
    log.info('the network tells nothing of messages', { status: reply.status })
    later(NO_SERVICE_MS * (1 + chance() / 10))
  }
  const failed = (reply: SubscribeReply): void => {
    failures++
    const delayMs = retryDelayMs(reply, failures, chance())
    log.warn('subscription to messages failed', {
      status: reply.status,
      retrySeconds: Math.round(delayMs / 1000),
    })
    later(delayMs)
  }

  const terminated = ({ reason, retryAfter }: SubscriptionState): void => {
    drop()
    switch (reason) {
      case 'rejected':
      case 'noresource':
      case 'invariant':
        return later(NO_SERVICE_MS * (1 + chance() / 10))
      case 'probation':
      case 'giveup':
        return failed({ status: 503, ...(retryAfter !== undefined && { retryAfter }) })
      default:
        // Deactivated, out of time, or for no reason that is known: welcome again at once.
        return anew()
    }
  }

  const halt = (): void => {
    running = false
    timer?.cancel()
    firstNotify?.cancel()
    forgetRequest()
  }

  return {
    begin() {
      if (running) return
      running = true
      failures = 0
      // What stood under the former registration may lead nowhere any more.
      drop()
      attempt()
    },
    pause: halt,
    notified(state) {
      if (!running) return
      firstNotify?.cancel()
      if (state.name === 'terminated') return terminated(state)
      failures = 0
      // It may come before the 2xx. A shorter life than was known counts at once (RFC 6665 §4.1.3).
      const { expires } = state
      if (expires !== undefined && expires > 0 && (until ?? Infinity) > clock.now() + (expires + 1) * 1e6)
        lives(expires)
    },
    doubt() {
      if (!running || until === undefined || clock.now() - doubtedAt < DOUBT_MS * 1000) return
      doubtedAt = clock.now()
      attempt()
    },
    stop(withinMs) {
      halt()
      if (until === undefined) return Promise.resolve()
      until = undefined
      return new Promise(resolve => {
        const done = (): void => {
          limit.cancel()
          resolve()
        }
        const forget = subscriber.send(0, done)
        const limit = clock.timer('unsubscribe', ms(withinMs), () => {
          forget()
          resolve()
        })
      })
    },
  }
}
