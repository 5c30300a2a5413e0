// The audio half of the box: commands in, events out, driven by the frames of the board. On a box it runs in the media
// thread, in virtual time in-process; it neither knows nor cares. Frames flow only while a line is awake.

import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Network } from '../../hal/network.js'
import { FRAME_SAMPLES, type PcmBoard, type PcmFault } from '../../hal/pcm-port.js'
import type { CallDisplay, Display } from './display/display.js'
import { encodeMessage } from './display/message.js'
import type { Shown } from './display/on-hook-sequence.js'
import { LineAudio } from './line-audio.js'
import type { MediaCommand, MediaConfig, MediaEvent, StreamId, StreamParameters } from './media-contract.js'
import { MediaStream, type StreamEvents } from './media-stream.js'
import { openPortPair } from './port-pair.js'
import { type FrameInstant, tickAt } from './tick.js'

type RingCommand = Extract<MediaCommand, { do: 'ring'; readonly cadence: string }>

const FRAME_US = FRAME_SAMPLES * 125

export interface MediaEngineOptions {
  readonly board: PcmBoard
  readonly network: Network
  readonly clock: Clock
  readonly entropy: Entropy
  /** Called from the frame loop, or soon after a command; never from inside `command`. */
  readonly onEvent: (event: MediaEvent) => void
}

interface Opening {
  /** Parameters of a `connect` that came before the ports were bound. */
  connect: StreamParameters | undefined
  closed: boolean
}

export class MediaEngine {
  readonly #options: MediaEngineOptions
  readonly #lines: LineAudio[]
  readonly #opening = new Map<StreamId, Opening>()
  readonly #closing = new Set<Promise<void>>()
  readonly #waiting: MediaEvent[] = []
  readonly #streamEvents: StreamEvents
  #streams: readonly MediaStream[] = []
  #config: MediaConfig | undefined
  /** Talk lists as commanded, so that a stream opened later is heard too. */
  readonly #talk = new Map<string, readonly StreamId[]>()
  #inFrame = false
  /** No frame was there before the first one. */
  readonly #instant: FrameInstant = Float64Array.of(Number.NaN)
  #closed = false

  constructor(options: MediaEngineOptions) {
    this.#options = options
    const emit = (event: MediaEvent) => this.#emit(event)
    this.#lines = options.board.ports.map(port => new LineAudio(port, this.#instant, emit))
    this.#streamEvents = {
      started: (stream, from) => emit({ type: 'rtp-started', stream, from: { ...from } }),
      silent: (stream, ms) => emit({ type: 'rtp-silent', stream, ms }),
      farKey: (id, digit) => {
        const stream = this.#streams.find(each => each.id === id)
        if (stream) for (const line of this.#lines) line.farKey(stream, digit)
      },
    }
    options.board.start(
      at => this.#frame(at),
      fault => this.#fault(fault),
    )
  }

  /** Unknown lines, tones, cadences and streams are passed over: the other side may be a step behind. */
  command(cmd: MediaCommand): void {
    if (this.#closed) return
    switch (cmd.do) {
      case 'configure':
        this.#config = cmd.config
        return
      case 'open':
        void this.#open(cmd.stream, cmd.anyPort === true)
        return
      case 'connect':
        this.#connect(cmd.stream, cmd.to)
        return
      case 'close':
        this.#close(cmd.stream)
        return
      case 'statistics':
        this.#emit({
          type: 'statistics',
          id: cmd.id,
          streams: this.#streams.map(stream => stream.statistics()),
        })
        return
      default: {
        const line = this.#lines.find(each => each.id === cmd.line)
        if (line === undefined) return
        this.#lineCommand(line, cmd)
        this.#settle(line)
      }
    }
  }

  /** Stops the frames, says BYE on every stream and gives all ports back. Idempotent. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      for (const line of this.#lines) line.sleep()
      for (const opening of this.#opening.values()) opening.closed = true
      for (const stream of this.#streams) this.#closing.add(stream.close())
      this.#streams = []
      this.#closing.add(this.#options.board.stop())
    }
    await Promise.all(this.#closing)
  }

  #lineCommand(line: LineAudio, cmd: Extract<MediaCommand, { readonly line: string }>): void {
    const now = this.#options.clock.now()
    switch (cmd.do) {
      case 'wake':
        line.hush()
        line.wanted = true
        return
      case 'sleep':
        line.wanted = false
        this.#talk.delete(line.id)
        line.sleep()
        return
      case 'tone':
        line.tone(cmd.tone, cmd.tone === null ? undefined : this.#config?.tones[cmd.tone])
        return
      case 'ring':
        if (cmd.cadence === null) line.ring(undefined)
        else this.#ring(line, cmd)
        return
      case 'show':
        line.show(cmd.display === null ? undefined : this.#shown(cmd.display), {
          id: cmd.display === null ? 0 : cmd.id,
          from: now,
        })
        return
      case 'digits':
        line.digits(cmd.mode)
        return
      case 'talk':
        this.#talk.set(line.id, cmd.streams)
        this.#retalk(line)
        return
      case 'relay-digits':
        line.relayDigits(cmd.on, cmd.except ?? '')
        return
      case 'show-in-call':
        this.#showInCall(line, cmd.display)
        return
      case 'loop-known':
        line.loopKnown(cmd.us)
        return
    }
  }

  #ring(line: LineAudio, { id, cadence, shown: asked }: RingCommand): void {
    const bursts = this.#config?.rings[cadence]
    if (bursts === undefined) {
      line.ring(undefined)
      return
    }
    const shown = this.#shown(asked?.display, asked?.afterRing1)
    const from = asked !== undefined && shown !== undefined ? asked.from : this.#options.clock.now()
    line.ring({ id, cadence: bursts, from, ...(shown && { shown }) })
  }

  #shown(display: Display | undefined, afterRing1 = false): Shown | undefined {
    const cid = this.#config?.cid
    return display && cid && { display, cid, afterRing1 }
  }

  /** Nothing is shown where the country has no such thing, or sends keys instead of data. */
  #showInCall(line: LineAudio, display: CallDisplay): void {
    const cid = this.#config?.cid
    if (!cid?.inCall || (cid.scheme !== 'v23' && cid.scheme !== 'bell202')) return
    line.showInCall(encodeMessage(display, cid.message), { ...cid, scheme: cid.scheme })
  }

  /** Wakes the port when it is needed and lets it sleep when not. */
  #settle(line: LineAudio): void {
    if (line.needsFrames === line.awake) return
    line.awake = line.needsFrames
    if (line.awake) this.#options.board.wake(line.id)
    else this.#options.board.sleep(line.id)
  }

  #retalk(line: LineAudio): void {
    const ids = this.#talk.get(line.id) ?? []
    line.talk(this.#streams.filter(stream => ids.includes(stream.id)))
  }

  async #open(id: StreamId, anyPort: boolean): Promise<void> {
    const { network, clock, entropy } = this.#options
    const config = this.#config
    if (config === undefined || this.#opening.has(id) || this.#streams.some(stream => stream.id === id)) {
      const reason = config === undefined ? 'media is not configured' : `stream ${id} is open already`
      this.#emit({ type: 'open-failed', stream: id, reason })
      return
    }
    const opening: Opening = { connect: undefined, closed: false }
    this.#opening.set(id, opening)
    const stream = new MediaStream(id, clock, entropy, this.#streamEvents)
    try {
      const pair = await clock.external(
        openPortPair({
          network,
          entropy,
          address: config.address,
          ports: config.ports,
          anyPort,
          dscp: config.dscp,
          device: config.device,
          onRtp: (data, from) => stream.session.rtpDatagram(data, from),
          onRtcp: (data, from) => stream.session.rtcpDatagram(data, from),
        }),
      )
      stream.attach(pair)
      this.#opening.delete(id)
      if (opening.closed) {
        await stream.close()
        return
      }
      this.#streams = [...this.#streams, stream]
      for (const line of this.#lines) if (this.#talk.get(line.id)?.includes(id)) this.#retalk(line)
      this.#emit({ type: 'opened', stream: id, local: { ...pair.rtp.local } })
      if (opening.connect !== undefined) stream.connect(opening.connect)
    } catch (error) {
      this.#opening.delete(id)
      const reason = error instanceof Error ? error.message : String(error)
      this.#emit({ type: 'open-failed', stream: id, reason })
    }
  }

  #connect(id: StreamId, to: StreamParameters): void {
    const opening = this.#opening.get(id)
    if (opening !== undefined) opening.connect = to
    this.#streams.find(stream => stream.id === id)?.connect(to)
  }

  #close(id: StreamId): void {
    const opening = this.#opening.get(id)
    if (opening !== undefined) opening.closed = true
    const stream = this.#streams.find(each => each.id === id)
    if (stream === undefined) return
    this.#streams = this.#streams.filter(each => each !== stream)
    for (const line of this.#lines) line.forget(stream)
    this.#emit({ type: 'closed', stream: id, statistics: stream.statistics() })
    const closed = stream.close().finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }

  #frame(us: number): void {
    if (this.#closed) return
    this.#inFrame = true
    const streams = this.#streams
    const lines = this.#lines
    const missed = Math.round((us - (this.#instant[0] as number)) / FRAME_US) - 1
    // NaN before the first frame compares false.
    if (missed > 0) for (let i = 0; i < streams.length; i++) streams[i]?.skip(missed * FRAME_SAMPLES)
    this.#instant[0] = us
    const end = tickAt(us + FRAME_US)
    for (let i = 0; i < lines.length; i++) if (lines[i]?.awake) lines[i]?.capture()
    for (let i = 0; i < streams.length; i++) streams[i]?.pull(end)
    for (let i = 0; i < lines.length; i++) if (lines[i]?.awake) lines[i]?.play()
    for (let i = 0; i < streams.length; i++) streams[i]?.push(end)
    this.#inFrame = false
    for (let i = 0; i < lines.length; i++) this.#settle(lines[i] as LineAudio)
  }

  #fault(fault: PcmFault): void {
    const { port: line } = fault
    if (fault.kind === 'pcm-lost') this.#emit({ type: fault.kind, line, on: fault.on })
    else this.#emit({ type: 'pcm-fault', line, lostFrames: fault.lostFrames })
  }

  /** In a frame events go out at once; those of a command only after it has returned. */
  #emit(event: MediaEvent): void {
    if (this.#inFrame && this.#waiting.length === 0) {
      this.#options.onEvent(event)
      return
    }
    this.#waiting.push(event)
    if (this.#waiting.length > 1) return
    queueMicrotask(() => {
      for (const each of this.#waiting.splice(0)) this.#options.onEvent(each)
    })
  }
}
