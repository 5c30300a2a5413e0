// How much play-out delay a received stream needs: the lateness of each packet behind the quickest one of the last
// seconds is counted in a histogram that forgets; the target is its 97th percentile, one frame of room on top, 20-200 ms.
// Timestamps of both clocks are compared modulo 2^32, so a difference in their rates shows as slow drift of the quickest.

import { timestampDistance } from './rtp-packet.js'
import { TICKS_PER_MS } from './tick.js'

const BIN_MS = 5
const BINS = 44 // 220 ms
const KEEP = 0.99 // per packet: half forgotten after 70 packets, 1.4 s of 20 ms packets
const QUANTILE = 0.97
const LEAST_MS = 20
const MOST_MS = 200
const FIRST_LEAST_MS = 20
const FIRST_MOST_MS = 60
const FRAME_MS = 10
/** The quickest packet is sought in the present and the last block of this length. */
const BLOCK = 2000 * TICKS_PER_MS

export class DelayEstimator {
  readonly #bins = new Float64Array(BINS)
  #weight = 0
  #quickest = 0
  #quickestBefore = 0
  #blockBegan = 0
  #fresh = true
  #targetMs = 40
  #burst = 0
  /** Arrival of the last packet, once there is one. */
  #last = 0
  #any = false

  reset(): void {
    this.#bins.fill(0)
    this.#weight = 0
    this.#fresh = true
  }

  get targetMs(): number {
    return this.#targetMs
  }

  /** Sets the first target from the packet time (ms): two packets, 20-60 ms. */
  begin(packetMs: number): void {
    this.#targetMs = Math.min(FIRST_MOST_MS, Math.max(FIRST_LEAST_MS, packetMs * 2))
    this.#burst = (packetMs * TICKS_PER_MS) / 4
    this.#any = false
  }

  /** The path changed: measures anew from this packet on and keeps what is known of its jitter. */
  rebase(timestamp: number, tick: number): void {
    this.#quickest = this.#quickestBefore = timestampDistance(timestamp, tick)
    this.#blockBegan = tick
  }

  /** The packet with `timestamp` arrived at `tick`. */
  arrived(timestamp: number, tick: number): void {
    const transit = timestampDistance(timestamp, tick)
    if (this.#fresh) {
      this.#fresh = false
      this.rebase(timestamp, tick)
    }
    if (timestampDistance(this.#blockBegan, tick) > BLOCK) {
      this.#quickestBefore = this.#quickest
      this.#quickest = transit
      this.#blockBegan = tick
    }
    if (timestampDistance(this.#quickest, transit) < 0) this.#quickest = transit
    // Packets that were held up together come together: the first of them stands for the burst, otherwise one
    // hiccup of the path would raise the delay for seconds.
    const together = this.#any && timestampDistance(this.#last, tick) < this.#burst
    this.#any = true
    this.#last = tick
    if (together) return
    this.#count(timestampDistance(this.#best(), transit))
    const wanted = this.#quantile() + FRAME_MS
    // Upward at once, downward slowly: a gap is heard, a little more delay is not.
    if (this.#weight > 5) {
      const bounded = Math.min(MOST_MS, Math.max(LEAST_MS, wanted))
      this.#targetMs += bounded > this.#targetMs ? bounded - this.#targetMs : (bounded - this.#targetMs) / 64
    }
  }

  /** The timestamp a packet as quick as the quickest would carry if it came at `tick`. */
  quickestNow(tick: number): number {
    return timestampDistance(this.#best(), tick)
  }

  #best(): number {
    return timestampDistance(this.#quickest, this.#quickestBefore) < 0 ? this.#quickestBefore : this.#quickest
  }

  #count(late: number): void {
    for (let i = 0; i < BINS; i++) this.#bins[i] = (this.#bins[i] as number) * KEEP
    const bin = Math.max(0, Math.min(BINS - 1, Math.floor(late / (BIN_MS * TICKS_PER_MS))))
    this.#bins[bin] = (this.#bins[bin] as number) + 1
    this.#weight = this.#weight * KEEP + 1
  }

  #quantile(): number {
    let left = this.#weight * (1 - QUANTILE)
    for (let bin = BINS - 1; bin >= 0; bin--) {
      left -= this.#bins[bin] as number
      if (left < 0) return bin * BIN_MS + (bin === 0 ? 0 : BIN_MS)
    }
    return 0
  }
}
