// Symmetric RTP without its known hole: which source address is believed. The signalled address always is; another one
// only while the believed one is silent, and only when its packets carry on the sequence of the SSRC we followed, or,
// when nobody was heard yet, after several in a row (a translated port at the signalled host sooner than another host).

import type { Endpoint } from '../../hal/network.js'
import { type RtpHeader, sequenceDistance, timestampDistance } from './rtp-packet.js'
import type { RtpSource } from './rtp-source.js'
import { TICKS_PER_MS } from './tick.js'

/** The believed source is live for this long after its last packet. */
const LIVE = 500 * TICKS_PER_MS
const IN_ROW_CONTINUING = 2
const IN_ROW_SAME_HOST = 4
const IN_ROW_OTHER_HOST = 10
/** The signalled address gets this long to speak first. */
const SAME_HOST = 200 * TICKS_PER_MS
// A peer with several addresses may send from another one than it names: a subscriber must not wait a second for a voice.
const OTHER_HOST = 400 * TICKS_PER_MS
const MAX_AHEAD = 3000

const isAt = (a: Endpoint, b: Endpoint) => a.port === b.port && a.address === b.address

export class RtpLatch {
  #signalled: Endpoint | undefined
  #learned: Endpoint | undefined
  #connected = 0
  #heard = false
  /** When the believed source was heard last. */
  #last = 0
  #candidate: Endpoint | undefined
  #candidateSsrc = 0
  #candidateSequence = 0
  #inRow = 0
  /** Datagrams from addresses that were not believed. */
  strangers = 0

  /** The address of the session description. A new one forgets what was learned. True when it is new. */
  signal(to: Endpoint, tick: number): boolean {
    const same = this.#signalled !== undefined && isAt(this.#signalled, to)
    if (same) return false
    this.#signalled = to
    this.#learned = undefined
    this.#candidate = undefined
    this.#connected = tick
    this.#heard = false
    return true
  }

  /** Where to send: the address last heard, else the signalled one; undefined before `signal`. */
  get destination(): Endpoint | undefined {
    return this.#learned ?? this.#signalled
  }

  /** An RTP packet with a payload type we take came from `from` at `tick`: may it be used? */
  believe(from: Endpoint, header: RtpHeader, source: RtpSource, tick: number): boolean {
    const signalled = this.#signalled
    if (signalled === undefined) return false
    const atSignalled = isAt(from, signalled)
    if (atSignalled || (this.#learned !== undefined && isAt(from, this.#learned))) {
      // Whoever was heard in its stead had another stream: nothing of that one counts any more.
      if (atSignalled && this.#learned !== undefined && header.ssrc !== source.ssrc) source.forget()
      if (atSignalled) this.#learned = undefined
      this.#hear(tick)
      return true
    }
    if (this.#live(tick) || !this.#convincing(from, header, source, tick, signalled)) {
      this.strangers++
      return false
    }
    this.#learned = { address: from.address, port: from.port }
    this.#candidate = undefined
    this.#hear(tick)
    return true
  }

  #hear(tick: number): void {
    this.#heard = true
    this.#last = tick
  }

  #live(tick: number): boolean {
    return this.#heard && timestampDistance(this.#last, tick) < LIVE
  }

  #convincing(
    from: Endpoint,
    header: RtpHeader,
    source: RtpSource,
    tick: number,
    signalled: Endpoint,
  ): boolean {
    const follows =
      this.#candidate !== undefined &&
      isAt(this.#candidate, from) &&
      this.#candidateSsrc === header.ssrc &&
      sequenceDistance(this.#candidateSequence, header.sequence) === 1
    this.#inRow = follows ? this.#inRow + 1 : 1
    if (!follows) this.#candidate = { address: from.address, port: from.port }
    this.#candidateSsrc = header.ssrc
    this.#candidateSequence = header.sequence
    if (source.known) {
      const ahead = source.aheadOf(header.sequence)
      return header.ssrc === source.ssrc && ahead > 0 && ahead < MAX_AHEAD && this.#inRow >= IN_ROW_CONTINUING
    }
    const waited = timestampDistance(this.#connected, tick)
    return from.address === signalled.address
      ? this.#inRow >= IN_ROW_SAME_HOST && waited >= SAME_HOST
      : this.#inRow >= IN_ROW_OTHER_HOST && waited >= OTHER_HOST
  }
}
