// Client transactions over UDP: INVITE with timers A, B, D and M (RFC 3261 §17.1.1, RFC 6026 §7.2) and non-INVITE with
// E, F and K (§17.1.2). The machine knows no sockets: it is given a way to send and tells what came of the request.

import { type Clock, ms, type Timer } from '../../../hal/clock.js'
import type { Endpoint } from '../../../hal/network.js'
import { type HeaderLine, headerOf, type SipRequest, type SipResponse } from './message.js'
import type { ClientOutcome } from './wire-contract.js'

/** RFC 3261 §17.1.1.1, ms. */
export interface TimerValues {
  readonly t1: number
  readonly t2: number
  readonly t4: number
}

export interface ClientMachineOptions {
  readonly clock: Clock
  readonly timers: TimerValues
  /** With its own Via on top. */
  readonly request: SipRequest
  readonly to: Endpoint
  /**
   * Timer B or F, ms; 64*T1, or less when a next destination waits. An INVITE given up early may still wake somebody: a
   * late provisional answer then gets a CANCEL.
   */
  readonly giveUpMs: number
  send(message: SipRequest): void
  sendLateCancel(): void
  onOutcome(outcome: ClientOutcome): void
  /** Called once, when nothing more is expected. */
  onEnd(): void
}

export interface ClientMachine {
  readonly request: SipRequest
  readonly to: Endpoint
  receive(response: SipResponse, from: Endpoint): void
  /** ICMP said that nobody listens there. Only a request nobody has answered yet fails by it. */
  unreachable(): void
  /** INVITE only: `sendCancel` runs once a provisional response is there, never after a final one (§9.1). */
  cancel(sendCancel: () => void): void
  end(): void
}

type State = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'ended'

/**
 * ACK to a final response other than 2xx (§17.1.1.3): Via, R-URI, From, Call-ID, credentials (§22.1) and all Routes of the
 * INVITE, To of the response.
 */
export const ackFor = (invite: SipRequest, response: SipResponse): SipRequest => {
  const headers: HeaderLine[] = []
  for (const line of invite.headers) {
    const [name, value] = line
    const credentials = name === 'Authorization' || name === 'Proxy-Authorization'
    if (name === 'Via' ? headers[0]?.[0] !== 'Via' : credentials || copied.has(name)) headers.push(line)
    else if (name === 'To') headers.push(['To', headerOf(response, 'To') ?? value])
    else if (name === 'CSeq') headers.push(['CSeq', value.replace(/\S+$/, 'ACK')])
  }
  return { kind: 'request', method: 'ACK', uri: invite.uri, headers, body: '' }
}

const copied = new Set(['From', 'Call-ID', 'Route', 'Max-Forwards', 'User-Agent'])

/** CANCEL of an INVITE (§9.1): same Via, R-URI, From, To, Call-ID, Route and CSeq number. */
export const cancelFor = (invite: SipRequest, extra: readonly HeaderLine[] = []): SipRequest => {
  const headers: HeaderLine[] = []
  for (const line of invite.headers) {
    const [name, value] = line
    if (name === 'Via' ? headers[0]?.[0] !== 'Via' : name === 'To' || copied.has(name)) headers.push(line)
    else if (name === 'CSeq') headers.push(['CSeq', value.replace(/\S+$/, 'CANCEL')])
  }
  return { kind: 'request', method: 'CANCEL', uri: invite.uri, headers: [...headers, ...extra], body: '' }
}

export const createClientMachine = (options: ClientMachineOptions): ClientMachine => {
  const { clock, request, to } = options
  const { t1, t2, t4 } = options.timers
  const invite = request.method === 'INVITE'
  let state: State = 'calling'
  let mute = false
  let repeat: Timer | undefined
  let limit: Timer | undefined
  let waitingCancel: (() => void) | undefined
  let cancelled = false
  let ack: SipRequest | undefined

  const after = (name: string, delay: number, fire: () => void): Timer =>
    clock.timer(`sip ${name} ${request.method}`, ms(delay), fire)
  const tell = (outcome: ClientOutcome): void => {
    if (!mute) options.onOutcome(outcome)
  }
  const end = (): void => {
    if (state === 'ended') return
    state = 'ended'
    repeat?.cancel()
    limit?.cancel()
    options.onEnd()
  }
  const linger = (name: string, delay: number): void => {
    repeat?.cancel()
    limit?.cancel()
    if (delay <= 0) end()
    else limit = after(name, delay, end)
  }
  const fail = (why: 'timeout' | 'unreachable'): void => {
    end()
    tell({ type: 'failed', why })
  }
  const giveUp = (): void => {
    const left = 64 * t1 - options.giveUpMs
    if (!invite || left <= 0) {
      fail('timeout')
      return
    }
    tell({ type: 'failed', why: 'timeout' })
    mute = true
    repeat?.cancel()
    waitingCancel = options.sendLateCancel
    limit = after('given up', left, end)
  }
  const startRepeating = (delay: number): void => {
    repeat = after(invite ? 'A' : 'E', delay, () => {
      options.send(request)
      startRepeating(invite ? delay * 2 : Math.min(state === 'proceeding' ? t2 : delay * 2, t2))
    })
  }
  const cancelNow = (): void => {
    const sendCancel = waitingCancel
    waitingCancel = undefined
    if (sendCancel === undefined || cancelled) return
    cancelled = true
    sendCancel()
    // The 487 may never come (§9.1, last paragraph).
    limit?.cancel()
    limit = after('cancelled', 64 * t1, () => fail('timeout'))
  }
  const provisional = (): void => {
    if (invite) {
      repeat?.cancel()
      if (state === 'calling') limit?.cancel()
    }
    state = 'proceeding'
    cancelNow()
  }
  const finalToInvite = (response: SipResponse, from: Endpoint): void => {
    if (response.status < 300) {
      if (state !== 'accepted') {
        state = 'accepted'
        linger('M', 64 * t1)
      }
      tell({ type: 'response', response, from })
      return
    }
    if (state === 'completed') {
      if (ack !== undefined) options.send(ack)
      return
    }
    if (state === 'accepted') return
    state = 'completed'
    ack = ackFor(request, response)
    options.send(ack)
    linger('D', Math.max(32_000, 64 * t1))
    tell({ type: 'response', response, from })
  }

  options.send(request)
  limit = after(invite ? 'B' : 'F', options.giveUpMs, giveUp)
  startRepeating(t1)

  return {
    request,
    to,
    receive: (response, from) => {
      if (state === 'ended') return
      if (response.status < 200) {
        if (state !== 'calling' && state !== 'proceeding') return
        provisional()
        tell({ type: 'response', response, from })
      } else if (invite) finalToInvite(response, from)
      else if (state !== 'completed') {
        state = 'completed'
        linger('K', t4)
        tell({ type: 'response', response, from })
      }
    },
    unreachable: () => {
      if (state === 'calling') fail('unreachable')
    },
    cancel: sendCancel => {
      if (!invite || cancelled || waitingCancel !== undefined) return
      waitingCancel = sendCancel
      if (state === 'proceeding') cancelNow()
    },
    end,
  }
}
