// One RTP session (RFC 3550): sequence numbers and SSRC of what we send, belief in what we receive, RTCP both ways.
// It knows packets, not audio; firmware/media/media-stream.ts gives it payloads and takes them.

import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Endpoint } from '../../hal/network.js'
import { EarlyPackets } from './early-packets.js'
import type { StreamParameters } from './media-contract.js'
import type { PortPair } from './port-pair.js'
import { emptyRtcpReport, type OwnReport, readRtcp, writeRtcp } from './rtcp.js'
import { RtpLatch } from './rtp-latch.js'
import {
  emptyRtpHeader,
  RTP_HEADER_BYTES,
  type RtpHeader,
  readRtp,
  timestampDistance,
  writeRtpHeader,
} from './rtp-packet.js'
import { RtpSource } from './rtp-source.js'
import { mayReceiveRtp } from './rtp-target.js'
import { TICKS_PER_MS, tickAt } from './tick.js'

const RTCP_FIRST = 2500 * TICKS_PER_MS
const RTCP_LEAST = 2500 * TICKS_PER_MS
const RTCP_SPREAD = 5000 * TICKS_PER_MS
const NTP_TO_UNIX_S = 2_208_988_800
/** A new SSRC from the believed address is followed after two packets once the old one paused, else after ten. */
const SSRC_PAUSE = 40 * TICKS_PER_MS
const SSRC_IN_ROW_AFTER_PAUSE = 2
const SSRC_IN_ROW = 10
const LONGEST_ROUND_TRIP = 10 * 65536

export interface RtpSink {
  /** Payload types this session takes now. */
  takes(payloadType: number): boolean
  /** A valid packet of the followed source, arrived at `tick`; `data` is valid during the call. */
  packet(header: RtpHeader, data: Uint8Array, tick: number, from: Endpoint): void
  /** Another source is followed from now on. */
  newSource(): void
}

export class RtpSession {
  /** The packet under construction: write the payload from RTP_HEADER_BYTES on, then `send`. */
  readonly packet = new Uint8Array(RTP_HEADER_BYTES + 480)
  readonly source = new RtpSource()
  readonly #clock: Clock
  readonly #entropy: Entropy
  readonly #sink: RtpSink
  readonly #latch = new RtpLatch()
  readonly #early = new EarlyPackets()
  readonly #header = emptyRtpHeader()
  readonly #report = emptyRtcpReport()
  readonly #own: OwnReport
  readonly #rtcp = new Uint8Array(256)
  readonly #cname: Uint8Array
  readonly #views: Uint8Array[] = []
  readonly #baseUs: number
  readonly #baseNtpS: number
  #pair: PortPair | undefined
  #remoteRtcp: Endpoint | undefined
  #sequence = 0
  #newSsrc = 0
  #newSequence = 0
  #newInRow = 0
  /** Arrival of the last packet. */
  #last = 0
  #senderReportUs = 0
  #reporting = false
  #nextRtcp = 0
  /** The SSRC we send under, signed (tick.ts says why). */
  #ssrc = 0
  #sentSinceReport = false
  sent = 0
  roundTripMs: number | undefined

  constructor(clock: Clock, entropy: Entropy, sink: RtpSink) {
    this.#clock = clock
    this.#entropy = entropy
    this.#sink = sink
    this.#sequence = entropy.uint32() & 0xffff
    this.#cname = new TextEncoder().encode(entropy.hex(12))
    this.#baseUs = clock.now()
    this.#baseNtpS = clock.wall() / 1000 + NTP_TO_UNIX_S
    const ssrc = entropy.uint32()
    this.#ssrc = ssrc | 0
    this.#own = {
      ssrc,
      ntpSeconds: 0,
      ntpFraction: 0,
      timestamp: 0,
      packets: 0,
      octets: 0,
      sender: false,
      heard: false,
      farSsrc: 0,
      fractionLost: 0,
      lost: 0,
      highest: 0,
      jitter: 0,
      lastSr: 0,
      delaySinceLastSr: 0,
    }
  }

  get ssrc(): number {
    return this.#own.ssrc
  }

  /** Datagrams that came from addresses not believed. */
  get strangers(): number {
    return this.#latch.strangers
  }

  attach(pair: PortPair): void {
    this.#pair = pair
  }

  get local(): Endpoint | undefined {
    return this.#pair?.rtp.local
  }

  connect(to: StreamParameters): void {
    const now = tickAt(this.#clock.now())
    const renamed = this.#latch.signal(to.remote, now)
    this.#remoteRtcp = to.remoteRtcp
    if (!this.#reporting) this.#nextRtcp = (now + RTCP_FIRST) | 0
    this.#reporting = true
    if (!renamed) return
    this.source.forget()
    this.#newInRow = 0
    this.#early.release(to.remote, now, (data, from, at) => this.#accept(data, from, at))
  }

  /** Sends `payloadBytes` bytes of `packet` after the header. */
  send(payloadType: number, marker: boolean, timestamp: number, payloadBytes: number): void {
    const to = this.#latch.destination
    const pair = this.#pair
    if (to === undefined || pair === undefined || !mayReceiveRtp(to)) return
    writeRtpHeader(this.packet, payloadType, marker, this.#sequence, timestamp, this.#ssrc)
    this.#sequence = (this.#sequence + 1) & 0xffff
    pair.rtp.send(this.#view(RTP_HEADER_BYTES + payloadBytes), to)
    this.sent++
    this.#own.packets = (this.#own.packets + 1) >>> 0
    this.#own.octets = (this.#own.octets + payloadBytes) >>> 0
    this.#sentSinceReport = true
  }

  /** A datagram on the RTP port. */
  rtpDatagram(data: Uint8Array, from: Endpoint): void {
    const tick = tickAt(this.#clock.now())
    if (!this.#accept(data, from, tick)) this.#early.hold(data, from, tick)
  }

  /** A datagram on the RTCP port. A BYE ends nothing: signalling does (anybody could have sent it). */
  rtcpDatagram(data: Uint8Array, from: Endpoint): void {
    const report = this.#report
    if (this.#latch.destination?.address !== from.address || !readRtcp(data, this.#own.ssrc, report)) return
    if (!this.source.known || (report.ssrc | 0) !== this.source.ssrc) return
    const us = this.#clock.now()
    if (report.senderNtp !== 0) {
      this.#own.lastSr = report.senderNtp
      this.#senderReportUs = us
    }
    if (!report.aboutUs || report.lastSr === 0) return
    const trip = (this.#ntpMiddle(us) - report.lastSr - report.delaySinceLastSr) | 0
    if (trip >= 0 && trip < LONGEST_ROUND_TRIP) this.roundTripMs = (trip * 1000) / 65536
  }

  /** Sends the RTCP report if it is due at `tick` (§6.2: 5 s, spread by half). `timestamp` is that of the present sample. */
  tick(tick: number, timestamp: number): void {
    if (!this.#reporting || timestampDistance(this.#nextRtcp, tick) < 0) return
    this.#sendReport(this.#clock.now(), timestamp, false)
    this.#nextRtcp = (tick + RTCP_LEAST + Math.floor((this.#entropy.uint32() / 2 ** 32) * RTCP_SPREAD)) | 0
  }

  /** Says BYE and gives the ports back. */
  async close(timestamp: number): Promise<void> {
    const pair = this.#pair
    this.#pair = undefined
    if (pair === undefined) return
    if (this.sent > 0 || this.source.known) this.#sendReport(this.#clock.now(), timestamp, true, pair)
    await Promise.all([pair.rtp.close(), pair.rtcp.close()])
  }

  /** False: RTP, but of nobody who is believed now. */
  #accept(data: Uint8Array, from: Endpoint, tick: number): boolean {
    const header = this.#header
    if (!readRtp(data, header)) return true
    const source = this.source
    if (!this.#sink.takes(header.payloadType) || !this.#latch.believe(from, header, source, tick))
      return false
    if (!source.known) {
      source.begin(header.ssrc, header.sequence)
      this.#sink.newSource()
    } else if (header.ssrc !== source.ssrc && !this.#follow(header, tick)) return true
    if (!source.accept(header.sequence)) return true
    this.#last = tick
    source.arrived(header.timestamp, tick)
    this.#sink.packet(header, data, tick, from)
    return true
  }

  #follow(header: RtpHeader, tick: number): boolean {
    const follows =
      this.#newInRow > 0 &&
      header.ssrc === this.#newSsrc &&
      header.sequence === ((this.#newSequence + 1) & 0xffff)
    this.#newInRow = follows ? this.#newInRow + 1 : 1
    this.#newSsrc = header.ssrc
    this.#newSequence = header.sequence
    const needed = timestampDistance(this.#last, tick) > SSRC_PAUSE ? SSRC_IN_ROW_AFTER_PAUSE : SSRC_IN_ROW
    if (this.#newInRow < needed) return false
    this.#newInRow = 0
    this.source.begin(header.ssrc, header.sequence)
    this.#sink.newSource()
    return true
  }

  #ntp(us: number): number {
    return this.#baseNtpS + (us - this.#baseUs) / 1e6
  }

  #ntpMiddle(us: number): number {
    return Math.floor((this.#ntp(us) % 65536) * 65536) >>> 0
  }

  #sendReport(us: number, timestamp: number, bye: boolean, pair = this.#pair): void {
    const to = this.#latch.destination
    if (pair === undefined || to === undefined) return
    const rtcpTo = this.#remoteRtcp ?? { address: to.address, port: to.port + 1 }
    if (!mayReceiveRtp(rtcpTo)) return
    const own = this.#own
    const ntp = this.#ntp(us)
    own.ntpSeconds = Math.floor(ntp)
    own.ntpFraction = Math.floor((ntp % 1) * 2 ** 32)
    own.timestamp = timestamp
    own.sender = this.#sentSinceReport
    this.#sentSinceReport = false
    own.heard = this.source.known
    if (own.heard) {
      own.farSsrc = this.source.ssrc
      own.fractionLost = this.source.takeFractionLost()
      own.lost = this.source.lostOfSource
      own.highest = this.source.extendedHighest
      own.jitter = Math.round(this.source.jitter)
      own.delaySinceLastSr = own.lastSr === 0 ? 0 : Math.round(((us - this.#senderReportUs) * 65536) / 1e6)
    }
    const length = writeRtcp(this.#rtcp, own, this.#cname, bye)
    pair.rtcp.send(this.#rtcp.subarray(0, length), rtcpTo)
  }

  /** A view of the packet's first `length` bytes; one per length, kept. */
  #view(length: number): Uint8Array {
    return (this.#views[length] ??= this.packet.subarray(0, length))
  }
}
