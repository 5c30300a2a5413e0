// Session timers, RFC 4028, in both roles: who refreshes, how often, and when a session that nobody refreshes is over.
// Reading and writing the headers is pure; the timer object owns one timer of the clock.

import { type Clock, ms, type Timer } from '../../../hal/clock.js'
import { leadingInteger, optionTags, valueAndParameters } from './header-values.js'

/** Smallest interval that RFC 4028 §4 allows, seconds; ours too. */
export const minimumSeconds = 90

export interface Headers {
  getHeader(name: string): string | undefined
  getHeaders(name: string): string[]
}

export interface SessionInterval {
  readonly seconds: number
  readonly weRefresh: boolean
}

interface SessionExpires {
  readonly seconds: number
  readonly refresher: 'uac' | 'uas' | undefined
}

const readSessionExpires = (message: Headers): SessionExpires | undefined => {
  const header = message.getHeader('session-expires') ?? message.getHeader('x')
  const seconds = leadingInteger(header)
  if (header === undefined || seconds === undefined) return undefined
  const refresher = valueAndParameters(header).parameters['refresher']?.toLowerCase()
  return { seconds, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined }
}

/** Min-SE of a 422 (§6), or undefined. */
export const minimumOf = (message: Headers): number | undefined => leadingInteger(message.getHeader('min-se'))

/** What a request of ours says. `refresher` is named in refreshes only (§7.4), so that the roles stay. */
export const requestLines = (seconds: number, minimum: number, refresher?: 'uac' | 'uas'): string[] => [
  `Session-Expires: ${Math.max(seconds, minimum)}${refresher === undefined ? '' : `;refresher=${refresher}`}`,
  `Min-SE: ${minimum}`,
]

/** What a 2xx to a request of ours fixes; undefined: no session timer (§7.2). */
export const fromResponse = (response: Headers): SessionInterval | undefined => {
  const read = readSessionExpires(response)
  return read && { seconds: Math.max(read.seconds, minimumSeconds), weRefresh: read.refresher !== 'uas' }
}

export type RequestVerdict =
  | { readonly type: 'too-small' }
  | { readonly type: 'fits'; readonly lines: string[]; readonly interval: SessionInterval | undefined }

/** Our answer to a request's session timer (§9). `wanted` seconds are asked for when the request asks for none. */
export const answerRequest = (request: Headers, wanted: number): RequestVerdict => {
  const knows = optionTags([...request.getHeaders('supported'), ...request.getHeaders('require')]).includes(
    'timer',
  )
  const asked = readSessionExpires(request)
  if (!asked && !knows) return { type: 'fits', lines: [], interval: undefined }
  if (asked && knows && asked.seconds < minimumSeconds) return { type: 'too-small' }
  const least = Math.max(minimumSeconds, minimumOf(request) ?? 0)
  const seconds = Math.max(asked?.seconds ?? wanted, least)
  // Who does not know timers cannot refresh; without a wish of theirs the side that asked for the timer does it.
  const refresher = knows ? (asked ? (asked.refresher ?? 'uac') : 'uas') : 'uas'
  const lines = [`Session-Expires: ${seconds};refresher=${refresher}`]
  if (refresher === 'uac') lines.push('Require: timer')
  return { type: 'fits', lines, interval: { seconds, weRefresh: refresher === 'uas' } }
}

export interface SessionTimer {
  readonly current: SessionInterval | undefined
  /** A refresh went through: starts anew; undefined switches the timer off. */
  restart(interval: SessionInterval | undefined): void
  /** Our refresh failed for now: tries again after `delayMs`, unless the session is over by then. */
  retry(delayMs: number): void
  stop(): void
}

export const createSessionTimer = (
  clock: Clock,
  actions: { refresh(): void; expire(): void },
): SessionTimer => {
  let current: SessionInterval | undefined
  let next: Timer | undefined
  let end: Timer | undefined
  const stop = (): void => {
    next?.cancel()
    end?.cancel()
  }
  return {
    get current() {
      return current
    },
    restart(interval) {
      stop()
      current = interval
      if (!interval) return
      const whole = interval.seconds * 1000
      if (interval.weRefresh) {
        next = clock.timer('session refresh', ms(whole / 2), actions.refresh)
        end = clock.timer('session expiry', ms(whole), actions.expire)
      } else {
        // §10: the side that only waits hangs up a little before the end, so that its BYE still finds the session.
        end = clock.timer('session expiry', ms(whole - Math.min(32_000, whole / 3)), actions.expire)
      }
    },
    retry(delayMs) {
      next?.cancel()
      next = clock.timer('session refresh', ms(delayMs), actions.refresh)
    },
    stop,
  }
}
