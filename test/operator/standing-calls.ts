// The calls that go through the proxy, from INVITE to BYE: their rows of the journal, their mask, and the end of those
// whose session timer ran out (RFC 4028) because somebody was unplugged.

import {
  headerOf,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  tagOf,
} from '../../firmware/sip/wire/message.js'
import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { CallJournal, CallReason, CallStart, OpenCall } from './call-journal.js'
import type { Mask } from './masking.js'

export interface StandingCall {
  /** One more leg that somebody pays for. */
  leg(start: CallStart): void
  mask: Mask | undefined
  /** What the caller was answered with, provisional answers included. */
  responded(response: SipResponse): void
  /** BYE, or the end of a call with the operator itself; a refusal comes through `responded`. */
  ended(): void
}

export interface StandingCalls {
  begin(invite: SipRequest): StandingCall
  /** The call a request inside a dialog belongs to, and whose request it is. */
  find(request: SipRequest): { readonly call: StandingCall; readonly fromCaller: boolean } | undefined
  readonly size: number
  /** All of them, as if the operator had been started anew. */
  forget(): void
}

/** Seconds after the agreed end of the session. */
const GRACE_S = 32

const reasonOf = (status: number): CallReason => {
  if (status === 486 || status === 600) return 'busy'
  if (status === 487) return 'cancelled'
  if (status === 408 || status === 480) return 'no-reply'
  if (status === 404 || status === 484 || status === 604) return 'unknown-number'
  return status === 403 || status === 603 ? 'refused' : 'failed'
}

const sessionSeconds = (message: SipMessage): number | undefined => {
  const value = /^\s*(\d{1,7})/.exec(headerOf(message, 'Session-Expires') ?? '')?.[1]
  return value === undefined ? undefined : Number(value)
}

export const createStandingCalls = (clock: Clock, journal: CallJournal): StandingCalls => {
  const calls = new Map<string, StandingCall>()
  const keyOf = (request: SipRequest, header: 'From' | 'To'): string =>
    `${headerOf(request, 'Call-ID')} ${tagOf(headerOf(request, header))}`
  return {
    get size() {
      return calls.size
    },
    forget: () => calls.clear(),
    begin: invite => {
      const key = keyOf(invite, 'From')
      const legs: OpenCall[] = []
      let answered = false
      let expiry: Timer | undefined
      const close = (reason: CallReason): void => {
        expiry?.cancel()
        for (const leg of legs) leg.ended(reason)
        if (calls.get(key) === call) calls.delete(key)
      }
      const call: StandingCall = {
        mask: undefined,
        leg: start => void legs.push(journal.begin(start)),
        responded: response => {
          const { status } = response
          if (status < 200) return
          if (status >= 300) {
            // A refused re-INVITE ends nothing.
            if (!answered) close(reasonOf(status))
            return
          }
          if (!answered) for (const leg of legs) leg.answered()
          answered = true
          const seconds = sessionSeconds(response)
          if (seconds === undefined) return
          expiry?.cancel()
          expiry = clock.timer('operator session', ms((seconds + GRACE_S) * 1000), () => close('answered'))
        },
        ended: () => {
          if (answered) close('answered')
        },
      }
      calls.set(key, call)
      return call
    },
    find: request => {
      const mine = calls.get(keyOf(request, 'From'))
      if (mine !== undefined) return { call: mine, fromCaller: true }
      const theirs = calls.get(keyOf(request, 'To'))
      return theirs === undefined ? undefined : { call: theirs, fromCaller: false }
    },
  }
}
