// Passwords of the portal. The first one is that of the line; once changed it is the subscriber's own, kept as scrypt.

import type { Clock } from '../../../hal/clock.js'
import type { Entropy } from '../../../hal/entropy.js'
import type { OperatorDatabase } from '../database.js'
import { hashPassword, passwordMatches } from '../passwords.js'

export interface Accounts {
  /** Takes as long for an unknown user as for a wrong password. */
  verify(user: string, password: string): Promise<boolean>
  setPassword(user: string, password: string): Promise<void>
}

export const createAccounts = (options: {
  readonly database: OperatorDatabase
  readonly clock: Clock
  readonly entropy: Entropy
  /** Password of the line; undefined for who is no subscriber. */
  readonly firstPassword: (user: string) => string | undefined
}): Accounts => {
  const { database, clock, entropy } = options
  const first = new Map<string, Promise<string>>()
  const firstHash = (user: string): Promise<string> => {
    const password = options.firstPassword(user)
    // Nobody's password: never matches, but costs the same.
    const key = password === undefined ? '' : user
    const known = first.get(key) ?? hashPassword(password ?? entropy.hex(32), clock, entropy)
    first.set(key, known)
    return known
  }
  return {
    verify: async (user, password) => {
      const [row] = await database.all('SELECT password FROM portal_account WHERE user = ?', [user])
      const subscriber = options.firstPassword(user) !== undefined
      const kept =
        subscriber && typeof row?.['password'] === 'string' ? row['password'] : await firstHash(user)
      return (await passwordMatches(password, kept, clock)) && subscriber
    },
    setPassword: async (user, password) =>
      database.write([
        'INSERT INTO portal_account (user, password) VALUES (?, ?) ON CONFLICT (user) DO UPDATE SET password = excluded.password',
        [user, await hashPassword(password, clock, entropy)],
      ]),
  }
}
