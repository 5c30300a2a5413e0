// What changes at run time and must outlive a power cut: masking per line, and settings a technician overrode, with
// a journal of who changed what. Reads come from memory; a change is confirmed only after its commit.

import { rename } from 'node:fs/promises'
import type { Clock } from '../../hal/clock.js'
import { VoiceportError } from '../errors.js'
import type { Log } from '../log.js'
import { DamagedDatabase, Database, type Run } from './database.js'
import { migrations } from './migrations.js'
import type { OverrideChanges, Overrides, OverrideValue } from './overrides.js'
import { isSecretKey, secretShown } from './secret-key.js'

/** Run-time settings of a line, with their defaults. */
export interface LineSettings {
  /** The number is withheld from called parties. */
  readonly masking: boolean
  /** What the network's service settings said of it when they were last read or written; null: never. */
  readonly simservs: SimservsRecord | null
  /** What the line's account registered under last; null: never. */
  readonly contact: ContactRecord | null
}

export interface ContactRecord {
  /** Address of record, "0389000001@operator.test": another account of the line must not take the calls of this one. */
  readonly address: string
  /** User part of the Contact. */
  readonly user: string
}

export interface SimservsRecord {
  /** Entity tag of the document (RFC 4825 §7.11). */
  readonly etag: string
  /** The network withholds the number. */
  readonly restricted: boolean
  /** The box has decided otherwise since, and the network has not been told yet. */
  readonly owed: boolean
}

const defaults: LineSettings = { masking: false, simservs: null, contact: null }
/** What counts instead of a value that cannot be read: a number is withheld rather than shown by mistake. */
const unreadable: LineSettings = { masking: true, simservs: null, contact: null }
const isLegal: { readonly [K in keyof LineSettings]: (value: unknown) => value is LineSettings[K] } = {
  masking: value => typeof value === 'boolean',
  simservs: (value): value is LineSettings['simservs'] =>
    value === null ||
    (typeof value === 'object' &&
      typeof (value as SimservsRecord).etag === 'string' &&
      typeof (value as SimservsRecord).restricted === 'boolean' &&
      typeof (value as SimservsRecord).owed === 'boolean'),
  contact: (value): value is LineSettings['contact'] =>
    value === null ||
    (typeof value === 'object' &&
      typeof (value as ContactRecord).address === 'string' &&
      /^u[0-9a-f]{16}$/.test((value as ContactRecord).user)),
}
/** Stands for every line that has no value of its own. */
const everyLine = '*'

/** Who changed something: the subscriber, a technician, the network, the status page, or the box itself (a change undone). */
export type Author = 'handset' | 'console' | 'network' | 'page' | 'box'

export interface JournalEntry {
  readonly number: number
  /** Wall time, ms since 1970. */
  readonly changedMs: number
  readonly author: Author
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
 * fresh store begun, in which every number is withheld until its line says otherwise. What is in a store that cannot be written
 * counts all the same; `unwritable` says why, and every change is refused with it. Rejects with a VoiceportError: 5001 not
 * readable or not there, 5002 newer schema, 5004 in use, 5005 disk full, 5006.
 */
export const openStore = async (options: StoreOptions): Promise<Store> => {
  const { path, clock, log } = options
  const open = (): Promise<Database> => Database.open(path, clock, migrations)
  let damaged = false
  const database = await open()
    .catch(async (error: unknown) => {
      if (!(error instanceof DamagedDatabase)) throw error
      damaged = true
      const evidence = await setAside(path, clock)
      log.error('the store was damaged and set aside', {
        code: 'VP-5003',
        file: evidence,
        reason: error.message,
      })
      return open()
    })
    .catch((error: unknown) => {
      if (!isUnwritable(error)) throw error
      return Database.openUnwritable(path, clock, migrations, error)
    })
  const store = new Store(database, options)
  await store.load()
  // Who had the number withheld is not known any more.
  if (damaged) await store.setLine(everyLine, { masking: true }, 'box')
  await undoUnconfirmed(store, log)
  return store
}

/** Full, mounted for reading only, or failing: not in use, and not of a newer voiceport. */
const isUnwritable = (error: unknown): error is VoiceportError =>
  error instanceof VoiceportError && ['VP-5001', 'VP-5005', 'VP-5006'].includes(error.code)

/** The power went before anybody said that the change was good. */
const undoUnconfirmed = async (store: Store, log: Log): Promise<void> => {
  const keys = [...store.unconfirmed().keys()]
  if (keys.length === 0) return
  log.warn('settings that nobody confirmed are undone', { keys: keys.join(' ') })
  await store
    .rollBack('box')
    .catch((error: Error) => log.error('that they are undone cannot be stored', { reason: error.message }))
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
  readonly #lines = new Map<string, Partial<LineSettings>>()
  readonly #overrides = new Map<string, OverrideValue>()
  /** What the unconfirmed change is to be undone to. */
  readonly #undo = new Map<string, OverrideValue | undefined>()
  #erased = false

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
      if (!Object.hasOwn(isLegal, key)) {
        this.#log.warn('the store holds a setting of no meaning', { line, key })
        continue
      }
      const value = parsed(row['value'])
      const legal = isLegal[key](value)
      if (!legal) this.#log.warn('the store holds a value that is none', { line, key })
      this.#remember(line, { [key]: legal ? value : unreadable[key] })
    }
    for (const row of await this.#database.all('SELECT key, value FROM override')) {
      const value = overrideOf(row['value'])
      if (value !== undefined) this.#overrides.set(String(row['key']), value)
    }
    for (const row of await this.#database.all('SELECT key, before FROM override_undo'))
      this.#undo.set(String(row['key']), overrideOf(row['before']))
  }

  /** Why nothing can be stored; undefined: it can. */
  get unwritable(): VoiceportError | undefined {
    return this.#database.refusal
  }

  /** Settings of a line as last committed. */
  line(line: string): LineSettings {
    return { ...defaults, ...this.#lines.get(everyLine), ...this.#lines.get(line) }
  }

  /** Resolves after the commit of all of it; on a VoiceportError (5004, 5005, 5006) the old values stand. */
  async setLine(line: string, change: Partial<LineSettings>, author: Author): Promise<void> {
    this.#assertKept()
    const now = this.#clock.wall()
    await this.#database.transaction(async run => {
      for (const [key, value] of Object.entries(change)) {
        const after = JSON.stringify(value)
        if (key === 'masking') await this.#journalLine(run, { line, key, after, author })
        await run(
          `INSERT INTO line_setting (line, key, value, changed_ms) VALUES (?, ?, ?, ?)
           ON CONFLICT (line, key) DO UPDATE SET value = excluded.value, changed_ms = excluded.changed_ms`,
          [line, key, after, now],
        )
      }
    })
    this.#remember(line, change)
  }

  /** Back to the defaults; resolves after the commit. */
  async resetLine(line: string): Promise<void> {
    await this.#database.transaction(async run => {
      await run('DELETE FROM line_setting WHERE line = ?', [line])
    })
    this.#lines.delete(line)
  }

  #remember(line: string, change: Partial<LineSettings>): void {
    this.#lines.set(line, { ...this.#lines.get(line), ...change })
  }

  async #journalLine(
    run: Run,
    { line, key, after, author }: { line: string; key: string; after: string; author: Author },
  ): Promise<void> {
    await run(
      `INSERT INTO override_journal (changed_ms, author, key, before, after)
       VALUES (?, ?, ?, (SELECT value FROM line_setting WHERE line = ? AND key = ?), ?)`,
      [this.#clock.wall(), author, `line.${line}.${key}`, line, key, after],
    )
    await trimJournal(run)
  }

  /** Values over those of the configuration file, by key ("log.level"). */
  overrides(): Overrides {
    return this.#overrides
  }

  /**
   * All of it or nothing, with the journal in the same commit. `revocable`: undone by `rollBack`, and by opening the store,
   * unless `confirm` comes first; of several such changes, the state before the first one comes back.
   */
  async setOverrides(
    changes: OverrideChanges,
    author: Author,
    { revocable = false }: { readonly revocable?: boolean } = {},
  ): Promise<void> {
    this.#assertKept()
    const undo = [...changes.keys()].filter(key => revocable && !this.#undo.has(key))
    await this.#database.transaction(async run => {
      for (const key of undo)
        await run(
          'INSERT INTO override_undo (key, before) VALUES (?, (SELECT value FROM override WHERE key = ?))',
          [key, key],
        )
      for (const [key, value] of changes) await this.#put(run, key, value, author)
    })
    for (const key of undo) this.#undo.set(key, this.#overrides.get(key))
    this.#rememberOverrides(changes)
  }

  /** What `rollBack` would set; empty: nothing waits for a confirmation. */
  unconfirmed(): OverrideChanges {
    return this.#undo
  }

  /** The change stays. */
  async confirm(): Promise<void> {
    await this.#database.transaction(async run => {
      await run('DELETE FROM override_undo')
    })
    this.#undo.clear()
  }

  /** Undoes what was not confirmed. When that cannot be stored it counts all the same, and the next start tries again. */
  async rollBack(author: Author): Promise<void> {
    const undo = new Map(this.#undo)
    this.#rememberOverrides(undo)
    await this.#database.transaction(async run => {
      for (const [key, value] of undo) await this.#put(run, key, value, author)
      await run('DELETE FROM override_undo')
    })
    this.#undo.clear()
  }

  /**
   * Everything of the subscriber and of the technician, and the journal, gone from the disk. What was known counts until the
   * process ends, so that no number is shown by the way; nothing is stored any more. Rejects where nothing was erased.
   */
  async erase(): Promise<void> {
    this.#assertKept()
    this.#erased = true
    try {
      await this.#database.transaction(async run => {
        for (const table of ['line_setting', 'override', 'override_undo', 'override_journal'])
          await run(`DELETE FROM ${table}`)
      })
    } catch (error) {
      this.#erased = false
      throw error
    }
    // It is gone all the same: what is deleted is overwritten (secure_delete).
    await this.#database.compact().catch((error: Error) =>
      this.#log.warn('the store is erased, but its file stays as long as it was', {
        reason: error.message,
      }),
    )
  }

  #assertKept(): void {
    if (this.#erased) throw new VoiceportError('VP-5006', 'the store has been erased; the box restarts')
  }

  async #put(run: Run, key: string, value: OverrideValue | undefined, author: Author): Promise<void> {
    const after = value === undefined ? null : JSON.stringify(value)
    const shown = isSecretKey(key) ? JSON.stringify(secretShown) : undefined
    await run(
      `INSERT INTO override_journal (changed_ms, author, key, before, after)
       VALUES (?, ?, ?, (SELECT coalesce(?, value) FROM override WHERE key = ?), ?)`,
      [this.#clock.wall(), author, key, shown ?? null, key, after && (shown ?? after)],
    )
    await trimJournal(run)
    if (after === null) await run('DELETE FROM override WHERE key = ?', [key])
    else
      await run(
        'INSERT INTO override (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
        [key, after],
      )
  }

  #rememberOverrides(changes: OverrideChanges): void {
    for (const [key, value] of changes)
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
      author: String(row['author']) as Author,
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

const trimJournal = (run: Run): Promise<unknown> =>
  run('DELETE FROM override_journal WHERE number <= (SELECT max(number) FROM override_journal) - ?', [
    keptJournalEntries,
  ])

const parsed = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

const overrideOf = (text: unknown): OverrideValue | undefined => {
  const value = text === null ? undefined : parsed(text)
  if (Array.isArray(value)) return value.every(isPlain) ? value : undefined
  return isPlain(value) || typeof value === 'boolean' ? value : undefined
}

const isPlain = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number'
