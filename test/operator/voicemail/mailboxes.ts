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
  /** As of the last change that was stored. */
  summary(user: string): Summary
  /** The oldest first. */
  messages(user: string): Promise<readonly Message[]>
  /** Undefined once erased. */
  recording(user: string, id: number): Promise<Uint8Array | undefined>
  isFull(user: string): boolean
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
  /** Resolves when every change asked for so far is stored or has failed. */
  settled(): Promise<void>
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

const none: Summary = { fresh: 0, archived: 0 }

/** Reads how many messages there are. */
export const openMailboxes = async ({
  database,
  clock,
  entropy,
  ...options
}: MailboxOptions): Promise<Mailboxes> => {
  const capacity = options.capacity ?? DEFAULT_CAPACITY
  const listeners: ((user: string) => void)[] = []
  const pending = new Set<Promise<unknown>>()
  const kept = <T>(change: Promise<T>): Promise<T> => {
    pending.add(change)
    const done = (): void => void pending.delete(change)
    change.then(done, done)
    return change
  }
  const counted = new Map<string, Summary>()
  const count = async (): Promise<void> => {
    const rows = await database.all(
      'SELECT user, count(*) AS n, sum(archived) AS archived FROM message GROUP BY user',
    )
    counted.clear()
    for (const row of rows) {
      const archived = Number(row['archived'])
      counted.set(row['user'] as string, { fresh: Number(row['n']) - archived, archived })
    }
  }
  const changed = async (user: string): Promise<void> => {
    await count()
    for (const listener of listeners) listener(user)
  }
  const first = async (sql: string, user: string) => (await database.all(sql, [user]))[0]
  const setting = (user: string, column: 'greeting' | 'password', value: Uint8Array | string | null) =>
    database.write([
      `INSERT INTO mailbox (user, ${column}) VALUES (?, ?) ON CONFLICT (user) DO UPDATE SET ${column} = excluded.${column}`,
      [user, value],
    ])
  const summary = (user: string): Summary => counted.get(user) ?? none
  await count()

  const add = async (user: string, { from, recording, mail }: NewMessage): Promise<boolean> => {
    const now = clock.wall()
    // One statement: two callers at once cannot both take the last place.
    const rows = await database.all(
      `INSERT INTO message (user, caller, received_ms, mail_due_ms, recording)
       SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM message WHERE user = ?1) < ?6 RETURNING id`,
      [user, from ?? null, now, mail ? now : null, recording, capacity],
    )
    if (rows.length > 0) await changed(user)
    return rows.length > 0
  }

  const change = async (user: string, sql: string, id: number): Promise<void> => {
    await database.write([sql, [user, id]])
    await changed(user)
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
    summary,
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
    isFull: user => summary(user).fresh + summary(user).archived >= capacity,
    add: (user, message) => kept(add(user, message)),
    archive: (user, id) =>
      kept(change(user, 'UPDATE message SET archived = 1 WHERE user = ? AND id = ?', id)),
    erase: (user, id) => kept(change(user, 'DELETE FROM message WHERE user = ? AND id = ?', id)),
    greeting: async user =>
      ((await first('SELECT greeting FROM mailbox WHERE user = ?', user))?.[
        'greeting'
      ] as Uint8Array | null) ?? undefined,
    setGreeting: (user, recording) => kept(setting(user, 'greeting', recording ?? null)),
    hasPassword: async user =>
      typeof (await first('SELECT password FROM mailbox WHERE user = ?', user))?.['password'] === 'string',
    setPassword: (user, digits) =>
      kept(hashPassword(digits, clock, entropy).then(hash => setting(user, 'password', hash))),
    checkPassword: check,
    settled: async () => void (await Promise.allSettled([...pending])),
    onChange: listener => void listeners.push(listener),
  }
}
