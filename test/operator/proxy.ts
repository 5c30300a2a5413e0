// The operator's proxy core (RFC 3261 §16): checks, loose routing, who may call, Record-Route. Where a call goes is
// call-router.ts' business.

import {
  bareHost,
  formatSipUri,
  hostPort,
  parseNameAddress,
  parseSipUri,
  parseVia,
  splitOutside,
} from '../../firmware/sip/wire/header-values.js'
import {
  type HeaderLine,
  headerOf,
  headersOf,
  responseTo,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  tagOf,
  withHeader,
  withoutHeader,
  withTopHeader,
} from '../../firmware/sip/wire/message.js'
import type { ServerTransaction, Wire } from '../../firmware/sip/wire/wire-contract.js'
import type { Clock } from '../../hal/clock.js'
import type { Endpoint } from '../../hal/network.js'
import type { Caller } from './application.js'
import { type CallRouter, isWithheld } from './call-router.js'
import type { Digest } from './digest.js'
import { forward, type Target } from './forward.js'
import type { Notifier } from './notifier.js'
import { calledNumber, numericEndpoint } from './numbers.js'
import type { Registrar } from './registrar.js'
import type { ServiceAgent } from './service-agent.js'
import type { StandingCalls } from './standing-calls.js'

export interface ProxyOptions {
  readonly wire: Wire
  readonly clock: Clock
  readonly domain: string
  readonly countryCode: string
  readonly digest: Digest
  readonly registrar: Registrar
  readonly gateway: Endpoint | undefined
  readonly isSubscriber: (user: string) => boolean
  readonly agent: ServiceAgent
  readonly notifier: Notifier
  readonly calls: StandingCalls
  readonly router: CallRouter
  readonly hop: Hop
  readonly newTag: () => string
}

export interface Proxy {
  request(transaction: ServerTransaction): void
  ack(ack: SipRequest): void
}

/** What each request that passes needs on its way out. */
export interface Hop {
  copyFor(request: SipRequest, uri: string, recordRoute: boolean): SipRequest
}

const defaultHops = 70

/** One hop fewer, and our name in the route when the dialog is to come through here. */
export const createHop = (wire: Wire): Hop => ({
  copyFor: (request, uri, recordRoute) => {
    const hops = Number(headerOf(request, 'Max-Forwards') ?? defaultHops)
    const copy = withHeader({ ...request, uri }, 'Max-Forwards', String(hops - 1))
    const { address, port } = wire.local
    return recordRoute ? withTopHeader(copy, 'Record-Route', `<sip:${hostPort(address, port)};lr>`) : copy
  },
})

const unchanged = <M extends SipMessage>(message: M): M => message

export const createProxy = (options: ProxyOptions): Proxy => {
  const { wire, domain, registrar, digest, gateway, hop } = options
  /** Requests on their way through here, to know one that comes round again (§16.3, step 4). */
  const passing = new Set<string>()

  const refuse = (
    transaction: ServerTransaction,
    status: number,
    reason: string,
    extra: readonly HeaderLine[] = [],
  ): void => transaction.respond(responseTo(transaction.request, status, reason, options.newTag(), extra))

  const isOurs = (uri: string): boolean => {
    const parsed = parseSipUri(uri)
    // A telephone number without a place is called through whom one asks.
    if (parsed === undefined) return /^tel:/i.test(uri)
    const { address, port } = wire.local
    return (
      parsed.host.toLowerCase() === domain ||
      (bareHost(parsed.host) === address && (parsed.port ?? 5060) === port)
    )
  }

  const routesOf = (request: SipRequest): string[] =>
    headersOf(request, 'Route').flatMap(value => splitOutside(value, ',') ?? [])

  /** Takes our own entry off the top of the Route (§16.4). */
  const withoutOwnRoute = (request: SipRequest): SipRequest => {
    const [top, ...rest] = routesOf(request)
    if (top === undefined || !isOurs(parseNameAddress(top)?.uri ?? '')) return request
    const bare = withoutHeader(request, 'Route')
    return { ...bare, headers: [...bare.headers, ...rest.map((value): HeaderLine => ['Route', value])] }
  }

  /** Where a request goes that already names its way: next Route, else its Request-URI. */
  const nextHop = (request: SipRequest): Endpoint | undefined => {
    const top = routesOf(request)[0]
    return numericEndpoint(top === undefined ? request.uri : (parseNameAddress(top)?.uri ?? ''))
  }

  /** What was signed for us goes no further (§22.3): inside a dialog it would name a caller who wants to be unknown. */
  const withoutCredentials = (request: SipRequest): SipRequest =>
    withoutHeader(request, 'Proxy-Authorization')

  const relay = (transaction: ServerTransaction, targets: readonly Target[]): void => {
    if (transaction.request.method === 'INVITE') refuse(transaction, 100, 'Trying')
    forward(wire, options.clock, transaction, targets, (status, reason) =>
      responseTo(transaction.request, status, reason, options.newTag()),
    )
  }

  /** True when the request may pass; otherwise it has been answered. */
  const fitToForward = (transaction: ServerTransaction): boolean => {
    const { request } = transaction
    if (Number(headerOf(request, 'Max-Forwards') ?? defaultHops) <= 0) {
      refuse(transaction, 483, 'Too Many Hops')
      return false
    }
    const wanted = headerOf(request, 'Proxy-Require')
    if (wanted !== undefined) {
      refuse(transaction, 420, 'Bad Extension', [['Unsupported', wanted]])
      return false
    }
    return true
  }

  const ownVia = (request: SipRequest): boolean =>
    headersOf(request, 'Via').some(value => {
      const via = parseVia(value)
      return via !== undefined && bareHost(via.host) === wire.local.address && via.port === wire.local.port
    })

  const identityOf = (request: SipRequest): string =>
    ['Call-ID', 'From', 'CSeq'].map(name => headerOf(request, name)).join(' ') + request.uri

  const aorOf = (user = ''): string => formatSipUri({ scheme: 'sip', user, host: domain, parameters: [] })

  const isGateway = ({ address, port }: Endpoint): boolean =>
    gateway !== undefined && address === gateway.address && port === gateway.port

  /** The authenticated caller's request with what only the operator may say, or undefined when it was answered. */
  const authenticated = (transaction: ServerTransaction, routed: SipRequest): SipRequest | undefined => {
    if (isGateway(transaction.from)) return routed
    const verdict = digest.check(routed, 'proxy')
    if (verdict.type === 'challenge')
      refuse(transaction, 407, 'Proxy Authentication Required', verdict.headers)
    else if (verdict.type === 'malformed') refuse(transaction, 400, 'Bad Request')
    else if (verdict.type === 'wrong') refuse(transaction, 403, 'Forbidden')
    if (verdict.type !== 'ok') return undefined
    const caller = parseSipUri(parseNameAddress(headerOf(routed, 'From') as string)?.uri ?? '')
    const anonymous = caller?.host === 'anonymous.invalid' || caller?.user === 'anonymous'
    if (!anonymous && calledNumber(aorOf(caller?.user), options.countryCode) !== verdict.user) {
      refuse(transaction, 403, 'Forbidden')
      return undefined
    }
    const clean = ['Proxy-Authorization', 'P-Preferred-Identity', 'P-Asserted-Identity'].reduce(
      (message, name) => withoutHeader(message, name),
      routed,
    )
    return withHeader(clean, 'P-Asserted-Identity', `<${aorOf(verdict.user)}>`)
  }

  /** Who asks for it: proven, or as the gateway says; what a gateway says makes nobody a subscriber. */
  const callerOf = (request: SipRequest, from: Endpoint): Caller => {
    const asserted = headerOf(request, 'P-Asserted-Identity')
    const uri = parseNameAddress(asserted ?? headerOf(request, 'From') ?? '')?.uri ?? ''
    const number = calledNumber(uri, options.countryCode)
    return {
      number: number === 'anonymous' ? undefined : number,
      withheld: isWithheld(request),
      subscriber: !isGateway(from) && number !== undefined && options.isSubscriber(number),
    }
  }

  const register = (transaction: ServerTransaction): void => {
    const { request, from } = transaction
    const to = parseSipUri(parseNameAddress(headerOf(request, 'To') as string)?.uri ?? '')
    const verdict = digest.check(request, 'www')
    if (verdict.type === 'challenge') refuse(transaction, 401, 'Unauthorized', verdict.headers)
    else if (verdict.type === 'malformed') refuse(transaction, 400, 'Bad Request')
    else if (verdict.type === 'wrong' || verdict.user !== to?.user) refuse(transaction, 403, 'Forbidden')
    else transaction.respond(registrar.register(request, verdict.user, from, options.newTag()))
  }

  /** A request that already has its way, most often inside a dialog (§16.12). */
  const alongRoute = (transaction: ServerTransaction, routed: SipRequest): void => {
    const found = options.calls.find(routed)
    const { mask } = found?.call ?? {}
    const [there, back] =
      mask === undefined
        ? [unchanged, unchanged]
        : found?.fromCaller === true
          ? [mask.outward, mask.homeward]
          : [mask.homeward, mask.outward]
    const request = there(withoutCredentials(routed))
    const to = nextHop(request)
    if (to === undefined || isOurs(request.uri)) {
      refuse(transaction, 481, 'Call/Transaction Does Not Exist')
      return
    }
    const respond = transaction.respond
    transaction.respond = (response: SipResponse) => {
      if (/^(?:INVITE|UPDATE)$/.test(request.method)) found?.call.responded(response)
      respond(back(response))
    }
    if (request.method === 'BYE') found?.call.ended()
    relay(transaction, [{ request: hop.copyFor(request, request.uri, request.method === 'INVITE'), to }])
  }

  /** OPTIONS, MESSAGE and the like to a subscriber's telephones. */
  const toTelephones = (transaction: ServerTransaction, request: SipRequest): void => {
    const number = calledNumber(request.uri, options.countryCode)
    const targets = (number === undefined ? [] : registrar.bindingsOf(number)).map(
      ({ contact, source }): Target => ({
        request: hop.copyFor(
          isWithheld(request) ? withoutHeader(request, 'P-Asserted-Identity') : request,
          contact,
          true,
        ),
        to: numericEndpoint(contact) ?? source,
      }),
    )
    if (targets.length > 0) relay(transaction, targets)
    else if (number !== undefined && options.isSubscriber(number))
      refuse(transaction, 480, 'Temporarily Unavailable')
    else refuse(transaction, 404, 'Not Found')
  }

  /** Until its final answer, the same request coming round again is a loop. */
  const remember = (transaction: ServerTransaction): void => {
    const identity = identityOf(transaction.request)
    passing.add(identity)
    const respond = transaction.respond
    transaction.respond = response => {
      if (response.status >= 200) passing.delete(identity)
      respond(response)
    }
  }

  /** A request that begins something, for one of our numbers. */
  const fresh = (transaction: ServerTransaction, routed: SipRequest): void => {
    const { request } = transaction
    if (ownVia(request) && passing.has(identityOf(request))) {
      refuse(transaction, 482, 'Loop Detected')
      return
    }
    const allowed = authenticated(transaction, routed)
    if (allowed === undefined) return
    remember(transaction)
    const caller = callerOf(allowed, transaction.from)
    if (request.method === 'SUBSCRIBE')
      options.notifier.subscribe(transaction, caller.subscriber ? (caller.number ?? '') : '')
    else if (request.method === 'INVITE') options.router.place(transaction, allowed, caller)
    else toTelephones(transaction, allowed)
  }

  return {
    request: transaction => {
      const { request } = transaction
      if (request.method === 'REGISTER' && isOurs(request.uri)) {
        register(transaction)
        return
      }
      if (!fitToForward(transaction)) return
      const routed = withoutOwnRoute(request)
      const inside = tagOf(headerOf(request, 'To')) !== undefined || routesOf(routed).length > 0
      if (options.agent.owns(routed)) options.agent.request(transaction)
      else if (request.method === 'SUBSCRIBE' && isOurs(routed.uri)) fresh(transaction, routed)
      else if (inside) alongRoute(transaction, routed)
      else if (!isOurs(routed.uri)) refuse(transaction, 403, 'Forbidden')
      else if (request.method === 'OPTIONS' && parseSipUri(routed.uri)?.user === undefined)
        refuse(transaction, 200, 'OK', [['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, SUBSCRIBE']])
      else fresh(transaction, routed)
    },
    ack: ack => {
      const routed = withoutOwnRoute(ack)
      const found = options.calls.find(routed)
      const { mask } = found?.call ?? {}
      const masked =
        mask === undefined ? routed : found?.fromCaller ? mask.outward(routed) : mask.homeward(routed)
      const request = withoutCredentials(masked)
      const to = nextHop(request)
      const hops = Number(headerOf(ack, 'Max-Forwards') ?? defaultHops)
      if (to !== undefined && !isOurs(request.uri) && hops > 0)
        wire.send(hop.copyFor(request, request.uri, false), to)
    },
  }
}
