// HTTP digest for SIP: RFC 3261 §22, RFC 7616 (MD5, SHA-256, SHA-512-256 and their -sess forms), RFC 8760 (several challenges).
// Pure: reads challenges, computes responses. What may be answered, and when, is decided in credentials.ts.

import { createHash } from 'node:crypto'
import { parseParameters, splitOutside, unquote } from './header-values.js'

export interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque?: string
  /** As the server wrote it; absent means MD5 and is not sent back. */
  readonly algorithm?: string
  readonly stale: boolean
  /** What we shall use; absent when the server offered no qop (RFC 2069 style). */
  readonly qop?: 'auth' | 'auth-int'
}

const hashes: Readonly<Record<string, string>> = {
  md5: 'md5',
  'sha-256': 'sha256',
  'sha-512-256': 'sha512-256',
}

const hashOf = (
  algorithm: string | undefined,
): { readonly hash: string; readonly session: boolean } | undefined => {
  const name = (algorithm ?? 'MD5').toLowerCase()
  const session = name.endsWith('-sess')
  const hash = hashes[session ? name.slice(0, -5) : name]
  return hash === undefined ? undefined : { hash, session }
}

const chooseQop = (offered: string | undefined): 'auth' | 'auth-int' | 'none' | undefined => {
  if (offered === undefined) return 'none'
  const names = offered.toLowerCase().split(/[\s,]+/)
  if (names.includes('auth')) return 'auth'
  return names.includes('auth-int') ? 'auth-int' : undefined
}

/** Reads the fields of a header value, by name in lower case. */
const fieldsOf = (text: string): ((name: string) => string | undefined) => {
  const parameters = parseParameters(
    splitOutside(text, ',')
      .map(part => part.text)
      .join(';'),
  )
  return name => {
    const value = parameters?.[name]
    return value === null || value === undefined ? undefined : unquote(value)
  }
}

const readChallenge = (text: string): Challenge | undefined => {
  const read = fieldsOf(text)
  const realm = read('realm')
  const nonce = read('nonce')
  const algorithm = read('algorithm')
  const opaque = read('opaque')
  const qop = chooseQop(read('qop'))
  if (realm === undefined || nonce === undefined || qop === undefined || !hashOf(algorithm)) return undefined
  return {
    realm,
    nonce,
    stale: read('stale')?.toLowerCase() === 'true',
    ...(qop === 'none' ? {} : { qop }),
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(opaque === undefined ? {} : { opaque }),
  }
}

/**
 * The challenges we can answer, one for each realm: the topmost supported one, as RFC 8760 §2.4 has the server put its
 * preferred algorithm first. `values` are WWW-Authenticate or Proxy-Authenticate values in order.
 */
export const readChallenges = (values: readonly string[]): readonly Challenge[] => {
  const byRealm = new Map<string, Challenge>()
  for (const value of values)
    for (const part of value.split(/(?:^|,)\s*Digest\s+/i)) {
      const challenge = part.trim() === '' ? undefined : readChallenge(part)
      if (challenge && !byRealm.has(challenge.realm)) byRealm.set(challenge.realm, challenge)
    }
  return [...byRealm.values()]
}

export interface DigestInput {
  readonly user: string
  readonly password: string
  readonly method: string
  /** Request-URI exactly as it stands in the request line. */
  readonly uri: string
  readonly body: string
  readonly cnonce: string
  /** How often this nonce has been used, this time included; 1-2^32. */
  readonly count: number
}

const hexCount = (count: number): string => count.toString(16).padStart(8, '0')

/** The response value of RFC 7616 §3.4. */
export const digestResponse = (challenge: Challenge, input: DigestInput): string => {
  const { hash, session } = hashOf(challenge.algorithm) ?? { hash: 'md5', session: false }
  const h = (text: string): string => createHash(hash).update(text, 'utf8').digest('hex')
  const { realm, nonce, qop } = challenge
  const { cnonce } = input
  const secret = h(`${input.user}:${realm}:${input.password}`)
  const a1 = session ? h(`${secret}:${nonce}:${cnonce}`) : secret
  const a2 = h(`${input.method}:${input.uri}${qop === 'auth-int' ? `:${h(input.body)}` : ''}`)
  if (qop === undefined) return h(`${a1}:${nonce}:${a2}`)
  return h(`${a1}:${nonce}:${hexCount(input.count)}:${cnonce}:${qop}:${a2}`)
}

/**
 * False when this Authentication-Info value (RFC 7616 §3.5) of the answer to `input` carries an rspauth that somebody
 * made who does not know the password, or made for another request. True without one: not every server sends it.
 */
export const isFromServer = (
  challenge: Challenge,
  input: DigestInput,
  info: string,
  answerBody: string,
): boolean => {
  const read = fieldsOf(info)
  const told = read('rspauth')
  if (told === undefined) return true
  const qop = read('qop')?.toLowerCase() ?? challenge.qop
  if (qop !== 'auth' && qop !== 'auth-int' && qop !== undefined) return false
  const { qop: _, ...plain } = challenge
  const asked: Challenge = { ...plain, ...(challenge.qop !== undefined && qop !== undefined && { qop }) }
  return told.toLowerCase() === digestResponse(asked, { ...input, method: '', body: answerBody })
}

const quote = (text: string): string => `"${text.replace(/(["\\])/g, '\\$1')}"`

/** Value of an Authorization or Proxy-Authorization header. */
export const authorization = (challenge: Challenge, input: DigestInput): string => {
  const { qop, algorithm, opaque } = challenge
  const fields = [
    `username=${quote(input.user)}`,
    `realm=${quote(challenge.realm)}`,
    `nonce=${quote(challenge.nonce)}`,
    `uri=${quote(input.uri)}`,
    `response="${digestResponse(challenge, input)}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(qop === undefined && !hashOf(algorithm)?.session ? [] : [`cnonce="${input.cnonce}"`]),
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${hexCount(input.count)}`]),
  ]
  return `Digest ${fields.join(', ')}`
}
