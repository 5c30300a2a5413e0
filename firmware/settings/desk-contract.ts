// What changes settings while the box runs: what it needs, what may be asked of it, and what comes of that.

import type { Clock } from '../../hal/clock.js'
import type { Log } from '../log.js'
import type { Words } from './desk-words.js'
import type { LoadWith } from './fitting-overrides.js'
import type { Settings } from './load-settings.js'
import type { Overrides } from './overrides.js'
import type { Problem } from './problem.js'
import type { SecretFiles } from './secret-files.js'
import type { Author, Store } from './store.js'

/** What the desk needs of the store. */
export type OverrideStore = Pick<
  Store,
  'overrides' | 'setOverrides' | 'unconfirmed' | 'confirm' | 'rollBack' | 'journal' | 'erase'
>

export interface DeskOptions {
  /** As they count at the start, values of a technician included. */
  readonly settings: Settings
  readonly load: LoadWith
  /** Resolves with undefined when there is none. */
  readonly store: Promise<OverrideStore | undefined>
  readonly secrets: SecretFiles
  readonly clock: Clock
  readonly log: Log
  /** They count from now on. */
  readonly apply: (settings: Settings) => void
  /** Takes the files away that hold something of the subscriber or of a technician besides the store. */
  readonly eraseFiles: () => Promise<void>
}

export interface Change {
  readonly key: string
  /** undefined: there was no value of a technician; a secret is "(set)". */
  readonly before: string | undefined
  /** undefined: what the file says. */
  readonly after: string | undefined
  /** Counts from the next start on. */
  readonly restart: boolean
}

/** Nothing was changed, and why. */
export interface Mistakes {
  readonly mistakes: readonly Words[]
}

export type Outcome = { readonly changed: readonly Change[] } | Mistakes

/** `left`: what could not be taken away. */
export type ResetOutcome = { readonly erased: true; readonly left: readonly Words[] } | Mistakes

export interface JournalFact {
  /** ms since 1970. */
  readonly wallMs: number
  readonly by: Author
  readonly key: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Nothing here rejects: what cannot be done is told as a mistake. */
export interface SettingsDesk {
  /** As they count now; what needs a restart is in them already. */
  current(): Settings
  overrides(): Overrides
  /** Lays one value aside for the next commit; `undefined` takes the technician's value back. */
  stage(key: string, text: string | undefined): Promise<Outcome>
  staged(): readonly Change[]
  /** `seconds`: undone then, unless `confirm` comes first. */
  commit(by: Author, seconds?: number): Promise<Outcome>
  confirm(): Promise<Outcome>
  /** Drops what is laid aside, and undoes what waits for its confirmation. */
  rollBack(by: Author): Promise<Outcome>
  /** Until the last commit is undone, s; undefined: none waits. */
  secondsLeft(): number | undefined
  /** Values from JSON, by key; null takes one back. All of them at once, or none. */
  change(values: Readonly<Record<string, unknown>>, by: Author): Promise<Outcome>
  exported(): readonly string[]
  /** Set keys that this box does not know, of an earlier voiceport or of a line that is no more: they can be taken back. */
  leftovers(): readonly string[]
  /** Checked as a whole, then laid aside like typed values. */
  import(lines: readonly string[]): Promise<Outcome>
  /** The same, in effect at once. */
  importNow(lines: readonly string[], by: Author): Promise<Outcome>
  /** Newest first. Empty without a store. */
  journal(most: number): Promise<readonly JournalFact[]>
  /** The configuration file again. What is wrong with it; then the former settings stay. */
  reload(): readonly Problem[]
  /** As delivered; the box must restart once it is erased, whatever is left. */
  factoryReset(): Promise<ResetOutcome>
  close(): void
}
