// Is a telephone that rings being answered? At the first sign of the hook output the ring is taken off; only a loop that
// then stays closed with RM low is an answer, since RM itself, noise of the mains and a heavy bell can move that output.

import { type Clock, ms, type Timer, type Us } from '../../clock.js'

/** A full cycle of 50 Hz: what stays closed for longer is no ring voltage and no hum, ms. */
const STEADY = 20
/** If it is neither open nor closed for so long, it was noise, ms. */
const UNDECIDED = 150
/** So many false signs in one burst, and the burst is given up. */
const FALSE_SIGNS = 3

export interface RingWatchSink {
  /** Take the ring off; resolves when RM is low. */
  quiet(): Promise<void>
  /** It was nothing. */
  resume(): void
  /** Answered; `at`: the first sign of it. */
  tripped(at: Us): void
  /** Signs without an answer, again and again. */
  refused(): void
}

export class RingWatch {
  readonly #name: string
  readonly #clock: Clock
  readonly #sink: RingWatchSink
  #phase: 'off' | 'ringing' | 'checking' = 'off'
  #level = false
  #changed = 0
  #sign = 0
  #signs = 0
  #timer: Timer | undefined

  constructor(name: string, clock: Clock, sink: RingWatchSink) {
    this.#name = name
    this.#clock = clock
    this.#sink = sink
  }

  get checking(): boolean {
    return this.#phase === 'checking'
  }

  begin(): void {
    this.#phase = 'ringing'
    this.#level = false
    this.#signs = 0
  }

  end(): void {
    this.#phase = 'off'
    this.#timer?.cancel()
    this.#timer = undefined
  }

  edge(high: boolean, at: Us): void {
    this.#level = high
    this.#changed = at
    if (this.#phase !== 'ringing' || !high) return
    this.#phase = 'checking'
    this.#sign = at
    this.#sink.quiet().then(
      () => this.#watchOn(),
      () => this.#watchOn(),
    )
  }

  #watchOn(): void {
    if (this.#phase !== 'checking') return
    // What the output did while RM was high does not count.
    this.#changed = Math.max(this.#changed, this.#clock.now())
    this.#look()
  }

  #look(): void {
    this.#timer = undefined
    if (this.#phase !== 'checking') return
    const now = this.#clock.now()
    const left = this.#changed + STEADY * 1000 - now
    if (left > 0 && now - this.#sign < UNDECIDED * 1000) {
      this.#timer = this.#clock.timer(this.#name, ms(left / 1000), () => this.#look())
      return
    }
    if (left <= 0 && this.#level) {
      this.end()
      return this.#sink.tripped(this.#sign as Us)
    }
    this.#signs++
    this.#phase = 'ringing'
    if (this.#signs < FALSE_SIGNS) return this.#sink.resume()
    this.end()
    this.#sink.refused()
  }
}
