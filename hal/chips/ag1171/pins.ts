// The four pins of a module on whatever GPIO chip they are. Whatever goes wrong there becomes a HalError.

import { HalError, isHalError } from '../../errors.js'
import type { GpioEdge, GpioInput, GpioOutput } from '../../gpio.js'
import type { Ag1171Options, Ag1171Pin } from './options.js'

const polarity = ({ activeLow = false }: Ag1171Pin) => ({ activeLow })

const told = (id: string, pin: string, error: unknown): HalError =>
  isHalError(error)
    ? new HalError(error.kind, `${id}: ${pin}: ${error.message}`, { cause: error })
    : new HalError('io', `${id}: ${pin}: ${(error as Error).message}`, { cause: error })

/**
 * PD is never driven high: the module pulls it up itself and may be harmed by more (data sheet). So it is an output while
 * it is low and an input else. Wishes may overtake each other.
 */
class PowerPin {
  readonly #pin: Ag1171Pin
  #up = true
  #held: GpioInput | GpioOutput | undefined
  #isUp: boolean | undefined
  #work: Promise<void> | undefined

  constructor(pin: Ag1171Pin) {
    this.#pin = pin
  }

  set(up: boolean): Promise<void> {
    this.#up = up
    this.#work ??= this.#run().finally(() => {
      this.#work = undefined
    })
    return this.#work
  }

  async #run(): Promise<void> {
    const { chip, offset } = this.#pin
    while (this.#isUp !== this.#up) {
      const up = this.#up
      this.#held?.close()
      this.#held = undefined
      this.#isUp = undefined
      this.#held = up
        ? await chip.openInput(offset, {}, () => {})
        : await chip.openOutput(offset, { initial: this.#pin.activeLow === true })
      this.#isUp = up
    }
  }

  close(): void {
    this.#held?.close()
  }
}

export class ModulePins {
  readonly #id: string
  #shk: GpioInput | undefined
  #rm: GpioOutput | undefined
  #fr: GpioOutput | undefined
  #pd: PowerPin | undefined

  private constructor(id: string) {
    this.#id = id
  }

  /** RM low, F/R forward, powered up. Rejects with the HalError of the pin that cannot be had; none is kept then. */
  static async open(options: Ag1171Options, onEdge: (edge: GpioEdge) => void): Promise<ModulePins> {
    const pins = new ModulePins(options.id)
    try {
      await pins.#open(options, onEdge)
      return pins
    } catch (error) {
      pins.close()
      throw error
    }
  }

  async #open({ rm, fr, pd, shk }: Ag1171Options, onEdge: (edge: GpioEdge) => void): Promise<void> {
    // RM first: whatever stood there before, the line must not ring.
    this.#rm = await this.#ask('RM', rm.chip.openOutput(rm.offset, { initial: false, ...polarity(rm) }))
    if (fr !== undefined)
      this.#fr = await this.#ask('F/R', fr.chip.openOutput(fr.offset, { initial: true, ...polarity(fr) }))
    if (pd !== undefined) {
      this.#pd = new PowerPin(pd)
      await this.power(true)
    }
    this.#shk = await this.#ask('SHK', shk.chip.openInput(shk.offset, polarity(shk), onEdge))
  }

  /** Off-hook. */
  hook(): boolean {
    return this.#do('SHK', this.#shk, pin => pin.read())
  }

  ringMode(high: boolean): void {
    this.#do('RM', this.#rm, pin => pin.write(high))
  }

  forward(forward: boolean): void {
    if (this.#fr !== undefined) this.#do('F/R', this.#fr, pin => pin.write(forward))
  }

  async power(up: boolean): Promise<void> {
    if (this.#pd !== undefined) await this.#ask('PD', this.#pd.set(up))
  }

  close(): void {
    for (const pin of [this.#shk, this.#rm, this.#fr, this.#pd]) {
      try {
        pin?.close()
      } catch {
        // A chip that is gone has let go of its pins.
      }
    }
  }

  #do<P, T>(name: string, pin: P | undefined, act: (pin: P) => T): T {
    if (pin === undefined) throw new HalError('closed', `${this.#id}: ${name} is closed`)
    try {
      return act(pin)
    } catch (error) {
      throw told(this.#id, name, error)
    }
  }

  async #ask<T>(name: string, work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      throw told(this.#id, name, error)
    }
  }
}
