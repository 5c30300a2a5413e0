// The reference microcontroller: everything PROTOCOL.md asks of one, on line chips it drives itself. It is what a firmware
// engineer compares his own with, and the other end of the driver's tests.

import { type Clock, ms, type Timer, type Us, us } from '../../clock.js'
import { HalError, isHalError } from '../../errors.js'
import type { FxsEvent, FxsPort, LineProfile, LineTest, Planned } from '../../fxs-port.js'
import { FRAME_MS, FRAME_SAMPLES, type PcmBoard } from '../../pcm-port.js'
import { ByteReader, ByteWriter } from './bytes.js'
import { type Command, decodeCommand, encodeNak, encodeSense } from './command.js'
import { EventQueue } from './event-queue.js'
import { encodeFrame, type Frame, FrameReader } from './frame.js'
import { encodeHello } from './hello.js'
import { encodeLineMessage, type LineMessage } from './line-message.js'
import { frameType, type PcmLaw } from './numbers.js'
import { decodePcm, encodeCaptured } from './pcm-frames.js'

/** ms. */
const HOST_SILENCE = 2000

export interface MicrocontrollerOptions {
  readonly clock: Clock
  readonly boot: number
  /** Its own clock against the box's: µs ahead, and how much faster (1.0001 gains 100 ppm). */
  readonly aheadUs?: number
  readonly rate?: number
  /** The line chips, in the order of their numbers, and their codec. */
  readonly chips: readonly FxsPort[]
  readonly pcm: PcmBoard
  /** Bytes to the host. */
  readonly send: (bytes: Uint8Array) => void
}

/** Frames toward the telephone that may wait. */
const QUEUED = 4
const silence = new Int16Array(FRAME_SAMPLES)

const eventTypes = {
  hook: frameType.hook,
  trip: frameType.trip,
  feed: frameType.feed,
  fault: frameType.fault,
  tested: frameType.tested,
} as const

class McuLine {
  law: PcmLaw = 'linear'
  audio = false
  sent = 0
  open = false
  /** The last command and what was answered: a repeated one is answered again and does nothing. */
  answered: { readonly seq: number; readonly type: number; readonly payload: Uint8Array } | undefined
  /** Frames of the host that are not played yet. */
  readonly played: Int16Array[] = []
  readonly number: number
  readonly chip: FxsPort

  constructor(number: number, chip: FxsPort) {
    this.number = number
    this.chip = chip
  }
}

export class Microcontroller {
  readonly #options: MicrocontrollerOptions
  readonly #lines: readonly McuLine[]
  readonly #reader: FrameReader
  readonly #events: EventQueue
  readonly #samples = new Int16Array(FRAME_SAMPLES)
  #silence: Timer | undefined
  #off = false

  constructor(options: MicrocontrollerOptions) {
    this.#options = options
    this.#lines = options.chips.map((chip, number) => new McuLine(number, chip))
    this.#events = new EventQueue(options.clock, ({ seq, line, stamp, message }) =>
      this.#send(eventTypes[message.type], line, seq, encodeLineMessage(message), stamp),
    )
    this.#reader = new FrameReader(
      frame => this.#frame(frame),
      () => {},
    )
    options.pcm.start(
      at => this.#tick(at),
      () => {},
    )
    this.#sayHello()
  }

  /** Bytes from the host. */
  take(bytes: Uint8Array): void {
    if (!this.#off) this.#reader.take(bytes)
  }

  /** Power off: nothing is said or done any more. */
  async powerOff(): Promise<void> {
    this.#off = true
    this.#events.stop()
    this.#silence?.cancel()
    await this.#options.pcm.stop()
    for (const line of this.#lines) await line.chip.close()
  }

  get #now(): Us {
    return this.#options.clock.now()
  }

  /** Its own clock, modulo 2^32. */
  #stamp(at: Us): number {
    const { aheadUs = 0, rate = 1 } = this.#options
    return (Math.floor(at * rate + aheadUs) % 2 ** 32) >>> 0
  }

  /** The instant that this stamp names. */
  #planned(stamp: number | undefined): Planned {
    if (stamp === undefined) return {}
    const { aheadUs = 0, rate = 1 } = this.#options
    const own = Math.floor(this.#now * rate + aheadUs)
    return { atUs: us(Math.round((own + ((stamp - own) | 0) - aheadUs) / rate)) }
  }

  #send(type: number, line: number, seq: number, payload: Uint8Array, stamp = this.#stamp(this.#now)): void {
    if (!this.#off) this.#options.send(encodeFrame({ type, line, seq, stamp, payload }))
  }

  #sayHello(): void {
    const { boot, chips } = this.#options
    const hello = encodeHello({
      version: 'reference 1',
      boot,
      lines: chips.map(chip => chip.id),
      capabilities: (chips[0] as FxsPort).capabilities,
    })
    this.#send(frameType.hello, 0, this.#events.firstSeq, hello)
  }

  #frame({ type, line: number, seq, payload }: Frame): void {
    this.#hostHeard()
    const line = this.#lines[number]
    switch (type) {
      case frameType.hello:
        for (const one of this.#lines) one.answered = undefined
        return this.#sayHello()
      case frameType.ping: {
        const sent = new ByteReader(payload).f64()
        return this.#send(frameType.pong, 0, seq, new ByteWriter().f64(sent).u32(this.#options.boot).done())
      }
      case frameType.ack:
        return this.#acknowledged(seq)
      case frameType.pcm:
        return line?.audio ? this.#play(line, payload) : undefined
      default:
        if (line !== undefined) this.#command(line, type, seq, payload)
    }
  }

  /** After 2 s without a word of the host: ring off, standby, audio off. Edges are still counted. */
  #hostHeard(): void {
    this.#events.listen(true)
    this.#silence?.cancel()
    this.#silence = this.#options.clock.timer('mcu host silence', ms(HOST_SILENCE), () => {
      this.#events.listen(false)
      for (const line of this.#lines) void this.#makeSafe(line)
    })
  }

  async #makeSafe(line: McuLine): Promise<void> {
    this.#setAudio(line, false, line.law)
    if (!line.open) return
    await line.chip.ringBurst(false).catch(() => {})
    await line.chip.setLinefeed('standby').catch(() => {})
  }

  #command(line: McuLine, type: number, seq: number, payload: Uint8Array): void {
    const { answered } = line
    if (answered?.seq === seq) {
      if (answered.type !== 0) this.#send(answered.type, line.number, seq, answered.payload)
      return
    }
    // Until it is carried out a repetition gets no answer.
    line.answered = { seq, type: 0, payload }
    const answer = (type: number, result: Uint8Array): void => {
      if (line.answered?.seq !== seq) return
      line.answered = { seq, type, payload: result }
      this.#send(type, line.number, seq, result)
    }
    this.#perform(line, type, payload).then(
      result => answer(frameType.ack, result ?? new Uint8Array(0)),
      (error: unknown) =>
        answer(frameType.nak, encodeNak(isHalError(error) ? error.kind : 'io', String(error))),
    )
  }

  async #perform(line: McuLine, type: number, payload: Uint8Array): Promise<Uint8Array | undefined> {
    const command = decodeCommand(type, payload)
    if (command === undefined) throw new HalError('unsupported', `frame type ${type}`)
    const { chip } = line
    switch (command.do) {
      case 'profile':
        return this.#open(line, command)
      case 'linefeed':
        await chip.setLinefeed(command.state, { reversed: command.reversed, ...this.#planned(command.at) })
        return undefined
      case 'ring':
        await chip.ringBurst(command.on, {
          ...(command.hz > 0 && { hz: command.hz }),
          ...(command.vrms > 0 && { vrms: command.vrms }),
          ...this.#planned(command.at),
        })
        return undefined
      case 'gain':
        await chip.setGain(command)
        return undefined
      case 'impedance':
        await chip.setImpedance(chip.capabilities.impedances[command.index] ?? '')
        return undefined
      case 'disconnect':
        chip.loopDisconnect(command.ms).catch(() => {})
        return undefined
      case 'sense':
        return encodeSense(await chip.sense())
      case 'readHook': {
        const { offHook, us: at } = await chip.readHook()
        return new ByteWriter().flag(offHook).u32(this.#stamp(at)).done()
      }
      case 'test':
        return this.#test(line, command.test)
      case 'audio':
        this.#setAudio(line, command.on, command.law)
        return undefined
      case 'safe':
        this.#setAudio(line, false, line.law)
        line.open = false
        await chip.close()
        return undefined
    }
  }

  async #open(line: McuLine, command: Extract<Command, { do: 'profile' }>): Promise<undefined> {
    const { chip } = line
    const profile: LineProfile = {
      impedances: [chip.capabilities.impedances[command.impedance] ?? ''],
      loopMa: command.loopMa,
      ringHz: command.ringHz,
      ringVrms: command.ringVrms,
    }
    // What happened while the host was away has been told; the chip is not begun anew for a host that comes back.
    if (line.open) await this.#report(line, false)
    else {
      await chip.open(profile, event => this.#chipEvent(line, event))
      line.open = true
    }
    return undefined
  }

  /** What the chip refuses it refuses at once; a result may take seconds and is told when it is there. */
  async #test(line: McuLine, test: LineTest): Promise<undefined> {
    const running = line.chip.lineTest(test)
    running.then(
      result => this.#tell(line, { type: 'tested', ...result }, this.#now),
      () => {},
    )
    const begun = new Promise<void>(resolve => {
      this.#options.clock.timer('mcu line test', ms(5), resolve)
    })
    await Promise.race([running, begun])
    return undefined
  }

  async #report(line: McuLine, overrun: boolean): Promise<void> {
    const { offHook, us: at } = await line.chip.readHook()
    this.#tell(line, { type: 'hook', offHook, source: 'resync', overrun }, at)
  }

  #chipEvent(line: McuLine, event: FxsEvent): void {
    switch (event.type) {
      case 'hook':
        return this.#tell(
          line,
          { type: 'hook', offHook: event.offHook, source: event.source, overrun: event.overrun === true },
          event.us,
        )
      case 'ring-trip':
        return this.#tell(line, { type: 'trip' }, event.us)
      case 'linefeed':
        return this.#tell(
          line,
          { type: 'feed', state: event.state, reversed: event.reversed, cause: event.cause },
          event.us,
        )
      case 'fault':
        return this.#tell(line, { type: 'fault', kind: event.kind, on: event.on }, event.us)
    }
  }

  #tell(line: McuLine, message: LineMessage, at: Us): void {
    this.#events.add(line.number, this.#stamp(at), message)
  }

  #acknowledged(seq: number): void {
    for (const number of this.#events.acknowledged(seq)) {
      const line = this.#lines[number]
      if (line !== undefined) void this.#report(line, true)
    }
  }

  #setAudio(line: McuLine, on: boolean, law: PcmLaw): void {
    line.law = law
    if (line.audio === on) return
    line.audio = on
    line.sent = 0
    line.played.length = 0
    if (on) this.#options.pcm.wake(line.chip.id)
    else this.#options.pcm.sleep(line.chip.id)
  }

  #tick(at: Us): void {
    for (const line of this.#lines) {
      if (!line.audio) continue
      const port = this.#options.pcm.ports.find(({ id }) => id === line.chip.id)
      if (port === undefined) continue
      port.read(this.#samples)
      const closedUs = at + FRAME_MS * 1000 - (port.loopOpenUntil?.[0] ?? Number.NaN)
      const payload = encodeCaptured(this.#samples, line.law, closedUs)
      this.#send(frameType.pcm, line.number, line.sent, payload, this.#stamp(at))
      line.sent = (line.sent + 1) & 255
      // A host that sends nothing is silent, not a stutter.
      port.write(line.played.shift() ?? silence)
    }
  }

  /** A host that gets ahead loses the oldest: what is played is never late by more than a few frames. */
  #play(line: McuLine, payload: Uint8Array): void {
    const frame = new Int16Array(FRAME_SAMPLES)
    if (!decodePcm(payload, line.law, frame)) return
    line.played.push(frame)
    if (line.played.length > QUEUED) line.played.shift()
  }
}
