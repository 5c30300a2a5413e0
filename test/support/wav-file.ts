// Reads and writes 8 kHz mono 16-bit WAV files in tests, by its own code.

import { readFileSync, writeFileSync } from 'node:fs'

export interface Wav {
  readonly rate: number
  readonly samples: Int16Array
}

export const readWav = (path: string): Wav => {
  const file = readFileSync(path)
  let at = 12
  let rate = 0
  while (at + 8 <= file.length) {
    const id = file.toString('latin1', at, at + 4)
    const size = file.readUInt32LE(at + 4)
    if (id === 'fmt ') rate = file.readUInt32LE(at + 12)
    if (id === 'data') {
      // A recorder that was stopped may not have written the length.
      const end = size === 0 || at + 8 + size > file.length ? file.length : at + 8 + size
      const count = Math.floor((end - at - 8) / 2)
      const samples = new Int16Array(count)
      for (let i = 0; i < count; i++) samples[i] = file.readInt16LE(at + 8 + 2 * i)
      return { rate, samples }
    }
    at += 8 + size + (size & 1)
  }
  throw new Error(`${path} has no samples`)
}

export const writeWav = (path: string, samples: Int16Array, rate = 8000): void => {
  const file = Buffer.alloc(44 + samples.length * 2)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(36 + samples.length * 2, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(rate, 24)
  file.writeUInt32LE(rate * 2, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(samples.length * 2, 40)
  samples.forEach((sample, i) => {
    file.writeInt16LE(sample, 44 + 2 * i)
  })
  writeFileSync(path, file)
}

/** A sine of `dbm0` (peak 32,767 is +3.14 dBm0). */
export const sine = (hz: number, dbm0: number, seconds: number, rate = 8000): Int16Array => {
  const peak = 32767 * 10 ** ((dbm0 - 3.14) / 20)
  return Int16Array.from({ length: Math.round(seconds * rate) }, (_, i) =>
    Math.round(peak * Math.sin((2 * Math.PI * hz * i) / rate)),
  )
}

export interface Measured {
  /** Strongest frequency, Hz, to about 1 Hz. */
  readonly hz: number
  /** Its level, dBm0. */
  readonly dbm0: number
}

/** The strongest sine in the samples by a windowed DFT scan of 200-3500 Hz. */
export const strongestTone = (samples: Int16Array, rate = 8000): Measured => {
  const coarse = best(samples, rate, range(200, 3500, 10))
  const fine = best(samples, rate, range(coarse - 10, coarse + 10, 0.5))
  return { hz: fine, dbm0: levelAt(samples, rate, fine) }
}

export const levelAt = (samples: Int16Array, rate: number, hz: number): number => {
  let re = 0
  let im = 0
  let weight = 0
  samples.forEach((sample, i) => {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / samples.length)
    re += sample * window * Math.cos((2 * Math.PI * hz * i) / rate)
    im += sample * window * Math.sin((2 * Math.PI * hz * i) / rate)
    weight += window
  })
  const peak = (2 * Math.hypot(re, im)) / weight
  return 20 * Math.log10(Math.max(peak, 1e-9) / 32767) + 3.14
}

const best = (samples: Int16Array, rate: number, candidates: readonly number[]): number => {
  let found = candidates[0] as number
  let level = Number.NEGATIVE_INFINITY
  for (const hz of candidates) {
    const here = levelAt(samples, rate, hz)
    if (here > level) {
      level = here
      found = hz
    }
  }
  return found
}

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step)

/** First sample of a 20 ms stretch in which a sine of `hz` is louder than `dbm0`; -1 when none is. */
export const onsetOf = (samples: Int16Array, hz: number, dbm0: number, rate = 8000): number => {
  const window = rate / 50
  for (let at = 0; at + window <= samples.length; at += window / 4)
    if (levelAt(samples.subarray(at, at + window), rate, hz) > dbm0) return at
  return -1
}

/** A file of raw A-law (ITU-T G.711), decoded. */
export const speechOf = (file: URL): Int16Array =>
  Int16Array.from(readFileSync(file), code => {
    const word = code ^ 0x55
    const exponent = (word >> 4) & 7
    const mantissa = ((word & 15) << 4) + 8
    const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
    return word & 0x80 ? magnitude : -magnitude
  })

export interface Found {
  /** Sample at which the part begins. */
  readonly at: number
  /** 1: the same but for its level. */
  readonly correlation: number
  /** Level against the original, dB. */
  readonly gainDb: number
}

/** Where `part` stands in `samples`, by cross-correlation over every lag. */
export const findIn = (samples: Int16Array, part: Int16Array): Found => {
  let energy = 0
  for (const sample of part) energy += sample * sample
  const product = (at: number, step: number) => {
    let sum = 0
    for (let i = 0; i < part.length; i += step) sum += (part[i] as number) * (samples[at + i] as number)
    return sum
  }
  let best = 0
  let most = Number.NEGATIVE_INFINITY
  // Every fourth product finds the lag; the rest is judged in full.
  for (let at = 0; at + part.length <= samples.length; at++) {
    const sum = product(at, 4)
    if (sum > most) {
      most = sum
      best = at
    }
  }
  let there = 0
  for (let i = 0; i < part.length; i++) there += (samples[best + i] as number) ** 2
  const sum = product(best, 1)
  return {
    at: best,
    correlation: sum / Math.sqrt(energy * there || 1),
    gainDb: 20 * Math.log10(Math.abs(sum) / energy || 1e-9),
  }
}
