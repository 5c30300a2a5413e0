// Both laws of ITU-T G.711 by their segments, for far ends that share no code with the firmware.

export interface Law {
  /** RTP payload type (RFC 3551). */
  readonly payloadType: number
  encode(sample: number): number
  decode(code: number): number
}

const ALAW_TOGGLE = 0x55
const ULAW_BIAS = 132

/** Position of the highest bit that is set. */
const highest = (value: number): number => 31 - Math.clz32(value)

const tableOf = (decode: (code: number) => number): Int16Array =>
  Int16Array.from({ length: 256 }, (_, code) => decode(code))

const alawTable = tableOf(code => {
  const bits = code ^ ALAW_TOGGLE
  const segment = (bits >> 4) & 7
  const step = ((bits & 15) << 4) + 8
  const magnitude = segment === 0 ? step : (step + 256) << (segment - 1)
  return bits & 0x80 ? magnitude : -magnitude
})

const ulawTable = tableOf(code => {
  const bits = ~code & 0xff
  const magnitude = ((((bits & 15) << 3) + ULAW_BIAS) << ((bits >> 4) & 7)) - ULAW_BIAS
  return bits & 0x80 ? -magnitude : magnitude
})

export const laws: Readonly<Record<'PCMA' | 'PCMU', Law>> = {
  PCMA: {
    payloadType: 8,
    decode: code => alawTable[code] as number,
    encode: sample => {
      const magnitude = Math.min(32_767, Math.abs(sample))
      const segment = magnitude < 256 ? 0 : highest(magnitude) - 7
      const step = segment === 0 ? magnitude >> 4 : (magnitude >> (segment + 3)) & 15
      return ((sample < 0 ? 0 : 0x80) | (segment << 4) | step) ^ ALAW_TOGGLE
    },
  },
  PCMU: {
    payloadType: 0,
    decode: code => ulawTable[code] as number,
    encode: sample => {
      const magnitude = Math.min(32_635, Math.abs(sample)) + ULAW_BIAS
      const segment = highest(magnitude) - 7
      return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> (segment + 3)) & 15)) & 0xff
    },
  },
}
