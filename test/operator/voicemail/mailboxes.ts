// The mailboxes on disk: messages, greetings, passwords. Nothing resolves before it is stored for good, so that nothing
// is confirmed to a caller that a power cut could take back.

import type { Clock } from '../../../hal/clock.js'
import type { Entropy } from '../../../hal/entropy.js'
import type { OperatorDatabase } from '../database.js'
import { hashPassword, passwordMatches } from '../passwords.js'
import type { Message } from './state.js'

export interface NewMessage {
  readonly from: string | undefined
  /** A-law, 8 kHz. */
  readonly recording: Uint8Array
  /** Also send it by e-mail. */
  readonly mail: boolean
}

export interface Summary {
  readonly fresh: number
  readonly archived: number
}

export interface Mailboxes {
  summary(user: string): Promise<Summary>
  /** The oldest first. */
  messages(user: string): Promise<readonly Message[]>
  /** Undefined once erased. */
  recording(user: string, id: number): Promise<Uint8Array | undefined>
  isFull(user: string): Promise<boolean>
  /** False when the box is full: nothing was kept. */
  add(user: string, message: NewMessage): Promise<boolean>
  archive(user: string, id: number): Promise<void>
  erase(user: string, id: number): Promise<void>
  /** Undefined: the standard greeting. */
  greeting(user: string): Promise<Uint8Array | undefined>
  setGreeting(user: string, recording: Uint8Array | undefined): Promise<void>
  /** Without one the box opens from the subscriber's own line only. */
  hasPassword(user: string): Promise<boolean>
  setPassword(user: string, digits: string): Promise<void>
  /** Five wrong ones in a row, in however many calls, lock it for 15 minutes. */
  checkPassword(user: string, digits: string): Promise<'right' | 'wrong' | 'locked'>
  /** Called after a change of what `summary` tells, and after each new message. */
  onChange(listener: (user: string) => void): void
}

export interface MailboxOptions {
  readonly database: OperatorDatabase
  readonly clock: Clock
  readonly entropy: Entropy
  /** Messages a box holds; default 40. */
  readonly capacity?: number
}

const DEFAULT_CAPACITY = 40
const FAILURES = 5
const LOCKED_MS = 15 * 60_000

export const createMailboxes = ({ database, clock, entropy, ...options }: MailboxOptions): Mailboxes => {
  const capacity = options.capacity ?? DEFAULT_CAPACITY
  const listeners: ((user: string) => void)[] = []
  const changed = (user: string): void => {
    for (const listener of listeners) listener(user)
  }
  const first = async (sql: string, user: string) => (await database.all(sql, [user]))[0]
  const setting = (user: string, column: 'greeting' | 'password', value: Uint8Array | string | null) =>
    database.write([
      `INSERT INTO mailbox (user, ${column}) VALUES (?, ?) ON CONFLICT (user) DO UPDATE SET ${column} = excluded.${column}`,
      [user, value],
    ])
  const count = async (user: string): Promise<number> =>
    Number((await first('SELECT count(*) AS n FROM message WHERE user = ?', user))?.['n'])

  const add = async (user: string, { from, recording, mail }: NewMessage): Promise<boolean> => {
    const now = clock.wall()
    // One statement: two callers at once cannot both take the last place.
    const kept = await database.all(
      `INSERT INTO message (user, caller, received_ms, mail_due_ms, recording)
       SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM message WHERE user = ?1) < ?6 RETURNING id`,
      [user, from ?? null, now, mail ? now : null, recording, capacity],
    )
    if (kept.length > 0) changed(user)
    return kept.length > 0
  }

  const check = async (user: string, digits: string): Promise<'right' | 'wrong' | 'locked'> => {
    const row = await first('SELECT password, locked_until_ms FROM mailbox WHERE user = ?', user)
    if (typeof row?.['password'] !== 'string') return 'wrong'
    if (Number(row['locked_until_ms']) > clock.wall()) return 'locked'
    const right = await passwordMatches(digits, row['password'], clock)
    // Counted in one statement, so that guesses made at the same time count one by one.
    await database.write(
      right
        ? ['UPDATE mailbox SET failures = 0 WHERE user = ?', [user]]
        : [
            `UPDATE mailbox SET failures = (failures + 1) % ?1,
             locked_until_ms = CASE WHEN failures + 1 >= ?1 THEN ?2 ELSE locked_until_ms END WHERE user = ?3`,
            [FAILURES, clock.wall() + LOCKED_MS, user],
          ],
    )
    return right ? 'right' : 'wrong'
  }

  return {
    summary: async user => {
      const row = await first(
        'SELECT count(*) AS n, coalesce(sum(archived), 0) AS archived FROM message WHERE user = ?',
        user,
      )
      const archived = Number(row?.['archived'])
      return { fresh: Number(row?.['n']) - archived, archived }
    },
    messages: async user =>
      (
        await database.all(
          'SELECT id, caller, received_ms, archived FROM message WHERE user = ? ORDER BY id',
          [user],
        )
      ).map(row => ({
        id: Number(row['id']),
        isNew: row['archived'] === 0,
        from: (row['caller'] as string | null) ?? undefined,
        receivedAt: Number(row['received_ms']),
      })),
    recording: async (user, id) => {
      const rows = await database.all('SELECT recording FROM message WHERE user = ? AND id = ?', [user, id])
      return rows[0]?.['recording'] as Uint8Array | undefined
    },
    isFull: async user => (await count(user)) >= capacity,
    add,
    archive: async (user, id) => {
      await database.write(['UPDATE message SET archived = 1 WHERE user = ? AND id = ?', [user, id]])
      changed(user)
    },
    erase: async (user, id) => {
      await database.write(['DELETE FROM message WHERE user = ? AND id = ?', [user, id]])
      changed(user)
    },
    greeting: async user =>
      ((await first('SELECT greeting FROM mailbox WHERE user = ?', user))?.[
        'greeting'
      ] as Uint8Array | null) ?? undefined,
    setGreeting: (user, recording) => setting(user, 'greeting', recording ?? null),
    hasPassword: async user =>
      typeof (await first('SELECT password FROM mailbox WHERE user = ?', user))?.['password'] === 'string',
    setPassword: async (user, digits) =>
      setting(user, 'password', await hashPassword(digits, clock, entropy)),
    checkPassword: check,
    onChange: listener => void listeners.push(listener),
  }
}
