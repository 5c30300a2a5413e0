// Virtual time: the Clock of tests and simulations. Nothing happens until somebody advances it; then everything
// due runs in order (due time, then order of creation), so that a 20-second scenario takes milliseconds and repeats exactly.
//
// Between two events every pending promise callback runs to its end, and real asynchronous work announced through
// `external` holds virtual time still until it settles.

import { type Clock, type Ms, type Timer, type Us, us } from '../clock.js'
import { HalError } from '../errors.js'

export interface VirtualClockOptions {
  /** Wall time at instant 0, ms since 1970. */
  readonly startWall?: number
}

export interface PendingTimer {
  readonly name: string
  readonly due: Us
}

interface Entry extends PendingTimer {
  readonly order: number
  readonly fire: () => void
  cancelled: boolean
}

const defaultStartWall = Date.UTC(2026, 0, 15, 10, 0, 0)
// Taken now: a test may bridge the globals to this very clock later.
const realSetImmediate = setImmediate

const before = (a: Entry, b: Entry): boolean => a.due < b.due || (a.due === b.due && a.order < b.order)

export class VirtualClock implements Clock {
  readonly #startWall: number
  readonly #heap: Entry[] = []
  #now = 0
  #order = 0
  #outstanding = 0
  #whenIdle: (() => void) | undefined
  #running = false

  constructor(options: VirtualClockOptions = {}) {
    this.#startWall = options.startWall ?? defaultStartWall
  }

  now(): Us {
    return us(this.#now)
  }

  wall(): number {
    return this.#startWall + Math.floor(this.#now / 1000)
  }

  /** A negative delay counts as 0. Throws HalError 'invalid' when `delay` is not finite. */
  timer(name: string, delay: Ms, fire: () => void): Timer {
    if (!Number.isFinite(delay)) throw new HalError('invalid', `timer "${name}": delay ${delay} ms`)
    const due = us(this.#now + Math.round(Math.max(0, delay) * 1000))
    const entry: Entry = { name, due, order: this.#order++, fire, cancelled: false }
    this.#push(entry)
    return {
      cancel: () => {
        entry.cancelled = true
      },
    }
  }

  external<T>(work: Promise<T>): Promise<T> {
    this.#outstanding++
    const settled = () => {
      this.#outstanding--
      if (this.#outstanding === 0) this.#whenIdle?.()
    }
    work.then(settled, settled)
    return work
  }

  /** Timers that have neither fired nor been cancelled, in the order in which they will fire. */
  pending(): readonly PendingTimer[] {
    return this.#heap
      .filter(entry => !entry.cancelled)
      .sort((a, b) => (before(a, b) ? -1 : 1))
      .map(({ name, due }) => ({ name, due }))
  }

  /**
   * Runs everything due within `delay` ms, then stands at that instant. What a timer throws is thrown here.
   * Only one `advance` or `runUntil` at a time.
   */
  async advance(delay: number): Promise<void> {
    await this.#run(this.#now + Math.round(delay * 1000), () => false)
  }

  /**
   * Runs events until `done()` holds (checked before the first and after each event) or `limitMs` have passed.
   * True: it held, and the clock stands at the event that made it so. False: the limit was reached.
   */
  async runUntil(done: () => boolean, limitMs: number): Promise<boolean> {
    return this.#run(this.#now + Math.round(limitMs * 1000), done)
  }

  /** Lets promise callbacks and external work finish without moving time. */
  async settle(): Promise<void> {
    await new Promise<void>(resolve => realSetImmediate(resolve))
    while (this.#outstanding > 0) {
      await new Promise<void>(resolve => {
        this.#whenIdle = resolve
      })
      this.#whenIdle = undefined
      await new Promise<void>(resolve => realSetImmediate(resolve))
    }
  }

  async #run(until: number, done: () => boolean): Promise<boolean> {
    if (this.#running) throw new HalError('refused', 'virtual time is already being advanced')
    if (!Number.isFinite(until)) throw new HalError('invalid', 'virtual time cannot be advanced for ever')
    this.#running = true
    try {
      await this.settle()
      while (!done()) {
        const next = this.#takeDue(until)
        if (next === undefined) {
          this.#now = Math.max(this.#now, until)
          return false
        }
        this.#now = Math.max(this.#now, next.due)
        next.fire()
        await this.settle()
      }
      return true
    } finally {
      this.#running = false
    }
  }

  #takeDue(until: number): Entry | undefined {
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (!next.cancelled && next.due > until) return undefined
      this.#pop()
      if (next.cancelled) continue
      next.cancelled = true
      return next
    }
    return undefined
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}
