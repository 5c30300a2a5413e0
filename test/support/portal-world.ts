// A portal with its own profiles and journal, for tests: without sockets, or with a real one for browsers.

import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { createCallJournal } from '../operator/call-journal.js'
import { openDatabase } from '../operator/database.js'
import { migrations } from '../operator/migrations.js'
import { createAccounts } from '../operator/portal/accounts.js'
import { createPortal } from '../operator/portal/portal.js'
import { openProfiles } from '../operator/profiles.js'

export const user = '0389000001'
export const password = 'secret of the line'

/** The clock stands at `wall` (ms since 1970) when the portal opens. */
export const openPortalWorld = async (wall?: number) => {
  const clock = new VirtualClock(wall === undefined ? {} : { startWall: wall })
  const entropy = new SeededEntropy(9)
  const database = await openDatabase(':memory:', clock, migrations)
  const secrets: Readonly<Record<string, string>> = { [user]: password, '0389000002': 'other secret' }
  const profiles = await openProfiles({ database, clock, users: Object.keys(secrets) })
  const journal = createCallJournal({ database, clock, entropy })
  const accounts = createAccounts({ database, clock, entropy, firstPassword: who => secrets[who] })
  const portal = createPortal({
    clock,
    entropy,
    accounts,
    profiles,
    journal,
    defaultAddressOf: who => `${who}@operator.test`,
    timeZone: 'Europe/Paris',
  })
  /** A call of the past, as the network notes them. */
  const called = (number: string, start: number, seconds: number | undefined, forwardedBy?: string) =>
    database.write([
      'INSERT INTO call (id, payer, caller, called, forwarded_by, start_ms, answer_ms, end_ms, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      [
        entropy.hex(8),
        user,
        user,
        number,
        forwardedBy ?? null,
        start,
        seconds === undefined ? null : start + 5000,
        start + 5000 + (seconds ?? 20) * 1000,
        seconds === undefined ? 'no-reply' : 'answered',
      ],
    ])
  return { clock, database, profiles, journal, accounts, portal, called }
}

export type PortalWorld = Awaited<ReturnType<typeof openPortalWorld>>
