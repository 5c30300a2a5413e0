// The operator's side of digest authentication (RFC 7616, RFC 8760): SHA-256 and MD5 offered as separate challenges,
// qop=auth, nonces that expire and a nonce count that may only grow.

import { createHash } from 'node:crypto'
import { type HeaderLine, headersOf, type SipRequest } from '../../firmware/sip/wire/message.js'
import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'

export type Verdict =
  | { readonly type: 'ok'; readonly user: string }
  /** No credentials, or good ones for an old nonce: ask (again). */
  | { readonly type: 'challenge'; readonly headers: readonly HeaderLine[] }
  | { readonly type: 'wrong' }
  | { readonly type: 'malformed' }

export interface DigestOptions {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly realm: string
  /** Clear password of a user; undefined when there is no such user. */
  readonly passwordOf: (user: string) => string | undefined
  /** Seconds a nonce may be used; default 300. */
  readonly nonceSeconds?: number
  /** What is offered, in this order; default SHA-256, then MD5. Clients of before RFC 8760 choke on the former. */
  readonly algorithms?: readonly Algorithm[]
}

export interface Digest {
  /** `kind` chooses between 401 (a server itself) and 407 (a proxy on the way). */
  check(request: SipRequest, kind: 'www' | 'proxy'): Verdict
  /** The same for a request of HTTP: its method, its target as sent, its Authorization headers. */
  checkHttp(method: string, target: string, credentials: readonly string[]): Verdict
  /** Headers of a new challenge. */
  challenge(kind: 'www' | 'proxy', stale: boolean): readonly HeaderLine[]
  /** Every nonce is an old one from now on. */
  forget(): void
}

export type Algorithm = 'SHA-256' | 'MD5'

const hashNames = new Map<string, string>([
  ['SHA-256', 'sha256'],
  ['MD5', 'md5'],
])
const MAX_NONCES = 4096

/** `Digest a=b, c="d"` as a map with lower-case names; undefined when it is nothing of the kind. */
export const parseCredentials = (value: string): Map<string, string> | undefined => {
  if (!/^Digest\s/i.test(value)) return undefined
  const fields = new Map<string, string>()
  const pattern = /([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)/g
  for (const [, name, quoted, plain] of value.slice(7).matchAll(pattern))
    fields.set((name as string).toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '')
  return fields.size === 0 ? undefined : fields
}

export const createDigest = (options: DigestOptions): Digest => {
  const { clock, entropy, realm } = options
  const offered = options.algorithms ?? ['SHA-256', 'MD5']
  const lifeUs = (options.nonceSeconds ?? 300) * 1e6
  const nonces = new Map<string, { issued: number; count: number }>()

  const freshChallenge = (kind: 'www' | 'proxy', stale: boolean): readonly HeaderLine[] => {
    const nonce = entropy.hex(16)
    if (nonces.size >= MAX_NONCES) nonces.delete(nonces.keys().next().value as string)
    nonces.set(nonce, { issued: clock.now(), count: 0 })
    const name = kind === 'www' ? 'WWW-Authenticate' : 'Proxy-Authenticate'
    return offered.map(algorithm => [
      name,
      `Digest realm="${realm}", nonce="${nonce}", qop="auth", algorithm=${algorithm}${stale ? ', stale=true' : ''}`,
    ])
  }
  const challenge = (kind: 'www' | 'proxy', stale: boolean): Verdict => ({
    type: 'challenge',
    headers: freshChallenge(kind, stale),
  })

  const proves = (fields: Map<string, string>, method: string, password: string): boolean | undefined => {
    const given = (fields.get('algorithm') ?? 'MD5').toUpperCase()
    const hashName = offered.some(algorithm => algorithm === given) ? hashNames.get(given) : undefined
    const field = (name: string): string => fields.get(name) ?? ''
    if (hashName === undefined || field('qop') !== 'auth' || field('cnonce') === '') return undefined
    if (!/^[0-9a-f]{8}$/i.test(field('nc'))) return undefined
    const hash = (text: string): string => createHash(hashName).update(text).digest('hex')
    const secret = hash(`${field('username')}:${realm}:${password}`)
    const action = hash(`${method}:${field('uri')}`)
    const middle = `${field('nonce')}:${field('nc')}:${field('cnonce')}:auth`
    return hash(`${secret}:${middle}:${action}`) === field('response').toLowerCase()
  }

  const judge = (
    method: string,
    uri: string,
    credentials: readonly string[],
    kind: 'www' | 'proxy',
  ): Verdict => {
    const fields = credentials.map(parseCredentials).find(found => found?.get('realm') === realm)
    if (fields === undefined) return challenge(kind, false)
    if (fields.get('uri') !== uri) return { type: 'malformed' }
    const user = fields.get('username') ?? ''
    const proof = proves(fields, method, options.passwordOf(user) ?? entropy.hex(16))
    if (proof === undefined) return { type: 'malformed' }
    if (!proof) return { type: 'wrong' }
    const nonce = nonces.get(fields.get('nonce') ?? '')
    const count = Number.parseInt(fields.get('nc') ?? '', 16)
    if (nonce === undefined || clock.now() - nonce.issued > lifeUs || count <= nonce.count)
      return challenge(kind, true)
    nonce.count = count
    return { type: 'ok', user }
  }

  return {
    check: (request, kind) => {
      const name = kind === 'www' ? 'Authorization' : 'Proxy-Authorization'
      return judge(request.method, request.uri, headersOf(request, name), kind)
    },
    checkHttp: (method, target, credentials) => judge(method, target, credentials, 'www'),
    challenge: (kind, stale) => freshChallenge(kind, stale),
    forget: () => nonces.clear(),
  }
}
