// The 2-to-4-wire hybrid of the simulated line: what the box plays reaches the ear and leaks back into the capture,
// what the telephone sends reaches the capture. The leak is a decaying impulse response of 6 ms, as of a short local
// loop; its energy is the trans-hybrid (echo return) loss.

import { FRAME_SAMPLES } from '../pcm-port.js'

const leakTaps = 48

/** Impulse response of the leak for white noise of `lossDb` echo return loss. */
export const leakResponse = (lossDb: number): Float64Array => {
  const taps = new Float64Array(leakTaps)
  let energy = 0
  for (let n = 4; n < leakTaps; n++) {
    // Two damped modes: the near mismatch at the terminals and the end of the cable.
    const near = Math.exp(-(n - 4) / 5) * Math.cos(0.9 * (n - 4))
    const far = n < 14 ? 0 : -0.45 * Math.exp(-(n - 14) / 7) * Math.cos(0.5 * (n - 14))
    taps[n] = near + far
    energy += (near + far) ** 2
  }
  const scale = Math.sqrt(10 ** (-lossDb / 10) / energy)
  return taps.map(tap => tap * scale)
}

const linear = (db: number): number => 10 ** (db / 20)
const clip = (sample: number): number =>
  sample > 32767 ? 32767 : sample < -32768 ? -32768 : Math.round(sample)

/** What one frame carries. Arrays are FRAME_SAMPLES long and reused by their owners. */
export interface HybridFrame {
  /** Played by the box. */
  readonly played: Int16Array
  /** Sent by the telephone, linear PCM units. */
  readonly sent: Float64Array
  /** Per sample: 1 = the telephone is fed and off-hook, both ways; 2 = on-hook transmission, receiver only. */
  readonly path: Uint8Array
  /** Filled: captured by the box. */
  readonly captured: Int16Array
  /** Filled: heard by the receiver. */
  readonly heard: Int16Array
}

export class Hybrid {
  #taps: Float64Array
  #receive = 1
  #transmit = 1
  /** Ring of the last samples on the line, so that the leak runs on across frames. */
  readonly #history = new Float64Array(64)
  #at = 0

  constructor(lossDb: number) {
    this.#taps = leakResponse(lossDb)
  }

  setLoss(lossDb: number): void {
    this.#taps = leakResponse(lossDb)
  }

  setGain(receiveDb: number, transmitDb: number): void {
    this.#receive = linear(receiveDb)
    this.#transmit = linear(transmitDb)
  }

  process(frame: HybridFrame): void {
    const history = this.#history
    const taps = this.#taps
    for (let n = 0; n < FRAME_SAMPLES; n++) {
      const path = frame.path[n] as number
      const down = path === 0 ? 0 : (frame.played[n] as number) * this.#receive
      this.#at = (this.#at + 1) & 63
      history[this.#at] = path === 1 ? down : 0
      frame.heard[n] = clip(down)
      if (path !== 1) {
        frame.captured[n] = 0
        continue
      }
      let leak = 0
      for (let k = 4; k < leakTaps; k++)
        leak += (taps[k] as number) * (history[(this.#at - k) & 63] as number)
      frame.captured[n] = clip((leak + (frame.sent[n] as number)) * this.#transmit)
    }
  }
}
