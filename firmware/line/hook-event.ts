// What the loop edges mean once interpreted. Produced by HookInterpreter from edge times alone.

import type { Us } from '../../hal/clock.js'

/**
 * What the machine expects now; it resolves the overlap of a rotary "1" with a short flash.
 * collecting: digits are collected. talking: a call stands. window: the command window after R.
 * ringing: the telephone rings, off-hook needs no pre-qualification. emergency: R is off, on-hook takes 1.5 s.
 */
export type HookContext = 'collecting' | 'talking' | 'window' | 'ringing' | 'emergency'

export type HookEvent =
  /** `us`: the closing edge. */
  | { readonly type: 'off-hook'; readonly us: Us }
  /** `ms`: from the first opening edge to the last closing edge of its bounce groups; `us`: that closing edge. */
  | { readonly type: 'flash'; readonly us: Us; readonly ms: number }
  /**
   * The first pulse of a rotary digit is over, the others may follow. `us`: its closing edge. Exactly one of `digit`,
   * `digit-lost` and `on-hook` comes after it.
   */
  | { readonly type: 'digit-begun'; readonly us: Us }
  /** What began as a rotary digit was not dialled cleanly: which one it was is not known. `us`: the last closing edge. */
  | { readonly type: 'digit-lost'; readonly us: Us }
  /** A rotary digit: 0-9, 11 pulses "*", 12 pulses "#". `us`: the last closing edge. */
  | { readonly type: 'digit'; readonly us: Us; readonly digit: string; readonly ms: number }
  /** `us`: the opening edge + onHookMs (or the emergency length). */
  | { readonly type: 'on-hook'; readonly us: Us; readonly ms: number }

/** Hook timings of a profile, all in ms. */
export interface HookTimings {
  /** Off-hook is believed after this long closed. */
  readonly offHookMs: number
  /** Shortest and longest flash. */
  readonly flashMs: readonly [number, number]
  /** Open longer than this is on-hook. */
  readonly onHookMs: number
  /** Edges closer than this are one bounce group, <= 15. */
  readonly bounceMs: number
  /** Rotary dialling understood at all. */
  readonly pulse: boolean
  readonly pulseBreakMs: readonly [number, number]
  readonly pulseMakeMs: readonly [number, number]
  /** Silence that ends a rotary digit. */
  readonly pulseGapMs: number
}
