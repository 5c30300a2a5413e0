// The pins between box and model: the box's side is a GpioChip with the kernel's queue of edges, the model's side drives and
// watches levels. Whatever can go wrong between the two can be made to.

import { type Clock, ms, type Timer, type Us } from '../../clock.js'
import { HalError } from '../../errors.js'
import type { GpioChip, GpioEdge, GpioInput, GpioOutput } from '../../gpio.js'

/** Edges the kernel keeps for a line. */
const KEPT = 64

class ModelPin {
  /** Driven by the box; undefined: high impedance. */
  driven: boolean | undefined
  /** Driven, or pulled, by the model. */
  far = false
  taken = false
  edge: ((edge: GpioEdge) => void) | undefined
  queue: { readonly high: boolean; readonly us: Us }[] = []
  overrun = false
  delivery: Timer | undefined

  get level(): boolean {
    return this.driven ?? this.far
  }
}

export class ModelGpio {
  readonly #clock: Clock
  readonly #pins: readonly ModelPin[]
  #watch: (offset: number) => void = () => {}
  /** Every access fails, as of a chip that fell off its bus. */
  broken = false
  /** Every access to these pins fails, as where they are on a chip of their own. */
  readonly dead = new Set<number>()
  /** Interrupts do not arrive. */
  deaf = false

  constructor(clock: Clock, lines: number) {
    this.#clock = clock
    this.#pins = Array.from({ length: lines }, () => new ModelPin())
  }

  /** The model is told of each pin whose level the box changed. */
  watch(changed: (offset: number) => void): void {
    this.#watch = changed
  }

  level(offset: number): boolean {
    return this.#pin(offset).level
  }

  /** What the box drives onto the pin; undefined: it has let go of it. */
  driven(offset: number): boolean | undefined {
    return this.#pin(offset).driven
  }

  /** The model drives, or pulls, the pin. */
  drive(offset: number, high: boolean): void {
    const pin = this.#pin(offset)
    if (pin.far === high) return
    pin.far = high
    if (pin.driven !== undefined || pin.edge === undefined || this.deaf) return
    pin.queue.push({ high, us: this.#clock.now() })
    if (pin.queue.length > KEPT) {
      pin.queue.shift()
      pin.overrun = true
    }
    pin.delivery ??= this.#clock.timer('model edges', ms(0), () => this.#deliver(pin))
  }

  /** The next edge of this pin is told with edges lost before it. */
  lose(offset: number): void {
    this.#pin(offset).overrun = true
  }

  chip(timestamps: GpioChip['timestamps'] = 'kernel'): GpioChip {
    return {
      timestamps,
      openOutput: async (offset, { initial, activeLow = false }) => this.#output(offset, initial, activeLow),
      openInput: async (offset, { activeLow = false }, onEdge) => this.#input(offset, activeLow, onEdge),
      close: async () => {},
    }
  }

  #pin(offset: number): ModelPin {
    const pin = this.#pins[offset]
    if (pin === undefined) throw new HalError('missing', `no line ${offset}`)
    return pin
  }

  #take(offset: number): ModelPin {
    this.#alive(offset)
    const pin = this.#pin(offset)
    if (pin.taken) throw new HalError('in-use', `line ${offset} is in use`)
    pin.taken = true
    return pin
  }

  #alive(offset: number): void {
    if (this.broken || this.dead.has(offset))
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
  }

  #output(offset: number, initial: boolean, activeLow: boolean): GpioOutput {
    const pin = this.#take(offset)
    const write = (high: boolean): void => {
      this.#alive(offset)
      if (!pin.taken) throw new HalError('closed', `line ${offset} is closed`)
      const before = pin.level
      pin.driven = high !== activeLow
      if (pin.level !== before) this.#watch(offset)
    }
    write(initial)
    return { write, close: () => this.#free(pin) }
  }

  #input(offset: number, activeLow: boolean, onEdge: (edge: GpioEdge) => void): GpioInput {
    const pin = this.#take(offset)
    const before = pin.level
    pin.driven = undefined
    if (pin.level !== before) this.#watch(offset)
    pin.edge = ({ high, us, overrun }) => onEdge({ high: high !== activeLow, us, overrun })
    return {
      read: () => {
        this.#alive(offset)
        return pin.level !== activeLow
      },
      close: () => this.#free(pin),
    }
  }

  #free(pin: ModelPin): void {
    pin.taken = false
    pin.edge = undefined
    pin.queue = []
    pin.delivery?.cancel()
    pin.delivery = undefined
  }

  #deliver(pin: ModelPin): void {
    pin.delivery = undefined
    const queue = pin.queue
    pin.queue = []
    for (const { high, us } of queue) {
      const { overrun } = pin
      pin.overrun = false
      pin.edge?.({ high, us, overrun })
    }
  }
}
