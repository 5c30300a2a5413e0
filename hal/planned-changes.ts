// Changes of feed and ringing that wait for their instants, as in the sequencer of a line chip. Whoever moves time on
// carries out what is due; a timer does it where nobody else does.

import { type Clock, ms, type Timer, type Us } from './clock.js'

interface PlannedChange {
  readonly at: Us
  readonly make: (at: Us) => void
}

export class PlannedChanges {
  readonly #clock: Clock
  readonly #name: string
  #waiting: PlannedChange[] = []
  #timer: Timer | undefined

  constructor(name: string, clock: Clock) {
    this.#name = name
    this.#clock = clock
  }

  /** `make` is told the instant it was meant for; one that is past already is made now and told so. */
  add(at: Us, make: (at: Us) => void): void {
    const now = this.#clock.now()
    if (at <= now) {
      make(now)
      return
    }
    const place = this.#waiting.findIndex(change => change.at > at)
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, { at, make })
    this.#arm()
  }

  dropAll(): void {
    this.#waiting = []
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Makes what is meant for an instant before `end`. */
  carryOut(end: Us): void {
    if ((this.#waiting[0]?.at ?? end) >= end) return
    for (let next = this.#waiting[0]; next !== undefined && next.at < end; next = this.#waiting[0]) {
      this.#waiting.shift()
      next.make(next.at)
    }
    this.#arm()
  }

  #arm(): void {
    this.#timer?.cancel()
    const next = this.#waiting[0]
    this.#timer =
      next &&
      this.#clock.timer(this.#name, ms(Math.max(0, (next.at - this.#clock.now()) / 1000)), () => {
        this.#timer = undefined
        this.carryOut((this.#clock.now() + 1) as Us)
      })
  }
}
