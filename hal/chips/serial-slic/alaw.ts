// ITU-T G.711 A-law, for links too slow for linear samples: 13 bits kept in 8, by the segments of table 1a.

const decoded = Int16Array.from({ length: 256 }, (_, code) => {
  const bits = code ^ 0x55
  const segment = (bits >> 4) & 7
  const mantissa = ((bits & 15) << 4) + 8
  const size = segment === 0 ? mantissa : (mantissa + 256) << (segment - 1)
  return bits & 128 ? size : -size
})

/** `into` holds as many samples as `from` codes. */
export const fromAlaw = (from: Uint8Array, into: Int16Array): void => {
  for (let n = 0; n < from.length; n++) into[n] = decoded[from[n] as number] as number
}

const encoded = (sample: number): number => {
  const sign = sample >= 0 ? 0x80 : 0
  const size = Math.min(sample >= 0 ? sample : -sample - 1, 32767) >> 4
  const segment = size < 16 ? 0 : 32 - Math.clz32(size) - 4
  const mantissa = segment < 2 ? size & 15 : (size >> (segment - 1)) & 15
  return (sign | (segment << 4) | mantissa) ^ 0x55
}

export const toAlaw = (from: Int16Array, into: Uint8Array): void => {
  for (let n = 0; n < from.length; n++) into[n] = encoded(from[n] as number)
}
