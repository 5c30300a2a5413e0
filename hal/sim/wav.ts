// WAV files of the bench: RIFF, PCM, 8 kHz, mono, 16-bit. A name ending in ".s16" is the bare samples, little-endian.

import { readFile, writeFile } from 'node:fs/promises'

/** The file is missing, unreadable, or not 8 kHz mono 16-bit. */
export class WavError extends Error {}

const headerBytes = 44
const isRaw = (path: string): boolean => path.endsWith('.s16')

const samplesOf = (bytes: Buffer): Int16Array => {
  const samples = new Int16Array(bytes.length >> 1)
  for (let n = 0; n < samples.length; n++) samples[n] = bytes.readInt16LE(n * 2)
  return samples
}

/** Samples of a WAV image. Throws WavError. */
export const parseWav = (bytes: Buffer, name: string): Int16Array => {
  const text = (at: number) => bytes.toString('latin1', at, at + 4)
  if (bytes.length < 12 || text(0) !== 'RIFF' || text(8) !== 'WAVE')
    throw new WavError(`${name} is no WAV file`)
  let format: string | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4)
    const body = at + 8
    if (text(at) === 'fmt ' && length >= 16 && body + 16 <= bytes.length) {
      const [codec, channels] = [bytes.readUInt16LE(body), bytes.readUInt16LE(body + 2)]
      const [rate, bits] = [bytes.readUInt32LE(body + 4), bytes.readUInt16LE(body + 14)]
      format = `format ${codec}, ${channels} channel(s), ${rate} Hz, ${bits} bits`
      if (codec !== 1 || channels !== 1 || rate !== 8000 || bits !== 16)
        throw new WavError(`${name} has ${format}; wanted: PCM, mono, 8000 Hz, 16 bits`)
    } else if (text(at) === 'data') {
      if (format === undefined) throw new WavError(`${name} has no format before its data`)
      // Programs that write to a pipe leave the length at its maximum.
      return samplesOf(bytes.subarray(body, Math.min(bytes.length, body + length)))
    }
    at = body + length + (length & 1)
  }
  throw new WavError(`${name} has no data`)
}

export const wavImage = (samples: Int16Array): Buffer => {
  const bytes = Buffer.alloc(headerBytes + samples.length * 2)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(8000, 24)
  bytes.writeUInt32LE(16000, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(samples.length * 2, 40)
  for (let n = 0; n < samples.length; n++) bytes.writeInt16LE(samples[n] as number, headerBytes + n * 2)
  return bytes
}

const reason = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error)

/** Throws WavError. */
export const readWav = async (path: string): Promise<Int16Array> => {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw new WavError(`cannot read ${path}: ${reason(error)}`)
  }
  return isRaw(path) ? samplesOf(bytes) : parseWav(bytes, path)
}

/** Throws WavError. */
export const writeWav = async (path: string, samples: Int16Array): Promise<void> => {
  const image = wavImage(samples)
  try {
    await writeFile(path, isRaw(path) ? image.subarray(headerBytes) : image)
  } catch (error) {
    throw new WavError(`cannot write ${path}: ${reason(error)}`)
  }
}
