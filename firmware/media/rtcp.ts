// RTCP (RFC 3550 §6): compound SR or RR + SDES CNAME, BYE, and the reading of the far end's reports. A compound is
// believed only when every length in it fits (§A.2). The CNAME is random (RFC 7022 §4.2): it names nobody.

import { readU16, readU32, writeU32 } from './rtp-packet.js'

const SR = 200
const RR = 201
const SDES = 202
const BYE = 203

/** What one compound packet said, as far as it concerns us. Reused between packets. */
export interface RtcpReport {
  ssrc: number
  /** Middle 32 bits of the sender's NTP time, 0 when there was no SR. */
  senderNtp: number
  /** A report block about our own stream was there; the four fields below are its contents. */
  aboutUs: boolean
  /** 0-255 of 256. */
  fractionLost: number
  /** Cumulative, may be negative (duplicates). */
  lost: number
  /** Units of 1/8000 s. */
  jitter: number
  lastSr: number
  /** Units of 1/65536 s. */
  delaySinceLastSr: number
  bye: boolean
}

export const emptyRtcpReport = (): RtcpReport => ({
  ssrc: 0,
  senderNtp: 0,
  aboutUs: false,
  fractionLost: 0,
  lost: 0,
  jitter: 0,
  lastSr: 0,
  delaySinceLastSr: 0,
  bye: false,
})

const lengthsFit = (data: Uint8Array): boolean => {
  let at = 0
  while (at < data.length) {
    if (at + 8 > data.length || (data[at] as number) >> 6 !== 2) return false
    const next = at + 4 + readU16(data, at + 2) * 4
    if (next > data.length) return false
    if ((data[at] as number) & 0x20) {
      // Only the last packet of a compound may be padded (§6.4.1).
      const padding = data[next - 1] as number
      if (next !== data.length || padding === 0 || padding % 4 !== 0 || padding > next - at - 4) return false
    }
    at = next
  }
  return true
}

const readBlocks = (data: Uint8Array, from: number, end: number, ownSsrc: number, into: RtcpReport) => {
  for (let at = from; at + 24 <= end; at += 24) {
    if (readU32(data, at) !== ownSsrc) continue
    into.aboutUs = true
    into.fractionLost = data[at + 4] as number
    into.lost = (readU32(data, at + 4) << 8) >> 8
    into.jitter = readU32(data, at + 12)
    into.lastSr = readU32(data, at + 16)
    into.delaySinceLastSr = readU32(data, at + 20)
  }
}

/** False when the datagram is no valid compound packet. Packet types unknown to us (APP, XR, feedback) are passed over. */
export const readRtcp = (data: Uint8Array, ownSsrc: number, into: RtcpReport): boolean => {
  const firstType = data.length >= 8 ? (data[1] as number) : 0
  if ((firstType !== SR && firstType !== RR) || !lengthsFit(data)) return false
  into.senderNtp = 0
  into.aboutUs = false
  into.bye = false
  for (let at = 0; at < data.length; ) {
    const count = (data[at] as number) & 0x1f
    const type = data[at + 1] as number
    const end = at + 4 + readU16(data, at + 2) * 4
    if (at === 0) into.ssrc = readU32(data, 4)
    if (type === SR || type === RR) {
      const blocks = at + (type === SR ? 28 : 8)
      if (blocks + count * 24 > end) return false
      if (type === SR) into.senderNtp = readU32(data, at + 10)
      readBlocks(data, blocks, blocks + count * 24, ownSsrc, into)
    } else if (type === BYE) {
      if (4 + count * 4 > end - at) return false
      for (let i = 0; i < count; i++) if (readU32(data, at + 4 + i * 4) === into.ssrc) into.bye = true
    }
    at = end
  }
  return true
}

/** What we report; every number is already in RTCP units. */
export interface OwnReport {
  ssrc: number
  /** NTP time: seconds since 1900 and fraction. */
  ntpSeconds: number
  ntpFraction: number
  timestamp: number
  packets: number
  octets: number
  /** SR when true, else RR. */
  sender: boolean
  /** A far end was heard: the block below is written. */
  heard: boolean
  farSsrc: number
  fractionLost: number
  lost: number
  /** Extended highest sequence number. */
  highest: number
  jitter: number
  lastSr: number
  delaySinceLastSr: number
}

const clampLost = (lost: number) => Math.max(-0x800000, Math.min(0x7fffff, lost))

/**
 * Writes SR or RR, SDES and on request BYE into `into` (256 bytes are enough).
 * `cname` is ASCII, at most 64 bytes. Returns the length.
 */
export const writeRtcp = (into: Uint8Array, own: OwnReport, cname: Uint8Array, bye: boolean): number => {
  const blocks = own.heard ? 1 : 0
  let at = 0
  into[at] = 0x80 | blocks
  into[at + 1] = own.sender ? SR : RR
  writeU32(into, at + 4, own.ssrc)
  let end = at + 8
  if (own.sender) {
    writeU32(into, end, own.ntpSeconds)
    writeU32(into, end + 4, own.ntpFraction)
    writeU32(into, end + 8, own.timestamp)
    writeU32(into, end + 12, own.packets)
    writeU32(into, end + 16, own.octets)
    end += 20
  }
  if (own.heard) {
    writeU32(into, end, own.farSsrc)
    writeU32(into, end + 4, clampLost(own.lost) & 0xffffff)
    into[end + 4] = own.fractionLost
    writeU32(into, end + 8, own.highest)
    writeU32(into, end + 12, own.jitter)
    writeU32(into, end + 16, own.lastSr)
    writeU32(into, end + 20, own.delaySinceLastSr)
    end += 24
  }
  into[at + 2] = 0
  into[at + 3] = (end - at) / 4 - 1
  at = end
  into[at] = 0x81
  into[at + 1] = SDES
  writeU32(into, at + 4, own.ssrc)
  into[at + 8] = 1
  into[at + 9] = cname.length
  into.set(cname, at + 10)
  end = at + 10 + cname.length
  // At least one zero ends the chunk, then up to the next 32-bit boundary.
  do into[end++] = 0
  while ((end - at) % 4 !== 0)
  into[at + 2] = 0
  into[at + 3] = (end - at) / 4 - 1
  if (!bye) return end
  into[end] = 0x81
  into[end + 1] = BYE
  into[end + 2] = 0
  into[end + 3] = 1
  writeU32(into, end + 4, own.ssrc)
  return end + 8
}
