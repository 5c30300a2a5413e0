// Where a call goes: services, subscribers with what they have set (guide lines 41-125), the gateway; and where it goes
// next when a telephone is busy, silent or not there. Numbers nobody has get 404.

import { formatSipUri, hostPort, parseSipUri } from '../../firmware/sip/wire/header-values.js'
import {
  type HeaderLine,
  headerOf,
  type SipRequest,
  type SipResponse,
  withoutHeader,
} from '../../firmware/sip/wire/message.js'
import type { ServerTransaction, Wire } from '../../firmware/sip/wire/wire-contract.js'
import type { Clock } from '../../hal/clock.js'
import type { Endpoint } from '../../hal/network.js'
import type { Application, Caller, Diversion, DiversionReason } from './application.js'
import { diversionsBefore, divertersBefore, withDiversion } from './diversion.js'
import { forward, type Target } from './forward.js'
import { createMask } from './masking.js'
import { calledNumber, isEmergency, numericEndpoint } from './numbers.js'
import type { Profiles } from './profiles.js'
import type { Registrar } from './registrar.js'
import { type RingOutcome, ring } from './ringing.js'
import type { ServiceAgent } from './service-agent.js'
import type { StandingCall, StandingCalls } from './standing-calls.js'

export interface RouterOptions {
  readonly wire: Wire
  readonly clock: Clock
  readonly domain: string
  readonly countryCode: string
  readonly profiles: Profiles
  readonly registrar: Registrar
  readonly agent: ServiceAgent
  readonly calls: StandingCalls
  readonly gateway: Endpoint | undefined
  /** What answers at a number or code of the operator itself. */
  readonly serviceAt: (number: string) => Application | undefined
  /** Takes diverted calls. */
  readonly voicemail: { readonly number: string; readonly application: Application } | undefined
  /** An answer of the proxy itself, with a tag. */
  readonly respondWith: (
    request: SipRequest,
    status: number,
    reason: string,
    extra?: readonly HeaderLine[],
  ) => SipResponse
  /** A copy for the next hop: Max-Forwards, Record-Route. */
  readonly copyFor: (request: SipRequest, uri: string) => SipRequest
  readonly newToken: () => string
}

/** A call on its way through the operator. */
interface Call {
  readonly transaction: ServerTransaction
  readonly caller: Caller
  readonly standing: StandingCall
  readonly diverted: readonly Diversion[]
  /** With all diversions so far. */
  readonly request: SipRequest
}

/** 3GPP TS 24.604 §4.5.2.6.1: the operator's limit of diversions. */
const MOST_DIVERSIONS = 5

export const isWithheld = (request: SipRequest): boolean =>
  /(?:^|[;,\s])(?:id|user|header)(?:$|[;,\s])/.test(headerOf(request, 'Privacy') ?? '')

export interface CallRouter {
  /** A new INVITE of a caller who may call; his identity is in P-Asserted-Identity. */
  place(transaction: ServerTransaction, request: SipRequest, caller: Caller): void
}

export const createCallRouter = (options: RouterOptions): CallRouter => {
  const { wire, clock, domain, profiles, registrar, agent, voicemail, gateway } = options

  const uriOf = (number: string): string =>
    formatSipUri({ scheme: 'sip', user: number.replace(/#/g, '%23'), host: domain, parameters: [] })
  const respond = (call: Call, status: number, reason: string, extra?: readonly HeaderLine[]): void =>
    call.transaction.respond(options.respondWith(call.request, status, reason, extra))
  const hidden = (call: Call, request: SipRequest): SipRequest =>
    call.standing.mask?.outward(request) ??
    // What its owner wants withheld leaves the network without it (RFC 3325 §7).
    (call.caller.withheld ? withoutHeader(request, 'P-Asserted-Identity') : request)

  const toService = (call: Call, number: string, application: Application): void => {
    const diversion = call.diverted.at(-1)
    agent.take(
      call.transaction,
      application,
      { called: number, caller: call.caller, ...(diversion === undefined ? {} : { diversion }) },
      () => call.standing.ended(),
    )
  }

  const toGateway = (call: Call, to: Endpoint, number: string): void => {
    respond(call, 100, 'Trying')
    const dialled = parseSipUri(call.request.uri)?.user
    const user = call.diverted.length > 0 || dialled === undefined ? number : dialled
    const copy = options.copyFor(call.request, `sip:${user}@${hostPort(to.address, to.port)}`)
    forward(wire, clock, call.transaction, [{ request: hidden(call, copy), to }], (status, reason) =>
      options.respondWith(call.request, status, reason),
    )
  }

  const toNumber = (call: Call, number: string): void => {
    const service = options.serviceAt(number)
    if (service !== undefined) toService(call, number, service)
    else if (profiles.has(number)) toSubscriber(call, number)
    else if (gateway !== undefined) toGateway(call, gateway, number)
    else respond(call, 404, 'Not Found')
  }

  /** `target` is a number, or voicemail. */
  const divert = (call: Call, user: string, reason: DiversionReason, target: string): void => {
    const box = target === voicemail?.number
    const request = withDiversion(call.request, {
      from: uriOf(user),
      to: uriOf(target),
      reason,
    })
    const diverted: Call = { ...call, request, diverted: [...call.diverted, { user, reason }] }
    if (box) {
      toService(diverted, target, voicemail.application)
      return
    }
    call.standing.leg({ payer: user, caller: call.caller.number, called: target, forwardedBy: user })
    if (reason !== 'unconditional') respond(call, 181, 'Call Is Being Forwarded')
    toNumber(diverted, calledNumber(uriOf(target), options.countryCode) ?? target)
  }

  /** True when it was refused because it goes round in a circle, or was sent on too often. */
  const refusesLoop = (call: Call, user: string): boolean => {
    const diverters = divertersBefore(call.request).map(uri => calledNumber(uri, options.countryCode))
    if (diverters.includes(user)) respond(call, 482, 'Loop Detected')
    else if (diversionsBefore(call.request) >= MOST_DIVERSIONS)
      respond(call, 480, 'Temporarily Unavailable', [['Warning', `399 ${domain} "Too many diversions"`]])
    else return false
    return true
  }

  const afterRinging = (call: Call, user: string, outcome: RingOutcome): void => {
    const { forwardBusy, forwardNoReply, notRegistered } = profiles.of(user)
    const box = voicemail?.number
    if (outcome.type === 'busy' && (forwardBusy ?? box) !== undefined)
      divert(call, user, 'user-busy', (forwardBusy ?? box) as string)
    else if (outcome.type === 'no-reply' && (forwardNoReply ?? box) !== undefined)
      divert(call, user, 'no-answer', (forwardNoReply ?? box) as string)
    else if (
      outcome.type === 'unavailable' &&
      notRegistered === 'no-reply' &&
      (forwardNoReply ?? box) !== undefined
    )
      divert(call, user, 'unavailable', (forwardNoReply ?? box) as string)
    else call.transaction.respond(outcome.response)
  }

  const toSubscriber = (call: Call, user: string): void => {
    if (refusesLoop(call, user)) return
    const profile = profiles.of(user)
    if (profile.voicemailAlways && voicemail !== undefined) {
      divert(call, user, 'unconditional', voicemail.number)
      return
    }
    if (profile.forwardAlways !== undefined) {
      divert(call, user, 'unconditional', profile.forwardAlways)
      return
    }
    const targets = registrar.bindingsOf(user).map(
      ({ contact, source }): Target => ({
        request: hidden(call, options.copyFor(call.request, contact)),
        to: numericEndpoint(contact) ?? source,
      }),
    )
    const respondWith = (status: number, reason: string): SipResponse =>
      options.respondWith(call.request, status, reason)
    if (targets.length === 0) {
      afterRinging(call, user, { type: 'unavailable', response: respondWith(480, 'Temporarily Unavailable') })
      return
    }
    const elsewhere = profile.forwardNoReply ?? voicemail?.number
    respond(call, 100, 'Trying')
    ring({
      wire,
      clock,
      server: call.transaction,
      targets,
      respondWith,
      ...(elsewhere === undefined ? {} : { ringMs: profile.ringSeconds * 1000 }),
      onEnded: outcome => afterRinging(call, user, outcome),
    })
  }

  /** `*92*N`, where the network masks: the number behind it. */
  const maskedNumber = (number: string): string | undefined => /^\*92\*(\+?\d+)#?$/.exec(number)?.[1]

  return {
    place: (transaction, request, caller) => {
      const dialled = calledNumber(request.uri, options.countryCode) ?? ''
      const unmasked = maskedNumber(dialled)
      const number = unmasked ?? dialled
      const own = caller.subscriber && caller.number !== undefined ? profiles.of(caller.number) : undefined
      const wanted = unmasked !== undefined || own?.masking === true
      const masks = wanted && !isEmergency(number) && !/\bnone\b/.test(headerOf(request, 'Privacy') ?? '')
      const standing = options.calls.begin(request)
      if (masks) standing.mask = createMask(request, wire.local, options.newToken())
      standing.leg({
        payer: caller.subscriber ? caller.number : undefined,
        caller: caller.number,
        called: number,
      })
      const answer = transaction.respond
      let told = false
      transaction.respond = response => {
        if (response.status === 100 && told) return
        told = true
        standing.responded(response)
        answer(standing.mask?.homeward(response) ?? response)
      }
      toNumber(
        {
          transaction,
          caller: { ...caller, withheld: caller.withheld || masks },
          standing,
          diverted: [],
          request: unmasked === undefined ? request : { ...request, uri: uriOf(unmasked) },
        },
        number,
      )
    },
  }
}
