// Everything the machine asks for, as data with a stable JSON form (traces are compared bit for bit).
// Effects start in order and are never awaited; an outcome that matters comes back as an event.

import type { CallId, TimerName } from './event.js'

export type ToneName =
  | 'dial'
  | 'stutter'
  | 'special'
  | 'recall'
  | 'ringback'
  | 'busy'
  | 'congestion'
  | 'waiting'
  | 'confirmation'
  | 'error'
  | 'sit'
  | 'howler'

export type HookContext = 'collecting' | 'talking' | 'window' | 'ringing' | 'emergency'

export type PhoneEffect =
  /** Idle: everything audible stops and the audio half sleeps. Active: talking battery, frames flow. Parked: low-power feed, hook still watched. */
  | { readonly type: 'line'; readonly state: 'idle' | 'active' | 'parked' }
  | { readonly type: 'hook-context'; readonly context: HookContext }
  | { readonly type: 'ring'; readonly cadence: 'normal' | 'recall' | null }
  /** null: silence. */
  | { readonly type: 'tone'; readonly tone: ToneName | null }
  /**
   * What keys do from the next one on: collected (loose detection), relayed to the far end (strict detection), or
   * nothing. `swallow`: this key alone is not relayed; it only ended a number that was complete without it.
   */
  | { readonly type: 'keys'; readonly mode: 'collect' | 'relay' | 'off'; readonly swallow?: '#' }
  | {
      readonly type: 'place'
      readonly call: CallId
      readonly target: string
      readonly masked: boolean
      readonly emergency: boolean
    }
  /** 180 to the caller. */
  | { readonly type: 'alert'; readonly call: CallId }
  | { readonly type: 'answer'; readonly call: CallId }
  | { readonly type: 'reject'; readonly call: CallId; readonly status: number; readonly q850?: number }
  | { readonly type: 'hang-up'; readonly call: CallId }
  /** Whom the telephone hears and speaks to, by call; empty: nobody. */
  | { readonly type: 'talk'; readonly calls: readonly CallId[] }
  /** To be made durable; answered by `stored` with the same id. */
  | { readonly type: 'store'; readonly id: string; readonly setting: 'masking'; readonly value: boolean }
  /** Starting a timer that runs starts it anew. */
  | { readonly type: 'start-timer'; readonly name: TimerName; readonly ms: number }
  | { readonly type: 'cancel-timer'; readonly name: TimerName }
  /** The event means nothing in this state; for the trace. */
  | { readonly type: 'ignored'; readonly event: string }
