// Passwords of subscribers at rest: scrypt (RFC 7914) with a salt of their own, compared in constant time.

import { scrypt, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'

const COST = { N: 16_384, r: 8, p: 1 }
const KEY_BYTES = 32

const derive = (clock: Clock, password: string, salt: string): Promise<Buffer> =>
  clock.external(
    new Promise((resolve, reject) =>
      scrypt(password.normalize('NFC'), salt, KEY_BYTES, COST, (error, key) =>
        error === null ? resolve(key) : reject(error),
      ),
    ),
  )

/** What is kept: "scrypt:SALT:KEY" in hexadecimal. */
export const hashPassword = async (password: string, clock: Clock, entropy: Entropy): Promise<string> => {
  const salt = entropy.hex(16)
  return `scrypt:${salt}:${(await derive(clock, password, salt)).toString('hex')}`
}

/** False as well for anything that `hashPassword` did not write. */
export const passwordMatches = async (password: string, kept: string, clock: Clock): Promise<boolean> => {
  const [kind, salt, key] = kept.split(':')
  if (kind !== 'scrypt' || salt === undefined || key === undefined) return false
  const wanted = Buffer.from(key, 'hex')
  return wanted.length === KEY_BYTES && timingSafeEqual(wanted, await derive(clock, password, salt))
}
