// A sound device through arecord and aplay as child processes: the safe way, because whatever a driver does to them, the
// daemon lives. Frames come in through one pipe and go out through another; the event loop of the audio thread serves both,
// so commands and datagrams are served as they come. What lies in the pipes cannot be asked for, it is reckoned
// (playback-level.ts). A pipe read makes one Buffer each time and a pipe write one request object: that much Node forces on
// us. Frames themselves are put together in arrays made once.

import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Clock, ms, type Timer } from '../clock.js'
import { HalError } from '../errors.js'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../pcm-port.js'
import { AlsaBoard, type AlsaLine } from './alsa-board.js'
import { AlsaChild } from './alsa-child.js'
import { playbackStatusFile, readStreamStatus } from './alsa-status.js'
import { errorFrom, silentDevice } from './alsa-trouble.js'
import { BUFFER_SAMPLES, type PcmDevice, type PcmDeviceSink, TARGET_SAMPLES } from './pcm-device.js'
import { PlaybackLevel } from './playback-level.js'

/** Nothing captured for so long and the child is started anew, ms. */
const stillMs = 2000
/** Where the kernel does not tell that playback has begun, it is taken for it after so long, ms. */
const startsWithinMs = 2000
/** Between two looks at how the children do, ms. */
const lookMs = 500
/** Silence with which playback begins, samples: enough for it to be seen running. */
const startSamples = BUFFER_SAMPLES - FRAME_SAMPLES
/** More than this in the pipe, samples, cannot be waited for: aplay is started anew. */
const longestBacklog = SAMPLE_RATE / 5
/** Frames handed to Node and not yet taken by the pipe. More: aplay stands still. */
const slots = 16

export interface AlsaChildrenOptions {
  readonly clock: Clock
  /** ALSA's name of the device: `hw:1,0`, `plughw:CARD=codec`. */
  readonly capture: string
  readonly playback: string
  /** Of each stream; at least one a line. Default 1. */
  readonly channels?: number
  /** Programs in place of arecord and aplay. */
  readonly programs?: { readonly arecord: string; readonly aplay: string }
  readonly env?: NodeJS.ProcessEnv
  /** How long `open` waits for the first frame, ms. Default 5000. */
  readonly withinMs?: number
}

export class AlsaChildren implements PcmDevice {
  readonly channels: number
  readonly exact = false
  readonly #clock: Clock
  readonly #withinMs: number
  readonly #capture: string
  readonly #recorder: AlsaChild
  readonly #player: AlsaChild
  readonly #level = new PlaybackLevel(TARGET_SAMPLES)
  /** The frame that is being put together, as samples and as bytes of S16_LE. */
  readonly #frame: Int16Array
  readonly #bytes: Uint8Array
  readonly #silence: Int16Array
  readonly #slots: readonly Buffer[]
  readonly #statusFile: string | undefined
  #filled = 0
  #slot = 0
  /** It has enough to begin, and has not begun by what the kernel tells: more would lie in the pipe for ever. */
  #starting = false
  #startedAt = 0
  #sink: PcmDeviceSink | undefined
  #playing: ChildProcessWithoutNullStreams | undefined
  #heardAt = 0
  #watch: Timer | undefined
  #opening: { done(): void; fail(error: HalError): void } | undefined
  #closed = false

  constructor(options: AlsaChildrenOptions) {
    const { clock, capture, playback, channels = 1, env = process.env } = options
    const { arecord, aplay } = options.programs ?? { arecord: 'arecord', aplay: 'aplay' }
    this.channels = channels
    this.#capture = capture
    this.#clock = clock
    this.#withinMs = options.withinMs ?? 5000
    const bytes = channels * FRAME_SAMPLES * 2
    this.#bytes = new Uint8Array(bytes)
    this.#frame = new Int16Array(this.#bytes.buffer)
    this.#silence = new Int16Array(channels * FRAME_SAMPLES)
    this.#slots = Array.from({ length: slots + 1 }, () => Buffer.alloc(bytes))
    this.#statusFile = playbackStatusFile(playback)
    const common = { clock, env: { ...env, LC_ALL: 'C' } }
    this.#recorder = new AlsaChild(
      { ...common, device: capture, program: arecord, args: [...streamArgs(capture, channels), '-'] },
      {
        started: child => this.#recording(child),
        ready: () => {},
        xrun: () => this.#sink?.captureBroken(),
        ended: error => this.#ended(error),
      },
    )
    const startUs = (TARGET_SAMPLES / SAMPLE_RATE) * 1e6
    this.#player = new AlsaChild(
      {
        ...common,
        device: playback,
        program: aplay,
        args: [...streamArgs(playback, channels), `--start-delay=${startUs}`, '-'],
      },
      {
        // What is written before the device is open would lie in the pipe for ever.
        started: () => {},
        ready: child => this.#startPlaying(child),
        xrun: told => this.#underrun(told),
        ended: error => {
          this.#playing = undefined
          this.#sink?.playbackBroken()
          this.#ended(error)
        },
      },
    )
  }

  get playing(): boolean {
    return this.#playing !== undefined
  }

  open(sink: PcmDeviceSink): Promise<void> {
    if (this.#closed || this.#sink !== undefined)
      return Promise.reject(
        new HalError(this.#closed ? 'closed' : 'in-use', 'the sound device is opened once'),
      )
    this.#sink = sink
    const opened = new Promise<void>((resolve, reject) => {
      const late = this.#clock.timer('alsa open', ms(this.#withinMs), () =>
        this.#opening?.fail(errorFrom(silentDevice(this.#capture))),
      )
      const settle = (act: () => void): void => {
        late.cancel()
        this.#opening = undefined
        act()
      }
      this.#opening = {
        done: () => settle(resolve),
        fail: error => settle(() => void this.close().then(() => reject(error))),
      }
    })
    this.#player.start()
    this.#recorder.start()
    this.#look()
    return opened
  }

  play(samples: Int16Array): void {
    if (this.#starting) this.#lookForBegin()
    if (!this.#starting) this.#send(samples)
  }

  #send(samples: Int16Array): void {
    const pipe = this.#playing?.stdin
    if (pipe === undefined || !pipe.writable) return
    const buffer = this.#slots[this.#slot] as Buffer
    if (pipe.writableLength >= slots * buffer.length) {
      // It takes nothing: what lies there is old by now.
      this.#player.restart()
      return
    }
    this.#slot = (this.#slot + 1) % this.#slots.length
    for (let n = 0; n < samples.length; n++) buffer.writeInt16LE(samples[n] as number, 2 * n)
    pipe.write(buffer)
    this.#level.wrote(this.#position())
  }

  queued(): number {
    // Nothing is wanted while nothing can be taken.
    if (this.#playing === undefined || this.#starting) return TARGET_SAMPLES
    return this.#level.at(this.#position())
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#watch?.cancel()
    this.#opening?.fail(new HalError('closed', 'the sound device was closed'))
    await Promise.all([this.#recorder.close(), this.#player.close()])
  }

  #position(): number {
    return this.#sink?.position() ?? 0
  }

  #recording(child: ChildProcessWithoutNullStreams): void {
    this.#filled = 0
    this.#heardAt = this.#clock.now()
    if (this.#opening === undefined) this.#sink?.captureBroken()
    child.stdout.on('data', (chunk: Buffer) => this.#take(chunk))
  }

  /** Chunks are of any length; frames are whole. */
  #take(chunk: Buffer): void {
    const now = this.#clock.now()
    this.#heardAt = now
    for (let at = 0; at < chunk.length && !this.#closed; ) {
      const share = Math.min(chunk.length - at, this.#bytes.length - this.#filled)
      for (let n = 0; n < share; n++) this.#bytes[this.#filled + n] = chunk[at + n] as number
      this.#filled += share
      at += share
      if (this.#filled < this.#bytes.length) return
      this.#filled = 0
      if (this.#playing !== undefined) this.#opening?.done()
      this.#sink?.captured(this.#frame, now)
    }
  }

  #startPlaying(child: ChildProcessWithoutNullStreams): void {
    this.#playing = child
    this.#level.clear(this.#position())
    for (let n = 0; n < startSamples; n += FRAME_SAMPLES) this.#send(this.#silence)
    this.#starting = this.#statusFile !== undefined && existsSync(this.#statusFile)
    this.#startedAt = this.#clock.now()
  }

  /**
   * Looks whether playback has begun by what the kernel tells, and how much lies before it then. Only then: its count of
   * what was written starts anew with every underrun.
   */
  #lookForBegin(): void {
    const status = this.#statusFile === undefined ? undefined : readStreamStatus(this.#statusFile)
    const late = this.#clock.now() - this.#startedAt > startsWithinMs * 1000
    if ((status === undefined || status.owner !== this.#playing?.pid) && !late) return
    this.#starting = false
    if (status?.running === true)
      this.#level.correct(Math.max(0, startSamples - status.written) + status.delay, this.#position())
    else this.#level.clear(this.#position())
  }

  /** What the codec's buffer does not hold lies in the pipe; so where it has room for a frame, the pipe is empty. */
  #compare(): void {
    const status = this.#statusFile === undefined ? undefined : readStreamStatus(this.#statusFile)
    if (this.#starting || status?.running !== true || status.owner !== this.#playing?.pid) return
    this.#sink?.played(status.written - status.delay)
    const position = this.#position()
    const least = status.delay > startSamples ? this.#level.at(position) : 0
    this.#level.correct(Math.max(least, status.delay), position)
  }

  #underrun(told = (BUFFER_SAMPLES / SAMPLE_RATE) * 1000): void {
    this.#sink?.playbackBroken()
    const queued = this.#level.wasDryFor((told * SAMPLE_RATE) / 1000, this.#position())
    if (queued > longestBacklog) this.#player.restart()
  }

  #ended(error: HalError): void {
    if (this.#opening !== undefined) this.#opening.fail(error)
    else this.#sink?.trouble(error)
  }

  /** A child may live and yet give nothing; and what was reckoned is looked up. */
  #look(): void {
    this.#watch = this.#clock.timer('alsa children', ms(lookMs), () => {
      this.#compare()
      if (this.#clock.now() - this.#heardAt > stillMs * 1000 && this.#opening === undefined)
        this.#recorder.restart()
      this.#look()
    })
  }
}

const streamArgs = (device: string, channels: number): readonly string[] => [
  `--device=${device}`,
  '--file-type=raw',
  '--format=S16_LE',
  `--rate=${SAMPLE_RATE}`,
  `--channels=${channels}`,
  `--period-size=${FRAME_SAMPLES}`,
  `--buffer-size=${BUFFER_SAMPLES}`,
]

/** A board on arecord and aplay, its streams running. Rejects with a HalError that says what to do. */
export const openAlsaChildren = async (
  options: AlsaChildrenOptions & {
    readonly lines: readonly AlsaLine[]
    readonly onTrouble?: (error: HalError) => void
  },
): Promise<AlsaBoard> => {
  const { lines, clock, onTrouble } = options
  const board = new AlsaBoard({
    lines,
    clock,
    device: new AlsaChildren(options),
    ...(onTrouble !== undefined && { onTrouble }),
  })
  await board.open()
  return board
}
