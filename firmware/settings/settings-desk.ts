// Where settings change while the box runs. Values are checked one by one and laid aside; a commit checks them together, with
// everything they touch, stores them with their journal and has them applied. A commit "to be confirmed" undoes itself when
// nobody confirms it in time: also when the power fails meanwhile, for the store knows it too.

import { ms, msBetween, type Timer, type Us, us } from '../../hal/clock.js'
import { VoiceportError } from '../errors.js'
import type {
  Change,
  DeskOptions,
  JournalFact,
  Mistakes,
  Outcome,
  OverrideStore,
  ResetOutcome,
  SettingsDesk,
} from './desk-contract.js'
import { deskWords, plain, type Words } from './desk-words.js'
import { loadFitting } from './fitting-overrides.js'
import type { Settings } from './load-settings.js'
import {
  changed,
  noOverrides,
  type OverrideChanges,
  type Overrides,
  type OverrideValue,
} from './overrides.js'
import type { Problem } from './problem.js'
import { isSecretKey, otherOfPair } from './secret-key.js'
import {
  type Checked,
  givenValue,
  type SettingKey,
  settingKeys,
  shownText,
  typedValue,
} from './setting-values.js'
import { exportedScript, parseScript } from './settings-script.js'
import type { Author, JournalEntry } from './store.js'

export const createSettingsDesk = (options: DeskOptions): SettingsDesk => new Desk(options)

/** One change of settings is one of these; `undefined` takes the technician's value back. */
type Staged = Map<string, OverrideValue | undefined>
type CheckedChange = Checked | { readonly value: undefined }
type CheckedChanges = { readonly changes: Staged; readonly mistakes: readonly Words[] }

const mistake = (words: Words): Mistakes => ({ mistakes: [words] })

class Desk implements SettingsDesk {
  readonly #options: DeskOptions
  readonly #staged: Staged = new Map()
  #store: OverrideStore | undefined
  #current: Settings
  /** What counted before the commit that waits. */
  #former: Settings | undefined
  #deadline: { readonly timer: Timer; readonly at: Us } | undefined
  #queue: Promise<unknown>

  constructor(options: DeskOptions) {
    this.#options = options
    this.#current = options.settings
    this.#queue = options.store.then(store => {
      this.#store = store
      return this.#sweep()
    })
  }

  current(): Settings {
    return this.#current
  }

  overrides(): Overrides {
    return this.#store?.overrides() ?? noOverrides
  }

  stage(name: string, text: string | undefined): Promise<Outcome> {
    return this.#inTurn(async () => {
      const typed = text === undefined ? undefined : (key: SettingKey) => typedValue(key, text)
      const checked = await this.#checked(name, typed)
      if ('mistake' in checked) return mistake(checked.mistake)
      const changes = this.#withPairs(new Map([[name, checked.value]]))
      this.#layAside(changes)
      return { changed: this.#changesOf(changes) }
    })
  }

  staged(): readonly Change[] {
    return this.#changesOf(this.#staged)
  }

  commit(by: Author, seconds?: number): Promise<Outcome> {
    return this.#inTurn(async () => {
      if (this.#staged.size === 0) return mistake(deskWords.nothingStaged)
      const outcome = await this.#put(new Map(this.#staged), by, seconds)
      if ('changed' in outcome) {
        this.#staged.clear()
        await this.#sweep()
      }
      return outcome
    })
  }

  confirm(): Promise<Outcome> {
    return this.#inTurn(async () => {
      if (this.#deadline === undefined || this.#store === undefined) return mistake(deskWords.nothingWaits)
      const undone = this.#store.unconfirmed()
      const stays = new Map([...undone.keys()].map(key => [key, this.overrides().get(key)]))
      const facts = this.#changesOf(stays, changed(this.overrides(), undone))
      await this.#store.confirm()
      this.#forgetDeadline()
      this.#former = undefined
      await this.#sweep()
      return { changed: facts }
    })
  }

  rollBack(by: Author): Promise<Outcome> {
    return this.#inTurn(async () => {
      const waiting = this.#waits()
      if (!waiting && this.#staged.size === 0) return mistake(deskWords.nothingToUndo)
      const dropped = this.staged()
      this.#staged.clear()
      if (waiting) return this.#undo(by)
      await this.#sweep()
      return { changed: dropped }
    })
  }

  secondsLeft(): number | undefined {
    const { clock } = this.#options
    return this.#deadline && Math.max(0, Math.ceil(msBetween(clock.now(), this.#deadline.at) / 1000))
  }

  change(values: Readonly<Record<string, unknown>>, by: Author): Promise<Outcome> {
    return this.#inTurn(async () => {
      const given = await this.#given(values)
      return this.#atOnce(given, by)
    })
  }

  exported(): readonly string[] {
    return exportedScript(this.overrides(), new Set([...this.leftovers(), ...this.#unused()]))
  }

  leftovers(): readonly string[] {
    return [...this.overrides().keys()].filter(key => this.#keyOf(key) === undefined)
  }

  import(lines: readonly string[]): Promise<Outcome> {
    return this.#inTurn(async () => {
      const { changes, mistakes } = await this.#script(lines)
      const outcome = mistakes.length > 0 ? { mistakes } : this.#fits(new Map([...this.#staged, ...changes]))
      if ('mistakes' in outcome) {
        await this.#sweep()
        return outcome
      }
      this.#layAside(changes)
      return { changed: this.#changesOf(changes) }
    })
  }

  importNow(lines: readonly string[], by: Author): Promise<Outcome> {
    return this.#inTurn(async () => {
      const read = await this.#script(lines)
      return this.#atOnce(read, by)
    })
  }

  async journal(most: number): Promise<readonly JournalFact[]> {
    return (await this.#store?.journal(most))?.map(factOf) ?? []
  }

  reload(): readonly Problem[] {
    const { load, log } = this.#options
    const { result, unused } = loadFitting(load, this.overrides())
    if (unused.length > 0)
      log.warn('settings of a technician do not fit the file', { keys: unused.join(' ') })
    if ('errors' in result) return result.errors
    this.#use(result.settings)
    return []
  }

  factoryReset(): Promise<ResetOutcome> {
    return this.#inTurn<ResetOutcome>(async () => {
      const { eraseFiles, secrets, log } = this.#options
      if (this.#store === undefined) return mistake(deskWords.notErased)
      // First what names the secrets: those that nothing names any more go at the next start at the latest.
      await this.#store.erase()
      this.#staged.clear()
      this.#forgetDeadline()
      const left: Words[] = []
      for (const erase of [eraseFiles, () => secrets.sweep(new Set())])
        await erase().catch(({ message }: Error) => {
          log.error('a file cannot be erased', { reason: message })
          left.push(deskWords.filesLeft(message))
        })
      log.warn('everything of the subscriber and of the technician has been erased')
      return { erased: true, left }
    })
  }

  close(): void {
    this.#forgetDeadline()
  }

  /** One change after the other. */
  #inTurn<T = Outcome>(work: () => Promise<T | Mistakes>): Promise<T | Mistakes> {
    const done = this.#queue.then(work).catch((error: Error): Mistakes => {
      if (error instanceof VoiceportError) return mistake(plain(`${error.message} (${error.code})`))
      this.#options.log.error('settings cannot be changed', { reason: error.message })
      return mistake(deskWords.notStored(error.message))
    })
    this.#queue = done
    return done
  }

  #use(settings: Settings): void {
    this.#current = settings
    this.#options.apply(settings)
  }

  #lines(): readonly string[] {
    return this.#current.config.line.map(({ id }) => id)
  }

  #keyOf(name: string): SettingKey | undefined {
    return settingKeys(this.#lines()).find(({ key }) => key === name)
  }

  #waits(): boolean {
    return this.#deadline !== undefined || (this.#store?.unconfirmed().size ?? 0) > 0
  }

  #forgetDeadline(): void {
    this.#deadline?.timer.cancel()
    this.#deadline = undefined
  }

  #changesOf(changes: OverrideChanges, from: Overrides = this.overrides()): readonly Change[] {
    return [...changes].map(([key, value]) => {
      const before = from.get(key)
      return {
        key,
        before: before === undefined ? undefined : shownText(key, before),
        after: value === undefined ? undefined : shownText(key, value),
        restart: this.#keyOf(key)?.when === 'start',
      }
    })
  }

  /** Of a secret and the file that holds it the one set last counts: the other one is taken back with it. */
  #withPairs(changes: Staged): Staged {
    const all: Staged = new Map()
    for (const [key, value] of changes) {
      all.set(key, value)
      const other = value === undefined ? undefined : otherOfPair(key)
      if (other === undefined) continue
      if (this.overrides().has(other)) all.set(other, undefined)
      else all.delete(other)
    }
    return all
  }

  /** What is taken back and counts nowhere yet is laid aside no more. */
  #layAside(changes: Staged): void {
    for (const [key, value] of changes) {
      if (value === undefined && !this.overrides().has(key)) this.#staged.delete(key)
      else this.#staged.set(key, value)
      const other = value === undefined ? undefined : otherOfPair(key)
      if (other !== undefined && !changes.has(other)) this.#staged.delete(other)
    }
  }

  /** Takes away files of secrets that nothing names any more. */
  async #sweep(): Promise<void> {
    // Without a store nobody knows what is still needed.
    if (this.#store === undefined) return
    const named = [this.overrides(), this.#store.unconfirmed(), this.#staged].flatMap(values => [...values])
    const used = named.flatMap(([key, value]) => (isSecretKey(key) ? [String(value)] : []))
    await this.#options.secrets
      .sweep(new Set(used))
      .catch((error: Error) =>
        this.#options.log.warn('a secret of the past cannot be erased', { reason: error.message }),
      )
  }

  /** `check` undefined: its value is taken back. A secret has its file then. */
  async #checked(name: string, check: ((key: SettingKey) => Checked) | undefined): Promise<CheckedChange> {
    const key = this.#keyOf(name)
    // Of a line that is no more: it can be taken back all the same.
    if (key === undefined && check === undefined && this.overrides().has(name)) return { value: undefined }
    if (key === undefined) return { mistake: deskWords.noKey(name) }
    if (key.when === 'file') return { mistake: deskWords.inFileOnly(name) }
    if (check === undefined)
      return this.overrides().has(name) || this.#staged.has(name)
        ? { value: undefined }
        : { mistake: deskWords.notSet(name) }
    const checked = check(key)
    return 'value' in checked && isSecretKey(key.key)
      ? { value: await this.#options.secrets.keep(String(checked.value)) }
      : checked
  }

  async #given(values: Readonly<Record<string, unknown>>): Promise<CheckedChanges> {
    const changes: Staged = new Map()
    const mistakes: Words[] = []
    for (const [name, value] of Object.entries(values)) {
      const given = value === null ? undefined : (key: SettingKey) => givenValue(key, value)
      const checked = await this.#checked(name, given)
      if ('mistake' in checked) mistakes.push(checked.mistake)
      else changes.set(name, checked.value)
    }
    return { changes: this.#withPairs(changes), mistakes }
  }

  /** Every mistake of every line. */
  async #script(lines: readonly string[]): Promise<CheckedChanges> {
    const changes: Staged = new Map()
    const mistakes: Words[] = []
    for (const parsed of parseScript(lines)) {
      if ('mistake' in parsed) {
        mistakes.push(deskWords.inLine(parsed.line, parsed.mistake))
        continue
      }
      const { line, key, text } = parsed
      const typed = text === undefined ? undefined : (of: SettingKey) => typedValue(of, text)
      const checked = await this.#checked(key, typed)
      if ('mistake' in checked) mistakes.push(deskWords.inLine(line, checked.mistake))
      else changes.set(key, checked.value)
    }
    return { changes: this.#withPairs(changes), mistakes }
  }

  /** Keys whose values do not fit and count for nothing. */
  #unused(): readonly string[] {
    return loadFitting(this.#options.load, this.overrides()).unused
  }

  /** All settings with these changes; or what does not go together, in the words of the schema. */
  #fits(changes: OverrideChanges): { readonly settings: Settings } | Mistakes {
    const { load } = this.#options
    const wanted = changed(this.overrides(), changes)
    const { result, unused } = loadFitting(load, wanted)
    // What did not fit before keeps nobody from changing something else.
    const before = unused.length > 0 ? this.#unused() : []
    if ('settings' in result && unused.every(key => before.includes(key) && !changes.has(key))) return result
    const loaded = load(changed(wanted, new Map(before.map(key => [key, changes.get(key)]))))
    if ('settings' in loaded) return mistake(deskWords.unfit(unused))
    const ids = this.#lines()
    return {
      mistakes: loaded.errors.map(({ message }) =>
        plain(
          message.replace(/\bline\[(\d+)\]/g, (text, n: string) =>
            ids[Number(n)] ? `line.${ids[Number(n)]}` : text,
          ),
        ),
      ),
    }
  }

  async #atOnce({ changes, mistakes }: CheckedChanges, by: Author): Promise<Outcome> {
    const outcome =
      mistakes.length > 0 ? { mistakes } : changes.size > 0 ? await this.#put(changes, by) : { changed: [] }
    await this.#sweep()
    return outcome
  }

  async #put(changes: OverrideChanges, by: Author, seconds?: number): Promise<Outcome> {
    if (this.#waits()) return mistake(deskWords.waits)
    if (this.#store === undefined) return mistake(deskWords.noStore)
    const facts = this.#changesOf(changes)
    const late = facts.filter(({ restart }) => restart).map(({ key }) => key)
    if (seconds !== undefined && late.length > 0) return mistake(deskWords.afterRestart(late))
    const fitting = this.#fits(changes)
    if ('mistakes' in fitting) return fitting
    const before = this.#current
    await this.#store.setOverrides(changes, by, { revocable: seconds !== undefined })
    // The file may have been read again while it was being stored.
    if (this.#current === before || this.reload().length > 0) this.#use(fitting.settings)
    this.#options.log.info('settings changed', { by, keys: [...changes.keys()].join(' ') })
    if (seconds !== undefined) this.#confirmWithin(before, seconds)
    return { changed: facts }
  }

  #confirmWithin(before: Settings, seconds: number): void {
    const { clock } = this.#options
    this.#former = before
    this.#deadline = {
      at: us(clock.now() + seconds * 1_000_000),
      timer: clock.timer('settings to be confirmed', ms(seconds * 1000), () => {
        // Somebody may have confirmed it in this very moment.
        void this.#inTurn(async () => (this.#deadline === undefined ? { changed: [] } : this.#undo('box')))
      }),
    }
  }

  /** What was undone counts even when that cannot be stored: the next start undoes it again. */
  async #undo(by: Author): Promise<Outcome> {
    const { log } = this.#options
    if (this.#store === undefined) return { changed: [] }
    this.#forgetDeadline()
    const facts = this.#changesOf(this.#store.unconfirmed())
    log.warn('settings that were not confirmed are undone', {
      by,
      keys: facts.map(({ key }) => key).join(' '),
    })
    // It counts in memory already: a disk that takes its time keeps nobody with settings that were not good.
    const stored = this.#store.rollBack(by).then(
      () => undefined,
      (error: Error) => error,
    )
    if (this.reload().length > 0 && this.#former) this.#use(this.#former)
    this.#former = undefined
    const failed = await stored
    if (failed) {
      log.error('that they are undone cannot be stored', { reason: failed.message })
      return mistake(deskWords.undoneUntilStart(failed.message))
    }
    await this.#sweep()
    return { changed: facts }
  }
}

const factOf = ({ changedMs, author, key, before, after }: JournalEntry): JournalFact => ({
  wallMs: changedMs,
  by: author,
  key,
  // Secrets are in the journal as "(set)" already.
  before: before === undefined ? undefined : shownText(key, before),
  after: after === undefined ? undefined : shownText(key, after),
})
