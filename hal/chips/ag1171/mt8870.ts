// An MT8870 on VOUT: StD says that a key was recognised, Q1 to Q4 which. The code is latched until the next key, so it is
// right only while no later key has come; a code that may belong to another key is not told at all.

import { type Clock, ms, type Timer, type Us, us } from '../../clock.js'
import type { GpioEdge, GpioInput } from '../../gpio.js'
import type { Ag1171Pin, Mt8870Pins } from './options.js'

export interface ChipDigit {
  /** 0-9 * # A-D. */
  readonly digit: string
  readonly us: Us
  /** on: the key is recognised. off: it is let go. */
  readonly phase: 'on' | 'off'
}

/** By the code Q4 Q3 Q2 Q1 (data sheet, functional decode table). */
const DIGITS = 'D1234567890*#ABC'
/** No two keys are recognised within less: tone 20 ms, pause 20 ms at the least (data sheet, with the shortest guard times). */
const FRESH = 40
/** A gap shorter than any pause between keys is a drop-out of one key, ms. */
const DROP_OUT = 20
/** Edges that waited with a late one have come after so long, ms. */
const TURN = 2

export class Mt8870 {
  readonly #clock: Clock
  readonly #name: string
  readonly #tell: (digit: ChipDigit) => void
  #std: GpioInput | undefined
  #q: readonly GpioInput[] = []
  #on: string | undefined
  /** Let go at this instant, unless it comes back at once. */
  #off: { readonly at: Us; readonly timer: Timer } | undefined
  /** Recognised, but told late: edges of a later key may wait behind. */
  #late: { readonly timer: Timer; released?: Us } | undefined
  /** Keys whose code was not to be trusted. */
  unreadable = 0

  private constructor(name: string, clock: Clock, tell: (digit: ChipDigit) => void) {
    this.#name = name
    this.#clock = clock
    this.#tell = tell
  }

  /** Rejects with the HalError of the pin that cannot be had. */
  static async open(
    name: string,
    clock: Clock,
    pins: Mt8870Pins,
    tell: (digit: ChipDigit) => void,
  ): Promise<Mt8870> {
    const decoder = new Mt8870(name, clock, tell)
    const input = ({ chip, offset, activeLow = false }: Ag1171Pin, onEdge: (edge: GpioEdge) => void) =>
      chip.openInput(offset, { activeLow }, onEdge)
    const q: GpioInput[] = []
    try {
      for (const pin of [pins.q1, pins.q2, pins.q3, pins.q4]) q.push(await input(pin, () => {}))
      decoder.#q = q
      decoder.#std = await input(pins.std, edge => decoder.#edge(edge))
      return decoder
    } catch (error) {
      for (const pin of q) pin.close()
      throw error
    }
  }

  close(): void {
    this.#off?.timer.cancel()
    this.#late?.timer.cancel()
    this.#std?.close()
    for (const pin of this.#q) pin.close()
  }

  #edge({ high, us: at, overrun }: GpioEdge): void {
    if (overrun && this.#on !== undefined) this.#letGo(at)
    if (high) this.#recognised(at)
    else this.#released(at)
  }

  #recognised(at: Us): void {
    this.#forgetLate()
    if (this.#clock.now() - at < FRESH * 1000) return this.#down(this.#code(), at)
    const timer = this.#clock.timer(`${this.#name} late key`, ms(TURN), () => {
      const released = this.#late?.released
      this.#late = undefined
      this.#down(this.#code(), at)
      if (released !== undefined) this.#released(released)
    })
    this.#late = { timer }
  }

  /** Another key was recognised before this one's code could be read. */
  #forgetLate(): void {
    if (this.#late === undefined) return
    this.#late.timer.cancel()
    this.#late = undefined
    this.unreadable++
  }

  #down(digit: string | undefined, at: Us): void {
    if (digit === undefined) {
      this.unreadable++
      return
    }
    const off = this.#off
    if (off !== undefined && at - off.at < DROP_OUT * 1000 && digit === this.#on) {
      off.timer.cancel()
      this.#off = undefined
      return
    }
    if (this.#on !== undefined) this.#letGo(off?.at ?? at)
    this.#on = digit
    this.#tell({ digit, us: at, phase: 'on' })
  }

  #released(at: Us): void {
    if (this.#late !== undefined) {
      this.#late.released = at
      return
    }
    if (this.#on === undefined || this.#off !== undefined) return
    const timer = this.#clock.timer(`${this.#name} key up`, ms(DROP_OUT), () => this.#letGo(at))
    this.#off = { at, timer }
  }

  #letGo(at: Us): void {
    this.#off?.timer.cancel()
    const released = this.#off?.at ?? at
    this.#off = undefined
    const digit = this.#on
    this.#on = undefined
    if (digit !== undefined) this.#tell({ digit, us: us(released), phase: 'off' })
  }

  #code(): string | undefined {
    try {
      return DIGITS[this.#q.reduce((code, pin, bit) => code | (pin.read() ? 1 << bit : 0), 0)]
    } catch {
      return undefined
    }
  }
}
