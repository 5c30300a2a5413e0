// The operator's registrar (RFC 3261 §10.3): bindings with their own expiry, 423 for too short ones, `*` to remove all.

import {
  parameterOf,
  parseNameAddress,
  parseSipUri,
  splitOutside,
} from '../../firmware/sip/wire/header-values.js'
import {
  type HeaderLine,
  headerOf,
  headersOf,
  responseTo,
  type SipRequest,
  type SipResponse,
} from '../../firmware/sip/wire/message.js'
import type { Clock } from '../../hal/clock.js'
import type { Endpoint } from '../../hal/network.js'

export interface Binding {
  readonly user: string
  /** As registered, without header parameters. */
  readonly contact: string
  readonly source: Endpoint
  readonly callId: string
  readonly cseq: number
  /** Wall clock, ms since 1970. */
  readonly expires: number
}

export interface RegistrarOptions {
  readonly clock: Clock
  readonly domain: string
  /** Seconds; default 60. */
  readonly minExpires?: number
  /** Seconds; default 3600. */
  readonly maxExpires?: number
  readonly bindings?: readonly Binding[]
  /** All that `user` has now, the oldest first. */
  onChange?(user: string, bindings: readonly Binding[]): void
}

export interface Registrar {
  /** Answers an authenticated REGISTER for `user`. `tag` goes into To. */
  register(request: SipRequest, user: string, source: Endpoint, tag: string): SipResponse
  /** The newest first. */
  bindingsOf(user: string): readonly Binding[]
  /** All of them at once, as if they had never been. */
  forget(): void
}

/** Two contacts are the same binding when user, host and port agree (RFC 3261 §19.1.4, as far as it matters here). */
const keyOf = (contact: string): string => {
  const uri = parseSipUri(contact)
  return uri === undefined ? contact : `${uri.user ?? ''}@${uri.host.toLowerCase()}:${uri.port ?? 5060}`
}

export const createRegistrar = (options: RegistrarOptions): Registrar => {
  const { clock } = options
  const minExpires = options.minExpires ?? 60
  const maxExpires = options.maxExpires ?? 3600
  let bindings: readonly Binding[] = options.bindings ?? []

  const live = (): readonly Binding[] => bindings.filter(({ expires }) => expires > clock.wall())
  const bindingsOf = (user: string): readonly Binding[] =>
    live()
      .filter(binding => binding.user === user)
      .reverse()
  const keep = (user: string, next: readonly Binding[]): void => {
    bindings = next
    options.onChange?.(
      user,
      next.filter(binding => binding.user === user),
    )
  }

  return {
    bindingsOf,
    forget: () => {
      for (const user of new Set(bindings.map(binding => binding.user)))
        keep(
          user,
          bindings.filter(binding => binding.user !== user),
        )
    },
    register: (request, user, source, tag) => {
      const refuse = (status: number, reason: string, extra: readonly HeaderLine[] = []): SipResponse =>
        responseTo(request, status, reason, tag, extra)
      const callId = headerOf(request, 'Call-ID') as string
      const cseq = Number.parseInt(headerOf(request, 'CSeq') as string, 10)
      const general = headerOf(request, 'Expires')
      const contacts = headersOf(request, 'Contact').flatMap(value => splitOutside(value, ',') ?? [])
      if (contacts.includes('*')) {
        if (contacts.length > 1 || general !== '0') return refuse(400, 'Bad Request')
        keep(
          user,
          live().filter(binding => binding.user !== user),
        )
        return refuse(200, 'OK')
      }
      const changes = new Map<string, Binding>()
      for (const value of contacts) {
        const contact = parseNameAddress(value)
        if (contact === undefined || parseSipUri(contact.uri) === undefined) return refuse(400, 'Bad Request')
        const text = parameterOf(contact.parameters, 'expires') ?? general ?? String(maxExpires)
        // A value that is no number counts as 3600 (RFC 3261 §20.19).
        const asked = /^\d{1,10}$/.test(text) ? Number(text) : 3600
        if (asked > 0 && asked < minExpires)
          return refuse(423, 'Interval Too Brief', [['Min-Expires', String(minExpires)]])
        const old = live().find(
          binding => binding.user === user && keyOf(binding.contact) === keyOf(contact.uri),
        )
        if (old !== undefined && old.callId === callId && cseq <= old.cseq)
          return refuse(500, 'Server Internal Error')
        const expires = clock.wall() + Math.min(asked, maxExpires) * 1000
        changes.set(keyOf(contact.uri), { user, contact: contact.uri, source, callId, cseq, expires })
      }
      if (changes.size > 0) {
        const others = live().filter(binding => binding.user !== user || !changes.has(keyOf(binding.contact)))
        keep(user, [...others, ...[...changes.values()].filter(({ expires }) => expires > clock.wall())])
      }
      const listed = bindingsOf(user).map((binding): HeaderLine => {
        const seconds = Math.ceil((binding.expires - clock.wall()) / 1000)
        return ['Contact', `<${binding.contact}>;expires=${seconds}`]
      })
      return refuse(200, 'OK', [
        ...listed,
        ['P-Associated-URI', `<sip:${user}@${options.domain}>`],
        ['Date', new Date(clock.wall()).toUTCString()],
      ])
    },
  }
}
