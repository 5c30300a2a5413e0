// What the dialogue of the voicemail is made of: the places a caller can be in, what can happen there, and what is asked
// of the line. The line does one thing at a time: each action ends whatever went on before it.

import type { Phrase } from './phrases.js'

export interface Message {
  readonly id: number
  readonly isNew: boolean
  /** Undefined when the caller withheld his number or had none. */
  readonly from: string | undefined
  /** Wall clock, ms since 1970. */
  readonly receivedAt: number
}

export type Speech =
  | { readonly say: Phrase }
  /** A cardinal number, 0-99. */
  | { readonly number: number }
  /** A telephone number, read in pairs. */
  | { readonly digits: string }
  /** Day and time of day, wall clock ms. */
  | { readonly moment: number }
  /** The recording of a message. */
  | { readonly message: number }
  | { readonly greeting: 'own' | 'standard' }
  | { readonly beep: true }

/** What is to be made durable. */
export type Change =
  /** `heard` and `save` both archive; only `save` is confirmed to the subscriber. */
  | { readonly type: 'heard' | 'save' | 'erase'; readonly id: number }
  /** What was recorded last becomes a message, or the greeting. */
  | { readonly type: 'message' | 'greeting' }
  | { readonly type: 'standard-greeting' }
  | { readonly type: 'password'; readonly digits: string }

export type Action =
  | { readonly do: 'say'; readonly words: readonly Speech[] }
  | { readonly do: 'wait'; readonly ms: number }
  /** Ends by itself after `maxMs`, or after `silenceMs` in which nothing was said. */
  | { readonly do: 'record'; readonly maxMs: number; readonly silenceMs: number }
  | { readonly do: 'store'; readonly change: Change }
  | { readonly do: 'check'; readonly digits: string }
  | { readonly do: 'hang-up' }

export type Event =
  | { readonly type: 'said' | 'waited' }
  /** `recordedMs`: how long a recording that runs has become; 0 when none runs. */
  | { readonly type: 'key'; readonly key: string; readonly recordedMs: number }
  | { readonly type: 'hung-up'; readonly recordedMs: number }
  /** `why: silence` counts up to the last sound; 0 when nothing was said at all. */
  | { readonly type: 'recorded'; readonly ms: number; readonly why: 'limit' | 'silence' }
  /** Sent once the change is on the disk, or could not be made. */
  | { readonly type: 'stored'; readonly ok: boolean }
  | { readonly type: 'checked'; readonly messages: readonly Message[] | 'wrong' | 'locked' }

interface List {
  readonly messages: readonly Message[]
  /** Of the message at hand, 0-based. */
  readonly index: number
}

export type Place =
  // The subscriber reads (guide lines 23-33).
  | (List & { readonly at: 'reading'; readonly playing: boolean })
  | (List & { readonly at: 'changing' | 'changed'; readonly change: 'save' | 'erase' })
  | { readonly at: 'read-all'; readonly messages: readonly Message[] }
  // Menus (guide lines 15-21 and 35-39).
  | { readonly at: 'main-menu' | 'options' }
  | {
      readonly at:
        | 'greeting-intro'
        | 'greeting-recording'
        | 'greeting-storing'
        | 'greeting-review'
        | 'greeting-resetting'
    }
  | { readonly at: 'password'; readonly typed: string; readonly wanted: string | undefined }
  | { readonly at: 'password-storing' }
  // A caller leaves a message, or asks for the subscriber's own access.
  | { readonly at: 'welcome' | 'message-recording'; readonly deposit: Deposit }
  | { readonly at: 'message-storing'; readonly atLimit: boolean }
  | { readonly at: 'guest' | 'guest-checking'; readonly typed: string; readonly failures: number }
  // Last words, then nothing.
  | { readonly at: 'parting' | 'closed' }

export interface Deposit {
  readonly greeting: 'own' | 'standard'
  readonly full: boolean
  /** Whether `*` leads to the subscriber's own access: he has set a password. */
  readonly guests: boolean
  /** Recordings that were too short so far. */
  readonly tooShort: number
}

export interface Dialogue {
  readonly place: Place
  /** Silences and unknown keys in a row. */
  readonly silent: number
  readonly wrong: number
}

export interface Step {
  readonly dialogue: Dialogue
  /** Absent: the line goes on with what it does. */
  readonly act?: Action
  /** Made durable beside the dialogue; nobody waits for it. */
  readonly aside?: Change
}

/** Durations in ms. */
export const limits = {
  message: 120_000,
  greeting: 60_000,
  /** A recording that is shorter was a slip. */
  shortest: 1000,
  /** So much silence ends a recording. */
  silence: 8000,
  /** So long a menu waits for a key. */
  key: 6000,
  /** Then it says goodbye: so many silences, unknown keys, wrong passwords, recordings too short. */
  silences: 3,
  wrongKeys: 5,
  failures: 3,
  tooShort: 2,
  password: [4, 8],
} as const
