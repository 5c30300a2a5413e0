// What a telephone is doing, as a product of small unions: calls x entry x hook. Whatever the types allow is legal;
// what they cannot exclude test/phone/exploration/ does.
//
//                     off-hook                 first digit             number complete
//    +------+ ------------------> [dial-tone] ------------> [dialling] --------------+
//    | idle | <-- on-hook, from anywhere          error tone <--+ invalid            |
//    +------+                         | 15 s                    |                    v
//      |  ^                           v                     on-hook           [ringing-out]
//      |  | abandoned, guard    [failed: busy tone] <--- ended / failed / --------+  |
//      v  |                           | 30 s             media lost             |  | answered
//  [ringing-in]                       v                                         |  v
//      |  off-hook              [left-off-hook] howler, then parked          [active]
//      +------------------------------------------------------------------------^
//
//  An emergency call is [emergency] from the last digit to its end; after it, for half an hour, a caller also gets
//  through to a telephone left off the hook: [call-back].

import type { Collection } from './dialling/dialled.js'
import type { Caller, CallId } from './event.js'

/** One call of this telephone. */
export type Leg =
  /** We call; `alerting`: the far end rings; `early`: the network itself is heard (announcement, its own ringback). */
  | {
      readonly phase: 'calling'
      readonly id: CallId
      readonly emergency: boolean
      readonly alerting: boolean
      readonly early: boolean
    }
  /** We are called and have not answered. */
  | { readonly phase: 'ringing'; readonly id: CallId; readonly caller: Caller }
  | { readonly phase: 'talking'; readonly id: CallId; readonly emergency: boolean }
  /** A code sent to the network as a call (code-call.ts): no conversation, nothing to hold or to join. */
  | {
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

/** Every call of the telephone. A second one lives in arms of its own, so that it exists only where it can. */
export type Calls = { readonly kind: 'none' } | { readonly kind: 'one'; readonly leg: Leg }

/** Tones of a call that could not be or is no more. */
export type FailureTone = 'busy' | 'congestion' | 'sit'

/** What the keys mean now, and what the ear hears where no call decides it. */
export type Entry =
  /** On-hook, or ringing: no keys. */
  | { readonly kind: 'none' }
  /** Nothing dialled yet. */
  | { readonly kind: 'dial-tone' }
  /** What was dialled means nothing; digits are heard again already. */
  | { readonly kind: 'error-tone' }
  | { readonly kind: 'collecting'; readonly collection: Collection }
  /** A setting is being stored: silence until the outcome is known, unless it was `heard` of already. */
  | { readonly kind: 'storing'; readonly id: string; readonly heard: boolean }
  /** A code was carried out; digits are heard again already. */
  | { readonly kind: 'confirmation' }
  /** A call stands: keys go to the far end, but for a "#" that only ended the number. */
  | { readonly kind: 'relay'; readonly swallowHash: boolean }
  /** Nothing to do but hang up. */
  | { readonly kind: 'failed'; readonly tone: FailureTone }
  | { readonly kind: 'left-off-hook'; readonly stage: 'howler' | 'parked' }

export interface PhoneState {
  readonly hook: 'on' | 'off'
  readonly calls: Calls
  readonly entry: Entry
  readonly registered: boolean
  /** The number is withheld from everybody, as stored. Until the store has been read it is withheld. */
  readonly masked: boolean
  /** The line cannot be used: nothing is heard, placed or taken. */
  readonly fault: boolean
  /** The last emergency call, while its call-back is waited for (design §6.1). */
  readonly callBackOf: CallId | null
  /** Number of the next call placed or setting stored; makes its id. */
  readonly nextCall: number
}

export const noCalls: Calls = { kind: 'none' }
export const noEntry: Entry = { kind: 'none' }
export const dialTone: Entry = { kind: 'dial-tone' }
export const errorTone: Entry = { kind: 'error-tone' }
export const confirmation: Entry = { kind: 'confirmation' }
export const relay: Entry = { kind: 'relay', swallowHash: false }
export const relayButHash: Entry = { kind: 'relay', swallowHash: true }
export const busyTone: Entry = { kind: 'failed', tone: 'busy' }
export const howler: Entry = { kind: 'left-off-hook', stage: 'howler' }
export const parked: Entry = { kind: 'left-off-hook', stage: 'parked' }

/** On-hook, nothing known of the network yet. */
export const initialState: PhoneState = {
  hook: 'on',
  calls: noCalls,
  entry: noEntry,
  registered: false,
  masked: true,
  fault: false,
  callBackOf: null,
  nextCall: 1,
}

/** The same state but for `patch`. Written out: a spread that overrides takes fifty times as long on Node 20. */
export const change = (state: PhoneState, patch: Partial<PhoneState>): PhoneState => ({
  hook: patch.hook ?? state.hook,
  calls: patch.calls ?? state.calls,
  entry: patch.entry ?? state.entry,
  registered: patch.registered ?? state.registered,
  masked: patch.masked ?? state.masked,
  fault: patch.fault ?? state.fault,
  callBackOf: patch.callBackOf === undefined ? state.callBackOf : patch.callBackOf,
  nextCall: patch.nextCall ?? state.nextCall,
})

/** The leg of this name, if the telephone has it. */
export const legOf = (state: PhoneState, call: CallId): Leg | undefined =>
  state.calls.kind === 'one' && state.calls.leg.id === call ? state.calls.leg : undefined

/** The same telephone with this one call. */
export const withLeg = (state: PhoneState, leg: Leg, entry: Entry = state.entry): PhoneState =>
  change(state, { calls: { kind: 'one', leg }, entry })

/** The same telephone without its call. The end of an emergency call opens the half hour of its call-back. */
export const withoutCalls = (state: PhoneState, entry: Entry): PhoneState => {
  const { calls } = state
  const emergency = calls.kind === 'one' && calls.leg.phase !== 'ringing' && calls.leg.emergency
  return change(state, { calls: noCalls, entry, callBackOf: emergency ? calls.leg.id : state.callBackOf })
}

/** For the default branch of a switch: what is left must be nothing. Total all the same: it returns. */
export const assertNever = (_: never, otherwise: null): null => otherwise
