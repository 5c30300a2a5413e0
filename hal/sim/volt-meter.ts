// A voltmeter across the two wires at the telephone: tells the DC voltage when it has changed and rested. Ring voltage is
// the bell's business.

import { type Clock, ms, type Timer, type Us } from '../clock.js'
import type { LineModel } from './line-model.js'

/** Longer than any group of bounces, as for the loop current. */
const steadyMs = 16
const leastChangeVolts = 1

export class VoltMeter {
  readonly #line: LineModel
  readonly #clock: Clock
  readonly #tell: (dc: number, us: Us) => void
  #told = 0
  #timer: Timer | undefined

  constructor(line: LineModel, clock: Clock, tell: (dc: number, us: Us) => void) {
    this.#line = line
    this.#clock = clock
    this.#tell = tell
  }

  /** Feed, contact or a fault may have changed it. */
  changed(at: Us): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#line.feed === 'ringing' || Math.abs(this.#volts() - this.#told) < leastChangeVolts) return
    this.#timer = this.#clock.timer('volts steady', ms(steadyMs), () => {
      this.#timer = undefined
      this.#told = this.#volts()
      this.#tell(this.#told, at)
    })
  }

  /** Negative as a line is fed, positive with the wires reversed. */
  #volts(): number {
    const volts = Math.round(this.#line.loop().volts * 10) / 10
    if (volts === 0 || this.#line.faults.has('unplug')) return 0
    return this.#line.reversed ? volts : -volts
  }
}
