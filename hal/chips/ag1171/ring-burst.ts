// One burst of ringing after the other: begun, answered, ended, or given up and why.

import { type Clock, ms, type Timer, type Us } from '../../clock.js'
import { HalError } from '../../errors.js'
import type { FaultKind } from '../../fxs-port.js'
import type { Ag1171Options } from './options.js'
import { RingBlock } from './ring-block.js'
import { RingGenerator } from './ring-generator.js'
import { RingNoise } from './ring-noise.js'
import { RingWatch } from './ring-watch.js'

/** A shorter burst need not have been heard: the sound device is late by as much, ms. */
const HEARD_AFTER = 200
/**
 * No burst is longer, ms: the longest of a profile that ships is 2 s, and RM may be high for a third of the time. The end of
 * a burst comes with the frames of the sound device, which may go away while 72 V are on the line.
 */
const LONGEST = 5000

export interface RingBurstSink {
  /** Throws HalError. */
  ringMode(high: boolean): void
  /** The burst is over without an answer. */
  over(cause: 'command' | 'fault', at: Us): void
  answered(at: Us): void
  fault(kind: FaultKind, on: boolean): void
  /** The ring cannot be stopped: take the power off the line (`on`), or put it back. */
  cut(on: boolean): Promise<void>
}

export class RingBurst {
  /** Until the line has swung out and the hook output can be believed, ms from the end of F/R. */
  readonly settleMs = 60
  readonly noise: RingNoise
  readonly #clock: Clock
  readonly #id: string
  readonly #leastHeard: number | undefined
  readonly #sink: RingBurstSink
  readonly #generator: RingGenerator
  readonly #watch: RingWatch
  readonly #block: RingBlock
  #on = false
  #hz = 0
  #from = 0
  #tooLong: Timer | undefined
  /** The end was commanded while it was not yet known whether it was answered. */
  #ended = false
  #cut = false
  /** Signs of an answer that were none. */
  falseSigns = 0

  constructor({ id, clock, pwm, ring, quirks }: Ag1171Options, sink: RingBurstSink) {
    this.#id = id
    this.#clock = clock
    this.#sink = sink
    this.#leastHeard = quirks?.ringHeardDbm0
    this.noise = new RingNoise()
    this.#block = new RingBlock(clock)
    this.#generator = new RingGenerator(id, clock, sink, ring === 'pwm' ? pwm : undefined)
    this.#watch = new RingWatch(`${id} ring trip`, clock, {
      quiet: () => this.#stop(),
      resume: () => this.#resume(),
      tripped: at => this.#tripped(at),
      refused: () => this.#failed('ground', 'the hook output moves without an answer whenever it rings'),
    })
  }

  /** It rings and cannot be stopped: without power it is silent at least. */
  get endless(): boolean {
    return this.#cut
  }

  edge(high: boolean, at: Us): void {
    this.#watch.edge(high, at)
  }

  /** Throws HalError 'refused', and says so, while a ring that did not work is not yet tried again. */
  refuseBroken(at: Us): void {
    const why = this.#cut ? 'the ring could not be stopped' : this.#block.reason(at)
    if (why === undefined) return
    if (!this.#cut) this.#pulse('power')
    throw new HalError('refused', `${this.#id}: not rung: ${why}`)
  }

  /** Rejects with HalError when pins or PWM refuse; the burst is over then. */
  async begin(hz: number): Promise<void> {
    this.#on = true
    this.#hz = hz
    this.#from = this.#clock.now()
    this.#ended = false
    this.noise.begin()
    this.#watch.begin()
    this.#tooLong?.cancel()
    this.#tooLong = this.#clock.timer(`${this.#id} longest ring`, ms(LONGEST), () =>
      this.#failed('power', `nobody ended it within ${LONGEST / 1000} s`),
    )
    try {
      await this.#generator.start(hz)
    } catch (error) {
      const { message } = error as Error
      if (this.#on) this.#failed('power', message)
      throw error instanceof HalError ? error : new HalError('io', `${this.#id}: ring: ${message}`)
    }
  }

  async end(at: Us): Promise<void> {
    if (this.#watch.checking) this.#ended = true
    else await this.#finish(at)
  }

  /** The pins do not answer, which is told already: a telephone that is lifted might go on ringing. */
  lost(): void {
    if (this.#on) this.#failed(undefined, 'its pins did not answer')
  }

  /** Something else becomes of the line. */
  abandon(): Promise<void> {
    this.#over()
    return this.#stop()
  }

  /** The pins answer again: RM goes where it should be. Throws HalError. */
  tend(): void {
    try {
      this.#generator.tend()
    } finally {
      // The PWM may stop where RM still refuses.
      if (this.#cut) void this.#mend()
    }
  }

  #over(): void {
    this.#on = false
    this.#tooLong?.cancel()
    this.#watch.end()
  }

  async #finish(at: Us): Promise<void> {
    this.#over()
    this.#sink.over('command', at)
    const heard = this.noise.loudest
    const long = this.#clock.now() - this.#from >= HEARD_AFTER * 1000
    const least = this.#leastHeard
    if (least !== undefined && long && Number.isFinite(heard) && heard < least) {
      this.#block.failed(`it was not heard (${heard.toFixed(1)} dBm0 of ${least})`)
      this.#pulse('power')
    } else this.#block.worked()
    await this.#stop()
  }

  #tripped(at: Us): void {
    this.#over()
    this.#block.worked()
    this.#sink.answered(at)
  }

  #resume(): void {
    this.falseSigns++
    if (this.#ended) {
      void this.#finish(this.#clock.now())
      return
    }
    this.noise.begin()
    this.#generator.start(this.#hz).catch((error: Error) => {
      if (this.#on) this.#failed('power', error.message)
    })
  }

  #failed(kind: FaultKind | undefined, why: string): void {
    this.#over()
    this.#block.failed(why)
    void this.#stop()
    this.#sink.over('fault', this.#clock.now())
    if (kind !== undefined) this.#pulse(kind)
  }

  /** The line can be used for all else, so the fault does not stand. */
  #pulse(kind: FaultKind): void {
    this.#sink.fault(kind, true)
    this.#sink.fault(kind, false)
  }

  async #stop(): Promise<void> {
    try {
      await this.#generator.stop()
    } catch {
      await this.#cutOff()
    }
    if (!this.#on || this.#watch.checking) this.noise.end(this.#clock.now())
  }

  async #cutOff(): Promise<void> {
    if (this.#cut) return
    this.#cut = true
    this.#sink.fault('power', true)
    await this.#sink.cut(true).catch(() => {})
  }

  async #mend(): Promise<void> {
    try {
      await this.#generator.stop()
      if (!this.#cut) return
      this.#cut = false
      await this.#sink.cut(false)
      this.#sink.fault('power', false)
    } catch {
      // At the next look.
    }
  }
}
