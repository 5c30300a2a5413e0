// One frame on the serial line, as PROTOCOL.md lays it out: header, payload, checksum, stuffed. What a payload means is
// command.ts, line-message.ts and hello.ts.

import { stuffed, unstuffed } from './cobs.js'
import { crc16 } from './crc16.js'

export const PROTOCOL_VERSION = 1
/** Longest payload, bytes: a frame of linear PCM is 160. */
export const MAX_PAYLOAD = 240
const HEADER = 7
const CHECKSUM = 2
/** A frame on the wire is never longer. */
const MAX_WIRE = HEADER + MAX_PAYLOAD + CHECKSUM + 2

export interface Frame {
  /** 0-31. */
  readonly type: number
  /** 0-7; what concerns the whole chip names line 0. */
  readonly line: number
  /** 0-255, counted by the sender. */
  readonly seq: number
  /** The microcontroller's clock, µs, modulo 2^32; 0 in frames to it. */
  readonly stamp: number
  readonly payload: Uint8Array
}

/** One frame before it is stuffed; those before it have been. */
const plain = new Uint8Array(HEADER + MAX_PAYLOAD + CHECKSUM)
const plainView = new DataView(plain.buffer)

/** The frame as it goes out. Throws RangeError for a payload that is too long. */
export const encodeFrame = ({ type, line, seq, stamp, payload }: Frame): Uint8Array => {
  if (payload.length > MAX_PAYLOAD) throw new RangeError(`payload of ${payload.length} bytes`)
  const length = HEADER + payload.length
  plain[0] = (PROTOCOL_VERSION << 5) | type
  plain[1] = line
  plain[2] = seq
  plainView.setUint32(3, stamp, true)
  plain.set(payload, HEADER)
  plainView.setUint16(length, crc16(plain, length), true)
  return stuffed(plain, length + CHECKSUM)
}

/** Why bytes were thrown away. `version`: a frame in order, of another protocol. */
export type FrameFault = 'stuffing' | 'length' | 'checksum' | 'version'

const decode = (wire: Uint8Array): Frame | FrameFault => {
  const bytes = unstuffed(wire)
  if (bytes === undefined) return 'stuffing'
  const length = bytes.length - CHECKSUM
  if (length < HEADER || length > HEADER + MAX_PAYLOAD) return 'length'
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint16(length, true) !== crc16(bytes, length)) return 'checksum'
  const first = bytes[0] as number
  if (first >> 5 !== PROTOCOL_VERSION) return 'version'
  return {
    type: first & 31,
    line: bytes[1] as number,
    seq: bytes[2] as number,
    stamp: view.getUint32(3, true),
    payload: bytes.subarray(HEADER, length),
  }
}

/**
 * Cuts a stream of bytes into frames. Whatever is broken costs itself alone: the next zero begins anew. The payload of a frame
 * is whole only until onFrame returns.
 */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void
  readonly #onFault: (fault: FrameFault) => void
  readonly #pending = new Uint8Array(MAX_WIRE)
  #length = 0
  /** More came without a zero than any frame has: noise, or another speed. */
  #tooLong = false

  constructor(onFrame: (frame: Frame) => void, onFault: (fault: FrameFault) => void) {
    this.#onFrame = onFrame
    this.#onFault = onFault
  }

  take(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === 0) this.#end()
      else if (this.#length < MAX_WIRE) this.#pending[this.#length++] = byte
      else this.#tooLong = true
    }
  }

  #end(): void {
    const wire = this.#pending.subarray(0, this.#length)
    const tooLong = this.#tooLong
    this.#length = 0
    this.#tooLong = false
    // Zeros between frames are allowed: a sender ends whatever noise went before it.
    if (wire.length === 0) return
    const frame = tooLong ? 'length' : decode(wire)
    if (typeof frame === 'string') this.#onFault(frame)
    else this.#onFrame(frame)
  }
}
