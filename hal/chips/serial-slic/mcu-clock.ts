// From the microcontroller's instants to the box's. Both clocks run by themselves; of the pings of the last seconds the
// one that was answered fastest tells best how far they are apart, so that a busy event loop does not matter.

import { type Us, us } from '../../clock.js'

/** Pings remembered: 8 s of them. */
const KEPT = 16
const WRAP = 2 ** 32

export class McuClock {
  readonly #pings: { readonly roundTrip: number; readonly apart: number }[] = []
  #full: number | undefined
  #apart: number | undefined
  #plannedApart = 0
  #plannedUntil = Number.NEGATIVE_INFINITY

  /** A ping left at `sent`, was stamped by the microcontroller, and its answer was here at `back`. */
  ping(sent: Us, stamp: number, back: Us): void {
    const there = this.#unwrapped(stamp)
    this.#pings.push({ roundTrip: back - sent, apart: (sent + back) / 2 - there })
    if (this.#pings.length > KEPT) this.#pings.shift()
    this.#apart = this.#pings.reduce((best, one) => (one.roundTrip <= best.roundTrip ? one : best)).apart
  }

  /** Before the first ping nothing is known, and the microcontroller's word cannot be dated. */
  get known(): boolean {
    return this.#apart !== undefined
  }

  /** Never later than `now`. */
  instant(stamp: number, now: Us): Us {
    if (this.#apart === undefined) return now
    return us(Math.min(Math.round(this.#unwrapped(stamp) + this.#apart), now))
  }

  /** The first stamp that is not before `at`. What is planned together keeps its order, also when a ping comes between. */
  stamp(at: Us, now: Us): number {
    if (now > this.#plannedUntil) this.#plannedApart = this.#apart ?? 0
    this.#plannedUntil = Math.max(this.#plannedUntil, at)
    const there = Math.ceil(at - this.#plannedApart)
    return ((there % WRAP) + WRAP) % WRAP
  }

  /** The microcontroller has started anew. */
  restart(): void {
    this.#pings.length = 0
    this.#full = undefined
    this.#apart = undefined
    this.#plannedUntil = Number.NEGATIVE_INFINITY
  }

  /** The stamp counts to 2^32 µs (72 minutes) and begins anew; a stamp is never half of that away from the last one. */
  #unwrapped(stamp: number): number {
    if (this.#full === undefined) {
      this.#full = stamp
      return stamp
    }
    const ahead = (((stamp - this.#full) % WRAP) + WRAP) % WRAP
    const full = this.#full + (ahead < WRAP / 2 ? ahead : ahead - WRAP)
    this.#full = Math.max(this.#full, full)
    return full
  }
}
