// What is known of one synchronization source: sequence validity (RFC 3550 §A.1), loss (§A.3) and interarrival jitter (§A.8).

import { sequenceDistance, timestampDistance } from './rtp-packet.js'

const MAX_DROPOUT = 3000
const MAX_MISORDER = 100

export class RtpSource {
  /** True once a source is followed. */
  known = false
  ssrc = 0
  received = 0
  #base = 0
  #highest = 0
  #cycles = 0
  #bad = -1
  #expectedPrior = 0
  #receivedPrior = 0
  #lostBefore = 0
  #receivedBefore = 0
  #transit = 0
  #jitter = 0
  #anyTransit = false

  /** Follows `ssrc` from `sequence` on; counts of an earlier source stay in the totals. */
  begin(ssrc: number, sequence: number): void {
    if (this.known) {
      this.#lostBefore += this.#lostNow()
      this.#receivedBefore += this.received
    }
    this.known = true
    this.ssrc = ssrc
    this.received = 0
    this.#restart(sequence)
    this.#anyTransit = false
  }

  /** Forgets the source: the next packet may come from anybody the latch lets through. */
  forget(): void {
    if (!this.known) return
    this.#lostBefore += this.#lostNow()
    this.#receivedBefore += this.received
    this.known = false
    this.received = 0
  }

  /** How far `sequence` is ahead of the highest one seen; negative: older. */
  aheadOf(sequence: number): number {
    return sequenceDistance(this.#highest & 0xffff, sequence)
  }

  /** False: the sequence number jumped; believed when the next packet follows on it (§A.1). */
  accept(sequence: number): boolean {
    const ahead = this.aheadOf(sequence)
    if (ahead > MAX_DROPOUT || ahead < -MAX_MISORDER) {
      if (sequence !== this.#bad) {
        this.#bad = (sequence + 1) & 0xffff
        return false
      }
      this.#lostBefore += this.#lostNow()
      this.#receivedBefore += this.received
      this.received = 0
      this.#restart(sequence)
    } else if (ahead > 0) {
      if (sequence < (this.#highest & 0xffff)) this.#cycles += 0x10000
      this.#highest = sequence
    }
    this.received++
    return true
  }

  /** Arrival of the packet with `timestamp` at `tick`. */
  arrived(timestamp: number, tick: number): void {
    const transit = timestampDistance(timestamp, tick)
    if (this.#anyTransit) {
      const change = Math.abs(timestampDistance(this.#transit, transit))
      // A jump of the sender's time line is no jitter.
      if (change < 8000) this.#jitter += (change - this.#jitter) / 16
    }
    this.#transit = transit
    this.#anyTransit = true
  }

  /** Interarrival jitter in units of 1/8000 s. */
  get jitter(): number {
    return this.#jitter
  }

  get extendedHighest(): number {
    return (this.#cycles + this.#highest) >>> 0
  }

  /** Lost packets of the present source; negative when duplicates outnumber losses. */
  get lostOfSource(): number {
    return this.#lostNow()
  }

  get totalReceived(): number {
    return this.#receivedBefore + this.received
  }

  get totalLost(): number {
    return Math.max(0, this.#lostBefore + (this.known ? this.#lostNow() : 0))
  }

  /** Fraction lost (0-255 of 256) since the last call (§A.3). */
  takeFractionLost(): number {
    const expected = this.#expected()
    const interval = expected - this.#expectedPrior
    const lost = interval - (this.received - this.#receivedPrior)
    this.#expectedPrior = expected
    this.#receivedPrior = this.received
    return interval <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / interval))
  }

  #restart(sequence: number): void {
    this.#base = sequence
    this.#highest = sequence
    this.#cycles = 0
    this.#bad = -1
    this.#expectedPrior = 0
    this.#receivedPrior = 0
  }

  #expected(): number {
    return this.#cycles + this.#highest - this.#base + 1
  }

  #lostNow(): number {
    return this.received === 0 ? 0 : this.#expected() - this.received
  }
}
