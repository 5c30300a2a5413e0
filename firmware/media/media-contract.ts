// What the audio half understands and reports: plain cloneable values, so that the same commands and events
// cross a thread boundary on a box and a function call in virtual time. MediaEngine implements it;
// firmware/run drives it. Cadences and durations are counted in PCM samples, never in JavaScript timers.

import type { CallerIdSettings } from './display/caller-id-settings.js'
import type { CallDisplay, Display } from './display/display.js'

/** One RTP session: a socket pair (RTP, RTCP) and its codec state. Named by the caller of `open`. */
export type StreamId = string

export type CodecName = 'PCMA' | 'PCMU'

/** One segment of a tone: frequencies (Hz, none = silence) for a time (ms; absent = for ever). */
export interface ToneSegment {
  readonly hz: readonly number[]
  readonly ms?: number
}

/** A tone as the profile gives it: an optional once-only lead-in, then a cadence that repeats `repeat` times (absent: for ever). */
export interface ToneSpec {
  readonly lead?: readonly ToneSegment[]
  readonly cadence: readonly ToneSegment[]
  readonly repeat?: number
  /** Level of each frequency, dBm0 (a sine of peak 32,767 is +3.14 dBm0). */
  readonly dbm0: number
}

/** Ring bursts: [on ms, off ms, on ms, off ms, …], repeated. */
export type RingCadence = readonly number[]

export interface MediaAddress {
  readonly address: string
  readonly port: number
}

export interface StreamParameters {
  readonly remote: MediaAddress
  /** Where RTCP goes; absent: remote port + 1 (RFC 3550 §11). */
  readonly remoteRtcp?: MediaAddress
  readonly codec: CodecName
  /** RTP payload type of the codec, 0-127. */
  readonly payloadType: number
  /** RTP payload type of telephone-event (RFC 4733); absent: the peer takes none, digits go in-band. */
  readonly eventPayloadType?: number
  /** Packet time, ms: 10, 20, 30, 40 or 60. */
  readonly ptime: number
  /** Seen from here. */
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'
}

export interface MediaConfig {
  /** Local address RTP binds to, and first and last port of the range (even port RTP, odd RTCP). */
  readonly address: string
  readonly ports: readonly [number, number]
  /** DSCP of RTP, 0-63; absent: unmarked. */
  readonly dscp?: number
  readonly device?: string
  /** Tones by name, for every line: the profile's. */
  readonly tones: Readonly<Record<string, ToneSpec>>
  /** Ring cadences by name ("normal", …). */
  readonly rings: Readonly<Record<string, RingCadence>>
  /** How a telephone on the hook is told who calls; absent: it is not. */
  readonly cid?: CallerIdSettings
}

export interface ShownWithRing {
  readonly display: Display
  /** After the first ring, whatever the profile says. */
  readonly afterRing1?: boolean
  /** Instant of the beginning, µs: whoever commands it has told the line chip the `firstChanges` from it on himself. */
  readonly from: number
}

export type MediaCommand =
  /** Shows a waiting call to a telephone in a call, some time after the waiting tone (EN 300 659-2); `tone` ends it. */
  | { readonly do: 'show-in-call'; readonly line: string; readonly display: CallDisplay }
  /** Replaces configuration; running tones and streams go on. */
  | { readonly do: 'configure'; readonly config: MediaConfig }
  /** Frames flow for this line from now on (before any tone, ring, digit detection or talk). */
  | { readonly do: 'wake'; readonly line: string }
  /** The line is idle: everything on it stops, frames cease. */
  | { readonly do: 'sleep'; readonly line: string }
  /** Plays a tone of the configuration into the telephone, replacing the present one; null: silence. */
  | { readonly do: 'tone'; readonly line: string; readonly tone: string | null }
  /**
   * Starts a ring cadence: bursts come back as `ring-burst` events with its `id`, the first at once. null stops it; what
   * was told of it ahead, whoever stops it takes back from the line chip.
   */
  | {
      readonly do: 'ring'
      readonly line: string
      readonly id: number
      readonly cadence: string
      /** Is shown first, or after the first ring where the profile says so. */
      readonly shown?: ShownWithRing
    }
  | { readonly do: 'ring'; readonly line: string; readonly cadence: null }
  /**
   * Says this to the display of a telephone at rest, without ringing it; `linefeed` events with its `id` come back. null,
   * `ring`, `wake` and `sleep` end it.
   */
  | { readonly do: 'show'; readonly line: string; readonly id: number; readonly display: Display }
  | { readonly do: 'show'; readonly line: string; readonly display: null }
  /** DTMF detection on what the telephone sends: loose while dialling, strict (talk-off) in a call. */
  | { readonly do: 'digits'; readonly line: string; readonly mode: 'off' | 'dialling' | 'call' }
  /**
   * Binds a port pair; answered by `opened` or `open-failed`. `anyPort`: where the configured range is taken, a pair
   * outside it will do (an emergency call goes out all the same).
   */
  | { readonly do: 'open'; readonly stream: StreamId; readonly anyPort?: boolean }
  /** Starts or changes sending and receiving on an opened stream. */
  | { readonly do: 'connect'; readonly stream: StreamId; readonly to: StreamParameters }
  /** Which streams the telephone hears and speaks to; several are mixed (conference). Empty: none. */
  | { readonly do: 'talk'; readonly line: string; readonly streams: readonly StreamId[] }
  /** Relay keys pressed on the line to this stream as RFC 4733 events (in-band audio muted meanwhile). */
  | {
      readonly do: 'relay-digits'
      readonly line: string
      readonly on: boolean
      /** These keys are not relayed and not heard by the far end: they only ended a number, or were a command. */
      readonly except?: string
    }
  /**
   * What the loop did until `us` has been heard and acted upon. Once this was said, whatever comes from the telephone
   * after a later break of the loop waits for the next one: it stays in the box, 4 s at most.
   */
  | { readonly do: 'loop-known'; readonly line: string; readonly us: number }
  | { readonly do: 'close'; readonly stream: StreamId }
  | { readonly do: 'statistics'; readonly id: number }

export interface StreamStatistics {
  readonly stream: StreamId
  readonly sentPackets: number
  readonly receivedPackets: number
  readonly lostPackets: number
  readonly latePackets: number
  /** Interarrival jitter, ms (RFC 3550 §6.4.1). */
  readonly jitterMs: number
  /** Round trip from RTCP, ms; absent until measured. */
  readonly roundTripMs?: number
}

export type MediaEvent =
  | { readonly type: 'opened'; readonly stream: StreamId; readonly local: MediaAddress }
  | { readonly type: 'open-failed'; readonly stream: StreamId; readonly reason: string }
  /** It was told to close: its last figures. */
  | { readonly type: 'closed'; readonly stream: StreamId; readonly statistics: StreamStatistics }
  /** A key of the telephone is down (`us`: onset of its tone) or up again (`ms`: how long it sounded). */
  | {
      readonly type: 'digit-start'
      readonly line: string
      readonly digit: string
      readonly us: number
      /** Level of the low tone; the high one is louder by `twistDb`. */
      readonly dbm0: number
      readonly twistDb?: number
    }
  | {
      readonly type: 'digit-end'
      readonly line: string
      readonly digit: string
      readonly us: number
      readonly ms: number
    }
  /** A tone with a finite number of repeats came to its end. */
  | { readonly type: 'tone-end'; readonly line: string; readonly tone: string }
  /**
   * Apply (or remove) ring voltage at `us`, change the feed at `us`: told up to a second ahead, in the order of their
   * instants but for the alert and feed of a display, which are told all together.
   */
  | {
      readonly type: 'ring-burst'
      readonly line: string
      readonly id: number
      readonly on: boolean
      readonly us: number
    }
  | {
      readonly type: 'linefeed'
      readonly line: string
      readonly id: number
      readonly state: 'oht' | 'standby'
      readonly reversed: boolean
      readonly us: number
    }
  /** First valid RTP packet of the far end after `connect`. */
  | { readonly type: 'rtp-started'; readonly stream: StreamId; readonly from: MediaAddress }
  /** Nothing was received for `ms`, again every 10 s while it lasts. Not sent while the direction forbids receiving. */
  | { readonly type: 'rtp-silent'; readonly stream: StreamId; readonly ms: number }
  | { readonly type: 'statistics'; readonly id: number; readonly streams: readonly StreamStatistics[] }
  | { readonly type: 'pcm-fault'; readonly line: string; readonly lostFrames: number }
  /** The line's sound is gone, or back: nothing is heard or said meanwhile, no tick comes. */
  | { readonly type: 'pcm-lost'; readonly line: string; readonly on: boolean }
