// Keeping one account registered, for ever (RFC 3261 §10.2, RFC 5626 §4.5 for the waits, RFC 3608 Service-Route).
// Refresh at half the binding's life, never later than 60 s before its end; refusals wait 5 to 30 minutes, other failures
// 30 s doubling to 30 minutes, each with jitter, and never less than Retry-After.

import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Log } from '../log.js'

export interface RegisterReply {
  /** Final status; 408 and 503 also stand for no answer and no way. */
  readonly status: number
  readonly reason?: string
  /** Life of our own binding, seconds; absent in a 2xx that does not list us. */
  readonly expires?: number
  /** Seconds. */
  readonly retryAfter?: number
  /** Min-Expires of a 423, seconds. */
  readonly minimum?: number
  /** Service-Route, top first. */
  readonly routes: readonly string[]
  /** P-Associated-URI; the first is the default identity (RFC 7315 §4.1). */
  readonly identities: readonly string[]
}

export interface Registrar {
  /** Sends one REGISTER (0 seconds: removes the binding). `done` runs once. Returns how to forget it unanswered. */
  send(seconds: number, done: (reply: RegisterReply) => void): () => void
}

export type RegistrationState =
  | { readonly state: 'registering' | 'unregistered' }
  | { readonly state: 'registered'; readonly expiresSeconds: number }
  | { readonly state: 'refused'; readonly status: number; readonly reason?: string }

export interface RegistrationOptions {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly log: Log
  readonly registrar: Registrar
  /** Asked for, seconds, 60-7200. */
  readonly seconds: number
  /** Runs before each attempt (name look-up). A rejection counts as 503. */
  prepare(): Promise<void>
  onState(state: RegistrationState): void
  /** How each attempt ended; `nextMs`: until the next one. */
  onAttempt?(attempt: { readonly status: number; readonly reason?: string; readonly nextMs: number }): void
  onRegistered(reply: RegisterReply): void
}

export interface Registration {
  start(): void
  /** Asks at once instead of when it is due. Nothing while an answer is awaited, or before `start`. */
  now(): void
  /** Removes the binding if there may be one; resolves when answered or after `withinMs`. */
  stop(withinMs: number): Promise<void>
}

const longestWaitMs = 1_800_000
const failureBaseMs = 30_000
const refusalBaseMs = 300_000
/** Asking more often than this is a storm whatever the registrar says, ms. */
const shortestRefreshMs = 5000
const longestExpiry = 86_400

/** When to refresh a binding of `seconds`, ms: half its life, at the latest 60 s before the end. */
export const refreshDelayMs = (seconds: number): number => {
  const whole = Math.min(seconds, longestExpiry) * 1000
  const half = whole / 2
  // Below two minutes "60 s before the end" comes before half: half is early enough there.
  return Math.max(shortestRefreshMs, whole > 120_000 ? Math.min(half, whole - 60_000) : half)
}

/** How long to wait after a failure, ms. `failures` counts this one; `chance` is uniform in [0, 1). */
export const retryDelayMs = (
  reply: Pick<RegisterReply, 'status' | 'retryAfter'>,
  failures: number,
  chance: number,
): number => {
  const refused = isRefusal(reply.status)
  const doubled = (refused ? refusalBaseMs : failureBaseMs) * 2 ** Math.min(failures - 1, 10)
  const most = Math.min(doubled, longestWaitMs)
  // A refusal never waits less than its base; a failure waits half to all of it (RFC 5626 §4.5).
  const wait = refused
    ? Math.min(longestWaitMs, most + chance * refusalBaseMs * 0.2)
    : most * (0.5 + chance / 2)
  const asked = (reply.retryAfter ?? 0) * 1000
  // Everybody was told the same second: a little later keeps a street of boxes apart.
  return asked > 0 ? Math.max(wait, asked + chance * Math.min(asked * 0.1, 10_000)) : wait
}

const isRefusal = (status: number): boolean => [401, 403, 404, 407].includes(status)

export const createRegistration = (options: RegistrationOptions): Registration => {
  const { clock, entropy, log, registrar } = options
  let seconds = options.seconds
  let timer: Timer | undefined
  let expiry: Timer | undefined
  let forget: (() => void) | undefined
  let failures = 0
  let raised = 0
  let running = false
  let bound = false
  /** A REGISTER has left: the registrar may hold a binding. */
  let asked = false
  let underWay = false

  const later = (delayMs: number): number => {
    timer?.cancel()
    timer = clock.timer('register', ms(delayMs), attempt)
    return delayMs
  }

  const told = ({ status, reason }: RegisterReply, nextMs: number): void =>
    options.onAttempt?.({ status, nextMs, ...(reason === undefined ? {} : { reason }) })

  const attempt = (): void => {
    underWay = true
    if (!bound) options.onState({ state: 'registering' })
    options
      .prepare()
      .then(() => {
        if (!running) return
        asked = true
        forget = registrar.send(seconds, onReply)
      })
      .catch(error => {
        log.info('registrar not found', { reason: String(error) })
        onReply({ status: 503, routes: [], identities: [] })
      })
  }

  const onReply = (reply: RegisterReply): void => {
    forget = undefined
    underWay = false
    if (!running) return
    if (reply.status < 300 && reply.expires !== undefined && reply.expires > 0)
      registered(reply, reply.expires)
    else if (reply.status === 423 && reply.minimum !== undefined && reply.minimum > seconds && raised < 3) {
      // At once, and remembered (RFC 3261 §10.2.8); a registrar that keeps raising is a failure like others.
      raised++
      seconds = Math.min(reply.minimum, longestExpiry)
      attempt()
    } else failed(reply)
  }

  const registered = (reply: RegisterReply, expires: number): void => {
    failures = 0
    raised = 0
    bound = true
    expiry?.cancel()
    expiry = clock.timer('binding expiry', ms(Math.min(expires, longestExpiry) * 1000), () => {
      bound = false
      options.onState({ state: 'unregistered' })
    })
    told(reply, later(refreshDelayMs(expires)))
    options.onRegistered(reply)
    options.onState({ state: 'registered', expiresSeconds: expires })
  }

  const failed = (reply: RegisterReply): void => {
    failures++
    const delayMs = retryDelayMs(reply, failures, entropy.uint32() / 2 ** 32)
    log.warn('registration failed', { status: reply.status, retrySeconds: Math.round(delayMs / 1000) })
    told(reply, later(delayMs))
    const { status, reason } = reply
    if (isRefusal(status)) {
      bound = false
      expiry?.cancel()
      options.onState({ state: 'refused', status, ...(reason === undefined ? {} : { reason }) })
      return
    }
    // A refresh that failed leaves the binding as it was until it runs out.
    if (!bound) options.onState({ state: 'unregistered' })
  }

  const cancelAll = (): void => {
    running = false
    underWay = false
    timer?.cancel()
    expiry?.cancel()
    forget?.()
    forget = undefined
  }

  return {
    start() {
      if (running) return
      running = true
      attempt()
    },
    now() {
      if (!running || underWay) return
      timer?.cancel()
      attempt()
    },
    stop(withinMs) {
      cancelAll()
      bound = false
      if (!asked) return Promise.resolve()
      asked = false
      return new Promise(resolve => {
        const limit = clock.timer('de-register', ms(withinMs), () => {
          cancel()
          resolve()
        })
        const cancel = registrar.send(0, () => {
          limit.cancel()
          resolve()
        })
      })
    },
  }
}
