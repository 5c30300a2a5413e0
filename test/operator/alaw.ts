// A-law (ITU-T G.711): how loud it is, for whoever waits until somebody has stopped speaking, and its samples for files that
// leave the operator. What it plays was encoded beforehand.

/** A-law code of silence. */
export const SILENCE = 0xd5

/** 16-bit magnitude by the lower seven bits, every second one of them turned back. */
export const alawMagnitudes = Uint16Array.from({ length: 128 }, (_, bits) => {
  const segment = bits >> 4
  const step = ((bits & 0x0f) << 4) + 8
  return segment === 0 ? step : (step + 0x100) << (segment - 1)
})
const magnitudes = Uint16Array.from(
  { length: 256 },
  (_, code) => alawMagnitudes[(code ^ 0x55) & 0x7f] as number,
)

/** Mean magnitude, 0-32,256; ordinary speech is above 500, a quiet line below 100. */
export const loudness = (alaw: Uint8Array): number => {
  let sum = 0
  for (const code of alaw) sum += magnitudes[code] as number
  return alaw.length === 0 ? 0 : sum / alaw.length
}

/** 16-bit little-endian samples. */
export const decodeAlaw = (alaw: Uint8Array): Buffer => {
  const samples = Buffer.alloc(alaw.length * 2)
  for (const [i, code] of alaw.entries()) {
    const magnitude = magnitudes[code] as number
    samples.writeInt16LE(code & 0x80 ? magnitude : -magnitude, i * 2)
  }
  return samples
}
