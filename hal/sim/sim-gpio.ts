// GPIO pins without hardware: one side is the GpioChip contract, the other is whatever the pins are wired to (a chip's
// model, a test). Edges wait in a queue as long as the kernel's and, as there, the oldest give way.

import { type Clock, ms, type Timer, type Us } from '../clock.js'
import { HalError } from '../errors.js'
import type { GpioChip, GpioEdge, GpioInput, GpioOutput } from '../gpio.js'

export interface SimGpioOptions {
  readonly clock: Clock
  /** Number of pins. */
  readonly lines: number
  readonly label?: string
  /** Default 'kernel'. */
  readonly timestamps?: GpioChip['timestamps']
  /** Edges of one pin that wait for delivery at most; default 64. */
  readonly queue?: number
}

/** Hears every change of the level the box drives onto a pin, at once. Levels are those of the pin. */
export type PinListener = (high: boolean, at: Us) => void

interface Pin {
  /** What the far end drives; low until it does. */
  far: boolean
  /** What the box drives, once it does. */
  driven?: boolean
  input?: SimInput
  output?: { close(): void }
  readonly listeners: Set<PinListener>
}

export class SimGpio {
  readonly label: string
  readonly #options: SimGpioOptions
  readonly #pins: readonly Pin[]

  constructor(options: SimGpioOptions) {
    this.#options = options
    this.label = options.label ?? 'sim-gpio'
    this.#pins = Array.from({ length: options.lines }, () => ({ far: false, listeners: new Set() }))
  }

  /** The box's side. Rejects with HalError 'missing' for a label other than this chip's. */
  async open(label: string = this.label): Promise<GpioChip> {
    if (label !== this.label) throw new HalError('missing', `no GPIO chip "${label}"; there is ${this.label}`)
    return this.#chip()
  }

  /** The far end drives a pin; one that the box drives keeps the box's level. */
  drive(offset: number, high: boolean): void {
    const pin = this.#pin(offset)
    const before = levelOf(pin)
    pin.far = high
    const level = levelOf(pin)
    if (level !== before) pin.input?.changed(level)
  }

  /** The level of the pin as a meter shows it. */
  level(offset: number): boolean {
    return levelOf(this.#pin(offset))
  }

  /** Tells the first level the box drives, and every change of it; the answer ends that. */
  listen(offset: number, listener: PinListener): () => void {
    const { listeners } = this.#pin(offset)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  #pin(offset: number): Pin {
    const pin = this.#pins[offset]
    if (!pin)
      throw new HalError('invalid', `${this.label} has no line ${offset}, only 0 to ${this.#pins.length - 1}`)
    return pin
  }

  #chip(): GpioChip {
    const opened = new Set<{ close(): void }>()
    let closed = false
    const free = (offset: number): Pin => {
      if (closed) throw new HalError('closed', `${this.label} is closed`)
      const pin = this.#pin(offset)
      if (pin.input || pin.output) throw new HalError('in-use', `line ${offset} of ${this.label} is in use`)
      return pin
    }
    return {
      timestamps: this.#options.timestamps ?? 'kernel',
      openOutput: async (offset, { initial, activeLow = false }) => {
        const output = this.#output(free(offset), offset, initial, activeLow)
        opened.add(output)
        return output
      },
      openInput: async (offset, { activeLow = false }, onEdge) => {
        const input = new SimInput(free(offset), `${this.label} ${offset}`, activeLow, onEdge, this.#options)
        opened.add(input)
        return input
      },
      close: async () => {
        closed = true
        for (const line of opened) line.close()
      },
    }
  }

  #output(pin: Pin, offset: number, initial: boolean, activeLow: boolean): GpioOutput {
    const write = (high: boolean): void => {
      if (pin.output !== output) throw new HalError('closed', `line ${offset} of ${this.label} is closed`)
      const level = high !== activeLow
      if (level === pin.driven) return
      pin.driven = level
      for (const listener of pin.listeners) listener(level, this.#options.clock.now())
    }
    const output: GpioOutput = {
      write,
      close: () => {
        if (pin.output === output) delete pin.output
      },
    }
    pin.output = output
    write(initial)
    return output
  }
}

const levelOf = (pin: Pin): boolean => pin.driven ?? pin.far

class SimInput implements GpioInput {
  readonly #pin: Pin
  readonly #name: string
  readonly #activeLow: boolean
  readonly #onEdge: (edge: GpioEdge) => void
  readonly #options: SimGpioOptions
  /** Edges that wait, with their instants. */
  #queue: { readonly high: boolean; readonly us: Us }[] = []
  /** The queue ran over before its first edge. */
  #lost = false
  #told: boolean
  #delivery: Timer | undefined

  constructor(
    pin: Pin,
    name: string,
    activeLow: boolean,
    onEdge: (edge: GpioEdge) => void,
    options: SimGpioOptions,
  ) {
    this.#pin = pin
    this.#name = name
    this.#activeLow = activeLow
    this.#onEdge = onEdge
    this.#options = options
    // The box stops driving a pin that becomes an input.
    delete pin.driven
    pin.input = this
    this.#told = this.read()
  }

  read(): boolean {
    if (this.#pin.input !== this) throw new HalError('closed', `${this.#name} is closed`)
    return levelOf(this.#pin) !== this.#activeLow
  }

  close(): void {
    if (this.#pin.input !== this) return
    delete this.#pin.input
    this.#delivery?.cancel()
  }

  /** The pin changed: delivered later, for an event never comes from inside a command of the box. */
  changed(level: boolean): void {
    const { clock, queue = 64 } = this.#options
    this.#queue.push({ high: level !== this.#activeLow, us: clock.now() })
    if (this.#queue.length > queue) {
      this.#queue.shift()
      this.#lost = true
    }
    this.#delivery ??= clock.timer(`gpio ${this.#name}`, ms(0), () => this.#deliver())
  }

  #deliver(): void {
    this.#delivery = undefined
    const waiting = this.#queue
    let lost = this.#lost
    this.#queue = []
    this.#lost = false
    if (this.#options.timestamps === 'process') {
      const high = this.read()
      const edge = { high, us: this.#options.clock.now(), overrun: high === this.#told }
      this.#told = high
      this.#onEdge(edge)
      return
    }
    for (const { high, us } of waiting) {
      if (this.#pin.input !== this) return
      this.#onEdge({ high, us, overrun: lost })
      lost = false
    }
  }
}
