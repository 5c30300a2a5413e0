// The dial plan as data: which digit strings are complete, and what kind of call each is.
// Filled from board/profiles/*.toml; no country is named in code.

export type NumberClass =
  | 'emergency'
  | 'short'
  | 'national'
  | 'international'
  | 'voicemail'
  | 'code-local'
  | 'code-network'
  | 'open'
  | 'invalid'

/** `pattern` uses digits, x (any digit), [1-9] and [258] sets; a trailing "." means one or more further digits (an open number). */
export interface DialRule {
  readonly class: NumberClass
  readonly pattern: string
  /** Fewest and most digits of an open number. */
  readonly length?: readonly [number, number]
}

/** A code the box knows: "*92*N" carries a number, "*93#" does not. */
export interface LocalCode {
  readonly code: string
  readonly does: 'mask-call' | 'mask-on' | 'mask-off' | 'reset-all'
  /** Who carries it out. By the network it goes out as dialled, unless its number is an emergency number. */
  readonly by: 'box' | 'network'
}

/** What stands before a number of the country, digits. */
export interface NumberPrefixes {
  /** Of this country (ITU-T E.164); absent: it is not told. */
  readonly country?: string
  /** Before the code of another country. */
  readonly international: string
  /** Before a national number; '': nothing. */
  readonly national: string
}

export interface DialPlan {
  readonly rules: readonly DialRule[]
  readonly emergency: readonly string[]
  readonly codes: readonly LocalCode[]
  /**
   * Codes of the operator's network, written like local ones. Only those with an N matter here: their number ends
   * as soon as it is complete. A code not named goes to the network too, but only "#" or the time-out ends it.
   */
  readonly networkCodes: readonly string[]
  /** Most digits ever collected. */
  readonly maxDigits: number
  /** Absent: "00" for other countries, nothing for this one. */
  readonly prefixes?: NumberPrefixes
}
