// What is known of the box and its telephones at one moment, for the technician: plain cloneable values, all bounded.
// Numbers stand here as they may be shown (shown-number.ts); no secret and no key of a conversation ever comes in.

import type { FaultKind, FxsSense } from '../../../hal/fxs-port.js'
import type { StreamStatistics } from '../../media/media-contract.js'
import type { Situation } from '../../phone/situation.js'

/** Figures of the audio of a call. */
export interface StreamFacts extends StreamStatistics {
  /** Seen from here, what was agreed on (RFC 3264) of a call in which audio never was to go both ways. */
  readonly oneWay?: OneWay
}

export type OneWay = 'sendonly' | 'recvonly' | 'inactive'

/** How long the loop was broken when R was pressed, of one telephone since the box started. */
export interface FlashFacts {
  /** Shortest and longest break that is R, ms. */
  readonly window: readonly [number, number]
  readonly count: number
  /** Of the count: shorter or longer than the window, so they did nothing or hung up. */
  readonly tooShort: number
  readonly tooLong: number
  /** Of the presses kept; absent without any. */
  readonly shortestMs?: number
  readonly medianMs?: number
  readonly longestMs?: number
  readonly lastMs?: number
  /** Presses by length, 10 ms a bin, empty bins left out. */
  readonly bins: readonly { readonly fromMs: number; readonly count: number }[]
}

export type CodeOutcome =
  /** On its way still. */
  | 'open'
  | 'done'
  | 'refused'
  /** Hung up, or something else dialled, before there was an answer. */
  | 'given-up'
  /** The number or the code means nothing, in the dial plan of the country. */
  | 'unknown-code'
  | 'no-service'
  | 'not-stored'

export interface CodeRecord {
  /** Wall time, ms since 1970. */
  readonly wallMs: number
  /** As dialled, numbers hidden: "*21*06xxxxxxxx#". */
  readonly code: string
  readonly by: 'box' | 'network'
  readonly outcome: CodeOutcome
  /** Final answer of the network. */
  readonly status?: number
  /** What the subscriber heard of it. */
  readonly heard: 'nothing' | 'confirmation' | 'error' | 'announcement' | 'congestion'
}

export interface LadderEntry {
  /** ms since the call began. */
  readonly atMs: number
  readonly kind: 'out' | 'in' | 'telephone' | 'media'
  /** "INVITE +SDP", "180 Ringing", "R 271 ms". */
  readonly text: string
}

export interface CallRecord {
  readonly direction: 'out' | 'in'
  /** Who is at the other end, mostly hidden; absent: withheld or not known. */
  readonly party?: string
  readonly wallMs: number
  readonly emergency: boolean
  readonly code: boolean
  /** ms since the call began. */
  readonly answeredMs?: number
  readonly endedMs?: number
  readonly end?: 'telephone' | 'network' | 'refused' | 'media-lost' | 'line-fault'
  readonly status?: number
  readonly q850?: number
  /** Of the last answer about it: what both sides agreed on. */
  readonly codec?: string
  readonly media?: StreamFacts
  readonly ladder: readonly LadderEntry[]
  /** Entries of the ladder that found no room. */
  readonly left: number
}

export interface RegistrationFacts {
  readonly hasAccount: boolean
  readonly state: string
  /** Since when, wall time. */
  readonly sinceMs: number
  /** Address of record. */
  readonly address?: string
  /** Of the last attempt; 408: nobody answered. */
  readonly status?: number
  readonly reason?: string
  /** The operator itself has said it; otherwise the status stands for no answer and no way. */
  readonly answered?: boolean
  /** It has asked this account for a proof of the password. */
  readonly challenged?: boolean
  /** It has taken this account since the box started. */
  readonly wasRegistered: boolean
  readonly attemptMs?: number
  /** Wall time of the next REGISTER. */
  readonly nextMs?: number
  /** "192.0.2.1:5060", in order of preference. */
  readonly proxies: readonly string[]
  /** Why no address was found; the former ones serve on, if there are any. */
  readonly names?: 'no-such-name' | 'no-name-server'
  /** How far the operator's clock is ahead of ours, s (Date, RFC 3261 §20.17). */
  readonly aheadSeconds?: number
}

/** What keeps a line from being used: told by its chip, or by whatever carries its sound. */
export type LineFault = FaultKind | 'sound-lost'

export type AlarmKind =
  | LineFault
  | 'unregistered'
  | 'names'
  | 'no-store'
  | 'disk-full'
  | 'store-failed'
  | 'clock-wrong'
  | 'clock-jumped'
  | 'media-lost'
  | 'one-way-audio'
  | 'hook-storm'

export interface Alarm {
  readonly kind: AlarmKind
  /** Absent: of the whole box. */
  readonly line?: string
  readonly active: boolean
  /** Wall times, ms since 1970. */
  readonly sinceMs: number
  readonly lastMs: number
  readonly clearedMs?: number
  /** Times it came. */
  readonly count: number
  readonly detail?: string
}

export interface LineFacts {
  readonly line: string
  readonly situation: Situation
  /** For so long, ms. */
  readonly situationMs: number
  readonly offHook: boolean
  /** The line chip rings now, for a call or a test. */
  readonly ringing: boolean
  /** Those that stand, as the line chip tells them. */
  readonly faults: readonly LineFault[]
  /** Measured now; absent: the line chip does not answer or cannot measure. */
  readonly sense?: FxsSense
  readonly registration: RegistrationFacts
  readonly flash: FlashFacts
  /** Newest first, 20 at most; so are the codes. */
  readonly calls: readonly CallRecord[]
  readonly codes: readonly CodeRecord[]
  /** Streams that are open now. */
  readonly media: readonly StreamFacts[]
  /** Of a call of the box itself that was answered, while the telephone has had none since. */
  readonly tested?: StreamFacts
}

export interface BoxFacts {
  readonly wallMs: number
  /** ms since the box started. */
  readonly upMs: number
  readonly lines: readonly LineFacts[]
  /** Active ones first, then newest first. */
  readonly alarms: readonly Alarm[]
}
