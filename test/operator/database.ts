// The operator's one SQLite file (or memory) as promises. Reads and writes run one after the other; writes that wait
// together share a commit, so that a busy operator pays one fsync for many calls.

import type { Database as Connection } from 'sqlite3'
import type { Clock } from '../../hal/clock.js'
import type { Migration } from './migrations.js'

export type Row = Readonly<Record<string, unknown>>
export type Value = string | number | null | Uint8Array
export type Statement = readonly [sql: string, values?: readonly Value[]]

export interface OperatorDatabase {
  /** Rows of a SELECT, or of a statement with RETURNING (committed by itself). */
  all(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
  /** All of these statements or none; resolves once they are on the disk. */
  write(...statements: readonly Statement[]): Promise<void>
  /** After everything asked before. */
  close(): Promise<void>
}

interface Waiting {
  readonly statements: readonly Statement[]
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** `path` may be ":memory:". Rejects when the file cannot be opened, or was written by a newer operator. */
export const openDatabase = async (
  path: string,
  clock: Clock,
  migrations: readonly Migration[],
): Promise<OperatorDatabase> => {
  const { default: sqlite } = await clock.external(import('sqlite3'))
  const connection = await clock.external(
    new Promise<Connection>((resolve, reject) => {
      const opened: Connection = new sqlite.Database(path, error =>
        error === null ? resolve(opened) : reject(error),
      )
    }),
  )
  const execute = (sql: string, values: readonly Value[] = []): Promise<readonly Row[]> =>
    clock.external(
      new Promise((resolve, reject) =>
        connection.all(sql, values, (error: Error | null, rows: Row[]) =>
          error === null ? resolve(rows ?? []) : reject(error),
        ),
      ),
    )

  let queue: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work)
    queue = result.catch(() => {})
    return result
  }
  const commit = async (statements: readonly Statement[]): Promise<void> => {
    await execute('BEGIN IMMEDIATE')
    try {
      for (const [sql, values] of statements) await execute(sql, values)
      await execute('COMMIT')
    } catch (error) {
      await execute('ROLLBACK').catch(() => {})
      throw error
    }
  }
  let waiting: Waiting[] = []
  const flush = async (): Promise<void> => {
    const batch = waiting
    waiting = []
    try {
      await commit(batch.flatMap(({ statements }) => statements))
      for (const { resolve } of batch) resolve()
    } catch (error) {
      // One bad statement must not take the others' work with it.
      for (const { statements, resolve, reject } of batch)
        await (batch.length === 1 ? Promise.reject(error) : commit(statements)).then(resolve, reject)
    }
  }

  const database: OperatorDatabase = {
    all: (sql, values) => inTurn(() => execute(sql, values)),
    write: (...statements) => {
      const done = new Promise<void>((resolve, reject) => {
        waiting.push({ statements, resolve, reject })
      })
      if (waiting.length === 1) void inTurn(flush)
      return clock.external(done)
    },
    close: () =>
      inTurn(() =>
        clock.external(
          new Promise<void>((resolve, reject) =>
            connection.close(error => (error === null ? resolve() : reject(error))),
          ),
        ),
      ),
  }
  try {
    await execute('PRAGMA journal_mode = WAL')
    await execute('PRAGMA synchronous = FULL')
    const version = Number((await execute('PRAGMA user_version'))[0]?.['user_version'])
    const newest = migrations.at(-1)?.version ?? 0
    if (version > newest)
      throw new Error(`${path}: schema ${version} is newer than this operator (${newest})`)
    const steps = migrations.filter(step => step.version > version)
    for (const step of steps)
      await commit([
        ...step.sql
          .split(';')
          .filter(sql => sql.trim() !== '')
          .map((sql): Statement => [sql]),
        [`PRAGMA user_version = ${step.version}`],
      ])
  } catch (error) {
    await database.close().catch(() => {})
    throw error
  }
  return database
}
