// The operator as notifier (RFC 6665): subscriptions to a subscriber's own state, refreshed and ended by him, and
// unsolicited NOTIFY to his telephones where a package allows it. One NOTIFY of a subscription is on its way at a time.

import { hostPort, parseNameAddress, parseSipUri } from '../../firmware/sip/wire/header-values.js'
import {
  type HeaderLine,
  headerOf,
  responseTo,
  type SipRequest,
  tagOf,
} from '../../firmware/sip/wire/message.js'
import type { ServerTransaction, Wire } from '../../firmware/sip/wire/wire-contract.js'
import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Endpoint } from '../../hal/network.js'
import { numericEndpoint } from './numbers.js'
import { contactOf, keyOfDialog, keyOfRequest, recordedRoutes } from './service-dialog.js'

export interface EventPackage {
  readonly contentType: string
  /** The whole state of the user now. */
  state(user: string): string
  /** Telephones that did not subscribe are told too. */
  readonly unsolicited: boolean
}

export interface NotifierOptions {
  readonly wire: Wire
  readonly clock: Clock
  readonly entropy: Entropy
  readonly domain: string
  /** By event name, e.g. "message-summary". */
  readonly packages: ReadonlyMap<string, EventPackage>
  /** Contact URI and where to send, of each telephone of the user. */
  readonly telephonesOf: (user: string) => readonly { readonly uri: string; readonly to: Endpoint }[]
  /** Seconds; default 60. */
  readonly minExpires?: number
}

export interface Notifier {
  /** A SUBSCRIBE inside a subscription that stands. */
  owns(request: SipRequest): boolean
  /** A SUBSCRIBE of `user`, authenticated, for his own state. */
  subscribe(transaction: ServerTransaction, user: string): void
  /** The state of `user` has changed: all who want to know are told. `body` instead of the whole state. */
  changed(event: string, user: string, body?: string): void
  readonly subscriptions: number
  /** Without a word to anybody. */
  forget(): void
}

interface Subscription {
  readonly key: string
  readonly event: string
  readonly user: string
  readonly callId: string
  /** Our tag. */
  readonly tag: string
  readonly from: string
  readonly to: string
  readonly eventHeader: string
  routes: readonly string[]
  target: string
  /** Where the SUBSCRIBE came from, should its Contact name no address. */
  source: Endpoint
  cseq: number
  until: number
  expiry: Timer | undefined
  sending: boolean
  /** Asked for while one is on its way; null: the whole state. */
  next: string | null | undefined
}

const LONGEST = 3600

export const createNotifier = (options: NotifierOptions): Notifier => {
  const { wire, clock, entropy, packages } = options
  const minExpires = options.minExpires ?? 60
  const standing = new Map<string, Subscription>()
  const respond = (
    transaction: ServerTransaction,
    status: number,
    reason: string,
    tag: string,
    extra: readonly HeaderLine[] = [],
  ): void => transaction.respond(responseTo(transaction.request, status, reason, tag, extra))
  const contact = (user: string): HeaderLine => [
    'Contact',
    `<sip:${user}@${hostPort(wire.local.address, wire.local.port)}>`,
  ]

  const forget = (subscription: Subscription): void => {
    subscription.expiry?.cancel()
    standing.delete(subscription.key)
  }
  const stateLine = (subscription: Subscription, ended: string | undefined): string =>
    ended === undefined
      ? `active;expires=${Math.max(0, Math.ceil((subscription.until - clock.wall()) / 1000))}`
      : `terminated;reason=${ended}`

  const notify = (subscription: Subscription, body: string | null, ended?: string): void => {
    if (subscription.sending) {
      subscription.next = subscription.next === undefined ? body : null
      return
    }
    const eventPackage = packages.get(subscription.event) as EventPackage
    const request: SipRequest = {
      kind: 'request',
      method: 'NOTIFY',
      uri: subscription.target,
      headers: [
        ['Max-Forwards', '70'],
        ['From', subscription.from],
        ['To', subscription.to],
        ['Call-ID', subscription.callId],
        ['CSeq', `${++subscription.cseq} NOTIFY`],
        contact(subscription.user),
        ...subscription.routes.map((route): HeaderLine => ['Route', route]),
        ['Event', subscription.eventHeader],
        ['Subscription-State', stateLine(subscription, ended)],
        ['Content-Type', eventPackage.contentType],
      ],
      body: body ?? eventPackage.state(subscription.user),
    }
    const to =
      numericEndpoint(parseNameAddress(subscription.routes[0] ?? '')?.uri ?? subscription.target) ??
      subscription.source
    subscription.sending = true
    wire.request(request, to, outcome => {
      if (outcome.type === 'response' && outcome.response.status < 200) return
      subscription.sending = false
      // Who answers with a refusal or not at all wants no more of it (RFC 6665 §4.2.2).
      if (outcome.type === 'failed' || outcome.response.status >= 300) forget(subscription)
      else if (subscription.next !== undefined && standing.has(subscription.key)) {
        const next = subscription.next
        subscription.next = undefined
        notify(subscription, next)
      }
    })
  }

  const extend = (subscription: Subscription, seconds: number, request: SipRequest): void => {
    subscription.expiry?.cancel()
    subscription.until = clock.wall() + seconds * 1000
    subscription.target = contactOf(request) ?? subscription.target
    if (seconds > 0) {
      subscription.expiry = clock.timer('operator subscription', ms(seconds * 1000), () => {
        forget(subscription)
        notify(subscription, null, 'timeout')
      })
    } else forget(subscription)
    notify(subscription, null, seconds > 0 ? undefined : 'timeout')
  }

  const secondsAsked = (request: SipRequest): number => {
    const text = headerOf(request, 'Expires') ?? ''
    return /^\d{1,9}$/.test(text) ? Math.min(Number(text), LONGEST) : LONGEST
  }
  const tooShort = (seconds: number): boolean => seconds > 0 && seconds < minExpires

  const begin = (transaction: ServerTransaction, user: string, event: string): void => {
    const { request, from } = transaction
    const tag = entropy.hex(8)
    const callId = headerOf(request, 'Call-ID') as string
    const subscription: Subscription = {
      key: keyOfDialog(callId, tag),
      event,
      user,
      callId,
      tag,
      from: `${headerOf(request, 'To')};tag=${tag}`,
      to: headerOf(request, 'From') as string,
      eventHeader: headerOf(request, 'Event') as string,
      routes: recordedRoutes(request),
      target: contactOf(request) ?? '',
      source: from,
      cseq: 0,
      until: 0,
      expiry: undefined,
      sending: false,
      next: undefined,
    }
    const seconds = secondsAsked(request)
    standing.set(subscription.key, subscription)
    respond(transaction, 200, 'OK', tag, [['Expires', String(seconds)], contact(user)])
    extend(subscription, seconds, request)
  }

  const refresh = (transaction: ServerTransaction, subscription: Subscription): void => {
    const seconds = secondsAsked(transaction.request)
    respond(transaction, 200, 'OK', subscription.tag, [
      ['Expires', String(seconds)],
      contact(subscription.user),
    ])
    extend(subscription, seconds, transaction.request)
  }

  const subscribe: Notifier['subscribe'] = (transaction, user) => {
    const { request } = transaction
    const tag = entropy.hex(8)
    const event = (headerOf(request, 'Event') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
    const subscription = standing.get(keyOfRequest(request))
    if (!packages.has(event))
      respond(transaction, 489, 'Bad Event', tag, [['Allow-Events', [...packages.keys()].join(', ')]])
    else if (tooShort(secondsAsked(request)))
      respond(transaction, 423, 'Interval Too Brief', tag, [['Min-Expires', String(minExpires)]])
    else if (tagOf(headerOf(request, 'To')) !== undefined) {
      if (subscription === undefined || subscription.user !== user)
        respond(transaction, 481, 'Subscription Does Not Exist', tag)
      else refresh(transaction, subscription)
    } else if (contactOf(request) === undefined) respond(transaction, 400, 'Bad Request', tag)
    else if (parseSipUri(parseNameAddress(headerOf(request, 'To') ?? '')?.uri ?? '')?.user !== user)
      respond(transaction, 403, 'Forbidden', tag)
    else begin(transaction, user, event)
  }

  const unsolicited = (
    event: string,
    eventPackage: EventPackage,
    user: string,
    body: string | null,
  ): void => {
    for (const { uri, to } of options.telephonesOf(user)) {
      const request: SipRequest = {
        kind: 'request',
        method: 'NOTIFY',
        uri,
        headers: [
          ['Max-Forwards', '70'],
          ['From', `<sip:${user}@${options.domain}>;tag=${entropy.hex(8)}`],
          ['To', `<sip:${user}@${options.domain}>`],
          ['Call-ID', entropy.hex(16)],
          ['CSeq', '1 NOTIFY'],
          contact(user),
          ['Event', event],
          ['Subscription-State', 'terminated;reason=noresource'],
          ['Content-Type', eventPackage.contentType],
        ],
        body: body ?? eventPackage.state(user),
      }
      wire.request(request, to, () => {})
    }
  }

  return {
    get subscriptions() {
      return standing.size
    },
    forget: () => {
      for (const subscription of [...standing.values()]) forget(subscription)
    },
    owns: request => request.method === 'SUBSCRIBE' && standing.has(keyOfRequest(request)),
    subscribe,
    changed: (event, user, body) => {
      const eventPackage = packages.get(event)
      if (eventPackage === undefined) return
      const concerned = [...standing.values()].filter(
        subscription => subscription.event === event && subscription.user === user,
      )
      for (const subscription of concerned) notify(subscription, body ?? null)
      if (concerned.length === 0 && eventPackage.unsolicited)
        unsolicited(event, eventPackage, user, body ?? null)
    },
  }
}
