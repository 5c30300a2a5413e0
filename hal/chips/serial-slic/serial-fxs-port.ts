// One telephone line behind the serial line. It remembers what was commanded: a microcontroller that started anew, or
// went to its safe state because it had not heard of the box for 2 s, is fed as before; a burst of the ring is not made up
// for.

import { type Clock, ms, type Us } from '../../clock.js'
import { HalError } from '../../errors.js'
import type {
  FxsCapabilities,
  FxsEvent,
  FxsPort,
  FxsSense,
  Linefeed,
  LineProfile,
  LineTest,
  LineTestResult,
  Planned,
} from '../../fxs-port.js'
import { ByteReader } from './bytes.js'
import { type Command, decodeSense } from './command.js'
import type { LineMessage } from './line-message.js'
import type { SerialSlicLink } from './link.js'

/** A microcontroller that has not told the result of a line test by then has given it up, ms. */
const LINE_TEST = 12_000

type Commanded = { readonly state: Exclude<Linefeed, 'ringing'>; readonly reversed: boolean }

const idle: Commanded = { state: 'standby', reversed: false }

interface Session {
  readonly profile: LineProfile
  readonly onEvent: (event: FxsEvent) => void
}

export class SerialFxsPort implements FxsPort {
  readonly id: string
  readonly capabilities: FxsCapabilities
  readonly #line: number
  readonly #link: SerialSlicLink
  readonly #clock: Clock
  #session: Session | undefined
  #commanded: Commanded = idle
  #gain = { receiveDb: 0, transmitDb: 0 }
  #test:
    | { readonly test: LineTest; resolve(result: LineTestResult): void; reject(error: Error): void }
    | undefined
  /** Told of the first hook level of a session. */
  #opened: (() => void) | undefined

  constructor(id: string, line: number, capabilities: FxsCapabilities, link: SerialSlicLink, clock: Clock) {
    this.id = id
    this.capabilities = capabilities
    this.#line = line
    this.#link = link
    this.#clock = clock
  }

  async open(profile: LineProfile, onEvent: (event: FxsEvent) => void): Promise<void> {
    if (this.#session !== undefined) throw new HalError('in-use', `${this.id} is open already`)
    const session: Session = { profile, onEvent }
    this.#session = session
    this.#commanded = idle
    try {
      await this.#begin(profile)
    } catch (error) {
      this.#session = undefined
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.#session === undefined) return
    this.#session = undefined
    this.#endTest(new HalError('closed', `${this.id} is closed`))
    // Without a link the microcontroller goes to its safe state by itself.
    await this.#ask({ do: 'safe' }).catch(() => {})
  }

  async setLinefeed(
    state: Exclude<Linefeed, 'ringing'>,
    options: { readonly reversed?: boolean } & Planned = {},
  ): Promise<void> {
    this.#ready()
    if (!['open', 'standby', 'active', 'oht'].includes(state))
      throw new HalError('invalid', `linefeed ${state} cannot be commanded`)
    const reversed = options.reversed ?? false
    await this.#ask({ do: 'linefeed', state, reversed, at: this.#at(options) })
    if (options.atUs === undefined) this.#commanded = { state, reversed }
  }

  async ringBurst(
    on: boolean,
    options: { readonly hz?: number; readonly vrms?: number } & Planned = {},
  ): Promise<void> {
    this.#ready()
    const { maxVrms } = this.capabilities.ring
    const { hz = 0, vrms = 0 } = options
    if (vrms !== 0 && !(vrms >= 1 && vrms <= maxVrms))
      throw new HalError('invalid', `ring voltage ${vrms} (1-${maxVrms})`)
    await this.#ask({ do: 'ring', on, hz, vrms, at: this.#at(options) })
  }

  #at({ atUs }: Planned): number | undefined {
    return atUs === undefined ? undefined : this.#link.stamp(atUs)
  }

  async loopDisconnect(duration: number): Promise<void> {
    this.#ready()
    if (!(duration >= 50 && duration <= 1000))
      throw new HalError('invalid', `loop disconnect ${duration} ms (50-1000)`)
    await this.#ask({ do: 'disconnect', ms: duration })
    await new Promise<void>(resolve => {
      this.#clock.timer(`${this.id} loop disconnect`, ms(duration), resolve)
    })
  }

  async setImpedance(id: string): Promise<void> {
    this.#ready()
    await this.#ask({ do: 'impedance', index: this.#impedance([id]) })
  }

  async setGain(gain: { readonly receiveDb?: number; readonly transmitDb?: number }): Promise<void> {
    this.#ready()
    const next = { ...this.#gain, ...gain }
    const { receive, transmit } = this.capabilities.gainDb
    if (!within(next.receiveDb, receive) || !within(next.transmitDb, transmit))
      throw new HalError('invalid', `gain ${next.receiveDb}/${next.transmitDb} dB`)
    await this.#ask({ do: 'gain', ...next })
    this.#gain = next
  }
  async sense(): Promise<FxsSense> {
    this.#ready()
    return decodeSense(await this.#ask({ do: 'sense' }))
  }

  async lineTest(test: LineTest): Promise<LineTestResult> {
    this.#ready()
    if (!this.capabilities.lineTests.includes(test)) throw new HalError('invalid', `line test ${test}`)
    if (this.#test !== undefined) throw new HalError('refused', `${this.id}: a line test is running`)
    const result = new Promise<LineTestResult>((resolve, reject) => {
      this.#test = { test, resolve, reject }
    })
    result.catch(() => {})
    const patience = this.#clock.timer(`${this.id} line test`, ms(LINE_TEST), () =>
      this.#endTest(new HalError('io', `${this.id}: no result of the line test ${test}`)),
    )
    try {
      await this.#ask({ do: 'test', test })
      return await result
    } catch (error) {
      this.#endTest(error as Error)
      throw error
    } finally {
      patience.cancel()
    }
  }

  #endTest(error: Error): void {
    this.#test?.reject(error)
    this.#test = undefined
  }

  async readHook(): Promise<{ readonly offHook: boolean; readonly us: Us }> {
    this.#ready()
    const from = new ByteReader(await this.#ask({ do: 'readHook' }))
    const offHook = from.flag()
    return { offHook, us: this.#link.instant(from.u32()) }
  }

  /** The link is there again. `anew`: the microcontroller has forgotten everything. */
  linkHere(anew: boolean): void {
    const session = this.#session
    if (session === undefined) return
    session.onEvent({ type: 'fault', kind: 'link-lost', on: false, us: this.#clock.now() })
    if (anew) this.#tell({ type: 'fault', kind: 'chip-reset', on: true, us: this.#clock.now() })
    void this.#restore(session.profile, anew)
  }

  linkGone(): void {
    this.#endTest(new HalError('lost', `${this.id}: no link to the line chip`))
    this.#tell({ type: 'fault', kind: 'link-lost', on: true, us: this.#clock.now() })
  }

  message(message: LineMessage, at: Us): void {
    switch (message.type) {
      case 'hook':
        this.#tell({
          type: 'hook',
          offHook: message.offHook,
          us: at,
          source: message.source,
          ...(message.overrun && { overrun: true }),
        })
        this.#opened?.()
        // Whoever lifts the telephone ends a test, and a microcontroller need not tell that it gave one up. Without a test no
        // error is made: in a storm of edges that alone costs more than all the rest.
        if (message.offHook && this.#test)
          this.#endTest(new HalError('refused', `${this.id}: lifted during a line test`))
        return
      case 'trip':
        return this.#tell({ type: 'ring-trip', us: at })
      case 'feed':
        // Answered in a burst, or lifted in on-hook transmission: the chip has changed the feed by itself.
        if (message.cause === 'auto' && message.state !== 'ringing')
          this.#commanded = { state: message.state, reversed: message.reversed }
        return this.#tell({
          type: 'linefeed',
          state: message.state,
          reversed: message.reversed,
          cause: message.cause,
          us: at,
        })
      case 'fault':
        return this.#tell({ type: 'fault', kind: message.kind, on: message.on, us: at })
      case 'tested': {
        const waiting = this.#test
        if (waiting?.test !== message.test) return
        this.#test = undefined
        return waiting.resolve({ test: message.test, pass: message.pass, values: message.values })
      }
    }
  }

  #tell(event: FxsEvent): void {
    this.#session?.onEvent(event)
  }

  #ask(command: Command): Promise<Uint8Array> {
    return this.#link.command(this.#line, command)
  }

  #ready(): void {
    if (this.#session === undefined) throw new HalError('closed', `${this.id} is not open`)
  }

  #impedance(wanted: readonly string[]): number {
    const { impedances } = this.capabilities
    const id = wanted.find(one => impedances.includes(one))
    if (id === undefined) throw new HalError('invalid', `impedance ${wanted.join(', ')}`)
    return impedances.indexOf(id)
  }

  /** Standby, and the hook's level as the first word of the session. */
  async #begin(profile: LineProfile): Promise<void> {
    if (!within(profile.loopMa, [18, 42]))
      throw new HalError('invalid', `loop current ${profile.loopMa} mA (18-42)`)
    const told = new Promise<void>(resolve => {
      this.#opened = resolve
    })
    await this.#ask({
      do: 'profile',
      loopMa: profile.loopMa,
      ringHz: profile.ringHz,
      ringVrms: profile.ringVrms,
      impedance: this.#impedance([...profile.impedances, ...this.capabilities.impedances]),
    })
    await told
    this.#opened = undefined
  }

  async #restore(profile: LineProfile, anew: boolean): Promise<void> {
    const { state, reversed } = this.#commanded
    try {
      await this.#begin(profile)
      if (state !== 'standby' || reversed) await this.#ask({ do: 'linefeed', state, reversed })
      if (anew) this.#tell({ type: 'fault', kind: 'chip-reset', on: false, us: this.#clock.now() })
    } catch {
      // Gone again, or refused: whoever commands next is told.
    }
  }
}

const within = (value: number, [low, high]: readonly [number, number]): boolean =>
  value >= low && value <= high
