// Server transactions over UDP: INVITE with timers G, H, I and L (RFC 3261 §17.2.1, RFC 6026 §7.1) and non-INVITE with J
// (§17.2.2). After its end the last answer is kept until 64*T1 past the final one, so that a late copy of the request
// is answered from memory and never reaches anybody twice.

import { type Clock, ms, type Timer } from '../../../hal/clock.js'
import type { TimerValues } from './client-transaction.js'
import { responseTo, type SipRequest, type SipResponse } from './message.js'

export interface ServerMachineOptions {
  readonly clock: Clock
  readonly timers: TimerValues
  readonly request: SipRequest
  send(response: SipResponse): void
  /** Called once: a final answer has gone out, or none ever will. */
  onSettled(): void
  /** No ACK within timer H. */
  onTimeout(): void
  /** Called once, when the request may be forgotten. */
  onEnd(): void
}

export interface ServerMachine {
  readonly request: SipRequest
  respond(response: SipResponse): void
  /** The same request again. */
  repeated(): void
  /** An ACK with this transaction's branch; 'not-ours' when it answers a 2xx and so belongs to the user agent. */
  acknowledged(): 'first' | 'again' | 'not-ours'
  end(): void
}

type State = 'trying' | 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'ended'

/** The 100 goes out by itself after this long without an answer from above, ms (§17.2.1). */
const TRYING_MS = 200

export const createServerMachine = (options: ServerMachineOptions): ServerMachine => {
  const { clock, request } = options
  const { t1, t2 } = options.timers
  const invite = request.method === 'INVITE'
  let state: State = 'trying'
  let last: SipResponse | undefined
  let repeat: Timer | undefined
  let limit: Timer | undefined

  const after = (name: string, delay: number, fire: () => void): Timer =>
    clock.timer(`sip ${name} ${request.method}`, ms(delay), fire)
  const end = (): void => {
    if (state === 'ended') return
    const unanswered = state === 'trying' || state === 'proceeding'
    state = 'ended'
    repeat?.cancel()
    limit?.cancel()
    if (unanswered) options.onSettled()
    options.onEnd()
  }
  const startRepeating = (delay: number): void => {
    repeat = after('G', delay, () => {
      if (last !== undefined) options.send(last)
      startRepeating(Math.min(delay * 2, t2))
    })
  }
  const refused = (): void => {
    state = 'completed'
    startRepeating(t1)
    limit = after('H', 64 * t1, () => {
      end()
      options.onTimeout()
    })
  }

  if (invite)
    repeat = after('trying', TRYING_MS, () => {
      last = responseTo(request, 100, 'Trying')
      options.send(last)
    })

  return {
    request,
    respond: response => {
      if (state === 'accepted') {
        // Every repetition of the 2xx is the user agent's doing (RFC 3261 §13.3.1.4).
        if (response.status >= 200 && response.status < 300) options.send(response)
        return
      }
      if (state !== 'trying' && state !== 'proceeding') return
      repeat?.cancel()
      last = response
      options.send(response)
      if (response.status < 200) {
        state = 'proceeding'
        return
      }
      if (!invite) {
        state = 'completed'
        limit = after('J', 64 * t1, end)
      } else if (response.status < 300) {
        state = 'accepted'
        limit = after('L', 64 * t1, end)
      } else refused()
      options.onSettled()
    },
    repeated: () => {
      // In 'accepted' the user agent's own repetition is on its way; 'confirmed' has been acknowledged.
      if (last !== undefined && (state === 'proceeding' || state === 'completed' || state === 'trying'))
        options.send(last)
    },
    acknowledged: () => {
      if (state === 'confirmed') return 'again'
      if (state !== 'completed' || !invite) return 'not-ours'
      state = 'confirmed'
      // Timer I would forget the request after T4; it is remembered for 64*T1, so that a late copy rings nobody.
      repeat?.cancel()
      limit?.cancel()
      limit = after('I', 64 * t1, end)
      return 'first'
    },
    end,
  }
}
