// Which challenges the account answers, and the nonces it may use again without being asked (RFC 3261 §22, RFC 7616 §3.3-3.6).
//
// A response to a stranger's challenge is a gift to a password cracker: only realms that belong to the account are
// answered (its domain or a part or parent of it, a proxy's host, or what the registrar itself asked for), and inside a
// dialog only realms that already challenged us outside one.

import type { Entropy } from '../../../hal/entropy.js'
import { authorization, type Challenge, readChallenges } from './digest.js'

/** 401 asks for Authorization, 407 for Proxy-Authorization. */
export type Asker = 'server' | 'proxy'

export interface RequestToSign {
  readonly method: string
  readonly uri: string
  readonly body: string
}

/** Header name and its values, one a line. */
export type SignedHeaders = readonly (readonly [string, readonly string[]])[]

export type Verdict =
  /** Send again with these headers, all others of their names taken out. */
  | { readonly type: 'retry'; readonly headers: SignedHeaders }
  | { readonly type: 'give-up'; readonly why: 'foreign-realm' | 'unsupported' | 'refused' }

/** What one request has already tried; kept with the request. */
export interface Attempts {
  /** Nonces sent, by asker and realm. */
  readonly used: Map<string, string>
  count: number
}

export interface Credentials {
  /** Headers worth sending unasked: what the same kind of request was asked for before. */
  preempt(attempts: Attempts, request: RequestToSign, scope: 'register' | 'call'): SignedHeaders
  answer(
    attempts: Attempts,
    asker: Asker,
    challenges: readonly string[],
    request: RequestToSign,
    where: { readonly scope: 'register' | 'call'; readonly inDialog: boolean },
  ): Verdict
  /** Authentication-Info or Proxy-Authentication-Info of a 2xx: the nonce to use next (RFC 7616 §3.5). */
  nextNonce(asker: Asker, value: string): void
}

export const newAttempts = (): Attempts => ({ used: new Map(), count: 0 })

/** More rounds than this are a loop, whatever the server says. */
const maximumRounds = 6

interface Known {
  challenge: Challenge
  cnonce: string
  count: number
  readonly asker: Asker
  readonly scopes: Set<'register' | 'call'>
}

export interface CredentialsOptions {
  readonly user: string
  readonly password: string
  readonly domain: string
  /** Host names of the account's proxies. */
  readonly proxies: readonly string[]
  readonly entropy: Entropy
}

export const headerOf = (asker: Asker): string =>
  asker === 'server' ? 'Authorization' : 'Proxy-Authorization'

const within = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`)

export const createCredentials = (options: CredentialsOptions): Credentials => {
  const known = new Map<string, Known>()
  const registrarRealms = new Set<string>()
  const domain = options.domain.toLowerCase()
  const proxies = options.proxies.map(name => name.toLowerCase())

  const belongsToUs = (realm: string): boolean => {
    const name = realm.toLowerCase()
    if (registrarRealms.has(realm) || proxies.includes(name)) return true
    // A parent must keep two labels: "test" is nobody's realm for "operator.test".
    return within(name, domain) || (within(domain, name) && name.includes('.'))
  }

  const sign = (entry: Known, attempts: Attempts, request: RequestToSign): string => {
    entry.count++
    attempts.used.set(`${entry.asker} ${entry.challenge.realm}`, entry.challenge.nonce)
    const { user, password } = options
    const { cnonce, count } = entry
    return authorization(entry.challenge, { user, password, ...request, cnonce, count })
  }

  const signAll = (entries: readonly Known[], attempts: Attempts, request: RequestToSign): SignedHeaders => {
    const headers = new Map<string, string[]>()
    for (const entry of entries) {
      const name = headerOf(entry.asker)
      headers.set(name, [...(headers.get(name) ?? []), sign(entry, attempts, request)])
    }
    return [...headers]
  }

  return {
    preempt(attempts, request, scope) {
      // Without qop nothing counts the uses of a nonce: sending the same answer again would be a replay.
      const usable = [...known.values()].filter(
        entry => entry.scopes.has(scope) && entry.challenge.qop !== undefined,
      )
      return signAll(usable, attempts, request)
    },

    answer(attempts, asker, values, request, { scope, inDialog }) {
      const challenges = readChallenges(values)
      if (challenges.length === 0) return { type: 'give-up', why: 'unsupported' }
      const ours = challenges.filter(({ realm }) =>
        inDialog ? known.has(`${asker} ${realm}`) : scope === 'register' || belongsToUs(realm),
      )
      if (ours.length === 0) return { type: 'give-up', why: 'foreign-realm' }
      const fresh = ours.filter(challenge => {
        const last = attempts.used.get(`${asker} ${challenge.realm}`)
        // A nonce we used unasked may have aged without the server saying stale; one we were just given may not.
        return last === undefined || challenge.stale || (attempts.count === 0 && last !== challenge.nonce)
      })
      if (fresh.length === 0 || attempts.count >= maximumRounds) return { type: 'give-up', why: 'refused' }
      attempts.count++
      for (const challenge of fresh) {
        const key = `${asker} ${challenge.realm}`
        if (scope === 'register') registrarRealms.add(challenge.realm)
        const scopes = known.get(key)?.scopes ?? new Set()
        scopes.add(scope)
        known.set(key, { challenge, cnonce: options.entropy.hex(12), count: 0, asker, scopes })
        attempts.used.set(key, challenge.nonce)
      }
      // Whoever was satisfied before must be satisfied again: the whole set is signed anew.
      const answered = [...attempts.used.keys()].flatMap(key => known.get(key) ?? [])
      return { type: 'retry', headers: signAll(answered, attempts, request) }
    },

    nextNonce(asker, value) {
      const nonce = /(?:^|[\s,])nextnonce="([^"]+)"/i.exec(value)?.[1]
      if (nonce === undefined) return
      const entries = [...known.values()].filter(entry => entry.asker === asker)
      // The header names no realm: with several it cannot be told whose nonce it is.
      const [entry] = entries
      if (entry === undefined || entries.length > 1) return
      entry.challenge = { ...entry.challenge, nonce }
      entry.cnonce = options.entropy.hex(12)
      entry.count = 0
    },
  }
}
