// A sound device through libasound in the audio thread itself: the fast way, with no pipe between. Between two periods
// the thread waits in its event loop, so that commands and datagrams are served as they come; for the last moment it waits
// for the device, which no timer of an event loop meets. Nothing is allocated for a frame: the timers are kept and set
// again, the arrays handed to the library are made once.

import { type Clock, ms, type Timer, us } from '../clock.js'
import { HalError, isHalError } from '../errors.js'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../pcm-port.js'
import { AlsaBoard, type AlsaLine } from './alsa-board.js'
import { AlsaStream } from './alsa-stream.js'
import { errorFrom, silentDevice } from './alsa-trouble.js'
import { failure, type Libasound, loadLibasound } from './libasound.js'
import { BUFFER_SAMPLES, type PcmDevice, type PcmDeviceSink } from './pcm-device.js'

/** Waits in the event loop: after a frame, and where the next is nearly there, ms. Node may be a millisecond late. */
const napMs = 7
const shortNapMs = 1
/** Longest wait for the device itself, with the event loop not served, ms. */
const waitMs = 3
/** Frames taken in one go: what a device that does not pace itself could bring is without end. */
const mostFrames = (2 * BUFFER_SAMPLES) / FRAME_SAMPLES
/** Nothing captured for so long and the device is opened anew, µs. */
const stillUs = 2_000_000
/** Before the device is opened anew, ms: doubled each time. */
const pauseMs = { first: 100, longest: 3000 }

export interface AlsaKoffiOptions {
  readonly clock: Clock
  /** ALSA's name of the device: `hw:1,0`, `plughw:CARD=codec`. */
  readonly capture: string
  readonly playback: string
  /** Of each stream; at least one a line. Default 1. */
  readonly channels?: number
  /** In place of libasound.so.2. */
  readonly library?: string
  /** How long `open` waits for the first frame, ms. Default 5000. */
  readonly withinMs?: number
}

export class AlsaKoffi implements PcmDevice {
  readonly channels: number
  readonly exact = true
  readonly #options: AlsaKoffiOptions
  readonly #frame: Int16Array
  #lib: Libasound | undefined
  #sink: PcmDeviceSink | undefined
  #in: AlsaStream | undefined
  #out: AlsaStream | undefined
  /** Kept from frame to frame: a timer that is only set again makes no garbage. */
  #nap: NodeJS.Timeout | undefined
  #shortNap: NodeJS.Timeout | undefined
  #retry: Timer | undefined
  #pause = pauseMs.first
  #heardAt = 0
  #began = false
  #opening: { done(): void; fail(error: HalError): void } | undefined
  #closed = false

  constructor(options: AlsaKoffiOptions) {
    this.#options = options
    this.channels = options.channels ?? 1
    this.#frame = new Int16Array(this.channels * FRAME_SAMPLES)
  }

  get playing(): boolean {
    return this.#out !== undefined
  }

  async open(sink: PcmDeviceSink): Promise<void> {
    if (this.#closed || this.#sink !== undefined)
      throw new HalError(this.#closed ? 'closed' : 'in-use', 'the sound device is opened once')
    this.#sink = sink
    this.#lib = await loadLibasound(this.#options.library)
    if (this.#closed) throw new HalError('closed', 'the sound device was closed')
    this.#begin()
    await this.#firstFrame()
  }

  play(samples: Int16Array): void {
    const out = this.#out
    if (out === undefined) return
    const result = out.write(samples)
    // A full queue takes nothing, and what it would have taken is too late anyway.
    if (result >= 0 || result === failure.again) return
    this.#sink?.playbackBroken()
    try {
      if (out.recover(result)) out.write(samples)
    } catch (error) {
      this.#fail(error)
    }
  }

  queued(): number {
    const delay = this.#out?.delay() ?? 0
    // An xrun is dealt with where the next frame is written.
    return delay > 0 ? delay : -1
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#retry?.cancel()
    this.#opening?.fail(new HalError('closed', 'the sound device was closed'))
    this.#end()
  }

  #begin(): void {
    const { capture, playback, clock } = this.#options
    const lib = this.#lib as Libasound
    try {
      this.#out = new AlsaStream(lib, playback, 'playback', this.channels)
      this.#in = new AlsaStream(lib, capture, 'capture', this.channels)
      this.#in.start()
    } catch (error) {
      this.#end()
      throw error
    }
    this.#heardAt = clock.now()
    if (this.#began) this.#sink?.captureBroken()
    this.#began = true
    this.#wait(false)
  }

  #end(): void {
    clearTimeout(this.#nap)
    clearTimeout(this.#shortNap)
    this.#nap = undefined
    this.#shortNap = undefined
    this.#in?.close()
    this.#out?.close()
    this.#in = undefined
    this.#out = undefined
  }

  #firstFrame(): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = this.#options.clock.timer('alsa open', ms(this.#options.withinMs ?? 5000), () =>
        this.#opening?.fail(errorFrom(silentDevice(this.#options.capture))),
      )
      const settle = (act: () => void): void => {
        late.cancel()
        this.#opening = undefined
        act()
      }
      this.#opening = {
        done: () => settle(resolve),
        fail: error =>
          settle(() => {
            void this.close()
            reject(error)
          }),
      }
    })
  }

  #wait(long: boolean): void {
    if (long) this.#nap = this.#nap?.refresh() ?? setTimeout(() => this.#step(), napMs)
    else this.#shortNap = this.#shortNap?.refresh() ?? setTimeout(() => this.#step(), shortNapMs)
  }

  #step(): void {
    const stream = this.#in
    if (stream === undefined) return
    try {
      stream.wait(waitMs)
      const taken = this.#take(stream)
      if (taken === 0 && this.#options.clock.now() - this.#heardAt > stillUs)
        throw new HalError('lost', `sound device ${this.#options.capture}: it gives no samples any more`)
      if (this.#in === stream) this.#wait(taken > 0)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Every whole frame that is there. */
  #take(stream: AlsaStream): number {
    const { clock } = this.#options
    let avail = stream.avail()
    if (avail < 0) {
      this.#sink?.captureBroken()
      stream.recover(avail)
      return 0
    }
    const now = clock.now()
    let taken = 0
    for (; avail >= FRAME_SAMPLES && taken < mostFrames && this.#in === stream; taken++) {
      const result = stream.read(this.#frame)
      if (result < FRAME_SAMPLES) {
        if (result === failure.again) return taken
        this.#sink?.captureBroken()
        if (result < 0) stream.recover(result)
        return taken
      }
      avail -= FRAME_SAMPLES
      this.#heardAt = now
      this.#pause = pauseMs.first
      this.#opening?.done()
      // What came behind it tells how long it has been there.
      this.#sink?.captured(this.#frame, us(now - (avail * 1e6) / SAMPLE_RATE))
    }
    return taken
  }

  /** The device went away: it is tried again, with growing pauses. */
  #fail(cause: unknown): void {
    const error = isHalError(cause) ? cause : new HalError('io', String(cause), { cause })
    this.#end()
    if (this.#closed) return
    if (this.#opening !== undefined) {
      this.#opening.fail(error)
      return
    }
    this.#sink?.playbackBroken()
    this.#sink?.trouble(error)
    this.#retry = this.#options.clock.timer('alsa device', ms(this.#pause), () => {
      try {
        this.#begin()
      } catch (again) {
        this.#fail(again)
      }
    })
    this.#pause = Math.min(this.#pause * 2, pauseMs.longest)
  }
}

/** A board on libasound, its streams running. Rejects with a HalError that says what to do; 'unsupported': no libasound. */
export const openAlsaKoffi = async (
  options: AlsaKoffiOptions & {
    readonly lines: readonly AlsaLine[]
    readonly onTrouble?: (error: HalError) => void
  },
): Promise<AlsaBoard> => {
  const { lines, clock, onTrouble } = options
  const board = new AlsaBoard({
    lines,
    clock,
    device: new AlsaKoffi(options),
    ...(onTrouble !== undefined && { onTrouble }),
  })
  await board.open()
  return board
}
