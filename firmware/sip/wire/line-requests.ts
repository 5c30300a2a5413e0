// The engine's requests on their way out: a transaction each, the next destination when one is silent or refuses
// (RFC 3263 §4.3), CANCEL by the INVITE's transaction, the engine's own ACK to a refusal swallowed (the wire has sent it).

import { ms } from '../../../hal/clock.js'
import type { Endpoint } from '../../../hal/network.js'
import { destinationsOf } from './destination.js'
import { hostPort } from './header-values.js'
import { headerOf, type SipMessage, type SipRequest, withTopVia } from './message.js'
import {
  branchOf,
  contactInward,
  failureResponse,
  type TokenNames,
  viaInward,
  withContact,
} from './token-rewrite.js'
import type { ClientHandle, TransactionLayer } from './transaction-layer.js'
import type { ClientOutcome, WireDependencies } from './wire-contract.js'

export interface LineRequestsOptions {
  readonly names: TokenNames
  /** ms before the next destination is tried; default 6000. */
  readonly failoverMs: number | undefined
  readonly layer: TransactionLayer
  readonly dependencies: WireDependencies
  up(message: SipMessage, from: Endpoint | undefined): void
  upSoon(message: SipMessage): void
}

export interface LineRequests {
  /** `request` carries the engine's Via. Rejects when no destination is known. */
  send(request: SipRequest, proxies: readonly Endpoint[]): Promise<void>
}

const FAILOVER_MS = 6000
/** A destination that failed is asked last for this long, ms. */
const BLOCKED_MS = 32_000
/** How long the engine may still send its own ACK to a refusal, ms. */
const REFUSED_MS = 32_000

interface Running {
  /** With the engine's Via. */
  readonly original: SipRequest
  handle: ClientHandle | undefined
  /** The last Contact seen in an answer. */
  contact: string | undefined
  cancelled: boolean
}

export const createLineRequests = (options: LineRequestsOptions): LineRequests => {
  const { layer, dependencies, up, upSoon } = options
  const { clock } = dependencies
  const failoverMs = options.failoverMs ?? FAILOVER_MS
  /** INVITEs without a final answer, by the engine's branch. */
  const invites = new Map<string, Running>()
  const refused = new Set<string>()
  const blockedUntil = new Map<string, number>()

  const keyOf = (to: Endpoint): string => hostPort(to.address, to.port)
  const inOrder = (candidates: readonly Endpoint[]): readonly Endpoint[] => {
    const now = clock.now()
    const free = (to: Endpoint): boolean => (blockedUntil.get(keyOf(to)) ?? 0) <= now
    return [...candidates.filter(free), ...candidates.filter(to => !free(to))]
  }
  const answered = (run: Running, outcome: Extract<ClientOutcome, { type: 'response' }>): void => {
    const { response, from } = outcome
    const { original } = run
    run.contact = headerOf(response, 'Contact') ?? run.contact
    const whole = viaInward(response, headerOf(original, 'Via') as string)
    if (original.method === 'REGISTER') up(contactInward(whole, options.names), from)
    else up(withContact(whole, run.contact ?? `<sip:${keyOf(from)}>`), from)
  }
  const finished = (run: Running, status: number): void => {
    if (run.original.method !== 'INVITE') return
    const branch = branchOf(headerOf(run.original, 'Via') as string)
    invites.delete(branch)
    if (status < 300 || refused.has(branch)) return
    refused.add(branch)
    clock.timer('sip refused', ms(REFUSED_MS), () => refused.delete(branch))
  }

  const attempt = (run: Running, candidates: readonly Endpoint[], index: number): void => {
    const to = candidates[index] as Endpoint
    const more = index + 1 < candidates.length
    let left = false
    const next = (): void => {
      left = true
      blockedUntil.set(keyOf(to), clock.now() + BLOCKED_MS * 1000)
      attempt(run, candidates, index + 1)
    }
    const onOutcome = (outcome: ClientOutcome): void => {
      if (left) return
      const again = more && !run.cancelled
      if (outcome.type === 'failed') {
        if (again) {
          next()
          return
        }
        const failure = failureResponse(run.original, outcome.why)
        finished(run, failure.status)
        upSoon(failure)
        return
      }
      const { status } = outcome.response
      if (status === 503 && again) {
        next()
        return
      }
      blockedUntil.delete(keyOf(to))
      if (status >= 200) finished(run, status)
      answered(run, outcome)
    }
    const bare = withTopVia(run.original, undefined)
    run.handle = more ? layer.request(bare, to, onOutcome, failoverMs) : layer.request(bare, to, onOutcome)
  }

  const cancel = (request: SipRequest): void => {
    const run: Running = { original: request, handle: undefined, contact: undefined, cancelled: false }
    const invite = invites.get(branchOf(headerOf(request, 'Via') as string))
    if (invite?.handle === undefined) {
      upSoon({
        ...failureResponse(request, 'timeout'),
        status: 481,
        reason: 'Call/Transaction Does Not Exist',
      })
      return
    }
    invite.cancelled = true
    const reasons = request.headers.filter(([name]) => name === 'Reason')
    invite.handle.cancel(reasons, outcome => {
      if (outcome.type === 'response') answered(run, outcome)
      else upSoon(failureResponse(request, outcome.why))
    })
  }

  return {
    send: async (request, proxies) => {
      const branch = branchOf(headerOf(request, 'Via') ?? '')
      if (request.method === 'CANCEL') return cancel(request)
      if (request.method === 'ACK' && refused.has(branch)) return
      const run: Running = { original: request, handle: undefined, contact: undefined, cancelled: false }
      if (request.method === 'INVITE') invites.set(branch, run)
      const candidates = inOrder(await destinationsOf(request, proxies, dependencies))
      const first = candidates[0]
      if (first === undefined) {
        invites.delete(branch)
        throw new Error('no destination is known')
      }
      if (request.method === 'ACK') layer.sendAlone(withTopVia(request, undefined), first)
      else attempt(run, candidates, 0)
    },
  }
}
