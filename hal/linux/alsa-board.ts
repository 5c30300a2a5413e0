// The audio half of a board with a sound device (ALSA): one line a channel, ticked by what the codec captures. Playback is
// slaved to capture: one frame out for each frame in, silence for those that were lost or while nobody writes, so that
// what lies between the two never grows. The streams run from boot to shutdown, also while every port is asleep.

import { type Clock, type Us, us } from '../clock.js'
import { HalError } from '../errors.js'
import { FRAME_SAMPLES, type PcmBoard, type PcmFault } from '../pcm-port.js'
import { AlsaPcmPort } from './alsa-pcm-port.js'
import { CaptureGrid } from './capture-grid.js'
import { BUFFER_SAMPLES, type PcmDevice, TARGET_SAMPLES } from './pcm-device.js'
import { PlaybackDrift } from './playback-drift.js'
import { SoundOutage } from './sound-outage.js'

/** Captured frames that waited longer than this in pipes are passed over, µs: nobody wants such old talk. */
const oldestUs = 200_000
/** Nothing captured for so long: it stands still, µs. */
const stillUs = 500_000
/** Room for one more frame, samples. */
const mostQueued = BUFFER_SAMPLES - FRAME_SAMPLES
/** Ticks over which the queue toward the codec is watched, and where its lowest level should lie, samples. */
const watchTicks = 100
const lowest = { least: FRAME_SAMPLES / 4, most: TARGET_SAMPLES + FRAME_SAMPLES / 2 }

export interface AlsaLine {
  readonly id: string
  /** Of the device, from 0. */
  readonly channel: number
}

export interface AlsaBoardOptions {
  readonly lines: readonly AlsaLine[]
  readonly device: PcmDevice
  readonly clock: Clock
  /** What an operator should know: a device that went away, a child that died; once for each outage. Not called from inside a command. */
  readonly onTrouble?: (error: HalError) => void
}

/** Since the device was opened. */
export interface AlsaFigures {
  /** Interruptions of capture and of playback. */
  readonly overruns: number
  readonly underruns: number
  /** Frames that were never captured, or waited too long. */
  readonly lostFrames: number
  /** Frames not played so that the delay to the ear stays what it was, and frames of silence put in. */
  readonly droppedFrames: number
  readonly insertedFrames: number
  /** Between this program and the codec now, samples. */
  readonly queuedSamples: number
}

export class AlsaBoard implements PcmBoard {
  readonly ports: readonly AlsaPcmPort[]
  readonly #device: PcmDevice
  readonly #clock: Clock
  readonly #outage: SoundOutage
  readonly #grid = new CaptureGrid()
  readonly #drift = new PlaybackDrift()
  readonly #out: Int16Array
  readonly #silence: Int16Array
  readonly #figures = { overruns: 0, underruns: 0, lostFrames: 0, droppedFrames: 0, insertedFrames: 0 }
  #sinks: { readonly frame: (us: Us) => void; readonly fault: (fault: PcmFault) => void } | undefined
  #awake = false
  /** Passed over since the last tick, and not told yet. */
  #passed = 0
  #written = 0
  #least = Number.POSITIVE_INFINITY
  #watched = 0
  #capturedAt = Number.NEGATIVE_INFINITY
  #closed = false

  constructor({ lines, device, clock, onTrouble }: AlsaBoardOptions) {
    checkLines(lines, device.channels)
    this.#device = device
    this.#clock = clock
    this.#outage = new SoundOutage(clock, {
      alive: () => device.playing && clock.now() - this.#capturedAt < stillUs,
      trouble: error => onTrouble?.(error),
      lost: on => this.#tellGone(on),
    })
    this.#out = new Int16Array(device.channels * FRAME_SAMPLES)
    this.#silence = new Int16Array(device.channels * FRAME_SAMPLES)
    // A frame that finds more than this is dropped.
    const queued = () => Math.min(mostQueued, Math.max(0, Math.round(device.queued())))
    this.ports = lines.map(({ id, channel }) => new AlsaPcmPort(id, channel, device.channels, queued))
  }

  /** Begins both streams. Rejects with a HalError that says what to do. */
  open(): Promise<void> {
    return this.#device.open({
      captured: (samples, at) => this.#captured(samples, at),
      captureBroken: () => {
        this.#figures.overruns++
        this.#grid.broken()
      },
      playbackBroken: () => {
        this.#figures.underruns++
        this.#drift.restart()
      },
      played: samples => this.#drift.at(samples, this.#grid.samplesAt(this.#clock.now())),
      position: () => this.#grid.samplesAt(this.#clock.now()),
      trouble: error => this.#outage.trouble(error),
    })
  }

  /** Throws HalError 'in-use' when started already, 'closed' after `stop`. */
  start(onFrame: (us: Us) => void, onFault: (fault: PcmFault) => void): void {
    if (this.#closed) throw new HalError('closed', 'the sound device is closed')
    if (this.#sinks !== undefined) throw new HalError('in-use', 'the frame clock runs already')
    this.#sinks = { frame: onFrame, fault: onFault }
  }

  wake(port: string): void {
    this.#set(port, true)
  }

  sleep(port: string): void {
    this.#set(port, false)
  }

  /** Closes the device as well, within a second. */
  async stop(): Promise<void> {
    this.#closed = true
    this.#outage.stop()
    this.#sinks = undefined
    for (const port of this.ports) this.#set(port.id, false)
    await this.#device.close()
  }

  get figures(): AlsaFigures {
    return { ...this.#figures, queuedSamples: Math.max(0, Math.round(this.#device.queued())) }
  }

  /**
   * How far playback has run ahead of capture since the streams last began, ms, and how fast it does, parts in a million
   * (NaN for the first ten seconds). Both NaN where the codec cannot be asked: behind a plug-in, without ALSA's /proc files.
   * `codecPpm`: the capture clock against the box's own.
   */
  drift(): { readonly ms: number; readonly ppm: number; readonly codecPpm: number } {
    return { ms: this.#drift.ms, ppm: this.#drift.ppm, codecPpm: this.#grid.ppm() }
  }

  #set(id: string, awake: boolean): void {
    const port = this.ports.find(one => one.id === id)
    if (port === undefined) throw new HalError('missing', `the board has no line ${id}`)
    port.awake = awake
    this.#awake = this.ports.some(one => one.awake)
  }

  #captured(samples: Int16Array, at: Us): void {
    if (this.#closed) return
    this.#capturedAt = this.#clock.now()
    const listened = this.#awake && this.#sinks !== undefined
    const lost = this.#grid.frame(at, listened)
    this.#figures.lostFrames += lost
    this.#passed += lost
    if (!this.#grid.settling && this.#grid.lateness(this.#clock.now()) > oldestUs) {
      this.#figures.lostFrames++
      this.#passed++
      return
    }
    if (this.#passed > 0) this.#tellLost(listened)
    for (let i = 0; i < this.ports.length; i++) {
      const port = this.ports[i] as AlsaPcmPort
      if (port.awake) port.capture(samples)
    }
    if (listened) this.#sinks?.frame(us(this.#grid.start))
    this.#play()
  }

  #tellGone(on: boolean): void {
    const at = this.#clock.now()
    for (const { id } of this.ports) this.#sinks?.fault({ port: id, kind: 'pcm-lost', on, us: at })
  }

  #tellLost(listened: boolean): void {
    const lostFrames = this.#passed
    this.#passed = 0
    if (listened)
      for (const port of this.ports)
        if (port.awake)
          this.#sinks?.fault({ port: port.id, kind: 'pcm-xrun', lostFrames, us: us(this.#grid.start) })
    // Playback went on meanwhile, with nothing to play.
    this.#refill()
  }

  #play(): void {
    const out = this.#out
    for (let i = 0; i < this.ports.length; i++) this.ports[i]?.play(out)
    const queued = this.#device.queued()
    if (queued < 0) this.#refill()
    else if (queued > mostQueued || this.#isSlack(queued)) {
      this.#figures.droppedFrames++
      return
    }
    this.#write(out)
    if (this.#device.exact && queued >= 0)
      this.#drift.at(this.#written - this.#device.queued(), this.#grid.samplesAt(this.#clock.now()))
  }

  /** Watches how low the queue comes: true when a frame can be spared. One of silence is put in where it nearly ran dry. */
  #isSlack(queued: number): boolean {
    this.#least = Math.min(this.#least, queued)
    if (++this.#watched < watchTicks) return false
    const least = this.#least
    this.#watched = 0
    this.#least = Number.POSITIVE_INFINITY
    if (least < lowest.least) this.#insert()
    return least > lowest.most
  }

  /** Enough silence for playback to begin. */
  #refill(): void {
    this.#watched = 0
    this.#least = Number.POSITIVE_INFINITY
    for (let left = TARGET_SAMPLES - Math.max(0, this.#device.queued()); left > 0; left -= FRAME_SAMPLES)
      this.#insert()
  }

  #insert(): void {
    this.#figures.insertedFrames++
    this.#write(this.#silence)
  }

  #write(samples: Int16Array): void {
    this.#device.play(samples)
    this.#written += FRAME_SAMPLES
  }
}

const checkLines = (lines: readonly AlsaLine[], channels: number): void => {
  if (lines.length === 0) throw new HalError('invalid', 'a board has at least one line')
  const taken = new Set<number | string>()
  for (const { id, channel } of lines) {
    if (!Number.isInteger(channel) || channel < 0 || channel >= channels)
      throw new HalError(
        'invalid',
        `line ${id}: the device has channels 0 to ${channels - 1}, not ${channel}`,
      )
    if (taken.has(id) || taken.has(channel))
      throw new HalError('invalid', `line ${id} or its channel given twice`)
    taken.add(id).add(channel)
  }
}
