// G.711 A-law and µ-law companding by table (ITU-T G.711 tables 1a-2b), on 16-bit linear samples.
// The tables are built on first use, from the segment rule: eight segments of sixteen steps, each twice as coarse as the one before.

import type { CodecName } from './media-contract.js'

export interface G711 {
  /** What an idle channel sends: the code of a zero sample. */
  readonly idle: number
  /** Encodes all of `pcm` into `into` from index `at`. Never allocates. */
  encode(pcm: Int16Array, into: Uint8Array, at?: number): void
  /** Decodes `count` octets of `octets` from index `from` into the start of `into`. Never allocates. */
  decode(octets: Uint8Array, into: Int16Array, from?: number, count?: number): void
}

/** Index of the highest set bit, 0 for 1. */
const topBit = (n: number): number => 31 - Math.clz32(n)

const aLawCode = (sample: number): number => {
  const negative = sample < 0
  // One's complement, so that both signs have a step that touches zero (G.711 has no zero code in A-law).
  const magnitude = negative ? -sample - 1 : sample
  const segment = Math.max(0, topBit(magnitude | 0xff) - 7)
  const step = (magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f
  return ((segment << 4) | step) ^ (negative ? 0x55 : 0xd5)
}

const aLawSample = (code: number): number => {
  const bits = code ^ 0x55
  const segment = (bits >> 4) & 7
  const middle = ((bits & 0x0f) << 4) + 8
  const magnitude = segment === 0 ? middle : (middle + 0x100) << (segment - 1)
  return bits & 0x80 ? magnitude : -magnitude
}

const MU_BIAS = 0x84

const muLawCode = (sample: number): number => {
  const negative = sample < 0
  const magnitude = Math.min(MU_BIAS + (negative ? -sample : sample), 0x7fff)
  const segment = topBit(magnitude) - 7
  const step = (magnitude >> (segment + 3)) & 0x0f
  return ((segment << 4) | step) ^ (negative ? 0x7f : 0xff)
}

const muLawSample = (code: number): number => {
  const bits = code ^ 0xff
  const magnitude = ((((bits & 0x0f) << 3) + MU_BIAS) << ((bits >> 4) & 7)) - MU_BIAS
  return bits & 0x80 ? -magnitude : magnitude
}

/** `shift`: low bits that never decide a code; they are left out of the table to keep it in a small cache. */
const codecOf = (
  codeOf: (sample: number) => number,
  sampleOf: (code: number) => number,
  shift: number,
): G711 => {
  const mask = 0xffff >> shift
  const codes = new Uint8Array(mask + 1)
  // The index is the sample without its low bits; its top bit is the sign.
  for (let index = 0; index <= mask; index++) codes[index] = codeOf((index << (16 + shift)) >> 16)
  const samples = Int16Array.from({ length: 256 }, (_, code) => sampleOf(code))
  return {
    idle: codeOf(0),
    encode: (pcm, into, at = 0) => {
      for (let i = 0; i < pcm.length; i++)
        into[at + i] = codes[((pcm[i] as number) >> shift) & mask] as number
    },
    decode: (octets, into, from = 0, count = octets.length - from) => {
      for (let i = 0; i < count; i++) into[i] = samples[octets[from + i] as number] as number
    },
  }
}

const built: Partial<Record<CodecName, G711>> = {}

/** The two codecs under their RTP encoding names (RFC 3551 §4.5.14); each builds its tables when it is first asked for. */
export const g711: Readonly<Record<CodecName, G711>> = {
  get PCMA() {
    return (built.PCMA ??= codecOf(aLawCode, aLawSample, 3))
  },
  get PCMU() {
    return (built.PCMU ??= codecOf(muLawCode, muLawSample, 0))
  },
}
