// The stateful forwarding of one request (RFC 3261 §16.6-16.10): to one or several targets at once, answers back as they
// come, the best refusal at the end, CANCEL to all that still ring, timer C.

import {
  type HeaderLine,
  headerOf,
  responseTo,
  type SipRequest,
  type SipResponse,
} from '../../firmware/sip/wire/message.js'
import type { ClientTransaction, ServerTransaction, Wire } from '../../firmware/sip/wire/wire-contract.js'
import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Endpoint } from '../../hal/network.js'

export interface Target {
  readonly request: SipRequest
  readonly to: Endpoint
}

/** RFC 3261 §16.6, timer C: more than 3 minutes. */
const TIMER_C_MS = 181_000

/** Lower is better: 6xx before all, then the usual order with 401 and 407 before what says less (§16.7, step 6). */
const rank = (status: number): number => {
  if (status >= 600) return 0
  if (status === 401 || status === 407) return 1
  if (status === 486) return 2
  if (status < 400) return 3
  if (status < 500) return status === 408 ? 6 : 4
  return 5
}

export const forward = (
  wire: Wire,
  clock: Clock,
  server: ServerTransaction,
  targets: readonly Target[],
  tag: string,
): void => {
  const invite = server.request.method === 'INVITE'
  const open = new Set<ClientTransaction>()
  let best: SipResponse | undefined
  let settled = false
  let timerC: Timer | undefined

  const cancelAll = (extra: readonly HeaderLine[] = []): void => {
    for (const client of open) client.cancel(extra)
  }
  const watch = (): void => {
    timerC?.cancel()
    if (invite) timerC = clock.timer('operator timer C', ms(TIMER_C_MS), () => cancelAll())
  }
  const refuse = (response: SipResponse): void => {
    if (best === undefined || rank(response.status) < rank(best.status)) best = response
  }
  const finish = (): void => {
    if (settled || open.size > 0) return
    settled = true
    timerC?.cancel()
    // What failed to answer at all is no 503 of ours (§16.7, step 6).
    server.respond(best ?? responseTo(server.request, 408, 'Request Timeout', tag))
  }

  server.onCancel = cancel => {
    const reason = headerOf(cancel, 'Reason')
    cancelAll(reason === undefined ? [] : [['Reason', reason]])
  }
  if (invite) server.respond(responseTo(server.request, 100, 'Trying'))
  watch()
  const starting = targets.map(({ request, to }) => {
    const client = wire.request(request, to, outcome => {
      if (outcome.type === 'failed') {
        refuse(
          outcome.why === 'timeout'
            ? responseTo(server.request, 408, 'Request Timeout', tag)
            : responseTo(server.request, 480, 'Temporarily Unavailable', tag),
        )
        open.delete(client)
        finish()
        return
      }
      const { response } = outcome
      if (response.status === 100) return
      if (response.status < 200) {
        watch()
        if (!settled) server.respond(response)
        return
      }
      open.delete(client)
      if (response.status < 300) {
        // Every 2xx goes through, also those of other branches and repetitions (§16.7, step 5).
        settled = true
        timerC?.cancel()
        server.respond(response)
        cancelAll()
        return
      }
      refuse(response)
      if (response.status >= 600) cancelAll()
      finish()
    })
    open.add(client)
    return client
  })
  if (starting.length === 0) finish()
}
