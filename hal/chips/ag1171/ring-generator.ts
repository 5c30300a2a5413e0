// The ring of one module: RM puts the ring battery on the line, the PWM on F/R makes it swing. RM is high before F/R starts,
// and falls 12 ms after F/R is at rest (data sheet: later than 10 ms, sooner than 500 ms). Wishes may overtake each other;
// what is wanted last is what becomes of it.

import { type Clock, ms } from '../../clock.js'
import { HalError } from '../../errors.js'
import type { PwmChannel } from '../../pwm.js'

/** ms. */
const RM_TAIL = 12
/** A PWM that has not answered after so long does not answer, ms. */
const PWM_WITHIN = 250

export interface RingPins {
  /** Throws HalError. */
  ringMode(high: boolean): void
}

export class RingGenerator {
  readonly #name: string
  readonly #clock: Clock
  readonly #pins: RingPins
  readonly #pwm: PwmChannel | undefined
  #wanted: number | undefined
  #sounding: number | undefined
  /** F/R may still swing: the PWM did not stop when it was told. */
  #swinging = false
  #rm = false
  #work: Promise<void> | undefined

  constructor(name: string, clock: Clock, pins: RingPins, pwm: PwmChannel | undefined) {
    this.#name = name
    this.#clock = clock
    this.#pins = pins
    this.#pwm = pwm
  }

  /** Hz; resolves when it sounds. Rejects with HalError when pins or PWM refuse; RM is low then. */
  async start(hz: number): Promise<void> {
    this.#wanted = hz
    try {
      await this.#settle()
    } catch (error) {
      this.#wanted = undefined
      await this.#settle().catch(() => {})
      throw error
    }
  }

  /** Resolves when the line is without ring and RM is low. Rejects with HalError when that cannot be done. */
  async stop(): Promise<void> {
    this.#wanted = undefined
    // A start that was under way may fail; that is not what was asked.
    await this.#settle().catch(() => this.#settle())
  }

  /** RM is high without need, because the pin refused: once more. Throws HalError. */
  tend(): void {
    if (!this.#rm || this.#wanted !== undefined || this.#work !== undefined) return
    this.#pins.ringMode(false)
    this.#rm = false
  }

  #settle(): Promise<void> {
    this.#work ??= this.#run().finally(() => {
      this.#work = undefined
    })
    return this.#work
  }

  async #run(): Promise<void> {
    while (this.#wanted !== this.#sounding || (this.#wanted === undefined && (this.#rm || this.#swinging))) {
      const wanted = this.#wanted
      if (wanted !== undefined) await this.#begin(wanted)
      else await this.#end()
    }
  }

  async #begin(hz: number): Promise<void> {
    this.#pins.ringMode(true)
    this.#rm = true
    await this.#within(this.#pwm?.start(hz))
    this.#sounding = hz
  }

  async #end(): Promise<void> {
    // Nothing is awaited before F/R is told to rest: the ring ends when this is called.
    this.#swinging = true
    let failed: unknown
    await this.#within(this.#pwm?.stop()).then(
      () => {
        this.#swinging = false
      },
      (error: unknown) => {
        failed = error
      },
    )
    this.#sounding = undefined
    await this.#tail()
    if (this.#wanted === undefined && this.#rm) {
      this.#pins.ringMode(false)
      this.#rm = false
    }
    if (failed !== undefined) throw failed
  }

  #tail(): Promise<void> {
    return new Promise(resolve => {
      this.#clock.timer(`${this.#name} ring mode`, ms(RM_TAIL), resolve)
    })
  }

  #within(work: Promise<void> | undefined): Promise<void> {
    if (work === undefined) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = this.#clock.timer(`${this.#name} pwm`, ms(PWM_WITHIN), () =>
        reject(new HalError('io', `${this.#name}: the PWM does not answer`)),
      )
      work.finally(() => timer.cancel()).then(resolve, reject)
    })
  }
}
