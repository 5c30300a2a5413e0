// What the ear was given lately, to tell a key of the far end that comes back over the hybrid from one that is pressed: until
// the echo canceller has learnt the line, an echo is a tone like any other, only never as loud as what it is an echo of.

import { FRAME_SAMPLES } from '../../hal/pcm-port.js'
import type { DtmfStart } from './dtmf-detector.js'
import { frequenciesOf } from './dtmf-digits.js'
import { amplitudeOf } from './level.js'
import { TwoToneFit } from './two-tone-fit.js'

/** 25 ms, as the detector decides by. */
const WINDOW = 200
/** 5 ms. */
const STEP = 40
/** How far back an echo may come from: the canceller's 32 ms, twice. */
const REACH = 512
const KEPT = REACH + WINDOW
/** A hybrid takes 6 dB at least (ITU-T G.122); less than 3 dB below what was played is the subscriber's own. */
const LOUDER = 10 ** (3 / 20)
/** Share of what was played that is not the pair; above it, the pair is but a part of speech. */
const SPEECH = 0.3

export class HeardKeys {
  /** Newest last. */
  readonly #played = new Float64Array(KEPT)
  readonly #fit = new TwoToneFit(WINDOW)

  /** The frame that was played while the present one was captured. */
  frame(played: Int16Array): void {
    const kept = this.#played
    kept.copyWithin(0, FRAME_SAMPLES)
    for (let i = 0; i < FRAME_SAMPLES; i++) kept[KEPT - FRAME_SAMPLES + i] = played[i] as number
  }

  /** Whether this key, just detected, is what the ear was given. */
  echoes({ digit, dbm0, twistDb }: DtmfStart): boolean {
    const pair = frequenciesOf(digit)
    if (pair === undefined) return false
    const fit = this.#fit
    const low = LOUDER * amplitudeOf(dbm0)
    const high = LOUDER * amplitudeOf(dbm0 + twistDb)
    for (let from = 0; from <= REACH; from += STEP) {
      fit.lowHz = pair[0]
      fit.highHz = pair[1]
      fit.solve(this.#played, from, WINDOW)
      if (fit.low >= low && fit.high >= high && fit.residual < SPEECH * fit.energy) return true
    }
    return false
  }
}
