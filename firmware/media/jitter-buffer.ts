// The play-out buffer of one received stream: samples are laid on a ring by RTP timestamp, so reordering, duplicates
// and any packet length come out right by themselves. The delay starts at 20-60 ms, follows the jitter measured and never
// passes 200 ms. Clock drift and surplus delay are taken up by dropping or repeating a stretch of silence or one pitch period.

import { DelayEstimator } from './delay-estimator.js'
import { timestampDistance } from './rtp-packet.js'
import { TICKS_PER_MS } from './tick.js'
import { removable, shortenAt, silentAt } from './time-scale.js'

const RING = 8192 // samples: 1.024 s, a power of two
const MASK = RING - 1
/** Longest play-out delay, ms. */
export const DELAY_CAP_MS = 200
const CAP = DELAY_CAP_MS * TICKS_PER_MS
/** A timestamp further off than this is no jitter but another time line. */
const FAR = 4000
/** Late packets in a row, spread over this time, move the play-out point (a burst that comes at once does not). */
const LATE = 40 * TICKS_PER_MS
const LATE_PACKETS = 3
/** Surplus or want of delay is tolerated up to these, so that an undisturbed stream is never touched. */
const SURPLUS = 30 * TICKS_PER_MS
const WANT = 8 * TICKS_PER_MS
/** Frames between two corrections inside speech. */
const PAUSE_FRAMES = 5
const STRETCH = 40

export type PutResult = 'placed' | 'late' | 'held'

export class JitterBuffer {
  readonly #samples = new Int16Array(RING)
  readonly #present = new Uint8Array(RING)
  readonly #delay = new DelayEstimator()
  /** 'primed': packets are there, and the play-out point waits for the first frame. */
  #state: 'empty' | 'primed' | 'running' = 'empty'
  /** Timestamp of the next sample to play. */
  #play = 0
  /** End of the furthest sample received. */
  #newest = 0
  #lateInRow = 0
  #lateSince = 0
  /** A stray timestamp came; this one would follow on it. */
  #elsewhere = false
  #expectedElsewhere = 0
  #corrected = 0
  #smoothed = 0
  /** Packets that came after their time. */
  late = 0
  /** Corrections of delay made so far, in samples: dropped (positive) and repeated (negative). */
  slipped = 0

  reset(): void {
    this.#state = 'empty'
    this.#present.fill(0)
    this.#delay.reset()
    this.#lateInRow = 0
    this.#elsewhere = false
  }

  /** Present play-out delay behind the quickest packet, ms; 0 before the first packet. */
  delayMs(tick: number): number {
    return this.#state === 'empty' ? 0 : this.#behind(tick) / TICKS_PER_MS
  }

  /** The delay aimed at, ms. */
  get targetMs(): number {
    return this.#delay.targetMs
  }

  /** Lays `count` samples that begin at `timestamp` (modulo 2^32, of either sign) and arrived at `tick` on the ring. */
  put(timestamp: number, samples: Int16Array, count: number, tick: number): PutResult {
    if (this.#state === 'empty') this.#start(timestamp, count, tick)
    let ahead = timestampDistance(this.#play, timestamp)
    if (ahead > FAR || ahead < -FAR) {
      // One stray timestamp is noise; a second that follows on the first is the talker's new time line.
      if (!this.#elsewhere || (timestamp | 0) !== this.#expectedElsewhere) {
        this.#elsewhere = true
        this.#expectedElsewhere = (timestamp + count) | 0
        return 'held'
      }
      this.reset()
      this.#start(timestamp, count, tick)
      ahead = timestampDistance(this.#play, timestamp)
    }
    this.#elsewhere = false
    this.#delay.arrived(timestamp, tick)
    if (ahead + count <= 0) return this.#tooLate(timestamp, count, samples, tick)
    this.#lateInRow = 0
    this.#lay(timestamp, samples, count, Math.max(0, -ahead))
    return 'placed'
  }

  /**
   * Takes the next `frame.length` samples at `tick`. Where nothing was received `present` is 0 and the
   * sample is 0. False: nothing has been received yet, the frame is silence and no loss.
   */
  take(frame: Int16Array, present: Uint8Array, tick: number): boolean {
    const count = frame.length
    if (this.#state === 'empty') {
      frame.fill(0)
      present.fill(0)
      return false
    }
    if (this.#state === 'primed') this.#begin(tick)
    this.#correct(tick)
    const due = this.#due(count, tick)
    for (let i = 0; i < due; i++) {
      const at = (this.#play + i) & MASK
      frame[i] = this.#present[at] ? (this.#samples[at] as number) : 0
      present[i] = this.#present[at] as number
      this.#present[at] = 0
    }
    this.#play = (this.#play + due) | 0
    if (due === count) return true
    frame.fill(0, due)
    present.fill(0, due)
    this.#smoothed += count - due
    this.slipped -= count - due
    return true
  }

  /** Time passed in which nobody listened: `count` samples are gone. */
  skip(count: number): void {
    if (this.#state === 'empty') return
    this.#forget(count)
    this.#play = (this.#play + count) | 0
  }

  /**
   * How many of the next `count` samples to take: all, unless the delay is too short anyway and some are not there (or
   * not yet). Then those before the gap: what the listener hears made up is time gained.
   */
  #due(count: number, tick: number): number {
    if (this.#behind(tick) >= this.#delay.targetMs * TICKS_PER_MS - WANT) return count
    let there = 0
    while (there < count && this.#present[(this.#play + there) & MASK]) there++
    return there
  }

  #start(timestamp: number, count: number, tick: number): void {
    this.#state = 'primed'
    this.#delay.begin(count / TICKS_PER_MS)
    this.#delay.rebase(timestamp, tick)
    this.#play = (timestamp - this.#delay.targetMs * TICKS_PER_MS) | 0
    this.#newest = timestamp
    this.#smoothed = this.#delay.targetMs * TICKS_PER_MS
    this.#corrected = 0
    // Before its first packet a stream is silent, not lost.
    for (let i = 0; i < this.#delay.targetMs * TICKS_PER_MS; i++) {
      const at = (this.#play + i) & MASK
      this.#samples[at] = 0
      this.#present[at] = 1
    }
  }

  /** The delay runs from the packet's arrival, not from the next frame: up to 10 ms that nobody need wait. */
  #begin(tick: number): void {
    this.#state = 'running'
    const waited = this.#behind(tick) - this.#delay.targetMs * TICKS_PER_MS
    if (waited <= 0) return
    this.#forget(waited)
    this.#play = (this.#play + waited) | 0
  }

  #lay(timestamp: number, samples: Int16Array, count: number, from: number): void {
    for (let i = from; i < count; i++) {
      const at = (timestamp + i) & MASK
      if (this.#present[at]) continue
      this.#samples[at] = samples[i] as number
      this.#present[at] = 1
    }
    const end = (timestamp + count) | 0
    if (timestampDistance(this.#newest, end) > 0) this.#newest = end
  }

  #tooLate(timestamp: number, count: number, samples: Int16Array, tick: number): PutResult {
    this.late++
    if (this.#lateInRow++ === 0) this.#lateSince = tick
    if (this.#lateInRow < LATE_PACKETS || timestampDistance(this.#lateSince, tick) < LATE) return 'late'
    // The path became slower for good: wait for it, as long as the cap allows.
    this.#delay.rebase(timestamp, tick)
    this.#play = (timestamp - this.#delay.targetMs * TICKS_PER_MS) | 0
    this.#smoothed = this.#delay.targetMs * TICKS_PER_MS
    this.#present.fill(0)
    this.#newest = timestamp
    this.#lateInRow = 0
    this.#lay(timestamp, samples, count, 0)
    return 'placed'
  }

  /** How far (samples) the play-out point is behind what the quickest packet would allow now. */
  #behind(tick: number): number {
    return timestampDistance(this.#play, this.#delay.quickestNow(tick))
  }

  #correct(tick: number): void {
    const behind = this.#behind(tick)
    this.#smoothed += (behind - this.#smoothed) / 16
    this.#corrected++
    const target = this.#delay.targetMs * TICKS_PER_MS
    if (behind > CAP + SURPLUS) {
      this.#skip(behind - target)
      return
    }
    const surplus = this.#smoothed - target
    if (surplus > SURPLUS && behind > target + SURPLUS) this.#shorten(surplus)
    else if (surplus < -WANT && behind < target - WANT) this.#lengthen()
  }

  #skip(count: number): void {
    this.#forget(count)
    this.#moved(count)
  }

  /** The next `count` samples are not played. */
  #forget(count: number): void {
    const end = Math.min(count, RING)
    for (let i = 0; i < end; i++) this.#present[(this.#play + i) & MASK] = 0
  }

  #moved(count: number): void {
    this.#play = (this.#play + count) | 0
    this.#smoothed -= count
    this.slipped += count
    this.#corrected = 0
  }

  #shorten(surplus: number): void {
    const silent = silentAt(this.#samples, this.#present, MASK, this.#play)
    if (!silent && this.#corrected < PAUSE_FRAMES) return
    const lag = removable(this.#samples, this.#present, MASK, this.#play, silent, surplus)
    if (lag === 0) return
    shortenAt(this.#samples, this.#present, MASK, this.#play, lag)
    this.#moved(lag)
  }

  /** Only silence is repeated: 5 ms of it, so that 100 ppm of drift costs one correction in a minute. */
  #lengthen(): void {
    if (this.#corrected < PAUSE_FRAMES || !silentAt(this.#samples, this.#present, MASK, this.#play)) return
    for (let i = 0; i < STRETCH; i++) {
      const from = (this.#play + (STRETCH - 1 - i)) & MASK
      const to = (this.#play - 1 - i) & MASK
      this.#samples[to] = this.#samples[from] as number
      this.#present[to] = 1
    }
    this.#moved(-STRETCH)
  }
}
