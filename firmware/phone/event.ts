// Everything that can happen to a telephone, as one union. Events carry facts, never decisions.

export type CallId = string

export interface Caller {
  readonly number?: string
  readonly name?: string
  readonly withheld: boolean
  /** The network does not vouch for the number. */
  readonly unverified?: boolean
  /** The telephone that the call was diverted from, and why. */
  readonly redirecting?: {
    readonly number?: string
    readonly reason: 'unknown' | 'busy' | 'no-reply' | 'unconditional' | 'deflected' | 'not-reachable'
  }
}

/** Each is started and cancelled by an effect and comes back as an event. */
export const timerNames = [
  'first-digit',
  'inter-digit',
  'hash-swallow',
  // The command window after R, and as long the digit of a command is swallowed that R alone has carried out.
  'window',
  // How long the network may take to hold a party.
  'hold',
  'waiting',
  'recall-ring',
  'no-answer',
  'busy-tone',
  'howler',
  'ring-guard',
  // Half an hour after an emergency call.
  'call-back',
  // The network took a code and has not said anything yet.
  'code-answer',
  // Until the lamp of a telephone that was hung up may be lit, and while that is done.
  'lamp',
] as const

export type TimerName = (typeof timerNames)[number]

export type PhoneEvent =
  | { readonly type: 'off-hook' }
  /** `afterFlashMs`: from the end of the last R, since the telephone was lifted, to the edge that became the hang-up. */
  | { readonly type: 'on-hook'; readonly afterFlashMs?: number }
  /**
   * R; `ms` is the measured length of the loop break. Told before every key whose tone began after its end, and never
   * followed by one that began before: whoever tells goes by the times of edge and tone, not by which arrived first.
   */
  | { readonly type: 'flash'; readonly ms: number }
  /** A key went down (DTMF) or a rotary digit was complete. */
  | { readonly type: 'digit'; readonly digit: string; readonly source: 'dtmf' | 'rotary' }
  /** The first pulse of a rotary digit; the digit is told when it is complete. */
  | { readonly type: 'digit-begun' }
  /** What began as a rotary digit cannot be told: guessing would call somebody else. */
  | { readonly type: 'digit-lost' }
  | { readonly type: 'digit-end'; readonly digit: string }
  | { readonly type: 'timer'; readonly name: TimerName }
  | { readonly type: 'tone-end'; readonly tone: string }
  | { readonly type: 'registration'; readonly registered: boolean }
  | { readonly type: 'incoming'; readonly call: CallId; readonly caller: Caller }
  | { readonly type: 'abandoned'; readonly call: CallId; readonly elsewhere: boolean }
  | { readonly type: 'progress'; readonly call: CallId; readonly status: number }
  /** The network plays something to us before the answer (183 with SDP and audio). */
  | { readonly type: 'early-media'; readonly call: CallId }
  | { readonly type: 'answered'; readonly call: CallId }
  /** The far end is heard for the first time, after the answer. */
  | { readonly type: 'audio'; readonly call: CallId }
  | { readonly type: 'failed'; readonly call: CallId; readonly status: number; readonly q850?: number }
  | { readonly type: 'ended'; readonly call: CallId }
  /** The answer to the effects `hold` and `resume`, exactly one each; none when the call ends first. */
  | { readonly type: 'held'; readonly call: CallId; readonly ok: boolean }
  | { readonly type: 'resumed'; readonly call: CallId; readonly ok: boolean }
  /** The line cannot be used (short circuit, chip gone) or can again. */
  | { readonly type: 'line-fault'; readonly on: boolean }
  /** The configuration changed; the step is made with the new one. */
  | { readonly type: 'configured' }
  /** What is stored: the number is withheld from everybody, or not. */
  | { readonly type: 'masking'; readonly masked: boolean }
  /** Whether messages wait in the voicemail, and how many new ones where the network tells (RFC 3842). */
  | { readonly type: 'messages'; readonly waiting: boolean; readonly count?: number }
  /** Whether the network diverts calls to this line. */
  | { readonly type: 'forwarding'; readonly active: boolean }
  /** What became of a `store` effect; `ok`: it is on the disk, and at the network where that keeps it too. */
  | { readonly type: 'stored'; readonly id: string; readonly ok: boolean }
  /** Both directions silent for the media time-out. */
  | { readonly type: 'media-lost'; readonly call: CallId }
