// One SQLite connection as promises: opened for writing, write-ahead log, every commit on the disk before it is reported.
// Failures become coded errors here; nobody above sees SQLite's own codes.

import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Database as Connection } from 'sqlite3'
import type { Clock } from '../../hal/clock.js'
import { type ErrorCode, VoiceportError } from '../errors.js'
import { type Migration, newestVersion } from './migrations.js'

export type Row = Readonly<Record<string, unknown>>
export type Value = string | number | null

/** A statement of a transaction. */
export type Run = (sql: string, values?: readonly Value[]) => Promise<unknown>

/** The file is no database, or a damaged one. */
export class DamagedDatabase extends Error {}

const busyMs = 2000
const codes: Readonly<Record<string, ErrorCode>> = {
  SQLITE_CANTOPEN: 'VP-5001',
  SQLITE_READONLY: 'VP-5001',
  SQLITE_PERM: 'VP-5001',
  SQLITE_BUSY: 'VP-5004',
  SQLITE_LOCKED: 'VP-5004',
  SQLITE_FULL: 'VP-5005',
}

const failure = (error: unknown, path: string): Error => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const detail = error instanceof Error ? error.message : String(error)
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT')
    return new DamagedDatabase(detail, { cause: error })
  return new VoiceportError(codes[code] ?? 'VP-5006', `store ${path}: ${detail}`, { cause: error })
}

export class Database {
  readonly #connection: Connection
  readonly #path: string
  readonly #clock: Clock
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(connection: Connection, path: string, clock: Clock) {
    this.#connection = connection
    this.#path = path
    this.#clock = clock
  }

  /** Rejects with DamagedDatabase or a VoiceportError 5001, 5002, 5004, 5005. */
  static async open(path: string, clock: Clock, migrations: readonly Migration[]): Promise<Database> {
    const { default: sqlite } = await clock.external(import('sqlite3'))
    // One level only: with `recursive` Node 20 never comes back from /proc.
    await clock.external(mkdir(dirname(path)).catch(() => {}))
    const connection = await clock.external(
      new Promise<Connection>((resolve, reject) => {
        const opened: Connection = new sqlite.Database(path, error =>
          error ? reject(failure(error, path)) : resolve(opened),
        )
      }),
    )
    const database = new Database(connection, path, clock)
    try {
      connection.configure('busyTimeout', busyMs)
      await database.#prepare(migrations)
      return database
    } catch (error) {
      await database.close()
      throw error
    }
  }

  all(sql: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return this.#call(done => this.#connection.all(sql, values, done))
  }

  /** Everything `statements` does is committed together or not at all; resolves once it is on the disk. */
  transaction(statements: (run: Run) => Promise<void>): Promise<void> {
    const work = this.#queue.then(async () => {
      await this.all('BEGIN IMMEDIATE')
      try {
        await statements((sql, values = []) => this.all(sql, values))
        await this.all('COMMIT')
      } catch (error) {
        // SQLite may have rolled back by itself (disk full).
        await this.all('ROLLBACK').catch(() => {})
        throw error
      }
    })
    this.#queue = work.catch(() => {})
    return work
  }

  /** The file as small as what is in it, and nothing of what was deleted left in it or in its log. */
  compact(): Promise<void> {
    const work = this.#queue.then(async () => {
      await this.all('VACUUM')
      await this.all('PRAGMA wal_checkpoint(TRUNCATE)')
    })
    this.#queue = work.catch(() => {})
    return work
  }

  async close(): Promise<void> {
    await this.#queue
    await this.#call(done => this.#connection.close(error => done(error, [])))
  }

  async #prepare(migrations: readonly Migration[]): Promise<void> {
    const check = await this.all('PRAGMA quick_check(1)')
    if (check[0]?.['quick_check'] !== 'ok') throw new DamagedDatabase(String(check[0]?.['quick_check']))
    await this.all('PRAGMA journal_mode = WAL')
    await this.all('PRAGMA synchronous = FULL')
    // What is deleted is gone from the disk too.
    await this.all('PRAGMA secure_delete = ON')
    const version = Number((await this.all('PRAGMA user_version'))[0]?.['user_version'])
    const newest = migrations.at(-1)?.version ?? newestVersion
    if (version > newest)
      throw new VoiceportError(
        'VP-5002',
        `store ${this.#path}: schema ${version} is newer than this voiceport knows (${newest})`,
      )
    // Also proves that the file can be written: SQLite opens a write-protected one without a word.
    await this.transaction(async run => {
      for (const step of migrations.filter(migration => migration.version > version)) {
        for (const statement of step.sql.split(';').filter(part => part.trim() !== '')) await run(statement)
      }
      await run(`PRAGMA user_version = ${newest}`)
    })
  }

  #call(start: (done: (error: Error | null, rows: Row[]) => void) => void): Promise<readonly Row[]> {
    return this.#clock.external(
      new Promise((resolve, reject) => {
        start((error, rows) => (error ? reject(failure(error, this.#path)) : resolve(rows ?? [])))
      }),
    )
  }
}
