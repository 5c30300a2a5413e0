// What digit collection comes to: the types the feature machine sees.

import type { LocalCode, NumberClass } from './plan.js'

/** The keys pressed so far. */
export interface Collection {
  readonly digits: string
}

/** A whole number or code. */
export interface Dialled {
  readonly class: Exclude<NumberClass, 'invalid'>
  /**
   * What goes on the wire, before escaping: the number, or a code as dialled with its "#" even when the subscriber
   * left it out ("*21*0612345678#"). For a local code with a number ("*92*N") it is that number.
   */
  readonly target: string
  /** The number called, or the number a code carries; absent for a code without one. */
  readonly number?: string
  readonly emergency: boolean
  /** Withhold our number on this call. Never true for an emergency number. */
  readonly masked: boolean
  /** The local service asked for. */
  readonly code?: LocalCode['does']
  /** What ended it; after a `match` a "#" is swallowed for `timers.hashSwallow`. */
  readonly by: 'match' | 'hash' | 'timeout'
}

/**
 * more: not a number yet. more-open: a whole number already, but more digits may follow; "#" or the inter-digit
 * time-out ends it. invalid: can become nothing; error tone.
 */
export type DigitResult = 'more' | 'more-open' | 'invalid' | { readonly complete: Dialled }

/** empty: no key was pressed at all. */
export type TimeoutResult = 'empty' | 'invalid' | { readonly complete: Dialled }
