// What a board file says of one Ag1171 module: which pins, who makes the ring, what is soldered around it (WIRING.md).

import type { Clock } from '../../clock.js'
import type { GpioChip } from '../../gpio.js'
import type { PwmChannel } from '../../pwm.js'
import type { ChipDigit } from './mt8870.js'

export interface Ag1171Pin {
  readonly chip: GpioChip
  /** Line of that chip. */
  readonly offset: number
  /** The line is low when the signal of the module is high. */
  readonly activeLow?: boolean
}

/** Pins of an MT8870 on VOUT. */
export interface Mt8870Pins {
  readonly std: Ag1171Pin
  readonly q1: Ag1171Pin
  readonly q2: Ag1171Pin
  readonly q3: Ag1171Pin
  readonly q4: Ag1171Pin
}

export interface Ag1171Quirks {
  /** 20 kohm between Tip and Ring: without it nothing is transmitted on-hook and no caller can be shown. Default false. */
  readonly ohtResistor?: boolean
  /** VOUT carries the ring frequency: captured frames are silenced until it has died away. Default true. */
  readonly muteCaptureWhileRinging?: boolean
  /**
   * Least level of the module's own ring in the capture, dBm0: a burst that is quieter did not reach the line, which is the
   * only way to notice it. Measure it on the board and set it 2 dB lower. Absent: nobody listens.
   */
  readonly ringHeardDbm0?: number
}

export interface Ag1171Options {
  /** The port's name on its board, e.g. "tel1". */
  readonly id: string
  readonly clock: Clock
  /** Switch hook, from the module: high is off-hook. */
  readonly shk: Ag1171Pin
  /** Ring mode, to the module: high puts 72 V on the line. */
  readonly rm: Ag1171Pin
  /** Forward/reverse, to the module: high is forward. Absent where the PWM has that pin; then there is no reversal. */
  readonly fr?: Ag1171Pin
  /** Power down: pulled low or let go, never driven high. Absent: not wired, the loop cannot be opened. */
  readonly pd?: Ag1171Pin
  /**
   * Who makes the ring frequency. pwm: the PWM channel on F/R. rm-only: nobody, RM alone is raised (a virtual machine, or a
   * board whose oscillator is gated by RM).
   */
  readonly ring: 'pwm' | 'rm-only'
  /** Needed for ring 'pwm'. Its output at rest must be high at F/R. */
  readonly pwm?: PwmChannel
  /** Bounce shorter than this is removed, ms, 0 to 15; default 5. What lasts longer than 15 ms in all is passed on whole. */
  readonly bounceMs?: number
  readonly dtmf?: Mt8870Pins
  /** Digits of the MT8870. */
  readonly onDigit?: (digit: ChipDigit) => void
  readonly quirks?: Ag1171Quirks
}
