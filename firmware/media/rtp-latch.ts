// Symmetric RTP without its known hole: which source address is believed. The signalled address always is; another one
// only while the believed one is silent, and only when its packets carry on the sequence of the SSRC we followed, or,
// when nobody was heard yet, after several in a row (a translated port at the signalled host sooner than another host).

import type { Endpoint } from '../../hal/network.js'
import { type RtpHeader, sequenceDistance } from './rtp-packet.js'
import type { RtpSource } from './rtp-source.js'

/** The believed source is live for this long after its last packet. */
const LIVE_US = 500_000
const IN_ROW_CONTINUING = 2
const IN_ROW_SAME_HOST = 4
const IN_ROW_OTHER_HOST = 10
/** The signalled address gets this long to speak first. */
const SAME_HOST_US = 200_000
// A peer with several addresses may send from another one than it names: a subscriber must not wait a second for a voice.
const OTHER_HOST_US = 400_000
const MAX_AHEAD = 3000

const isAt = (a: Endpoint, b: Endpoint) => a.port === b.port && a.address === b.address

export class RtpLatch {
  #signalled: Endpoint | undefined
  #learned: Endpoint | undefined
  #connectedUs = 0
  #lastUs = Number.NEGATIVE_INFINITY
  #candidate: Endpoint | undefined
  #candidateSsrc = 0
  #candidateSequence = 0
  #inRow = 0
  /** Datagrams from addresses that were not believed. */
  strangers = 0

  /** The address of the session description. A new one forgets what was learned. True when it is new. */
  signal(to: Endpoint, us: number): boolean {
    const same = this.#signalled !== undefined && isAt(this.#signalled, to)
    if (same) return false
    this.#signalled = to
    this.#learned = undefined
    this.#candidate = undefined
    this.#connectedUs = us
    this.#lastUs = Number.NEGATIVE_INFINITY
    return true
  }

  /** Where to send: the address last heard, else the signalled one; undefined before `signal`. */
  get destination(): Endpoint | undefined {
    return this.#learned ?? this.#signalled
  }

  /** An RTP packet with a payload type we take came from `from`: may it be used? */
  believe(from: Endpoint, header: RtpHeader, source: RtpSource, us: number): boolean {
    const signalled = this.#signalled
    if (signalled === undefined) return false
    const atSignalled = isAt(from, signalled)
    if (atSignalled || (this.#learned !== undefined && isAt(from, this.#learned))) {
      // Whoever was heard in its stead had another stream: nothing of that one counts any more.
      if (atSignalled && this.#learned !== undefined && header.ssrc !== source.ssrc) source.forget()
      if (atSignalled) this.#learned = undefined
      this.#lastUs = us
      return true
    }
    if (us - this.#lastUs < LIVE_US || !this.#convincing(from, header, source, us, signalled)) {
      this.strangers++
      return false
    }
    this.#learned = { address: from.address, port: from.port }
    this.#candidate = undefined
    this.#lastUs = us
    return true
  }

  #convincing(
    from: Endpoint,
    header: RtpHeader,
    source: RtpSource,
    us: number,
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
    const waited = us - this.#connectedUs
    return from.address === signalled.address
      ? this.#inRow >= IN_ROW_SAME_HOST && waited >= SAME_HOST_US
      : this.#inRow >= IN_ROW_OTHER_HOST && waited >= OTHER_HOST_US
  }
}
