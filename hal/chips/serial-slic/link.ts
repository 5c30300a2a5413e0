// The host's end of the serial line: who is there, commands that arrive once or fail, events that are never lost
// silently, the two clocks, and a link that goes and comes back. It knows frames and no telephones.

import type { BytePort, BytePortSink } from '../../byte-port.js'
import { type Clock, ms, type Timer, type Us, us } from '../../clock.js'
import { HalError } from '../../errors.js'
import { ByteReader, ByteWriter } from './bytes.js'
import { type Command, decodeNak, encodeCommand } from './command.js'
import { encodeFrame, type Frame, type FrameFault, FrameReader } from './frame.js'
import { decodeHello, type Hello } from './hello.js'
import { decodeLineMessage, type LineMessage } from './line-message.js'
import { McuClock } from './mcu-clock.js'
import { frameType } from './numbers.js'

/** ms. */
const ANSWER = 50
const HEARTBEAT = 500
const SILENCE = 2000
const TRIES = 4

export interface LinkSink {
  /** The microcontroller is there: the first time, after a silence, or (`anew`) having started again. */
  onHere(hello: Hello, anew: boolean): void
  /** Nothing was heard of it for 2 s, or the port is gone. */
  onGone(): void
  onLine(line: number, message: LineMessage, us: Us): void
  /** `seq` counts frames of that line modulo 256. */
  onPcm(line: number, seq: number, payload: Uint8Array, us: Us): void
}

export interface LinkStatistics {
  readonly frames: number
  readonly broken: Readonly<Record<FrameFault | 'meaning', number>>
  readonly repeatedCommands: number
}

interface Waiting {
  readonly line: number
  readonly command: Command
  resolve(result: Uint8Array): void
  reject(error: Error): void
}

export class SerialSlicLink {
  readonly #clock: Clock
  readonly #sink: LinkSink
  readonly #port: BytePort
  readonly #reader: FrameReader
  readonly #times = new McuClock()
  readonly #queue: Waiting[] = []
  #current: (Waiting & { readonly seq: number; tries: number; timer: Timer }) | undefined
  #commandSeq = 0
  /** Of the event that comes next; unknown until the microcontroller has said so. */
  #eventSeq: number | undefined
  #boot: number | undefined
  #anew = false
  #hello: Hello | undefined
  #here = false
  #heard: Us
  #beat: Timer | undefined
  #closed = false
  #frames = 0
  #repeated = 0
  readonly #broken = { stuffing: 0, length: 0, checksum: 0, version: 0, meaning: 0 }

  constructor(clock: Clock, open: (sink: BytePortSink) => BytePort, sink: LinkSink) {
    this.#clock = clock
    this.#sink = sink
    this.#heard = clock.now()
    this.#reader = new FrameReader(
      frame => this.#frame(frame),
      fault => this.#broken[fault]++,
    )
    this.#port = open({
      onBytes: bytes => this.#reader.take(bytes),
      onDrain: () => {},
      onClose: () => this.#gone(),
    })
    this.#heartbeat()
  }

  get statistics(): LinkStatistics {
    return { frames: this.#frames, broken: { ...this.#broken }, repeatedCommands: this.#repeated }
  }

  /** The answer's payload. HalError: as the microcontroller refuses it, or 'lost' when it does not answer. */
  command(line: number, command: Command): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (!this.#here) reject(new HalError('lost', 'no link to the line chip'))
      else {
        this.#queue.push({ line, command, resolve, reject })
        this.#next()
      }
    })
  }

  /** Not acknowledged: what is late is worth nothing. */
  pcm(line: number, seq: number, payload: Uint8Array): void {
    if (this.#here) this.#send(frameType.pcm, line, seq, payload)
  }

  /** An instant that the microcontroller named in a payload. */
  instant(stamp: number): Us {
    return this.#times.instant(stamp, this.#clock.now())
  }

  /** The same instant on the microcontroller's clock. */
  stamp(at: Us): number {
    return this.#times.stamp(at, this.#clock.now())
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#beat?.cancel()
    this.#fail()
    await this.#port.close()
  }

  #send(type: number, line: number, seq: number, payload: Uint8Array): void {
    this.#port.write(encodeFrame({ type, line, seq, stamp: 0, payload }))
  }

  /** Asks who is there until somebody says so, then whether he still is. */
  #heartbeat(): void {
    if (this.#closed) return
    const now = this.#clock.now()
    if (this.#here && now - this.#heard >= SILENCE * 1000) this.#gone()
    if (this.#hello === undefined) this.#ask()
    this.#ping()
    this.#beat = this.#clock.timer('serial-slic heartbeat', ms(HEARTBEAT), () => this.#heartbeat())
  }

  #ask(): void {
    this.#send(frameType.hello, 0, 0, new Uint8Array(0))
  }

  #ping(): void {
    this.#send(frameType.ping, 0, 0, new ByteWriter().f64(this.#clock.now()).done())
  }

  #gone(): void {
    const wasHere = this.#here
    this.#here = false
    this.#hello = undefined
    this.#fail()
    if (wasHere) this.#sink.onGone()
  }

  #fail(): void {
    const waiting = [...(this.#current ? [this.#current] : []), ...this.#queue]
    this.#current?.timer.cancel()
    this.#current = undefined
    this.#queue.length = 0
    for (const one of waiting) one.reject(new HalError('lost', `no answer to ${one.command.do}`))
  }

  /** One command is on its way at a time, so that a repeated one never overtakes the next. */
  #next(): void {
    if (this.#current !== undefined) return
    const waiting = this.#queue.shift()
    if (waiting === undefined) return
    const seq = this.#commandSeq
    this.#commandSeq = (seq + 1) & 255
    this.#current = { ...waiting, seq, tries: 0, timer: { cancel: () => {} } }
    this.#try()
  }

  #try(): void {
    const current = this.#current
    if (current === undefined) return
    if (current.tries++ === TRIES) {
      this.#current = undefined
      current.reject(new HalError('lost', `no answer to ${current.command.do}`))
      this.#next()
      return
    }
    if (current.tries > 1) this.#repeated++
    this.#send(frameType[current.command.do], current.line, current.seq, encodeCommand(current.command))
    current.timer = this.#clock.timer('serial-slic answer', ms(ANSWER), () => this.#try())
  }

  #frame(frame: Frame): void {
    if (this.#closed) return
    this.#frames++
    this.#heard = this.#clock.now()
    try {
      this.#understand(frame)
    } catch {
      this.#broken.meaning++
    }
  }

  #understand(frame: Frame): void {
    switch (frame.type) {
      case frameType.hello:
        return this.#onHello(frame)
      case frameType.pong:
        return this.#onPong(frame)
      case frameType.ack:
      case frameType.nak:
        return this.#onAnswer(frame)
      case frameType.pcm:
        if (this.#here) this.#sink.onPcm(frame.line, frame.seq, frame.payload, this.instant(frame.stamp))
        return
      default:
        return this.#onEvent(frame)
    }
  }

  /** The frame's number is that of the oldest event the microcontroller still keeps. */
  #onHello(frame: Frame): void {
    const hello = decodeHello(frame.payload)
    if (hello.boot !== this.#boot) {
      this.#gone()
      this.#anew = this.#boot !== undefined
      this.#boot = hello.boot
      this.#eventSeq = frame.seq
      this.#times.restart()
    }
    this.#hello = hello
    if (this.#times.known) this.#settle()
    else this.#ping()
  }

  #settle(): void {
    if (this.#here || this.#hello === undefined) return
    const anew = this.#anew
    this.#here = true
    this.#anew = false
    this.#sink.onHere(this.#hello, anew)
  }

  #onPong({ payload, stamp }: Frame): void {
    const from = new ByteReader(payload)
    const sent = us(from.f64())
    const boot = from.u32()
    const now = this.#clock.now()
    // Of an earlier life of this process, or nonsense.
    if (!(sent <= now && now - sent < SILENCE * 1000)) return
    if (boot !== this.#boot) return this.#ask()
    this.#times.ping(sent, stamp, now)
    this.#settle()
  }

  #onAnswer({ type, seq, payload }: Frame): void {
    const current = this.#current
    if (current === undefined || current.seq !== seq) return
    current.timer.cancel()
    this.#current = undefined
    // Looked at later than the reader keeps it.
    if (type === frameType.ack) current.resolve(payload.slice())
    else current.reject(decodeNak(payload))
    this.#next()
  }

  /** In order and once: what is ahead will be sent again, what came before is only acknowledged again. */
  #onEvent(frame: Frame): void {
    const message = decodeLineMessage(frame.type, frame.payload)
    if (message === undefined || !this.#here || this.#eventSeq === undefined) return
    const ahead = (frame.seq - this.#eventSeq) & 255
    if (ahead > 0 && ahead < 128) return
    this.#send(frameType.ack, frame.line, frame.seq, new Uint8Array(0))
    if (ahead !== 0) return
    this.#eventSeq = (this.#eventSeq + 1) & 255
    this.#sink.onLine(frame.line, message, this.instant(frame.stamp))
  }
}
