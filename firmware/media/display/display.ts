// What a telephone with a display can be shown: who calls, and whether messages wait. Plain cloneable values, as they cross
// from the control half to the audio half; nothing here is checked yet, `message.ts` and `dtmf-display.ts` do that.
// Coding: ETSI EN 300 659-3 §5.4; figures beside the names are those of the standard.

/** Why a number or a name is not shown: `O` not available, `P` withheld by the caller (§5.4.4, §5.4.6). */
export type Absence = 'O' | 'P'

/** Local time, without a year: the telephone keeps its own (§5.4.1). */
export interface DisplayDate {
  /** 1-12. */
  readonly month: number
  /** 1-31. */
  readonly day: number
  /** 0-23. */
  readonly hour: number
  /** 0-59. */
  readonly minute: number
}

/** §5.4.12: voice 01, ring back when free 02, a call from the message service 81. */
export type CallType = 'voice' | 'ring-back' | 'messages'

/** §5.4.15: 00 to 06 in this order. */
export type ForwardReason =
  | 'unknown'
  | 'busy'
  | 'no-reply'
  | 'unconditional'
  | 'deflected-alerting'
  | 'deflected'
  | 'not-reachable'

/** The call came here because somebody forwarded it. */
export interface Redirecting {
  /** Who forwarded it; as the subscriber would dial it. */
  readonly number?: string
  readonly reason?: ForwardReason
}

interface CallDetails {
  readonly kind: 'call'
  /** As it comes: `message.ts` makes of it what a telephone can show, or says that there is none. */
  readonly name?: string
  /** Sent where there is no `name`. */
  readonly nameAbsence?: Absence
  /** Absent while the clock of the box is not set. */
  readonly date?: DisplayDate
  /** Absent: not sent, which means voice. */
  readonly callType?: CallType
  readonly redirecting?: Redirecting
}

/** A call that rings or waits: either a number, as the subscriber would dial it, or the reason why there is none. */
export type CallDisplay = CallDetails &
  (
    | { readonly number: string; readonly absence?: never }
    | { readonly absence: Absence; readonly number?: never }
  )

/** Lamp on or off. */
export interface MessagesDisplay {
  readonly kind: 'messages'
  readonly waiting: boolean
  /** How many; absent: not known. */
  readonly count?: number
  readonly date?: DisplayDate
}

export type Display = CallDisplay | MessagesDisplay
