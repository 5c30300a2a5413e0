// µ-law (ITU-T G.711) for who offers no A-law. What the operator plays and keeps is A-law; each code of one law has its
// nearest in the other, with the same sign.

import { alawMagnitudes } from './alaw.js'

/** 16-bit magnitude by the lower seven bits, turned back. */
const ulawMagnitudes = Uint16Array.from(
  { length: 128 },
  (_, bits) => ((((bits & 0x0f) << 3) + 132) << (bits >> 4)) - 132,
)

const nearest = (magnitudes: Uint16Array, wanted: number): number => {
  let best = 0
  for (const [bits, magnitude] of magnitudes.entries())
    if (Math.abs(magnitude - wanted) < Math.abs((magnitudes[best] as number) - wanted)) best = bits
  return best
}

const TOGGLE_A = 0x55
const TOGGLE_U = 0x7f

const tableOf = (from: Uint16Array, fromToggle: number, to: Uint16Array, toToggle: number): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, code) => {
    const bits = nearest(to, from[(code ^ fromToggle) & 0x7f] as number)
    return (code & 0x80) | (bits ^ toToggle)
  })

const ulawByAlaw = tableOf(alawMagnitudes, TOGGLE_A, ulawMagnitudes, TOGGLE_U)
const alawByUlaw = tableOf(ulawMagnitudes, TOGGLE_U, alawMagnitudes, TOGGLE_A)

export const alawToUlaw = (alaw: Uint8Array): Uint8Array =>
  Uint8Array.from(alaw, code => ulawByAlaw[code] as number)

export const ulawToAlaw = (ulaw: Uint8Array): Uint8Array =>
  Uint8Array.from(ulaw, code => alawByUlaw[code] as number)
