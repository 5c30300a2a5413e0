// When each part of a data transmission to a telephone on the hook is due: alert, data, first ring. Counted in samples of
// 1/8000 s from its beginning: ETSI EN 300 659-1 §6.1 (before and after the first ring), BT SIN 227 §4.

import type { RingCadence } from '../media-contract.js'
import type { CallerIdSettings, EarlyAlert } from './caller-id-settings.js'

const SAMPLES_PER_MS = 8

/** A change of feed or the end of a ring has settled, ms. */
const SETTLE_MS = 50
/** Between the end of the data and a ring that follows by its cadence, ms. */
const BEFORE_RING_MS = 200

export interface OnHookPlan {
  /** Ring pulse at the beginning; 0: none. */
  readonly pulse: number
  /** On-hook transmission begins, with the wires changed over or not. */
  readonly feedAt: number
  readonly reversed: boolean
  /** The dual tone begins; NaN: there is none. */
  readonly toneAt: number
  readonly dataAt: number
  /** The first full ring begins; where there is none, the line is at rest again. */
  readonly endAt: number
}

const samples = (ms: number): number => Math.round(ms * SAMPLES_PER_MS)

/** `data`: length of the data, samples. */
export const planBeforeRing = (alert: EarlyAlert, cid: CallerIdSettings, data: number): OnHookPlan => {
  const pulseMs = alert === 'rp-as' ? cid.pulseMs : 0
  const reversed = alert === 'line-reversal' || alert === 'line-reversal+dt-as'
  const toneMs = alert === 'dt-as' ? SETTLE_MS : alert === 'line-reversal+dt-as' ? cid.reversalMs : Number.NaN
  const alertEndMs = Number.isNaN(toneMs) ? pulseMs : toneMs + cid.toneMs
  const dataAt = samples(alertEndMs + (alert === 'none' ? SETTLE_MS : cid.gapMs))
  return {
    pulse: samples(pulseMs),
    feedAt: samples(pulseMs),
    reversed,
    toneAt: samples(toneMs),
    dataAt,
    endAt: dataAt + data + samples(cid.afterMs),
  }
}

/**
 * In the first silence of the cadence that is long enough: at least 200 ms before the next ring everything is said.
 * Undefined where no silence of the cadence is.
 */
export const planAfterRing = (
  cadence: RingCadence,
  cid: CallerIdSettings,
  data: number,
): OnHookPlan | undefined => {
  const needed = samples(cid.ringGapMs) + data + samples(BEFORE_RING_MS)
  let ringEnd = 0
  for (let i = 0; i + 1 < cadence.length; i += 2) {
    ringEnd += samples(cadence[i] as number)
    const silence = samples(cadence[i + 1] as number)
    if (silence >= needed)
      return {
        pulse: 0,
        feedAt: ringEnd + samples(SETTLE_MS),
        reversed: false,
        toneAt: Number.NaN,
        dataAt: ringEnd + samples(cid.ringGapMs),
        endAt: 0,
      }
    ringEnd += silence
  }
  return undefined
}
