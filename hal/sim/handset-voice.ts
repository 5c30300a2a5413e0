// What the telephone sends and records: keys (ITU-T Q.23 with settable error, twist and level), a WAV file into the
// microphone, and a recorder on the receiver. All of it counts samples of the line, so lengths are exact.

import { FRAME_SAMPLES } from '../pcm-port.js'
import { keyHz, peakOf } from './telephone-signals.js'

/** Writes the next samples; false when nothing is left, the frame then being filled with silence. */
export interface VoiceSource {
  fill(frame: Float64Array): boolean
}

export interface KeySettings {
  readonly onMs: number
  readonly offMs: number
  /** Level of the low tone, dBm0. */
  readonly dbm0: number
  /** High minus low tone, dB. */
  readonly twistDb: number
  readonly errorPercent: number
}

/** Keys pressed one after the other; `onKey` at the start of each. */
export const keySource = (
  digits: string,
  settings: KeySettings,
  onKey: (digit: string) => void,
): VoiceSource => {
  const on = Math.round(settings.onMs * 8)
  const period = on + Math.round(settings.offMs * 8)
  const total = period * digits.length
  const low = peakOf(settings.dbm0)
  const high = peakOf(settings.dbm0 + settings.twistDb)
  const steps = [...digits].map(digit => {
    const hz = keyHz(digit)
    if (hz === undefined) throw new Error(`no key ${digit}`)
    return hz.map(f => (2 * Math.PI * f * (1 + settings.errorPercent / 100)) / 8000)
  })
  let at = 0
  return {
    fill: frame => {
      for (let n = 0; n < FRAME_SAMPLES; n++, at++) {
        const key = Math.floor(at / period)
        const phase = at - key * period
        if (at >= total || phase >= on) {
          frame[n] = 0
          continue
        }
        if (phase === 0) onKey(digits[key] as string)
        const [row, column] = steps[key] as [number, number]
        frame[n] = low * Math.sin(row * phase) + high * Math.sin(column * phase)
      }
      return at < total
    },
  }
}

export const sampleSource = (samples: Int16Array): VoiceSource => {
  let at = 0
  return {
    fill: frame => {
      for (let n = 0; n < FRAME_SAMPLES; n++) frame[n] = samples[at++] ?? 0
      return at < samples.length
    },
  }
}

/** Collects what the receiver carries until it has `length` samples. */
export class Recorder {
  readonly samples: Int16Array
  /** Samples of the last frame that no longer fitted. */
  unused = 0
  #at = 0

  constructor(lengthMs: number) {
    this.samples = new Int16Array(Math.round(lengthMs * 8))
  }

  get full(): boolean {
    return this.#at >= this.samples.length
  }

  take(frame: Int16Array): void {
    let n = 0
    for (; n < FRAME_SAMPLES && !this.full; n++) this.samples[this.#at++] = frame[n] as number
    this.unused = FRAME_SAMPLES - n
  }
}
