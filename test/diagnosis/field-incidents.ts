// The ten incidents of the field: what the subscriber complains of, how the fault comes into the house (as volts, edges, SIP, a
// clock or a file, never as a ready alarm), and the commands that find it. Tests of the diagnosis and the sessions of the
// technician's guide have them from here.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../firmware/log.js'
import type { VerdictId } from '../../firmware/run/verdicts/verdict.js'
import { Database } from '../../firmware/settings/database.js'
import { migrations } from '../../firmware/settings/migrations.js'
import { Store } from '../../firmware/settings/store.js'
import type { VirtualClock } from '../../hal/sim/virtual-clock.js'
import type { HouseOptions, VirtualHouse, VirtualTelephone } from '../support/virtual-house.js'

export interface Incident {
  /** "wrong-password". */
  readonly id: IncidentId
  readonly title: string
  /** In the words of the subscriber. */
  readonly complaint: string
  /** At most three; the fault is found by the first. */
  readonly commands: readonly string[]
  /** What the first command concludes. */
  readonly verdict: VerdictId
  readonly house?: HouseOptions
  happens(house: VirtualHouse, tel1: VirtualTelephone): Promise<unknown>
}

export type IncidentId =
  | 'wrong-password'
  | 'forbidden'
  | 'no-dns'
  | 'off-hook'
  | 'short-circuit'
  | 'no-ring-voltage'
  | 'one-way-audio'
  | 'short-flash'
  | 'wrong-clock'
  | 'full-disk'

/** A call to the operator's echo that stands. */
export const callEcho = async (house: VirtualHouse, tel1: VirtualTelephone): Promise<void> => {
  await tel1.act({ do: 'offhook' })
  await house.until('dial tone', () => tel1.tone === 'dial')
  await tel1.act({ do: 'dtmf', digits: '3100' })
  await house.until('the call is answered', () => house.box.status()[0]?.situation === 'active')
}

/** The registrar answers 403, from the next refresh on. */
const forbid = (house: VirtualHouse): void =>
  void house.operator?.faults.add({
    match: { direction: 'in', method: 'REGISTER' },
    fault: { type: 'answer', status: 403, reason: 'Forbidden', headers: [] },
  })

const yes = () => true
const no = () => false

/** What SQLite reports when the limit of pages is reached is what it reports for a full disk. */
const fillDisk = async (database: Database) => {
  const [pages] = await database.all('PRAGMA page_count')
  await database.all(`PRAGMA max_page_count = ${Number(pages?.['page_count'])}`)
  let n = 1000
  for (const size of [2000, 200, 20, 1])
    for (const row of [
      `INSERT INTO line_setting VALUES ('fill', ?, ?, 0)`,
      `INSERT INTO override_journal VALUES (?, 0, 'somebody', 'fill', NULL, ?)`,
    ]) {
      const insert = () => database.all(row, [n++, 'x'.repeat(size)])
      for (let room = true; room; ) room = await insert().then(yes, no)
    }
}

/** A store of its own on a disk that has no room left. */
const fullStore = async (clock: VirtualClock): Promise<Store> => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-incident-'))
  const path = join(folder, 'voiceport.db')
  const database = await Database.open(path, clock, migrations)
  await fillDisk(database)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return new Store(database, { path, clock, log: silentLog })
}

const one = { numbers: ['0389000001'] } as const satisfies HouseOptions

export const incidents: readonly Incident[] = [
  {
    id: 'wrong-password',
    title: 'The password of the account is wrong',
    complaint: 'No dial tone: the engaged tone comes at once, and nobody can call.',
    commands: ['show line tel1', 'test registration tel1'],
    verdict: 'password-refused',
    house: {
      ...one,
      operator: { subscribers: { '0389000001': 'another password' } },
      waitsForRegistration: false,
    },
    happens: house => house.advance(3000),
  },
  {
    id: 'forbidden',
    title: 'The operator bars the account (403)',
    complaint: 'It worked yesterday; today the engaged tone comes at once.',
    commands: ['test registration tel1', 'show line tel1'],
    verdict: 'account-forbidden',
    house: one,
    happens: async house => forbid(house),
  },
  {
    id: 'no-dns',
    title: 'The name server does not answer',
    complaint: 'No dial tone since the network was changed.',
    commands: ['show line tel1'],
    verdict: 'no-name-server',
    house: {
      ...one,
      account: { proxies: ['sip:proxy.operator.test;transport=udp'] },
      operator: false,
      dns: 'silent',
    },
    happens: house => house.advance(2000),
  },
  {
    id: 'off-hook',
    title: 'The telephone was left off the hook',
    complaint: 'Nobody gets through: always engaged. It never rings.',
    commands: ['show line tel1'],
    verdict: 'left-off-hook',
    house: one,
    happens: async (house, tel1) => {
      await tel1.act({ do: 'offhook' })
      await house.advance(50_000)
    },
  },
  {
    id: 'short-circuit',
    title: 'The wires touch each other',
    complaint: 'The telephone is dead: no dial tone, no ringing.',
    commands: ['show line tel1', 'show alarms'],
    verdict: 'short',
    house: one,
    happens: async (house, tel1) => {
      await tel1.act({ do: 'fault', kind: 'short', on: true })
      await house.advance(1000)
    },
  },
  {
    id: 'no-ring-voltage',
    title: 'The line has no supply, so no ring voltage',
    complaint: 'The telephone never rings.',
    commands: ['show line tel1', 'test arm tel1', 'test ring tel1'],
    verdict: 'no-supply',
    house: one,
    happens: async (house, tel1) => {
      await tel1.act({ do: 'fault', kind: 'power', on: true })
      await house.advance(1000)
    },
  },
  {
    id: 'one-way-audio',
    title: 'One-way audio',
    complaint: 'They hear me, I do not hear them.',
    commands: ['show line tel1', 'show calls last tel1'],
    verdict: 'nothing-received',
    house: one,
    happens: async (house, tel1) => {
      house.operator?.faults.add({ match: { what: 'rtp', direction: 'out' }, fault: { type: 'drop' } })
      await callEcho(house, tel1)
      await house.advance(5000)
    },
  },
  {
    id: 'short-flash',
    title: 'R of the telephone is too short',
    complaint: 'The R key does nothing, I cannot take the second call.',
    commands: ['show line tel1', 'show flash tel1'],
    verdict: 'flash-short',
    house: one,
    happens: async (house, tel1) => {
      await callEcho(house, tel1)
      for (let i = 0; i < 3; i++) {
        await tel1.act({ do: 'flash', ms: 55 })
        await house.advance(1000)
      }
    },
  },
  {
    id: 'wrong-clock',
    title: 'The clock of the box is wrong',
    complaint: 'The display of the telephone shows a wrong date.',
    commands: ['show line tel1', 'show version'],
    verdict: 'clock-wrong',
    house: { ...one, startWall: Date.UTC(1970, 0, 1) },
    happens: async () => undefined,
  },
  {
    id: 'full-disk',
    title: 'The disk is full',
    complaint: 'A code that withholds my number ends with the error tone.',
    commands: ['show line tel1', 'show codes last tel1'],
    verdict: 'disk-full',
    house: { ...one, store: fullStore },
    happens: async (house, tel1) => {
      await tel1.act({ do: 'offhook' })
      await house.until('dial tone', () => tel1.tone === 'dial')
      await tel1.act({ do: 'dtmf', digits: '*93#' })
      await house.advance(3000)
      await tel1.act({ do: 'onhook' })
      await house.advance(1000)
    },
  },
]

export const incident = (id: IncidentId): Incident => incidents.find(each => each.id === id) as Incident
