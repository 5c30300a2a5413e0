// What the console may ask of the box and tell it: plain values only, so that no command can reach into the machine.
// board/console-box.ts answers these from run's queries; a test answers them from a table.

import type { Diagnosis } from '../run/diagnosis.js'
import type { Translated } from './command.js'

export interface ConsoleBox extends BoxQueries, BoxCommands {
  /** Facts, verdicts and tests of the lines, as run has them. */
  readonly diagnosis: Diagnosis
  readonly desk: SettingsDesk
}

export interface BoxQueries {
  version(): VersionFacts
  /** In the order of the configuration. */
  lineIds(): readonly string[]
  lines(): Promise<readonly LineFacts[]>
  calls(): Promise<readonly CallFacts[]>
  /** Values in use, with secrets replaced by "(set)" or "(not set)". */
  settings(): readonly SettingFacts[]
  profile(): ProfileFacts
  board(): BoardFacts
  /** What the box's own codes and its profile's network codes are, in the words of `explain`. */
  codes(): readonly CodeFacts[]
  /** The last steps of the feature machine, oldest first, at most `most`. */
  trace(most: number, line?: string): readonly TraceFacts[]
  /** The last lines of the log, oldest first, at most `most`. */
  log(most: number): readonly LogFacts[]
  /** Counters of the streams that are open; empty when none is or the audio half does not answer within a second. */
  media(): Promise<readonly StreamFacts[]>
  /** What keys mean; undefined: `keys` are none, or there is no such state. */
  explain(keys: string, state: string): ExplainFacts | undefined
  /** Situations `explain` knows. */
  situations(): readonly string[]
  /** Tells `sink` what happens from now on, until the function it answers with is called. */
  watch(topic: WatchTopic, sink: (event: WatchEvent) => void): () => void
}

export interface BoxCommands {
  /** Ends the process in order; whoever supervises it starts it again. */
  restart(): void
}

export interface VersionFacts {
  readonly version: string
  readonly node: string
  /** Since the start of the process, s. */
  readonly uptimeSeconds: number
  /** Resident memory of the process, bytes. */
  readonly rssBytes: number
  /** Local date and time in the zone of the configuration, "2026-11-23 08:15:00". */
  readonly time: string
  readonly timezone: string
}

export interface LineFacts {
  readonly line: string
  /** Address of record without its domain; absent: no account. */
  readonly user?: string
  readonly domain?: string
  readonly proxies: readonly string[]
  /** "registered", "registering", "unregistered", "refused". */
  readonly registration: string
  /** Of the last registration that did not come about. */
  readonly status?: number
  readonly reason?: string
  /** How long the registration has been in this state, s. */
  readonly registrationSeconds?: number
  /** Until the box registers again, s. */
  readonly nextSeconds?: number
  readonly situation: string
  /** Length of the last R, ms. */
  readonly lastFlashMs?: number
}

export interface CallFacts {
  readonly line: string
  readonly direction: 'in' | 'out'
  readonly state: 'ringing' | 'answered'
  /** What was dialled or who calls; absent: withheld or not given. */
  readonly party?: string
  /** Since it began, s. */
  readonly seconds?: number
}

export interface SettingFacts {
  /** "sip.dscp"; of a line "line.tel1.callWaiting". */
  readonly key: string
  readonly value: string
  /** Differs from the default. */
  readonly changed: boolean
  readonly help: string
  readonly legal: string
  /** The value alone, where there is one that may be shown. */
  readonly text?: string
  /** The value when nobody sets one. */
  readonly standard?: string
  readonly kind?: string
  /** "ms", "s", "dBm0". */
  readonly unit?: string
  /** Every value there is. */
  readonly choices?: readonly string[]
  /** When a changed value counts; "file": it can be changed in the configuration file only. Default "now". */
  readonly when?: 'now' | 'start' | 'file'
  /** Never shown. */
  readonly secret?: true
  /** A technician has set it over the configuration file. */
  readonly overridden?: true
  /** What remote management calls it (TR-104), for the agent of the box. */
  readonly tr104?: string
  /** The parameter of that name holds more or less than this key: which part is meant. */
  readonly tr104Part?: string
}

/** A change of one setting, as text; a secret is "(set)". */
export interface ChangeFacts {
  readonly key: string
  /** undefined: no value but that of the configuration file. */
  readonly before: string | undefined
  readonly after: string | undefined
  /** Counts from the next start on. */
  readonly restart: boolean
}

/** `mistakes`: nothing was changed, and why. */
export type ChangeOutcome =
  | { readonly changed: readonly ChangeFacts[] }
  | { readonly mistakes: readonly Translated[] }

export interface JournalFacts {
  /** ms since 1970. */
  readonly wallMs: number
  readonly by: string
  readonly key: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Where a front says its changes come from. */
export type ChangedBy = 'console' | 'network' | 'page'

/** Where settings are changed: laid aside one by one, then committed together. Nothing here rejects for a wrong value. */
export interface SettingsDesk {
  /** Checks a value and lays it aside; `undefined` takes the technician's value back. */
  stage(key: string, text: string | undefined): Promise<ChangeOutcome>
  staged(): readonly ChangeFacts[]
  /** `seconds`: undone then, unless `confirm` comes first; also when the power fails meanwhile. */
  commit(by: ChangedBy, seconds?: number): Promise<ChangeOutcome>
  confirm(): Promise<ChangeOutcome>
  /** Drops what is laid aside, and undoes what waits for its confirmation. */
  rollBack(by: ChangedBy): Promise<ChangeOutcome>
  /** Until the last commit is undone, s; undefined: none waits. */
  secondsLeft(): number | undefined
  /** By key, null takes a value back; in effect at once, all of them or none. */
  change(values: Readonly<Record<string, unknown>>, by: ChangedBy): Promise<ChangeOutcome>
  /** The commands that would set what is set; without secrets. */
  exported(): readonly string[]
  /** Set keys that `settings` does not know: they can be taken back only. */
  leftovers(): readonly string[]
  /** Such commands, checked as a whole and laid aside. */
  import(lines: readonly string[]): Promise<ChangeOutcome>
  /** The same, in effect at once. */
  importNow(lines: readonly string[], by: ChangedBy): Promise<ChangeOutcome>
  /** Newest first. */
  journal(most: number): Promise<readonly JournalFacts[]>
  /** As delivered; the box must be restarted once it is erased. `left`: what could not be taken away. */
  factoryReset(): Promise<
    | { readonly erased: true; readonly left: readonly Translated[] }
    | { readonly mistakes: readonly Translated[] }
  >
}

export interface ProfileFacts {
  readonly name: string
  /** Name and value, ready to be shown, one row each. */
  readonly rows: readonly (readonly [name: string, value: string])[]
}

export interface BoardFacts {
  readonly name: string
  readonly driver: string
  readonly lines: readonly string[]
  readonly rows: readonly (readonly [name: string, value: string])[]
}

export interface CodeFacts {
  readonly code: string
  readonly meaning: string
  /** Kept by the box itself, or sent to the network as dialled. */
  readonly owner: 'box' | 'network'
}

export interface TraceFacts {
  /** On the box's monotonic clock, µs. */
  readonly us: number
  readonly line: string
  readonly event: string
  readonly from: string
  readonly to: string
  readonly effects: readonly string[]
}

export interface LogFacts {
  /** ms since 1970. */
  readonly wallMs: number
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

export interface StreamFacts {
  readonly stream: string
  readonly line?: string
  readonly sentPackets: number
  readonly receivedPackets: number
  readonly lostPackets: number
  readonly latePackets: number
  readonly jitterMs: number
  readonly roundTripMs?: number
}

export interface ExplainFacts {
  readonly input: string
  readonly state: string
  readonly action: string
  readonly meaning: string
}

/** sip: one line a message on the wire; line: what the hook, the keys and the ringing do; phone: steps of the machine. */
export type WatchTopic = 'sip' | 'line' | 'phone'

export interface WatchEvent {
  readonly us: number
  readonly line?: string
  /** One line of printable ASCII. */
  readonly text: string
}
