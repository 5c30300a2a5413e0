// A codec in virtual time behind the sound device's own interface: it captures what a telephone sends, plays into its ear,
// and can be late, interrupted and starved as real ones are. What lies in its queue is known to the sample.

import { type Clock, ms, type Timer } from '../../hal/clock.js'
import { HalError } from '../../hal/errors.js'
import {
  BUFFER_SAMPLES,
  type PcmDevice,
  type PcmDeviceSink,
  TARGET_SAMPLES,
} from '../../hal/linux/pcm-device.js'
import { PlaybackLevel } from '../../hal/linux/playback-level.js'
import { FRAME_SAMPLES } from '../../hal/pcm-port.js'

export interface VirtualPcmDeviceOptions {
  readonly clock: Clock
  readonly channels?: number
  /** Of the codec's clock against the virtual one, and of playback against capture, parts in a million. */
  readonly ppm?: number
  readonly playbackPpm?: number
  /** How late frame n is brought, ms. */
  readonly delay?: (n: number) => number
  /** `reckoned`: as behind a pipe, where the queue cannot be asked for. */
  readonly queue?: 'exact' | 'reckoned'
}

export class VirtualPcmDevice implements PcmDevice {
  readonly channels: number
  readonly exact: boolean
  playing = true
  /** The telephone: sample n of a channel, from the opening on. */
  send: (n: number, channel: number) => number = () => 0
  /** What was played, first channel. */
  readonly heard: number[] = []
  underruns = 0
  #out = false
  closed = false
  readonly #options: VirtualPcmDeviceOptions
  readonly #level: PlaybackLevel | undefined
  readonly #fifo: number[] = []
  readonly #frame: Int16Array
  #sink: PcmDeviceSink | undefined
  #begin = 0
  #captured = 0
  #waiting: number[] = []
  #timer: Timer | undefined
  #stalledUntil = 0
  #lostUntil = 0
  #running = false
  #played = 0

  constructor(options: VirtualPcmDeviceOptions) {
    this.#options = options
    this.channels = options.channels ?? 1
    this.exact = options.queue !== 'reckoned'
    this.#level = this.exact ? undefined : new PlaybackLevel(TARGET_SAMPLES)
    this.#frame = new Int16Array(this.channels * FRAME_SAMPLES)
  }

  async open(sink: PcmDeviceSink): Promise<void> {
    this.#sink = sink
    this.#begin = this.#options.clock.now()
    this.#arm()
  }

  /** It is pulled out, and complains each time it is tried; or is back. */
  pulled(out: boolean): void {
    this.playing = !out
    this.#out = out
    if (out) this.#complain()
    else this.#sink?.captureBroken()
  }

  #complain(): void {
    if (!this.#out) return
    this.#sink?.trouble(new HalError('missing', 'sound device hw:1: there is no such device'))
    this.#options.clock.timer('virtual codec complains', ms(100), () => this.#complain())
  }

  /** The program is not run for so long; the codec goes on. */
  stall(forMs: number): void {
    this.#stalledUntil = this.#options.clock.now() + forMs * 1000
  }

  /** The codec's capture stands still for so long. */
  overrun(forMs: number): void {
    this.#lostUntil = this.#options.clock.now() + forMs * 1000
  }

  /** Samples that are truly queued. */
  get truth(): number {
    this.#playOn()
    return this.#fifo.length
  }

  play(samples: Int16Array): void {
    this.#playOn()
    for (let n = 0; n < FRAME_SAMPLES; n++) this.#fifo.push(samples[n * this.channels] as number)
    if (this.#fifo.length >= TARGET_SAMPLES) this.#running = true
    this.#level?.wrote(this.#sink?.position() ?? 0)
  }

  queued(): number {
    this.#playOn()
    if (this.#level !== undefined) return this.#level.at(this.#sink?.position() ?? 0)
    return this.#running || this.#fifo.length > 0 ? this.#fifo.length : -1
  }

  async close(): Promise<void> {
    this.closed = true
    this.#timer?.cancel()
  }

  #arm(): void {
    const { clock, ppm = 0, delay } = this.#options
    const n = this.#captured++
    const due = this.#begin + ((n + 1) * 10_000) / (1 + ppm / 1e6)
    const late = (delay?.(n) ?? 0) * 1000
    this.#timer = clock.timer('codec', ms(Math.max(0, (due - clock.now()) / 1000)), () => {
      if (this.#out) this.#waiting = []
      else if (clock.now() >= this.#lostUntil) this.#waiting.push(n)
      else if (clock.now() + 10_000 >= this.#lostUntil) this.#sink?.captureBroken()
      const from = Math.max(clock.now() + late, this.#stalledUntil)
      if (from > clock.now()) clock.timer('late', ms((from - clock.now()) / 1000), () => this.#bring())
      else this.#bring()
      if (n % 50 === 49) this.#tellPlayed()
      if (!this.closed) this.#arm()
    })
  }

  /** The queue behind a pipe cannot be asked for, what left it can. */
  #tellPlayed(): void {
    this.#playOn()
    if (!this.exact && this.#running) this.#sink?.played(this.#played)
  }

  #bring(): void {
    for (const n of this.#waiting.splice(0)) {
      if (this.closed) return
      for (let i = 0; i < this.#frame.length; i++)
        this.#frame[i] = this.send(n * FRAME_SAMPLES + Math.floor(i / this.channels), i % this.channels)
      this.#sink?.captured(this.#frame, this.#options.clock.now())
    }
  }

  #playOn(): void {
    const { clock, ppm = 0, playbackPpm = 0 } = this.#options
    const until = Math.floor(((clock.now() - this.#begin) / 125) * (1 + (ppm + playbackPpm) / 1e6))
    for (; this.#played < until; this.#played++) {
      const sample = this.#running ? this.#fifo.shift() : 0
      this.heard.push(sample ?? 0)
      if (sample !== undefined) continue
      this.#running = false
      this.underruns++
      this.#sink?.playbackBroken()
    }
    if (this.#fifo.length > 50 * BUFFER_SAMPLES) throw new Error('the queue grows without end')
  }
}
