// DC side of the simulated loop: what current flows for a given feed, telephone and fault.
// Figures are those of a Si321x-class line chip and an ordinary French telephone.

import type { Linefeed } from '../fxs-port.js'

/** What hangs on the terminals. */
export interface Terminals {
  /** Hook contact closed and the telephone plugged in. */
  readonly offHook: boolean
  /** Tip and ring wires touch. */
  readonly shorted: boolean
  /** The ring wire touches earth. */
  readonly grounded: boolean
}

export interface LoopState {
  /** Current through the telephone, mA. */
  readonly telephoneMa: number
  /** From wire to wire, mA: what the hook comparator sees. */
  readonly metallicMa: number
  /** Current that the line chip delivers, to earth included, mA. */
  readonly mA: number
  /** Between the terminals, volts, positive. */
  readonly volts: number
}

export const batteryVolts = 52
/** Comparator of the line chip, mA: above `detect` the telephone is off-hook, below `release` it is on-hook. */
export const hookThresholdMa = { detect: 11.4, release: 9 }

const onHookVolts = 48
const telephoneOhms = 220
/** Diode bridge of the telephone. */
const telephoneDropVolts = 1.4
const cableOhms = 100
const shortOhms = 5
const groundOhms = 600
const sourceOhms: Record<Linefeed, number> = { open: 0, standby: 1600, active: 200, oht: 200, ringing: 400 }

/** `limitMa` is the constant-current feed of the profile. While ringing the figures are those of the DC part. */
export const loopState = (feed: Linefeed, limitMa: number, at: Terminals): LoopState => {
  if (feed === 'open') return { telephoneMa: 0, metallicMa: 0, mA: 0, volts: 0 }
  const source = sourceOhms[feed]
  if (at.shorted) {
    const mA = Math.min(limitMa, (onHookVolts / (source + shortOhms)) * 1000)
    return { telephoneMa: 0, metallicMa: mA, mA, volts: (mA * shortOhms) / 1000 }
  }
  const leak = at.grounded ? (onHookVolts / (source + groundOhms)) * 1000 : 0
  if (!at.offHook) {
    const volts = at.grounded ? (leak * groundOhms) / 1000 : onHookVolts
    return { telephoneMa: 0, metallicMa: 0, mA: Math.min(limitMa, leak), volts }
  }
  const free = ((onHookVolts - telephoneDropVolts) / (source + cableOhms + telephoneOhms)) * 1000
  const telephoneMa = Math.min(limitMa, free)
  return {
    telephoneMa,
    metallicMa: telephoneMa,
    mA: Math.min(limitMa, telephoneMa + leak),
    volts: telephoneDropVolts + (telephoneMa * (cableOhms + telephoneOhms)) / 1000,
  }
}

/** One REN: 7 kΩ at the ring frequency (Bell definition); volts that reach the ringers through the generator's 400 Ω. */
export const ringTerminalVrms = (generatorVrms: number, ren: number): number =>
  ren <= 0 ? generatorVrms : (generatorVrms * (7000 / ren)) / (7000 / ren + sourceOhms.ringing)
