// RTP packets in place (RFC 3550 §5.1): the header is read into one reused object and written into one reused
// buffer, so that a packet costs no allocation. Reading never throws: whatever does not fit is refused.

export const RTP_HEADER_BYTES = 12

/** A header as last read; `payloadOffset` and `payloadLength` point into the datagram (padding and extension removed). */
export interface RtpHeader {
  payloadType: number
  marker: boolean
  /** 0-65535 */
  sequence: number
  /** Units of 1/8000 s, modulo 2^32 and signed (tick.ts says why). */
  timestamp: number
  /** Signed too. */
  ssrc: number
  payloadOffset: number
  payloadLength: number
}

export const emptyRtpHeader = (): RtpHeader => ({
  payloadType: 0,
  marker: false,
  sequence: 0,
  timestamp: 0,
  ssrc: 0,
  payloadOffset: 0,
  payloadLength: 0,
})

const u8 = (data: Uint8Array, at: number) => data[at] as number

export const readU16 = (data: Uint8Array, at: number): number => (u8(data, at) << 8) | u8(data, at + 1)
/** Signed. */
export const readI32 = (data: Uint8Array, at: number): number =>
  (u8(data, at) << 24) | (u8(data, at + 1) << 16) | (u8(data, at + 2) << 8) | u8(data, at + 3)
export const readU32 = (data: Uint8Array, at: number): number => readI32(data, at) >>> 0
export const writeU16 = (data: Uint8Array, at: number, value: number): void => {
  data[at] = value >>> 8
  data[at + 1] = value
}
export const writeU32 = (data: Uint8Array, at: number, value: number): void => {
  data[at] = value >>> 24
  data[at + 1] = value >>> 16
  data[at + 2] = value >>> 8
  data[at + 3] = value
}

/** Distance from `from` to `to` on the 16-bit circle: -32768 … 32767. */
export const sequenceDistance = (from: number, to: number): number => ((to - from) << 16) >> 16
/** Distance from `from` to `to` on the 32-bit circle: -2^31 … 2^31-1. */
export const timestampDistance = (from: number, to: number): number => (to - from) | 0

/** False, and `into` unspecified, when the datagram is no RTP packet (wrong version, or lengths that do not fit). */
export const readRtp = (data: Uint8Array, into: RtpHeader): boolean => {
  const size = data.length
  if (size < RTP_HEADER_BYTES) return false
  const first = u8(data, 0)
  if (first >> 6 !== 2) return false
  const second = u8(data, 1)
  let offset = RTP_HEADER_BYTES + (first & 0x0f) * 4
  if (first & 0x10) {
    if (offset + 4 > size) return false
    offset += 4 + readU16(data, offset + 2) * 4
  }
  let end = size
  if (first & 0x20) {
    const padding = u8(data, size - 1)
    if (padding === 0) return false
    end -= padding
  }
  if (offset > end) return false
  into.marker = (second & 0x80) !== 0
  into.payloadType = second & 0x7f
  // RFC 5761 §4: 72-76 with the marker bit are RTCP packet types that went to the wrong port.
  if (into.marker && into.payloadType >= 72 && into.payloadType <= 76) return false
  into.sequence = readU16(data, 2)
  into.timestamp = readI32(data, 4)
  into.ssrc = readI32(data, 8)
  into.payloadOffset = offset
  into.payloadLength = end - offset
  return true
}

/** Writes the 12 bytes of a header without CSRC, extension or padding. Timestamp and SSRC may have either sign. */
export const writeRtpHeader = (
  into: Uint8Array,
  payloadType: number,
  marker: boolean,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void => {
  into[0] = 0x80
  into[1] = (marker ? 0x80 : 0) | (payloadType & 0x7f)
  writeU16(into, 2, sequence)
  writeU32(into, 4, timestamp)
  writeU32(into, 8, ssrc)
}
