// What a telephone is doing, as a product of small unions: calls x waiting x entry x hook. Whatever the types allow is
// legal; what they cannot exclude test/phone/exploration/ does.
// The picture of the states stands in README.md, made from the table of keys.

import type { Collection, Dialled } from './dialling/dialled.js'
import type { Caller, CallId } from './event.js'

/** We call; `alerting`: the far end rings; `early`: the network itself is heard (announcement, its own ringback). */
export interface Calling {
  readonly phase: 'calling'
  readonly id: CallId
  readonly emergency: boolean
  readonly alerting: boolean
  readonly early: boolean
}

/** We are called and have not answered; the telephone is on-hook and rings. */
export interface Ringing {
  readonly phase: 'ringing'
  readonly id: CallId
  readonly caller: Caller
}

export interface Talking {
  readonly phase: 'talking'
  readonly id: CallId
  readonly emergency: boolean
  /**
   * Whether the network is being asked to let us speak again after a hold. `again`: after the other party could not be
   * resumed; a second refusal changes nothing, or two dead calls would be asked in turn for ever.
   */
  readonly resuming: 'no' | 'asked' | 'again'
}

/** A code sent to the network as a call (code-call.ts): no conversation, nothing to hold or to join. */
export interface Code {
  readonly phase: 'code'
  readonly id: CallId
  readonly emergency: false
  readonly alerting: boolean
  readonly answered: boolean
  /** The network has said something: it need not be confirmed by a tone. */
  readonly heard: boolean
  /** Of the code that resets all services: what became of our own part; null for every other code. */
  readonly reset: 'not-yet' | 'asked' | 'done' | 'failed' | null
}

/** A call that a telephone off the hook has, but for one that is held or waits. */
export type OpenLeg = Calling | Code | Talking

/** One call of this telephone that is not held. */
export type Leg = OpenLeg | Ringing

/** A party that is held. */
export interface Held {
  readonly id: CallId
  /** The network has not answered yet; the party is muted here all the same. */
  readonly asked: boolean
}

export type OneCall = { readonly kind: 'one'; readonly leg: Leg }

/** `alone`: whom the subscriber spoke to is gone. Otherwise this is a consultation that has no second call yet. */
export type HeldCall = { readonly kind: 'held'; readonly held: Held; readonly alone: boolean }

/** `younger`: which of the two came second, and would be the last who joined a conference. */
export type TwoCalls = {
  readonly kind: 'two'
  readonly active: OpenLeg
  readonly held: Held
  readonly younger: 'active' | 'held'
}

/** Mixed in the box. */
export type Conference = { readonly kind: 'conference'; readonly first: Talking; readonly last: Talking }

/** Every call of the telephone but one that waits. A second call lives in arms of its own: it exists only where it can. */
export type Calls = { readonly kind: 'none' } | OneCall | HeldCall | TwoCalls | Conference

/** A caller whom a telephone in use announces. */
export interface Waiting {
  readonly id: CallId
  readonly caller: Caller
  /** Would be refused, but emergency services may be calling back: announced wherever it comes in. */
  readonly callBack: boolean
}

/** Tones of a call that could not be or is no more. */
export type FailureTone = 'busy' | 'congestion' | 'sit'

/** What the keys mean now, and what the ear hears where no call decides it. */
export type Entry =
  /** On-hook, or ringing: no keys. */
  | { readonly kind: 'none' }
  /** Nothing dialled yet; with a party held this is the recall dial tone. */
  | { readonly kind: 'dial-tone' }
  /** What was dialled means nothing; digits are heard again already. `swallowHash`: as in the confirmation. */
  | { readonly kind: 'error-tone'; readonly swallowHash?: true }
  | { readonly kind: 'collecting'; readonly collection: Collection }
  /** A setting is being stored: silence until the outcome is known, unless it was `heard` of already. */
  | { readonly kind: 'storing'; readonly id: string; readonly heard: boolean }
  /**
   * A code was carried out; digits are heard again already. `swallowHash`: its last digit was no more than a moment ago,
   * and a "#" that follows belongs to it still.
   */
  | { readonly kind: 'confirmation'; readonly swallowHash?: true }
  /** A whole number, placed as soon as the first party is known to be held, or after `HOLD_BEFORE_PLACE_MS`. */
  | { readonly kind: 'dialled'; readonly dialled: Dialled }
  /**
   * A call stands: keys go to the far end, but for `swallow` (a "#" that only ended the number, the digit of a command
   * that R alone has already carried out). `beep`: one short error beep is heard.
   */
  | { readonly kind: 'relay'; readonly swallow: string; readonly beep: boolean }
  /** The command window after R. `under`: what the keys meant before, where the window does not end in a call. */
  | { readonly kind: 'command'; readonly under: Entry }
  /** Whom we speak to is being held, so that the other can be spoken to; nobody hears anybody. */
  | { readonly kind: 'holding' }
  /** Nothing to do but hang up, or R where a party is held or waits. */
  | { readonly kind: 'failed'; readonly tone: FailureTone }
  | { readonly kind: 'left-off-hook'; readonly stage: 'howler' | 'parked' }

export interface Messages {
  readonly waiting: boolean
  /** New ones, where the network tells. */
  readonly count?: number
}

export interface Lamp {
  /** The telephone has not been told of the messages yet. */
  readonly due: boolean
  /** The data for it is being sent. */
  readonly showing: boolean
  /** Hung up and quiet for long enough. */
  readonly settled: boolean
}

/** What the network keeps for the subscriber and his telephone tells of (message-lamp.ts). */
export interface Indications {
  /** null: not known. */
  readonly messages: Messages | null
  /** Calls to this line go elsewhere; what is not known counts as no. */
  readonly forwarded: boolean
  readonly lamp: Lamp
}

export interface PhoneState {
  readonly hook: 'on' | 'off'
  readonly calls: Calls
  readonly waiting: Waiting | null
  readonly entry: Entry
  readonly registered: boolean
  /** The number is withheld from everybody, as stored. Until the store has been read it is withheld. */
  readonly masked: boolean
  /** The line cannot be used: nothing is heard, placed or taken. */
  readonly fault: boolean
  /** The last emergency call, while its call-back is waited for. */
  readonly callBackOf: CallId | null
  /** Messages and diverted calls; nothing else depends on them. */
  readonly indications: Indications
  /** Number of the next call placed or setting stored; makes its id. */
  readonly nextCall: number
}

export const noCalls: Calls = { kind: 'none' }
export const noEntry: Entry = { kind: 'none' }
export const dialTone: Entry = { kind: 'dial-tone' }
export const errorTone: Entry = { kind: 'error-tone' }
export const relay: Entry = { kind: 'relay', swallow: '', beep: false }
export const relayButHash: Entry = { kind: 'relay', swallow: '#', beep: false }
export const confirmation: Entry = { kind: 'confirmation' }
export const holding: Entry = { kind: 'holding' }
export const busyTone: Entry = { kind: 'failed', tone: 'busy' }
export const howler: Entry = { kind: 'left-off-hook', stage: 'howler' }
export const parked: Entry = { kind: 'left-off-hook', stage: 'parked' }

/** The command that R alone has carried out may still be on its way from a telephone that stores "R2" in one key. */
export const COMMAND_KEYS = '01234'
export const relayButCommand: Entry = { kind: 'relay', swallow: COMMAND_KEYS, beep: false }
/** What was asked for is not to be had: one beep, and back in the call; a command still on its way means nothing. */
export const backWithBeep: Entry = { kind: 'relay', swallow: COMMAND_KEYS, beep: true }
/** As above, in the middle of a number that nobody should have to listen to. */
export const backFromDialling: Entry = { kind: 'relay', swallow: '0123456789*#', beep: true }
/** A beep of its own; keys go to the far end. */
export const relayWithBeep: Entry = { kind: 'relay', swallow: '', beep: true }

/** On-hook, nothing known of the network yet. */
export const initialState: PhoneState = {
  hook: 'on',
  calls: noCalls,
  waiting: null,
  entry: noEntry,
  registered: false,
  masked: true,
  fault: false,
  callBackOf: null,
  indications: {
    messages: null,
    forwarded: false,
    lamp: { due: false, showing: false, settled: true },
  },
  nextCall: 1,
}

/** The same state but for `patch`. Written out: a spread that overrides takes fifty times as long on Node 20. */
export const change = (state: PhoneState, patch: Partial<PhoneState>): PhoneState => ({
  hook: patch.hook ?? state.hook,
  calls: patch.calls ?? state.calls,
  waiting: patch.waiting === undefined ? state.waiting : patch.waiting,
  entry: patch.entry ?? state.entry,
  registered: patch.registered ?? state.registered,
  masked: patch.masked ?? state.masked,
  fault: patch.fault ?? state.fault,
  callBackOf: patch.callBackOf === undefined ? state.callBackOf : patch.callBackOf,
  indications: patch.indications ?? state.indications,
  nextCall: patch.nextCall ?? state.nextCall,
})

/** For the default branch of a switch: what is left must be nothing. Total all the same: it returns. */
export const assertNever = (_: never, otherwise: null): null => otherwise
