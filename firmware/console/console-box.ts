// What the console may ask of the box and tell it: plain values only, so that no command can reach into the machine.
// board/console-box.ts answers these from run's queries; a test answers them from a table.

import type { Diagnosis } from '../run/diagnosis.js'

export interface ConsoleBox extends BoxQueries, BoxCommands {
  /** Facts, verdicts and tests of the lines, as run has them. */
  readonly diagnosis: Diagnosis
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
  /** What remote management calls it (TR-104), for the agent of the box. */
  readonly tr104?: string
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
