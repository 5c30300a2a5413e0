// The alerting tone of a call in the receiver of a telephone with a display: 2130 and 2750 Hz together for 80 ± 5 ms
// (ETSI EN 300 659-2 §6). Looked at in blocks of 5 ms, so its length is known within one.

import { FRAME_SAMPLES } from '../pcm-port.js'
import { peakOf } from './telephone-signals.js'

const hz = [2130, 2750] as const
const blockSamples = 40
/** The fewest and most whole blocks of a tone of 75 to 85 ms. */
const fewest = 14
const most = 17
/** Of each frequency. */
const quietest = peakOf(-38)
/** Share of the energy that must be in the two tones, and how much louder one may be than the other (6 dB). */
const purity = 0.8
const twistLimit = 4

/** Energy of one frequency in a block, by a sum with both phases. */
const energyAt = (frame: Int16Array, from: number, frequency: number): number => {
  let re = 0
  let im = 0
  for (let n = 0; n < blockSamples; n++) {
    const angle = (2 * Math.PI * frequency * n) / 8000
    re += (frame[from + n] as number) * Math.cos(angle)
    im += (frame[from + n] as number) * Math.sin(angle)
  }
  return (2 * (re * re + im * im)) / blockSamples
}

export class AlertEar {
  #blocks = 0

  /** One frame of the receiver; true in the one after whose tone of the right length it is quiet again. */
  hear(frame: Int16Array): boolean {
    let ended = false
    for (let from = 0; from < FRAME_SAMPLES; from += blockSamples) {
      if (this.#isAlert(frame, from)) {
        this.#blocks++
        continue
      }
      ended ||= this.#blocks >= fewest && this.#blocks <= most
      this.#blocks = 0
    }
    return ended
  }

  forget(): void {
    this.#blocks = 0
  }

  #isAlert(frame: Int16Array, from: number): boolean {
    let total = 0
    for (let n = from; n < from + blockSamples; n++) total += (frame[n] as number) ** 2
    if (total < 0.5 * blockSamples * quietest * quietest) return false
    const low = energyAt(frame, from, hz[0])
    const high = energyAt(frame, from, hz[1])
    return low + high > purity * total && low < twistLimit * high && high < twistLimit * low
  }
}
