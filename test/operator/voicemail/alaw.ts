// A-law as the operator meets it (ITU-T G.711 table 1a): levels of a recording, and its samples for an e-mail attachment.
// The operator records and plays the codes themselves; it never encodes.

/** One code word as a linear sample, -32256 to 32256. */
const linear = (code: number): number => {
  // Every second bit goes inverted over the line.
  const bits = code ^ 0x55
  const segment = (bits >> 4) & 7
  const step = bits & 15
  const magnitude = segment === 0 ? step * 2 + 1 : (step * 2 + 33) << (segment - 1)
  return (bits & 0x80 ? magnitude : -magnitude) * 8
}

const samples = Int16Array.from({ length: 256 }, (_, code) => linear(code))

/** 16-bit little-endian samples. */
export const decodeAlaw = (codes: Uint8Array): Buffer => {
  const pcm = Buffer.alloc(codes.length * 2)
  codes.forEach((code, i) => {
    pcm.writeInt16LE(samples[code] as number, i * 2)
  })
  return pcm
}

const FULL_SCALE_DBM0 = 3.14

/** dBm0 of the codes (a sine of full scale is +3.14 dBm0); -Infinity for nothing. */
export const alawLevel = (codes: Uint8Array): number => {
  let energy = 0
  if (codes.length === 0) return Number.NEGATIVE_INFINITY
  for (const code of codes) energy += (samples[code] as number) ** 2
  return 10 * Math.log10(energy / codes.length / (32_768 ** 2 / 2)) + FULL_SCALE_DBM0
}
