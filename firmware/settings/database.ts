// One SQLite connection as promises: opened for writing, write-ahead log, every commit on the disk before it is reported.
// Failures become coded errors here; nobody above sees SQLite's own codes.

import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Database as Connection } from 'sqlite3'
import type { Clock } from '../../hal/clock.js'
import { type ErrorCode, VoiceportError } from '../errors.js'
import { type Migration, newestVersion } from './migrations.js'

export type Row = Readonly<Record<string, unknown>>
export type Value = string | number | null

type Sqlite = typeof import('sqlite3')

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
  /** With what every change is refused. */
  #refusal: VoiceportError | undefined

  private constructor(connection: Connection, path: string, clock: Clock) {
    this.#connection = connection
    this.#path = path
    this.#clock = clock
  }

  /** Rejects with DamagedDatabase or a VoiceportError 5001, 5002, 5004, 5005. */
  static async open(path: string, clock: Clock, migrations: readonly Migration[]): Promise<Database> {
    // One level only: with `recursive` Node 20 never comes back from /proc.
    await clock.external(mkdir(dirname(path)).catch(() => {}))
    return Database.#connect(
      path,
      clock,
      sqlite => sqlite.OPEN_READWRITE | sqlite.OPEN_CREATE,
      database => database.#prepare(migrations),
    )
  }

  /**
   * What is in a file that cannot be written, for the reason `why`, with which every change is refused. Rejects with it when
   * the file cannot be read either, or has another schema than the newest.
   */
  static async openUnwritable(
    path: string,
    clock: Clock,
    migrations: readonly Migration[],
    why: VoiceportError,
  ): Promise<Database> {
    const check = (pragma: string) => async (database: Database) => {
      database.#refusal = why
      await database.all(pragma)
      await database.#assertSound()
      if ((await database.#version()) !== (migrations.at(-1)?.version ?? newestVersion)) throw why
    }
    // The index of the log is in memory then: a full disk has no room for its file.
    const exclusive = check('PRAGMA locking_mode = EXCLUSIVE')
    const shared = check('PRAGMA query_only = ON')
    for (const prepare of [exclusive, shared]) {
      const database = await Database.#connect(path, clock, sqlite => sqlite.OPEN_READWRITE, prepare).catch(
        () => undefined,
      )
      if (database) return database
    }
    // Without a lock and without a log beside it, as on a disk mounted for reading only; what is in a log must not be missed.
    const log = await clock.external(stat(`${path}-wal`).catch(() => undefined))
    if (log !== undefined && log.size > 0) throw why
    const url = `${pathToFileURL(path).href}?immutable=1`
    return Database.#connect(url, clock, sqlite => sqlite.OPEN_READONLY | sqlite.OPEN_URI, shared).catch(
      () => {
        throw why
      },
    )
  }

  static async #connect(
    path: string,
    clock: Clock,
    modeOf: (sqlite: Sqlite) => number,
    prepare: (database: Database) => Promise<void>,
  ): Promise<Database> {
    const { default: sqlite } = await clock.external(import('sqlite3'))
    const connection = await clock.external(
      new Promise<Connection>((resolve, reject) => {
        const opened: Connection = new sqlite.Database(path, modeOf(sqlite), error =>
          error ? reject(failure(error, path)) : resolve(opened),
        )
      }),
    )
    const database = new Database(connection, path, clock)
    try {
      connection.configure('busyTimeout', busyMs)
      await prepare(database)
      return database
    } catch (error) {
      await database.close()
      throw error
    }
  }

  /** Why it cannot be written; undefined: it can. */
  get refusal(): VoiceportError | undefined {
    return this.#refusal
  }

  all(sql: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return this.#call(done => this.#connection.all(sql, values, done))
  }

  /** Everything `statements` does is committed together or not at all; resolves once it is on the disk. */
  transaction(statements: (run: Run) => Promise<void>): Promise<void> {
    const work = this.#queue.then(async () => {
      if (this.#refusal) throw this.#refusal
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
      try {
        await this.all('VACUUM')
      } finally {
        // Without room for a smaller file too: the log still holds what was deleted.
        await this.all('PRAGMA wal_checkpoint(TRUNCATE)')
      }
    })
    this.#queue = work.catch(() => {})
    return work
  }

  async close(): Promise<void> {
    await this.#queue
    await this.#call(done => this.#connection.close(error => done(error, [])))
  }

  async #prepare(migrations: readonly Migration[]): Promise<void> {
    await this.#assertSound()
    await this.all('PRAGMA journal_mode = WAL')
    await this.all('PRAGMA synchronous = FULL')
    // What is deleted is gone from the disk too.
    await this.all('PRAGMA secure_delete = ON')
    const version = await this.#version()
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

  async #assertSound(): Promise<void> {
    const check = await this.all('PRAGMA quick_check(1)')
    if (check[0]?.['quick_check'] !== 'ok') throw new DamagedDatabase(String(check[0]?.['quick_check']))
  }

  async #version(): Promise<number> {
    return Number((await this.all('PRAGMA user_version'))[0]?.['user_version'])
  }

  #call(start: (done: (error: Error | null, rows: Row[]) => void) => void): Promise<readonly Row[]> {
    return this.#clock.external(
      new Promise((resolve, reject) => {
        start((error, rows) => (error ? reject(failure(error, this.#path)) : resolve(rows ?? [])))
      }),
    )
  }
}
