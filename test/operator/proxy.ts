// The operator's proxy core (RFC 3261 §16): checks, loose routing, who may call, whom a number means, Record-Route.

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
  type SipRequest,
  tagOf,
  withHeader,
  withoutHeader,
  withTopHeader,
} from '../../firmware/sip/wire/message.js'
import type { ServerTransaction, Wire } from '../../firmware/sip/wire/wire-contract.js'
import type { Clock } from '../../hal/clock.js'
import type { Endpoint } from '../../hal/network.js'
import type { Application, Caller } from './application.js'
import type { Digest } from './digest.js'
import { forward, type Target } from './forward.js'
import type { Notifier } from './notifier.js'
import { calledNumber, numericEndpoint } from './numbers.js'
import type { Registrar } from './registrar.js'
import type { ServiceAgent } from './service-agent.js'

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
  /** What answers at a service number. */
  readonly serviceAt: (number: string) => Application | undefined
  readonly newTag: () => string
}

export interface Proxy {
  request(transaction: ServerTransaction): void
  ack(ack: SipRequest): void
}

const defaultHops = 70

export const createProxy = (options: ProxyOptions): Proxy => {
  const { wire, domain, registrar, digest } = options
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

  const copyFor = (request: SipRequest, uri: string, recordRoute: boolean): SipRequest => {
    const hops = Number(headerOf(request, 'Max-Forwards') ?? defaultHops)
    const copy = withHeader({ ...request, uri }, 'Max-Forwards', String(hops - 1))
    const { address, port } = wire.local
    return recordRoute ? withTopHeader(copy, 'Record-Route', `<sip:${hostPort(address, port)};lr>`) : copy
  }

  /** What was signed for us goes no further (§22.3): inside a dialog it would name a caller who wants to be unknown. */
  const withoutCredentials = (request: SipRequest): SipRequest =>
    withoutHeader(request, 'Proxy-Authorization')

  const relay = (transaction: ServerTransaction, targets: readonly Target[]): void =>
    forward(wire, options.clock, transaction, targets, options.newTag())

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

  /** The authenticated caller's request with what only the operator may say, or undefined when it was answered. */
  const authenticated = (transaction: ServerTransaction): SipRequest | undefined => {
    const { request, from } = transaction
    const { gateway } = options
    if (gateway !== undefined && from.address === gateway.address && from.port === gateway.port)
      return request
    const verdict = digest.check(request, 'proxy')
    if (verdict.type === 'challenge')
      refuse(transaction, 407, 'Proxy Authentication Required', verdict.headers)
    else if (verdict.type === 'malformed') refuse(transaction, 400, 'Bad Request')
    else if (verdict.type === 'wrong') refuse(transaction, 403, 'Forbidden')
    if (verdict.type !== 'ok') return undefined
    const caller = parseSipUri(parseNameAddress(headerOf(request, 'From') as string)?.uri ?? '')
    const anonymous = caller?.host === 'anonymous.invalid' || caller?.user === 'anonymous'
    if (!anonymous && calledNumber(formatUser(caller?.user), options.countryCode) !== verdict.user) {
      refuse(transaction, 403, 'Forbidden')
      return undefined
    }
    const clean = ['Proxy-Authorization', 'P-Preferred-Identity', 'P-Asserted-Identity'].reduce(
      (message, name) => withoutHeader(message, name),
      request,
    )
    return withHeader(clean, 'P-Asserted-Identity', `<sip:${verdict.user}@${domain}>`)
  }
  const formatUser = (user = ''): string =>
    formatSipUri({ scheme: 'sip', user, host: domain, parameters: [] })

  /** Toward a telephone, an identity that its owner wants withheld is taken out (RFC 3325 §7). */
  const forSubscriber = (request: SipRequest): SipRequest =>
    /\bid\b/.test(headerOf(request, 'Privacy') ?? '')
      ? withoutHeader(request, 'P-Asserted-Identity')
      : request

  const callerOf = (request: SipRequest): Caller => {
    const asserted = headerOf(request, 'P-Asserted-Identity')
    const uri = parseNameAddress(asserted ?? headerOf(request, 'From') ?? '')?.uri ?? ''
    const number = calledNumber(uri, options.countryCode)
    const withheld = /\bid\b/.test(headerOf(request, 'Privacy') ?? '')
    return { number, withheld, subscriber: number !== undefined && options.isSubscriber(number) }
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

  const toNumber = (transaction: ServerTransaction, request: SipRequest): void => {
    const number = calledNumber(request.uri, options.countryCode)
    const service = number === undefined ? undefined : options.serviceAt(number)
    if (number !== undefined && service !== undefined) {
      if (request.method !== 'INVITE') refuse(transaction, 405, 'Method Not Allowed')
      else options.agent.take(transaction, service, { called: number, caller: callerOf(request) })
    } else if (number !== undefined && options.isSubscriber(number)) {
      const targets = registrar.bindingsOf(number).flatMap((binding): Target[] => {
        const to = numericEndpoint(binding.contact) ?? binding.source
        return [{ request: copyFor(forSubscriber(request), binding.contact, true), to }]
      })
      if (targets.length === 0) refuse(transaction, 480, 'Temporarily Unavailable')
      else relay(transaction, targets)
    } else if (options.gateway !== undefined && number !== undefined) {
      const { address, port } = options.gateway
      const user = parseSipUri(request.uri)?.user ?? number
      const uri = `sip:${user}@${hostPort(address, port)}`
      relay(transaction, [{ request: copyFor(request, uri, true), to: options.gateway }])
    } else refuse(transaction, 404, 'Not Found')
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
      if (options.agent.owns(routed)) {
        options.agent.request(transaction)
        return
      }
      if (request.method === 'SUBSCRIBE' && isOurs(routed.uri)) {
        const asked = authenticated({ ...transaction, request: routed })
        if (asked !== undefined)
          options.notifier.subscribe({ ...transaction, request: asked }, callerOf(asked).number ?? '')
        return
      }
      if (tagOf(headerOf(request, 'To')) !== undefined || routesOf(routed).length > 0) {
        const to = nextHop(routed)
        if (to === undefined || isOurs(routed.uri))
          refuse(transaction, 481, 'Call/Transaction Does Not Exist')
        else
          relay(transaction, [
            {
              request: copyFor(withoutCredentials(routed), routed.uri, request.method === 'INVITE'),
              to,
            },
          ])
        return
      }
      if (!isOurs(routed.uri)) {
        refuse(transaction, 403, 'Forbidden')
        return
      }
      if (request.method === 'OPTIONS' && parseSipUri(routed.uri)?.user === undefined) {
        refuse(transaction, 200, 'OK', [['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER']])
        return
      }
      const identity = identityOf(request)
      if (ownVia(request) && passing.has(identity)) {
        refuse(transaction, 482, 'Loop Detected')
        return
      }
      const allowed = authenticated({ ...transaction, request: routed })
      if (allowed === undefined) return
      passing.add(identity)
      const respond = transaction.respond
      transaction.respond = response => {
        if (response.status >= 200) passing.delete(identity)
        respond(response)
      }
      toNumber(transaction, allowed)
    },
    ack: ack => {
      const routed = withoutOwnRoute(ack)
      const to = nextHop(routed)
      if (to !== undefined && !isOurs(routed.uri) && Number(headerOf(ack, 'Max-Forwards') ?? defaultHops) > 0)
        wire.send(copyFor(withoutCredentials(routed), routed.uri, false), to)
    },
  }
}
