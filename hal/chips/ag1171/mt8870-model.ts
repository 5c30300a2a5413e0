// An MT8870 at its pins, from its data sheet: a tone is present after 11 ms and absent after 4 ms (typical), the guard times
// are those of 330 kohm and 100 nF; the code is there 3 µs before StD rises and stays until the next key.

import { type Clock, ms, type Timer } from '../../clock.js'
import type { ModelGpio } from './model-gpio.js'

const DETECT = { present: 11, absent: 4 }
/** Guard times, ms: 0.9 RC and 0.6 RC of 330 kohm and 100 nF, rounded to a tone of 40 ms and a pause of 40 ms. */
const GUARD = { present: 29, absent: 36 }
const SETUP_US = 3
const CODES = 'D1234567890*#ABC'

export interface Mt8870ModelPins {
  readonly std: number
  readonly q1: number
  readonly q2: number
  readonly q3: number
  readonly q4: number
}

export class Mt8870Model {
  readonly #clock: Clock
  readonly #gpio: ModelGpio
  readonly #pins: Mt8870ModelPins
  #steering: Timer | undefined
  #key: string | undefined

  constructor(clock: Clock, gpio: ModelGpio, pins: Mt8870ModelPins) {
    this.#clock = clock
    this.#gpio = gpio
    this.#pins = pins
  }

  /** The tone pair of a key begins, or (undefined) ends. A gap shorter than the guard time is not noticed. */
  tone(key: string | undefined): void {
    this.#steering?.cancel()
    const std = this.#gpio.level(this.#pins.std)
    if (key !== undefined && (!std || key !== this.#key))
      this.#after(DETECT.present + GUARD.present, () => this.#accept(key))
    else if (key === undefined && std)
      this.#after(DETECT.absent + GUARD.absent, () => this.#gpio.drive(this.#pins.std, false))
  }

  #accept(key: string): void {
    this.#key = key
    const code = CODES.indexOf(key)
    const { q1, q2, q3, q4, std } = this.#pins
    for (const [bit, pin] of [q1, q2, q3, q4].entries()) this.#gpio.drive(pin, (code & (1 << bit)) !== 0)
    this.#after(SETUP_US / 1000, () => this.#gpio.drive(std, true))
  }

  #after(delay: number, act: () => void): void {
    this.#steering = this.#clock.timer('model steering', ms(delay), act)
  }
}
