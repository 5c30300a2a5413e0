// What changes at run time and must outlive a power cut: masking per line, and settings a technician overrode, with
// a journal of who changed what. Reads come from memory; a change is confirmed only after its commit.

import { rename } from 'node:fs/promises'
import type { Clock } from '../../hal/clock.js'
import { VoiceportError } from '../errors.js'
import type { Log } from '../log.js'
import { DamagedDatabase, Database } from './database.js'
import { migrations } from './migrations.js'

/** Run-time settings of a line, with their defaults. */
export interface LineSettings {
  /** The number is withheld from called parties. */
  readonly masking: boolean
}

const defaults: LineSettings = { masking: false }
const isLegal: { readonly [K in keyof LineSettings]: (value: unknown) => value is LineSettings[K] } = {
  masking: value => typeof value === 'boolean',
}

/** A value a technician put over the configuration file's. */
export type OverrideValue = string | number | boolean

export interface JournalEntry {
  readonly number: number
  /** Wall time, ms since 1970. */
  readonly changedMs: number
  /** "serial", "socket", "status page". */
  readonly author: string
  readonly key: string
  /** undefined: there was none before, or it was taken back. */
  readonly before: OverrideValue | undefined
  readonly after: OverrideValue | undefined
}

export interface StoreOptions {
  readonly path: string
  readonly clock: Clock
  readonly log: Log
}

const keptJournalEntries = 1000

/**
 * Opens or creates the store. A damaged file is set aside as PATH.damaged-TIME for whoever wants to know why, and a
 * fresh store begun. Rejects with a VoiceportError: 5001 not writable, 5002 newer schema, 5004 in use, 5005 disk full.
 */
export const openStore = async (options: StoreOptions): Promise<Store> => {
  const { path, clock, log } = options
  const open = (): Promise<Database> => Database.open(path, clock, migrations)
  const database = await open().catch(async (error: unknown) => {
    if (!(error instanceof DamagedDatabase)) throw error
    const evidence = await setAside(path, clock)
    log.error('the store was damaged and set aside', {
      code: 'VP-5003',
      file: evidence,
      reason: error.message,
    })
    return open()
  })
  const store = new Store(database, options)
  await store.load()
  return store
}

const setAside = async (path: string, clock: Clock): Promise<string> => {
  const evidence = `${path}.damaged-${new Date(clock.wall()).toISOString().replace(/[:.]/g, '-')}`
  try {
    await clock.external(rename(path, evidence))
  } catch (error) {
    throw new VoiceportError('VP-5001', `store ${path} is damaged and cannot be set aside`, { cause: error })
  }
  // A log left behind would be played into the fresh file.
  for (const part of ['-wal', '-shm'])
    await clock.external(rename(`${path}${part}`, `${evidence}${part}`).catch(() => {}))
  return evidence
}

export class Store {
  readonly #database: Database
  readonly #clock: Clock
  readonly #log: Log
  readonly #lines = new Map<string, LineSettings>()
  readonly #overrides = new Map<string, OverrideValue>()

  /** Use `openStore`. */
  constructor(database: Database, { clock, log }: StoreOptions) {
    this.#database = database
    this.#clock = clock
    this.#log = log
  }

  async load(): Promise<void> {
    for (const row of await this.#database.all('SELECT line, key, value FROM line_setting')) {
      const line = String(row['line'])
      const key = String(row['key']) as keyof LineSettings
      const value = parsed(row['value'])
      if (Object.hasOwn(isLegal, key) && isLegal[key](value))
        this.#lines.set(line, { ...this.line(line), [key]: value })
      else this.#log.warn('the store holds a value that is none; the default counts', { line, key })
    }
    for (const row of await this.#database.all('SELECT key, value FROM override')) {
      const value = overrideOf(row['value'])
      if (value !== undefined) this.#overrides.set(String(row['key']), value)
    }
  }

  /** Settings of a line as last committed. */
  line(line: string): LineSettings {
    return this.#lines.get(line) ?? defaults
  }

  /** Resolves after the commit; on a VoiceportError (5004, 5005, 5006) the old value stands. */
  async setLine<K extends keyof LineSettings>(line: string, key: K, value: LineSettings[K]): Promise<void> {
    await this.#database.transaction(async run => {
      await run(
        `INSERT INTO line_setting (line, key, value, changed_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (line, key) DO UPDATE SET value = excluded.value, changed_ms = excluded.changed_ms`,
        [line, key, JSON.stringify(value), this.#clock.wall()],
      )
    })
    this.#lines.set(line, { ...this.line(line), [key]: value })
  }

  /** Back to the defaults; resolves after the commit. */
  async resetLine(line: string): Promise<void> {
    await this.#database.transaction(async run => {
      await run('DELETE FROM line_setting WHERE line = ?', [line])
    })
    this.#lines.delete(line)
  }

  /** Values over those of the configuration file, by key ("log.level"). */
  overrides(): ReadonlyMap<string, OverrideValue> {
    return this.#overrides
  }

  /** `undefined` takes the override back. Written to the journal in the same commit. */
  async setOverride(key: string, value: OverrideValue | undefined, author: string): Promise<void> {
    const after = value === undefined ? null : JSON.stringify(value)
    await this.#database.transaction(async run => {
      await run(
        `INSERT INTO override_journal (changed_ms, author, key, before, after)
         VALUES (?, ?, ?, (SELECT value FROM override WHERE key = ?), ?)`,
        [this.#clock.wall(), author, key, key, after],
      )
      await run(
        'DELETE FROM override_journal WHERE number <= (SELECT max(number) FROM override_journal) - ?',
        [keptJournalEntries],
      )
      if (after === null) await run('DELETE FROM override WHERE key = ?', [key])
      else
        await run(
          'INSERT INTO override (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
          [key, after],
        )
    })
    if (value === undefined) this.#overrides.delete(key)
    else this.#overrides.set(key, value)
  }

  /** The latest changes, newest first. */
  async journal(most = 50): Promise<readonly JournalEntry[]> {
    const rows = await this.#database.all('SELECT * FROM override_journal ORDER BY number DESC LIMIT ?', [
      most,
    ])
    return rows.map(row => ({
      number: Number(row['number']),
      changedMs: Number(row['changed_ms']),
      author: String(row['author']),
      key: String(row['key']),
      before: overrideOf(row['before']),
      after: overrideOf(row['after']),
    }))
  }

  /** Waits for changes under way. */
  close(): Promise<void> {
    return this.#database.close()
  }
}

const parsed = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

const overrideOf = (text: unknown): OverrideValue | undefined => {
  const value = text === null ? undefined : parsed(text)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined
}
