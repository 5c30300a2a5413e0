// WAV files as the lab commands and the bench read and write them: RIFF, PCM, 8 kHz, mono, 16 bits; `.s16` is the same
// samples without a header, little-endian.

import { readFile, writeFile } from 'node:fs/promises'
import { VoiceportError } from '../firmware/errors.js'

const RATE = 8000
const PCM = 1
const EXTENSIBLE = 0xfffe

const wrong = (name: string, what: string): VoiceportError =>
  new VoiceportError('VP-7204', `${name}: ${what}`)

/** 16-bit samples of little-endian bytes. */
const samplesOf = (bytes: Buffer, from: number, to: number): Int16Array =>
  Int16Array.from({ length: (to - from) >> 1 }, (_, i) => bytes.readInt16LE(from + 2 * i))

/**
 * The samples of a WAV file's bytes. `name` is for messages.
 * @throws VoiceportError VP-7204 saying what is wrong
 */
export const decodeWav = (bytes: Buffer, name: string): Int16Array => {
  const tag = (at: number) => bytes.toString('latin1', at, at + 4)
  if (bytes.length < 12 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw wrong(name, 'is no WAV file')
  let described = false
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = tag(at)
    const size = bytes.readUInt32LE(at + 4)
    const body = at + 8
    if (id === 'fmt ') {
      if (size < 16 || body + size > bytes.length) throw wrong(name, 'has a broken format chunk')
      checkFormat(bytes, body, size, name)
      described = true
    }
    if (id === 'data') {
      if (!described) throw wrong(name, 'has its samples before their format')
      // A recorder that writes to a pipe cannot know the length and leaves 0 or the largest number there.
      const streamed = size === 0 || size >= 0x7ffff000
      const end = streamed ? bytes.length : body + size
      if (end > bytes.length) throw wrong(name, `ends ${end - bytes.length} bytes early`)
      return samplesOf(bytes, body, end)
    }
    at = body + size + (size & 1)
  }
  throw wrong(name, 'holds no samples')
}

const checkFormat = (bytes: Buffer, at: number, size: number, name: string): void => {
  const tagged = bytes.readUInt16LE(at)
  const format = tagged === EXTENSIBLE && size >= 26 ? bytes.readUInt16LE(at + 24) : tagged
  const channels = bytes.readUInt16LE(at + 2)
  const rate = bytes.readUInt32LE(at + 4)
  const bits = bytes.readUInt16LE(at + 14)
  const faults = [
    ...(format === PCM ? [] : [`format ${format} instead of PCM`]),
    ...(rate === RATE ? [] : [`${rate} Hz instead of ${RATE} Hz`]),
    ...(channels === 1 ? [] : [`${channels} channels instead of one`]),
    ...(bits === 16 ? [] : [`${bits} bits instead of 16`]),
  ]
  if (faults.length > 0) throw wrong(name, `has ${faults.join(', ')}`)
}

/** A WAV file of `pcm`. */
export const encodeWav = (pcm: Int16Array): Buffer => {
  const bytes = Buffer.alloc(44 + 2 * pcm.length)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(36 + 2 * pcm.length, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(PCM, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(RATE, 24)
  bytes.writeUInt32LE(2 * RATE, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(2 * pcm.length, 40)
  for (let i = 0; i < pcm.length; i++) bytes.writeInt16LE(pcm[i] as number, 44 + 2 * i)
  return bytes
}

const isRaw = (name: string): boolean => name.endsWith('.s16')

/**
 * Reads a `.wav` or `.s16` file.
 * @throws VoiceportError VP-7003 when it cannot be read, VP-7204 when it is not 8 kHz mono 16-bit
 */
export const readAudio = async (name: string): Promise<Int16Array> => {
  const bytes = await readFile(name).catch((cause: NodeJS.ErrnoException) => {
    throw new VoiceportError('VP-7003', `cannot read ${name}: ${cause.code ?? cause.message}`, { cause })
  })
  if (!isRaw(name)) return decodeWav(bytes, name)
  if (bytes.length % 2 !== 0) throw wrong(name, `has ${bytes.length} bytes, which is half a sample too many`)
  return samplesOf(bytes, 0, bytes.length)
}

/**
 * Writes a `.wav` or `.s16` file.
 * @throws VoiceportError VP-7003 when it cannot be written, VP-7205 for `-`
 */
export const writeAudio = async (name: string, pcm: Int16Array): Promise<void> => {
  if (name === '-') throw new VoiceportError('VP-7205', 'audio goes to a file, not to standard output')
  const wav = encodeWav(pcm)
  await writeFile(name, isRaw(name) ? wav.subarray(44) : wav).catch((cause: NodeJS.ErrnoException) => {
    throw new VoiceportError('VP-7003', `cannot write ${name}: ${cause.code ?? cause.message}`, { cause })
  })
}

/** All samples of `name`, where `-` is raw samples on `stdin`. Errors as `readAudio`. */
export const readAudioOrInput = async (
  name: string,
  stdin: AsyncIterable<string | Uint8Array>,
): Promise<Int16Array> => {
  if (name !== '-') return readAudio(name)
  const parts: Int16Array[] = []
  for await (const part of rawSamples(stdin)) parts.push(part)
  const pcm = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    pcm.set(part, at)
    at += part.length
  }
  return pcm
}

/** Raw samples from a stream as they come: a chunk may end inside a sample. */
export async function* rawSamples(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<Int16Array> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk])
    const whole = bytes.length & ~1
    rest = bytes.subarray(whole)
    if (whole > 0) yield samplesOf(bytes, 0, whole)
  }
  if (rest.length > 0) throw wrong('standard input', 'ends inside a sample')
}
