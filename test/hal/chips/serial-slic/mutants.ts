// Microcontrollers with one fault each, made of the right one by what becomes of its frames.

import { encodeFrame, type Frame, FrameReader } from '../../../../hal/chips/serial-slic/frame.js'
import { frameType } from '../../../../hal/chips/serial-slic/numbers.js'
import type { Spoil } from './serial-rig.js'

/** A frame of the microcontroller as it is to go out; undefined: not at all. */
type Change = (frame: Frame) => Frame | undefined

const frameOf = (bytes: Uint8Array): Frame | undefined => {
  let found: Frame | undefined
  new FrameReader(
    frame => {
      found = { ...frame, payload: Uint8Array.from(frame.payload) }
    },
    () => {},
  ).take(bytes)
  return found
}

const changing =
  (change: Change): Spoil =>
  (bytes, toHost) => {
    const frame = toHost ? frameOf(bytes) : undefined
    if (frame === undefined) return bytes
    const changed = change(frame)
    return changed && encodeFrame(changed)
  }

const withByte = (frame: Frame, at: number, value: number): Frame => {
  const payload = Uint8Array.from(frame.payload)
  payload[at] = value
  return { ...frame, payload }
}

export const mutants: Readonly<Record<string, Spoil>> = {
  none: bytes => bytes,
  'hook line stuck on-hook': changing(frame =>
    frame.type === frameType.hook ? withByte(frame, 0, 0) : frame,
  ),
  'opening edges dated 30 ms early': changing(frame =>
    frame.type === frameType.hook && frame.payload[0] === 0
      ? { ...frame, stamp: (frame.stamp - 30_000) >>> 0 }
      : frame,
  ),
  'ring trip never told': changing(frame => (frame.type === frameType.trip ? undefined : frame)),
  'change of feed told as another': changing(frame =>
    frame.type === frameType.feed ? withByte(frame, 0, ((frame.payload[0] as number) + 1) % 5) : frame,
  ),
  'events counted from one': changing(frame =>
    frame.type === frameType.hook ? { ...frame, seq: (frame.seq + 1) & 255 } : frame,
  ),
  'answers without the number of the command': changing(frame =>
    frame.type === frameType.ack ? { ...frame, seq: (frame.seq + 1) & 255 } : frame,
  ),
  'wrong checksum': (bytes, toHost) => {
    if (toHost) bytes[bytes.length - 2] = ((bytes[bytes.length - 2] as number) % 255) + 1
    return bytes
  },
  silence: (bytes, toHost) => (toHost ? undefined : bytes),
}
