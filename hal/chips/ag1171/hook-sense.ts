// The hook output of one module as the port sees it: when its edges are the hook's, when the ring's and when nobody's; and
// whether it can be believed. Edges the GPIO chip lost are found by looking at the pin (fault H8 of test/README.md).

import { type Clock, ms, type Timer, type Us } from '../../clock.js'
import { HalError } from '../../errors.js'
import type { GpioEdge } from '../../gpio.js'
import { HookLine } from './hook-line.js'

/** The pin is looked at so often, ms. */
const LOOK = 500
/** An edge that is on its way has come after so long, ms. */
const ON_ITS_WAY = 20
/** One turn of the event loop in which edges that wait are delivered, ms. */
const TURN = 2
const TURNS = 8

export interface HookSenseSink {
  edge(offHook: boolean, at: Us): void
  /** The level after edges of which nothing is known. */
  resync(offHook: boolean, at: Us): void
  /** While the telephone rings the output is not the hook's. */
  ringEdge(high: boolean, at: Us): void
  fault(kind: 'edge-loss' | 'link-lost', on: boolean): void
  /** A pin has failed: nobody who lifts the telephone might be noticed. Told once, until all answer. */
  lost(): void
  /** Outputs that refused go where they should be, whether or not the hook can be read; throws when they do not. */
  tend(): void
}

export class HookSense {
  readonly #id: string
  readonly #clock: Clock
  readonly #read: () => boolean
  readonly #sink: HookSenseSink
  readonly line: HookLine
  #mode: 'off' | 'hook' | 'ring' | 'blind' = 'off'
  #lastEdge: { readonly high: boolean; readonly us: Us } | undefined
  #look: Timer | undefined
  #again: Timer | undefined
  #opens: Timer | undefined
  /** A pin failed, and has not answered since. */
  #lost = false
  /** Times that edges were lost. */
  losses = 0

  constructor(id: string, clock: Clock, bounceMs: number, read: () => boolean, sink: HookSenseSink) {
    this.#id = id
    this.#clock = clock
    this.#read = read
    this.#sink = sink
    this.line = new HookLine(`${id} hook`, clock, bounceMs, {
      edge: (offHook, at) => sink.edge(offHook, at),
      storm: (on, offHook, at) => {
        sink.fault('edge-loss', on)
        sink.resync(offHook, at)
      },
    })
  }

  get lost(): boolean {
    return this.#lost
  }

  /** The level now, with which the session begins. Throws HalError. */
  start(): boolean {
    const offHook = this.#read()
    this.line.reset(offHook)
    this.#mode = 'hook'
    this.#lost = false
    this.#lookLater()
    return offHook
  }

  stop(): void {
    this.#mode = 'off'
    for (const timer of [this.#look, this.#again, this.#opens]) timer?.cancel()
    this.line.stop()
  }

  take({ high, us: at, overrun }: GpioEdge): void {
    this.#lastEdge = { high, us: at }
    if (this.#mode === 'ring') return this.#sink.ringEdge(high, at)
    if (this.#mode !== 'hook') return
    // What a chip without a queue missed of a bounce, between two equal levels, was to be removed anyway.
    if (overrun && high === this.line.raw && this.line.bounces(at)) return
    // Nothing is thrown into the delivery of edges.
    if (overrun) return void this.#answers(() => this.#lostEdges(at))
    this.line.take(high, at)
  }

  /** The telephone was lifted, or the output says so. Throws HalError. */
  lifted(): boolean {
    return this.line.offHook || this.#level()
  }

  ring(): void {
    this.#opens?.cancel()
    this.line.stop()
    this.#mode = 'ring'
  }

  /** It was answered; `at`: when the loop closed. */
  answered(at: Us): void {
    this.#mode = 'hook'
    this.line.reset(true)
    this.#sink.edge(true, at)
  }

  /** Nothing the output does means anything: the module has no power. */
  blind(): void {
    this.#opens?.cancel()
    this.line.stop()
    this.#mode = 'blind'
  }

  /** In so many ms the output is the hook's again. `ringing`: what it did last is an edge with its instant, not a loss. */
  believeIn(delay: number, ringing: boolean): void {
    this.blind()
    this.#opens = this.#clock.timer(`${this.#id} hook settles`, ms(delay), () => this.#believe(ringing))
  }

  failed(): void {
    if (this.#lost) return
    this.#lost = true
    this.#sink.fault('link-lost', true)
    this.#sink.lost()
  }

  /**
   * The hook behind every edge that waits. What the pin says and what the edges said must agree; if they do not in 16 ms,
   * edges were lost. Rejects with HalError when the pin fails.
   */
  async read(): Promise<{ readonly offHook: boolean; readonly us: Us }> {
    for (let turn = 0; turn < TURNS; turn++) {
      const now = this.#clock.now()
      const level = this.#level()
      await this.#turn()
      await this.line.settled()
      const known = this.#mode !== 'hook' || this.line.storming
      if (known || (level === this.line.raw && this.line.raw === this.line.offHook))
        return { offHook: this.line.offHook, us: now }
    }
    const now = this.#clock.now()
    if (this.#mode === 'hook' && !this.line.storming && this.#level() !== this.line.raw) this.#lostEdges(now)
    return { offHook: this.line.offHook, us: now }
  }

  #turn(): Promise<void> {
    return new Promise(resolve => {
      this.#clock.timer(`${this.#id} read hook`, ms(TURN), resolve)
    })
  }

  #level(): boolean {
    try {
      return this.#read()
    } catch (error) {
      this.failed()
      throw error
    }
  }

  #lostEdges(at: Us): void {
    this.losses++
    const level = this.#level()
    this.line.reset(level)
    this.#sink.fault('edge-loss', true)
    this.#sink.resync(level, at)
    this.#sink.fault('edge-loss', false)
  }

  #believe(ringing: boolean): void {
    this.#mode = 'hook'
    const before = this.line.offHook
    const now = this.#clock.now()
    try {
      const level = this.#level()
      const edge = this.#lastEdge
      if (ringing && edge?.high === level) {
        // Like any other edge: noise that goes on is not at rest, and a level caught in it is no hook.
        this.line.reset(before)
        this.line.take(level, edge.us)
        return
      }
      this.line.reset(level)
      if (level !== before) this.#sink.resync(level, now)
    } catch (error) {
      if (!(error instanceof HalError)) throw error
    }
  }

  #lookLater(): void {
    this.#look = this.#clock.timer(`${this.#id} look at hook`, ms(LOOK), () => {
      this.#lookLater()
      this.#lookNow()
    })
  }

  #lookNow(): void {
    const tended = this.#answers(() => this.#sink.tend())
    this.#answers(() => {
      const level = this.#read()
      if (!tended) return
      if (this.#lost) this.#found(level)
      else if (this.#doubtful(level))
        this.#again = this.#clock.timer(`${this.#id} look again`, ms(ON_ITS_WAY), () => this.#lookAgain())
    })
  }

  #lookAgain(): void {
    this.#answers(() => {
      if (this.#doubtful(this.#read())) this.#lostEdges(this.#clock.now())
    })
  }

  /** False: a pin failed, which is told. */
  #answers(work: () => void): boolean {
    try {
      work()
      return true
    } catch {
      this.failed()
      return false
    }
  }

  #doubtful(level: boolean): boolean {
    return this.#mode === 'hook' && !this.line.storming && level !== this.line.raw
  }

  #found(level: boolean): void {
    this.#lost = false
    this.#sink.fault('link-lost', false)
    if (this.#mode !== 'hook') return
    this.line.reset(level)
    this.#sink.resync(level, this.#clock.now())
  }
}
