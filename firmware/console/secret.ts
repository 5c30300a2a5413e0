// Verifying a console secret. What is kept is either the secret itself (one line, as provisioning delivers it) or a
// verifier made by `passwd`: "$scrypt$ln=14,r=8,p=5$SALT$HASH" (RFC 7914, in the PHC string form). Both are compared through
// scrypt, in the time that takes, on the thread pool: the main loop goes on.

import { scrypt, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import { parseHil } from './hil.js'
import { longestLine } from './line-editor.js'

/** 16 MiB and a third of a second on a small box: dear to guess with, cheap to log in with. */
const standard = { ln: 14, r: 8, p: 5 } as const
const hashBytes = 32
const saltBytes = 16

interface Verifier {
  readonly ln: number
  readonly r: number
  readonly p: number
  readonly salt: Buffer
  readonly hash: Buffer
}

export const shortestSecret = 8
export const longestSecret = 128
/** Of one that provisioning delivers: as much as the prompt takes. */
const longestProvisioned = longestLine

export const isVerifier = (kept: string): boolean => kept.startsWith('$scrypt$')

/** What was typed beyond ASCII is no key of this console: in place of it this stands, so that it does not vanish unseen. */
export const untypable = '\u{fffd}'

/** Stands where a line ends that had more characters than are taken: what is left of it is not what was meant. */
export const cutShort = '\u{2026}'

/** The prompt would take it as it is. */
export const isTypable = (secret: string): boolean => {
  const request = parseHil(secret)
  return /^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$/.test(secret) && !(request && 'login' in request)
}

/** Why nobody can ever log in with what is provisioned; undefined: somebody can. */
export const flawOf = (kept: string): string | undefined => {
  if (isVerifier(kept)) return parseVerifier(kept) ? undefined : 'it is no verifier as passwd makes them'
  if (kept.length > longestProvisioned) return `it has more than ${longestProvisioned} characters`
  if (!isTypable(kept))
    return 'it cannot be typed: one line of printable ASCII, not only blanks, no {"login":…}'
  return undefined
}

/** For storing; the secret cannot be had back from it. */
export const makeVerifier = async (secret: string, clock: Clock, entropy: Entropy): Promise<string> => {
  const salt = Buffer.from(entropy.hex(saltBytes), 'hex')
  const hash = await hashOf(secret, { ...standard, salt }, clock)
  const { ln, r, p } = standard
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`
}

/** Takes as long for a right secret as for a wrong one. A verifier that cannot be read fits nothing. */
export const fits = async (typed: string, kept: string, clock: Clock): Promise<boolean> => {
  const verifier = isVerifier(kept) ? parseVerifier(kept) : undefined
  if (isVerifier(kept) && verifier === undefined) return false
  if (verifier) return timingSafeEqual(await hashOf(typed, verifier, clock), verifier.hash)
  // The secret stands in the file as it is: the salt only has to be the same on both sides.
  const cost = { ...standard, salt: Buffer.alloc(saltBytes) }
  const given = await hashOf(typed, cost, clock)
  if (known?.kept !== kept) known = { kept, hash: await hashOf(kept, cost, clock) }
  return timingSafeEqual(given, known.hash)
}

/** Of the secret compared with last: it need not be worked out again at each try. */
let known: { readonly kept: string; readonly hash: Buffer } | undefined

const parseVerifier = (text: string): Verifier | undefined => {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]{8,64})\$([\w+/]{43})$/.exec(text)
  if (!match) return undefined
  const [ln, r, p] = [Number(match[1]), Number(match[2]), Number(match[3])]
  // A file must not be able to ask for more memory than the box has.
  if (ln < 10 || ln > 17 || r < 1 || r > 8 || p < 1 || p > 16) return undefined
  return { ln, r, p, salt: Buffer.from(match[4]!, 'base64'), hash: Buffer.from(match[5]!, 'base64') }
}

const hashOf = (secret: string, { ln, r, p, salt }: Omit<Verifier, 'hash'>, clock: Clock): Promise<Buffer> =>
  clock.external(
    new Promise((resolve, reject) => {
      const cost = { N: 2 ** ln, r, p, maxmem: 192 * 1024 * 1024 }
      scrypt(secret, salt, hashBytes, cost, (error, key) => (error ? reject(error) : resolve(key)))
    }),
  )

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')
