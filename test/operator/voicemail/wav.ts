// A recording as a WAV file that every mail program plays: 8 kHz, mono, 16-bit PCM (RIFF, format tag 1).

import { decodeAlaw } from '../alaw.js'

const RATE = 8000

export const wavOf = (codes: Uint8Array): Buffer => {
  const data = decodeAlaw(codes)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(RATE, 24)
  head.writeUInt32LE(RATE * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}
