// Everything the machine asks for, as data with a stable JSON form (traces are compared bit for bit).
// Effects start in order and are never awaited; an outcome that matters comes back as an event.

import type { CallId, TimerName } from './event.js'

export type ToneName =
  | 'dial'
  | 'stutter'
  | 'special'
  | 'recall'
  /** The recall dial tone softer: the command window after R is open. */
  | 'recall-soft'
  | 'ringback'
  | 'busy'
  | 'congestion'
  | 'waiting'
  | 'confirmation'
  | 'error'
  /** The error tone once: what was asked for is not to be had, the conversation goes on. */
  | 'error-beep'
  | 'sit'
  | 'howler'

export type HookContext = 'collecting' | 'talking' | 'window' | 'ringing' | 'emergency'

export type PhoneEffect =
  /** Idle: everything audible stops and the audio half sleeps. Active: talking battery, frames flow. Parked: low-power feed, hook still watched. */
  | { readonly type: 'line'; readonly state: 'idle' | 'active' | 'parked' }
  | { readonly type: 'hook-context'; readonly context: HookContext }
  /** `show`: the call whose other end a telephone with a display names: who calls, or the held party who is left. */
  | { readonly type: 'ring'; readonly cadence: 'normal' | 'recall'; readonly show: CallId }
  | { readonly type: 'ring'; readonly cadence: null }
  /**
   * Played to this telephone alone, over whoever speaks; null: silence. `show`: the waiting call, which a telephone with
   * a display may name behind the waiting tone.
   */
  | { readonly type: 'tone'; readonly tone: ToneName | null; readonly show?: CallId }
  /**
   * What keys do from the next one on: collected (loose detection), relayed to whomever `talk` names (strict
   * detection), or nothing. `swallow`: none of these keys is relayed or heard by the far end: a "#" that only ended a
   * number, the digit of a command that R alone has carried out.
   */
  | { readonly type: 'keys'; readonly mode: 'collect' | 'relay' | 'off'; readonly swallow?: string }
  | {
      readonly type: 'place'
      readonly call: CallId
      readonly target: string
      readonly masked: boolean
      readonly emergency: boolean
    }
  /** 180 to the caller. `waiting`: the telephone is in use and the subscriber hears that somebody calls (RFC 7462). */
  | { readonly type: 'alert'; readonly call: CallId; readonly waiting?: true }
  | { readonly type: 'answer'; readonly call: CallId }
  | { readonly type: 'reject'; readonly call: CallId; readonly status: number; readonly q850?: number }
  | { readonly type: 'hang-up'; readonly call: CallId }
  /**
   * Puts the far end on hold, answered by one `held`; takes it off again, answered by one `resumed`. Of one call they
   * are carried out in the order asked: a `resume` may follow a `hold` that is not answered yet. `talk` has silenced
   * the party before, and names it again at once: neither waits for the network to be heard here.
   */
  | { readonly type: 'hold'; readonly call: CallId }
  | { readonly type: 'resume'; readonly call: CallId }
  /**
   * Who is in conversation with the subscriber, by call: one, both of a conference (who then also hear each other), or
   * nobody. Whoever is not named hears nothing of the telephone or of anybody else, and is not heard.
   */
  | { readonly type: 'talk'; readonly calls: readonly CallId[] }
  /** To be made durable; answered by `stored` with the same id. */
  | { readonly type: 'store'; readonly id: string; readonly setting: 'masking'; readonly value: boolean }
  /** To be told to the telephone while it is hung up: its lamp for messages. Broken off when it is lifted or rings. */
  | { readonly type: 'show-messages'; readonly waiting: boolean; readonly count?: number }
  /** Starting a timer that runs starts it anew. */
  | { readonly type: 'start-timer'; readonly name: TimerName; readonly ms: number }
  | { readonly type: 'cancel-timer'; readonly name: TimerName }
  /** The event means nothing in this state; for the trace. */
  | { readonly type: 'ignored'; readonly event: string }
