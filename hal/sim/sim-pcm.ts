// One line's audio on the simulated board: a short playback queue toward the telephone, the captured frame from it,
// and the step that moves one frame through the hybrid.

import { type Us, us } from '../clock.js'
import { HalError } from '../errors.js'
import { FRAME_MS, FRAME_SAMPLES, type PcmPort } from '../pcm-port.js'
import type { SimHandset } from './handset.js'
import type { HybridFrame } from './hybrid.js'
import type { LineModel } from './line-model.js'

/** What a codec's playback FIFO holds, frames. A writer that gets ahead of it loses the oldest. */
const queueFrames = 8

export class SimPcmPort implements PcmPort {
  readonly id: string
  awake = false
  readonly loopOpenUntil = Float64Array.of(Number.NaN)
  readonly #line: LineModel
  readonly #handset: SimHandset
  readonly #queue = new Int16Array(queueFrames * FRAME_SAMPLES)
  #head = 0
  #queued = 0
  readonly #played = new Int16Array(FRAME_SAMPLES)
  readonly #sent = new Float64Array(FRAME_SAMPLES)
  readonly #captured = new Int16Array(FRAME_SAMPLES)
  readonly #heard = new Int16Array(FRAME_SAMPLES)
  readonly #frame: HybridFrame & { path: Uint8Array }

  constructor(line: LineModel, handset: SimHandset) {
    this.id = line.id
    this.#line = line
    this.#handset = handset
    this.#frame = {
      played: this.#played,
      sent: this.#sent,
      captured: this.#captured,
      heard: this.#heard,
      path: new Uint8Array(FRAME_SAMPLES),
    }
  }

  read(into: Int16Array): void {
    into.set(this.#captured)
  }

  write(frame: Int16Array): number {
    if (frame.length !== FRAME_SAMPLES)
      throw new HalError('invalid', `a frame has ${FRAME_SAMPLES} samples, not ${frame.length}`)
    if (!this.awake) return 0
    if (this.#queued === queueFrames) {
      this.#head = (this.#head + 1) % queueFrames
      this.#queued--
    }
    this.#queue.set(frame, ((this.#head + this.#queued) % queueFrames) * FRAME_SAMPLES)
    this.#queued++
    return this.#queued * FRAME_SAMPLES
  }

  setAwake(awake: boolean): void {
    if (this.awake === awake) return
    this.awake = awake
    this.#queued = 0
    this.#captured.fill(0)
  }

  /** Moves the frame that ended at `end` through the line. */
  step(end: Us): void {
    const frame = this.#frame
    this.loopOpenUntil[0] = this.#line.openUntil(end)
    if (this.#queued > 0) {
      const at = this.#head * FRAME_SAMPLES
      for (let n = 0; n < FRAME_SAMPLES; n++) this.#played[n] = this.#queue[at + n] as number
      this.#head = (this.#head + 1) % queueFrames
      this.#queued--
    } else this.#played.fill(0)
    frame.path = this.#line.pathOfFrame(us(end - FRAME_MS * 1000))
    this.#handset.fillSent(this.#sent, end)
    this.#line.hybrid.process(frame)
  }

  /** Lets the telephone hear the frame of the last `step`. */
  hear(end: Us): void {
    this.#handset.hear(this.#heard, end)
  }
}
