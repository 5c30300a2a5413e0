// When a sound device is gone: told once, not at each of the tries to have it back; and of its lines, that they can neither
// hear nor speak, from a second after it went until it is back.

import { type Clock, ms, type Timer } from '../clock.js'
import type { HalError } from '../errors.js'

/** Without sound for so long a line is of no use, ms. */
const lostAfterMs = 1000
const lookMs = 250
/** A device that goes again so soon after it was back is told of no more, ms. */
const quietMs = 60_000
/** Different complaints that are told of one outage: both streams, and why each. */
const mostTold = 4

export interface SoundOutageSink {
  /** Sound comes and goes now. */
  alive(): boolean
  trouble(error: HalError): void
  lost(on: boolean): void
}

export class SoundOutage {
  readonly #clock: Clock
  readonly #sink: SoundOutageSink
  readonly #told = new Set<string>()
  #backAt = Number.NEGATIVE_INFINITY
  #began = 0
  #look: Timer | undefined
  #lost = false

  constructor(clock: Clock, sink: SoundOutageSink) {
    this.#clock = clock
    this.#sink = sink
  }

  trouble(error: HalError): void {
    const now = this.#clock.now()
    if (this.#look === undefined) {
      this.#began = now
      if (now - this.#backAt >= quietMs * 1000) this.#told.clear()
      this.#lookLater()
    }
    if (this.#told.size === mostTold || this.#told.has(error.message)) return
    this.#told.add(error.message)
    this.#sink.trouble(error)
  }

  stop(): void {
    this.#look?.cancel()
  }

  #lookLater(): void {
    this.#look = this.#clock.timer('sound outage', ms(lookMs), () => this.#lookNow())
  }

  #lookNow(): void {
    this.#look = undefined
    if (this.#sink.alive()) {
      this.#backAt = this.#clock.now()
      this.#tell(false)
      return
    }
    if (this.#clock.now() - this.#began >= lostAfterMs * 1000) this.#tell(true)
    this.#lookLater()
  }

  #tell(lost: boolean): void {
    if (this.#lost === lost) return
    this.#lost = lost
    this.#sink.lost(lost)
  }
}
