// From the kernel's events of one line to edges: what was lost is flagged, contact bounce that the kernel itself could
// not follow is left out, instants never run backwards.

import { type Us, us } from '../clock.js'
import type { GpioEdge } from '../gpio.js'
import type { LineEvent } from './gpio-abi.js'

export class LineEdges {
  readonly #queue: number
  #level: boolean
  #sequence = 0
  #us = 0

  /** `level` as read behind the request; `queue`: how many events the kernel keeps. */
  constructor(level: boolean, queue: number) {
    this.#level = level
    this.#queue = queue
  }

  /** The level last told. */
  get level(): boolean {
    return this.#level
  }

  /** `events`: all that waited. */
  take(events: readonly LineEvent[]): readonly GpioEdge[] {
    // Events are dropped only from a full queue, and a queue that has been full gives at least as many.
    const full = events.length >= this.#queue
    const edges: GpioEdge[] = []
    for (const { rising, us, sequence } of events) {
      const overrun = full && sequence !== (this.#sequence + 1) % 2 ** 32
      this.#sequence = sequence
      // The kernel reads the level after the interrupt. The one told already: a spike shorter than that takes.
      if (rising !== this.#level || overrun) edges.push(this.#edge(rising, us, overrun))
    }
    return edges
  }

  /** After a loss: the level as it is. An edge when it is not the one told last. */
  resync(level: boolean, now: Us): GpioEdge | undefined {
    return level === this.#level ? undefined : this.#edge(level, now, true)
  }

  #edge(high: boolean, at: number, overrun: boolean): GpioEdge {
    this.#level = high
    this.#us = Math.max(this.#us, at)
    return { high, us: us(this.#us), overrun }
  }
}
