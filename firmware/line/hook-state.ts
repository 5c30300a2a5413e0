// What the hook interpreter remembers between two inputs, and what it is given.

import type { Us } from '../../hal/clock.js'
import type { HookContext, HookEvent } from './hook-event.js'

export type HookInput =
  /** A raw loop edge. `overrun`: edges were lost before it, so it tells the level but no length. */
  | { readonly offHook: boolean; readonly us: Us; readonly overrun?: boolean }
  /** The chip has watched DC current flow under ring voltage for longer than any bounce, and has ended the ring. */
  | { readonly trippedAt: Us }
  /**
   * Nothing more happened: every edge stamped earlier than `now` has been given. A clock reading alone does not
   * prove that when the event loop was late; FxsPort.readHook answers behind the edges that wait, so its `us` does.
   */
  | { readonly now: Us }

/** Edges that follow one another within `bounceMs`: one change of the hook, or none. */
export interface BounceGroup {
  readonly from: boolean
  readonly first: Us
  readonly last: Us
  /** What the machine expected at the first edge. */
  readonly context: HookContext
}

/** Pulses of a rotary digit so far. */
export interface PulseTrain {
  readonly context: HookContext
  readonly firstOpening: Us
  readonly lastClosing: Us
  readonly pulses: number
  /** A break or make outside its range: what was dialled is not known, so no digit will be reported. */
  readonly spoiled: boolean
}

export type HookPhase =
  | { readonly is: 'on-hook' }
  /** Closed, but not yet believed. */
  | { readonly is: 'seizing'; readonly since: Us; readonly prequalMs: number }
  | { readonly is: 'off-hook'; readonly train?: PulseTrain }
  | { readonly is: 'break'; readonly since: Us; readonly context: HookContext; readonly train?: PulseTrain }

export interface HookState {
  /** The latest edge's level: true is a closed loop. */
  readonly level: boolean
  /** The latest instant heard of; stamps never run backwards. */
  readonly at: Us
  readonly phase: HookPhase
  readonly group?: BounceGroup
}

export interface Interpretation {
  readonly state: HookState
  readonly events: readonly HookEvent[]
  /** Come back with `now` at this instant if no edge comes before; being late changes no event. */
  readonly wakeAt?: Us
}
