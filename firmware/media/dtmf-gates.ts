// What two fitted sines must satisfy to pass for a key (ITU-T Q.24, ETSI ES 201 235-3, and tighter against speech): the
// limits while digits are collected, during a call, and for the first sign of a key in a call.

import { HIGH_HZ, LOW_HZ } from './dtmf-digits.js'
import { amplitudeOf } from './level.js'
import type { TwoToneFit } from './two-tone-fit.js'

export interface Gates {
  /** What the fit leaves, as a fraction of the window's energy. */
  readonly residual: number
  /** Windows running, 5 ms apart, that must agree. */
  readonly hits: number
  /** Frequency error: a fraction plus Hz. */
  readonly error: number
  readonly errorHz: number
  /** Least amplitude of either tone. */
  readonly amplitude: number
  /** dB before the filter is corrected for: it takes up to 1.1 dB from a low tone. */
  readonly twistMin: number
  readonly twistMax: number
}

export const dialling: Gates = {
  residual: 0.1,
  hits: 2,
  error: 0.015,
  errorHz: 6,
  amplitude: amplitudeOf(-40),
  twistMin: -10,
  twistMax: 9,
}

export const call: Gates = {
  residual: 0.063,
  hits: 2,
  error: 0.015,
  errorHz: 5,
  amplitude: amplitudeOf(-36),
  twistMin: -9.5,
  twistMax: 8.5,
}

/** Wider than `call`: the window is short, and the filter still swings where the tone began. */
export const beginning: Gates = {
  residual: 0.15,
  hits: 1,
  error: 0.02,
  errorHz: 8,
  amplitude: amplitudeOf(-36),
  twistMin: -10,
  twistMax: 9,
}

/** Whether the fit is the pair of row `low` and column `high` (0-3 each) within the gates. */
export const isPair = (fit: TwoToneFit, low: number, high: number, g: Gates): boolean => {
  if (fit.residual > g.residual * fit.energy) return false
  const lowHz = LOW_HZ[low] as number
  const highHz = HIGH_HZ[high] as number
  if (Math.abs(fit.lowHz - lowHz) > g.error * lowHz + g.errorHz) return false
  if (Math.abs(fit.highHz - highHz) > g.error * highHz + g.errorHz) return false
  if (fit.low < g.amplitude || fit.high < g.amplitude) return false
  const twist = 20 * Math.log10(fit.high / fit.low)
  return twist >= g.twistMin && twist <= g.twistMax
}
