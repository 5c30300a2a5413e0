// The stateful forwarding of one request (RFC 3261 §16.6-16.10): to one or several targets at once, answers back as they
// come, the best refusal at the end, CANCEL to all that still ring, timer C. Whoever has more in mind for a call that is
// refused (ringing.ts) takes the refusal instead of the caller.

import { parseCSeq } from '../../firmware/sip/wire/header-values.js'
import {
  type HeaderLine,
  headerOf,
  type SipRequest,
  type SipResponse,
} from '../../firmware/sip/wire/message.js'
import type { ClientTransaction, ServerTransaction, Wire } from '../../firmware/sip/wire/wire-contract.js'
import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Endpoint } from '../../hal/network.js'
import { contactOf } from './service-dialog.js'

export interface Target {
  readonly request: SipRequest
  readonly to: Endpoint
}

/** Why nobody took it: refused by an answer, no answer at all, or nobody there (ICMP). */
export type Failure = 'refused' | 'silent' | 'unreachable'

export interface ForwardHooks {
  onProvisional?(response: SipResponse): void
  onAnswered?(): void
  /** All have failed. Without it the caller is told. */
  onFailed?(best: SipResponse, why: Failure): void
}

export interface Forwarding {
  /** CANCEL to everything that still rings. */
  cancel(extra?: readonly HeaderLine[]): void
  /** Cancels, calls no hook any more and hangs up on whoever answers all the same. */
  abandon(): void
}

/** RFC 3261 §16.6, timer C: more than 3 minutes. */
const TIMER_C_MS = 181_000
/** RFC 3326: the other telephones are told why they stop ringing. */
export const elsewhere: HeaderLine = ['Reason', 'SIP;cause=200;text="Call completed elsewhere"']

/** Lower is better: 6xx before all, then the usual order with 401 and 407 before what says less (§16.7, step 6). */
const rank = (status: number): number => {
  if (status >= 600) return 0
  if (status === 401 || status === 407) return 1
  if (status === 486) return 2
  if (status < 400) return 3
  if (status < 500) return status === 408 ? 6 : 4
  return 5
}

/** ACK and BYE to somebody who answered a call that is no longer his. */
export const hangUpOn = (wire: Wire, { request, to }: Target, answer: SipResponse): void => {
  const number = parseCSeq(headerOf(request, 'CSeq') ?? '')?.number ?? 1
  const inside = (method: string, cseq: number): SipRequest => ({
    kind: 'request',
    method,
    uri: contactOf(answer) ?? request.uri,
    headers: [
      ['Max-Forwards', '70'],
      ['From', headerOf(request, 'From') as string],
      ['To', headerOf(answer, 'To') as string],
      ['Call-ID', headerOf(request, 'Call-ID') as string],
      ['CSeq', `${cseq} ${method}`],
    ],
    body: '',
  })
  wire.send(inside('ACK', number), to)
  wire.request(inside('BYE', number + 1), to, () => {})
}

/** `own` makes a final answer of this server. The 100 is the caller's business. */
export const forward = (
  wire: Wire,
  clock: Clock,
  server: ServerTransaction,
  targets: readonly Target[],
  own: (status: number, reason: string) => SipResponse,
  hooks: ForwardHooks = {},
): Forwarding => {
  const invite = server.request.method === 'INVITE'
  const open = new Set<ClientTransaction>()
  let best: { response: SipResponse; why: Failure } | undefined
  let settled = false
  let abandoned = false
  let timerC: Timer | undefined

  const cancelAll = (extra: readonly HeaderLine[] = []): void => {
    for (const client of open) client.cancel(extra)
  }
  const watch = (): void => {
    timerC?.cancel()
    if (invite) timerC = clock.timer('operator timer C', ms(TIMER_C_MS), () => cancelAll())
  }
  const refuse = (response: SipResponse, why: Failure): void => {
    if (best === undefined || rank(response.status) < rank(best.response.status)) best = { response, why }
  }
  const finish = (): void => {
    if (settled || open.size > 0) return
    settled = true
    timerC?.cancel()
    const { response, why } = best ?? { response: own(408, 'Request Timeout'), why: 'silent' }
    if (abandoned) return
    if (hooks.onFailed === undefined) server.respond(response)
    else hooks.onFailed(response, why)
  }
  const answered = (target: Target, response: SipResponse): void => {
    if (abandoned) {
      hangUpOn(wire, target, response)
      return
    }
    // Every 2xx goes through, also those of other branches and repetitions (§16.7, step 5).
    settled = true
    timerC?.cancel()
    hooks.onAnswered?.()
    server.respond(response)
    cancelAll([elsewhere])
  }

  server.onCancel = cancel => {
    const reason = headerOf(cancel, 'Reason')
    cancelAll(reason === undefined ? [] : [['Reason', reason]])
  }
  watch()
  const starting = targets.map(target => {
    const client = wire.request(target.request, target.to, outcome => {
      if (outcome.type === 'failed') {
        // What failed to answer at all is no 503 of ours (§16.7, step 6).
        if (outcome.why === 'timeout') refuse(own(408, 'Request Timeout'), 'silent')
        else refuse(own(480, 'Temporarily Unavailable'), 'unreachable')
        open.delete(client)
        finish()
        return
      }
      const { response } = outcome
      if (response.status < 200) {
        if (!abandoned) hooks.onProvisional?.(response)
        if (response.status === 100) return
        watch()
        if (!settled && !abandoned) server.respond(response)
        return
      }
      open.delete(client)
      if (response.status < 300) answered(target, response)
      else {
        refuse(response, 'refused')
        if (response.status >= 600) cancelAll()
        finish()
      }
    })
    open.add(client)
    return client
  })
  if (starting.length === 0) finish()
  return {
    cancel: cancelAll,
    abandon: () => {
      if (settled) return
      abandoned = true
      timerC?.cancel()
      cancelAll()
    },
  }
}
