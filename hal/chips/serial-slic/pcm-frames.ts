// 10 ms of samples as they stand in a frame of the serial line. Those from the telephone say besides for how long, at the
// end of the frame, the loop has been closed: a key right behind R is told from talk by it.

import { FRAME_SAMPLES } from '../../pcm-port.js'
import { fromAlaw, toAlaw } from './alaw.js'
import type { PcmLaw } from './numbers.js'

/** µs from the last instant at which the loop was open to the end of the frame; 0: it is open. */
const never = 0xffffffff

/** A frame from the telephone: `closedUs` NaN where the loop was never open, or the chip cannot tell. */
export const encodeCaptured = (samples: Int16Array, law: PcmLaw, closedUs: number): Uint8Array => {
  const encoded = encodePcm(samples, law)
  const payload = new Uint8Array(4 + encoded.length)
  const closed = Number.isNaN(closedUs) ? never : Math.min(Math.max(Math.round(closedUs), 0), never - 1)
  new DataView(payload.buffer).setUint32(0, closed, true)
  payload.set(encoded, 4)
  return payload
}

/** How long the loop has been closed, as above; undefined when this is no such frame. */
export const decodeCaptured = (payload: Uint8Array, law: PcmLaw, into: Int16Array): number | undefined => {
  if (payload.length < 4 || !decodePcm(payload.subarray(4), law, into)) return undefined
  const closed = new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true)
  return closed === never ? Number.NaN : closed
}

/** Bytes of a frame in each form. */
const bytesOf: Readonly<Record<PcmLaw, number>> = { linear: FRAME_SAMPLES * 2, alaw: FRAME_SAMPLES }

/** A payload of its own for each call: it may wait in the port's queue. */
export const encodePcm = (samples: Int16Array, law: PcmLaw): Uint8Array => {
  const payload = new Uint8Array(bytesOf[law])
  if (law === 'alaw') toAlaw(samples, payload)
  else {
    const view = new DataView(payload.buffer)
    for (let n = 0; n < FRAME_SAMPLES; n++) view.setInt16(2 * n, samples[n] as number, true)
  }
  return payload
}

/** False when this is no such frame. */
export const decodePcm = (payload: Uint8Array, law: PcmLaw, into: Int16Array): boolean => {
  if (payload.length !== bytesOf[law]) return false
  if (law === 'alaw') fromAlaw(payload, into)
  else {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
    for (let n = 0; n < FRAME_SAMPLES; n++) into[n] = view.getInt16(2 * n, true)
  }
  return true
}
