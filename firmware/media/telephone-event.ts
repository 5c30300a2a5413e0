// Keys as RTP events (RFC 4733): the sender's clockwork for one stream, and the receiver that turns packets back into
// key down and key up, each key once, whatever was lost, doubled or reordered. Events 0-15 only.

import { timestampDistance, writeU16 } from './rtp-packet.js'

export const EVENT_BYTES = 4
const KEYS = '0123456789*#ABCD'
const SAMPLES_PER_MS = 8
/** Final packets, sent so that one of them arrives (§2.5.1.4). */
const END_PACKETS = 3
const LONGEST = 0xffff
/** Least duration ever told: every key that was detected lasted longer. */
const LEAST = 160

export const eventOf = (digit: string): number => (digit.length === 1 ? KEYS.indexOf(digit) : -1)

/**
 * One stream's outgoing events. The stream asks at each packet time whether an event packet is due; while `active` no
 * audio is sent. Durations reported before the key is released stay behind what is certain, so the last one never shrinks.
 */
export class TelephoneEventSender {
  readonly #lagSamples: number
  #event = -1
  #volume = 0
  #onset = 0
  /** Samples told in segments that are over. */
  #told = 0
  #reported = 0
  #endsLeft = 0
  #final = 0
  #first = true

  /** `lagMs`: the longest time the detector takes to notice a release. */
  constructor(lagMs: number) {
    this.#lagSamples = lagMs * SAMPLES_PER_MS
  }

  get active(): boolean {
    return this.#event >= 0
  }

  /** The key still sounds: its end has not been told yet. */
  get held(): boolean {
    return this.#event >= 0 && this.#endsLeft === 0
  }

  /** `onset`: RTP timestamp at which the tone began; `dbm0` its level. */
  start(event: number, onset: number, dbm0: number): void {
    this.#event = event
    this.#volume = Math.max(0, Math.min(63, Math.round(-dbm0)))
    this.#onset = onset | 0
    this.#told = 0
    this.#reported = 0
    this.#endsLeft = 0
    this.#first = true
  }

  /** The key was released after `samples` (from the onset given). */
  end(samples: number): void {
    if (!this.held) return
    this.#final = Math.max(LEAST, this.#reported, Math.round(samples) - this.#told)
    this.#endsLeft = END_PACKETS
  }

  /** No further packet: the stream was closed or its payload type went away. */
  cancel(): void {
    this.#event = -1
  }

  /** RTP timestamp of the next packet, signed: the onset, moved on only when a key is held longer than 65,535 samples (§2.5.1.3). */
  get timestamp(): number {
    return this.#onset
  }

  /** Marker bit of the next packet: the first of an event (§2.5.1.1). */
  get marker(): boolean {
    return this.#first
  }

  /** Writes the payload due at timestamp `now` and moves on. `timestamp` and `marker` must be read before. */
  write(into: Uint8Array, at: number, now: number): void {
    const ending = this.#endsLeft > 0
    const known = ending ? this.#final : timestampDistance(this.#onset, now) - this.#lagSamples
    const duration = Math.max(LEAST, this.#reported, known)
    into[at] = this.#event
    into[at + 1] = (ending && duration <= LONGEST ? 0x80 : 0) | this.#volume
    writeU16(into, at + 2, Math.min(LONGEST, duration))
    this.#first = false
    if (duration > LONGEST) {
      this.#onset = (this.#onset + LONGEST) | 0
      this.#final -= LONGEST
      this.#told += LONGEST
      this.#reported = 0
      return
    }
    this.#reported = duration
    if (ending && --this.#endsLeft === 0) this.#event = -1
  }
}

/** A key down or up on the far telephone. */
export interface FarKeys {
  down(digit: string): void
  up(): void
}

const REMEMBERED = 16
/** A key whose end packets were all lost is let go after this silence. */
const LOST_END = 150 * SAMPLES_PER_MS

export class TelephoneEventReceiver {
  readonly #seen = new Int32Array(REMEMBERED)
  #seenCount = 0
  #event = -1
  #timestamp = 0
  /** Arrival of the last packet of the key that is down. */
  #last = 0

  /** Forgets which events were handled: the stream has a new source. */
  reset(keys: FarKeys): void {
    this.#release(keys)
    this.#seenCount = 0
  }

  /**
   * One event packet's payload (RFC 4733 §2.3), arrived at `tick`; short or foreign payloads are passed over. `stamp` is
   * its RTP timestamp, of either sign.
   */
  packet(data: Uint8Array, at: number, length: number, stamp: number, tick: number, keys: FarKeys): void {
    const timestamp = stamp | 0
    const event = data[at] as number
    if (length < EVENT_BYTES || event > 15) return
    const ended = ((data[at + 1] as number) & 0x80) !== 0
    if (this.#event === event && this.#isSame(timestamp)) {
      this.#last = tick
      if (ended) this.#release(keys)
      return
    }
    if (this.#wasSeen(timestamp)) return
    this.#remember(timestamp)
    this.#release(keys)
    this.#event = event
    this.#timestamp = timestamp
    this.#last = tick
    keys.down(KEYS[event] as string)
    if (ended) this.#release(keys)
  }

  /** To be called at each frame: lets a key go whose end was lost. */
  tick(tick: number, keys: FarKeys): void {
    if (this.#event >= 0 && timestampDistance(this.#last, tick) > LOST_END) this.#release(keys)
  }

  #isSame(timestamp: number): boolean {
    if (timestamp === this.#timestamp) return true
    // The next segment of a long event begins where the last one ended.
    if (timestampDistance(this.#timestamp, timestamp) !== LONGEST) return false
    this.#timestamp = timestamp
    this.#remember(timestamp)
    return true
  }

  #release(keys: FarKeys): void {
    if (this.#event < 0) return
    this.#event = -1
    keys.up()
  }

  #wasSeen(timestamp: number): boolean {
    const known = Math.min(this.#seenCount, REMEMBERED)
    for (let i = 0; i < known; i++) if (this.#seen[i] === timestamp) return true
    return false
  }

  #remember(timestamp: number): void {
    this.#seen[this.#seenCount++ % REMEMBERED] = timestamp
  }
}
