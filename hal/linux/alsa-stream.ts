// One direction of a sound device through libasound: opened without blocking, S16_LE at 8000 Hz in periods of 10 ms, and
// brought back after an xrun or a suspend as snd_pcm_recover does, but without its sleeping.

import { HalError } from '../errors.js'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../pcm-port.js'
import { errorFrom, troubleFrom } from './alsa-trouble.js'
import { failure, type Handle, interleaved, type Libasound, nonBlocking, s16le, stream } from './libasound.js'
import { BUFFER_SAMPLES, TARGET_SAMPLES } from './pcm-device.js'

export type AlsaDirection = keyof typeof stream

export class AlsaStream {
  readonly #lib: Libasound
  readonly #device: string
  readonly #direction: AlsaDirection
  readonly #pcm: Handle
  readonly #delay = new Int32Array(2)

  /** Throws a HalError that says what to do. */
  constructor(lib: Libasound, device: string, direction: AlsaDirection, channels: number) {
    this.#lib = lib
    this.#device = device
    this.#direction = direction
    this.#pcm = this.#make(out => lib.open(out, device, stream[direction], nonBlocking), 'open')
    try {
      this.#setHardware(channels)
      this.#setSoftware()
      this.#need(lib.prepare(this.#pcm), 'prepare')
    } catch (error) {
      lib.close(this.#pcm)
      throw error
    }
  }

  /** Capture begins at once; playback does when enough is written. */
  start(): void {
    this.#need(this.#lib.start(this.#pcm), 'start')
  }

  /** Samples a channel that can be read or written now, or a negative error number. */
  avail(): number {
    return this.#lib.avail(this.#pcm)
  }

  /** Samples between the program and the codec, or a negative error number. */
  delay(): number {
    const result = this.#lib.delay(this.#pcm, this.#delay)
    return result < 0 ? result : (this.#delay[0] as number)
  }

  /** Blocks until a period is there, `ms` at the longest. */
  wait(ms: number): number {
    return this.#lib.wait(this.#pcm, ms)
  }

  read(into: Int16Array): number {
    return this.#lib.readi(this.#pcm, into, FRAME_SAMPLES)
  }

  write(from: Int16Array): number {
    return this.#lib.writei(this.#pcm, from, FRAME_SAMPLES)
  }

  /** True: it runs again. False: not yet. Throws a HalError where nothing but opening anew can help. */
  recover(result: number): boolean {
    if (result === failure.again) return true
    if (result === failure.suspended) {
      const resumed = this.#lib.resume(this.#pcm)
      if (resumed === failure.again) return false
      // It goes on where it was, and a stream that runs may not be prepared.
      if (resumed >= 0) return true
    } else if (result !== failure.pipe) this.#need(result, this.#direction)
    this.#need(this.#lib.prepare(this.#pcm), 'prepare')
    if (this.#direction === 'capture') this.start()
    return true
  }

  close(): void {
    this.#lib.drop(this.#pcm)
    this.#lib.close(this.#pcm)
  }

  #setHardware(channels: number): void {
    const lib = this.#lib
    const pcm = this.#pcm
    const params = this.#make(out => lib.hwMalloc(out), 'hardware parameters')
    try {
      this.#need(lib.hwAny(pcm, params), 'no configurations available')
      this.#need(lib.hwAccess(pcm, params, interleaved), 'cannot set access')
      this.#need(lib.hwFormat(pcm, params, s16le), 'cannot set format')
      this.#need(lib.hwChannels(pcm, params, channels), 'cannot set channels')
      this.#need(lib.hwRate(pcm, params, SAMPLE_RATE, 0), 'cannot set rate')
      this.#need(lib.hwPeriodNear(pcm, params, Int32Array.of(FRAME_SAMPLES, 0), null), 'cannot set period')
      this.#need(lib.hwBufferNear(pcm, params, Int32Array.of(BUFFER_SAMPLES, 0)), 'cannot set buffer')
      this.#need(lib.hwInstall(pcm, params), 'Unable to install hw params')
    } finally {
      lib.hwFree(params)
    }
  }

  #setSoftware(): void {
    const lib = this.#lib
    const pcm = this.#pcm
    const params = this.#make(out => lib.swMalloc(out), 'software parameters')
    const begin = this.#direction === 'playback' ? TARGET_SAMPLES : 1
    try {
      this.#need(lib.swCurrent(pcm, params), 'current software parameters')
      this.#need(lib.swAvailMin(pcm, params, FRAME_SAMPLES), 'cannot set avail_min')
      this.#need(lib.swStart(pcm, params, begin), 'cannot set start threshold')
      this.#need(lib.swInstall(pcm, params), 'software parameters')
    } finally {
      lib.swFree(params)
    }
  }

  #make(call: (out: [Handle | null]) => number, what: string): Handle {
    const out: [Handle | null] = [null]
    this.#need(call(out), what)
    if (out[0] === null) throw new HalError('io', `sound device ${this.#device}: ${what} gave nothing`)
    return out[0]
  }

  #need(result: number, what: string): void {
    if (result >= 0) return
    throw errorFrom(troubleFrom(this.#device, `${what}: ${this.#lib.strerror(result)}`))
  }
}
