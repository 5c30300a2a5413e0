// One line's audio on a sound device: one channel of the interleaved frames, and a short queue for a writer that gets ahead.

import { HalError } from '../errors.js'
import { FRAME_SAMPLES, type PcmPort } from '../pcm-port.js'

/** A writer that gets further ahead loses the oldest frame. */
const queueFrames = 8

export class AlsaPcmPort implements PcmPort {
  readonly id: string
  readonly #channel: number
  readonly #channels: number
  readonly #deviceQueued: () => number
  readonly #captured = new Int16Array(FRAME_SAMPLES)
  readonly #queue = new Int16Array(queueFrames * FRAME_SAMPLES)
  #head = 0
  #queued = 0
  #awake = false

  /** `deviceQueued`: samples between this queue and the ear. */
  constructor(id: string, channel: number, channels: number, deviceQueued: () => number) {
    this.id = id
    this.#channel = channel
    this.#channels = channels
    this.#deviceQueued = deviceQueued
  }

  get awake(): boolean {
    return this.#awake
  }

  set awake(awake: boolean) {
    if (awake === this.#awake) return
    this.#awake = awake
    this.#queued = 0
    this.#captured.fill(0)
  }

  read(into: Int16Array): void {
    into.set(this.#captured)
  }

  write(frame: Int16Array): number {
    if (frame.length !== FRAME_SAMPLES)
      throw new HalError('invalid', `a frame has ${FRAME_SAMPLES} samples, not ${frame.length}`)
    if (!this.#awake) return 0
    if (this.#queued === queueFrames) this.#forgetOldest()
    this.#queue.set(frame, ((this.#head + this.#queued) % queueFrames) * FRAME_SAMPLES)
    this.#queued++
    return this.#queued * FRAME_SAMPLES + this.#deviceQueued()
  }

  /** Keeps this line's channel of a captured frame. */
  capture(samples: Int16Array): void {
    const { length } = this.#captured
    for (let n = 0; n < length; n++) this.#captured[n] = samples[n * this.#channels + this.#channel] as number
  }

  /** Puts the oldest written frame, or silence, into this line's channel. */
  play(into: Int16Array): void {
    const at = this.#head * FRAME_SAMPLES
    const sounds = this.#queued > 0
    for (let n = 0; n < FRAME_SAMPLES; n++)
      into[n * this.#channels + this.#channel] = sounds ? (this.#queue[at + n] as number) : 0
    if (sounds) this.#forgetOldest()
  }

  #forgetOldest(): void {
    this.#head = (this.#head + 1) % queueFrames
    this.#queued--
  }
}
