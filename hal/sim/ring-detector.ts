// The telephone's bell: sees ring voltage at the terminals, measures its frequency from the zero crossings, and tells
// bursts apart by their length (< 400 ms: RP-AS of caller identity; < 750 ms: recall ring; longer: full ring; but the two of a
// British ring are of 400 ms).
// A burst is therefore told when its kind is known, at its end or after 750 ms at the latest; its instant is exact.

import { type Clock, ms, type Timer, us } from '../clock.js'
import type { HandsetEvent } from './handset-contract.js'
import type { LineModel, RingBurst } from './line-model.js'

type RingEvent = Extract<HandsetEvent, { ev: 'ring' }>

const recallBelowMs = 750
/** Below them a burst is an RP-AS, or a full ring, ms. */
const ordinary = { rpAsBelowMs: 400, shortRingBelowMs: 400 }
const elsewhere: Readonly<Record<string, typeof ordinary>> = {
  GB: { rpAsBelowMs: 300, shortRingBelowMs: 450 },
}
/** A bell needs this to sound, volts rms. */
const bellVrms = 25
const measureUs = 100_000
const sampleUs = 125

/** Hz of the voltage at the terminals over the first 100 ms of a burst; 0: not even one cycle. */
export const ringFrequency = (line: LineModel, burst: RingBurst): number => {
  const end = Math.min(burst.from + measureUs, burst.to ?? Number.POSITIVE_INFINITY)
  let first = 0
  let last = 0
  let crossings = 0
  let before = 0
  for (let at = burst.from + sampleUs; at <= end; at += sampleUs) {
    const volts = line.ringVolts(us(at))
    if (before !== 0 && before < 0 !== volts < 0) {
      last = at - sampleUs * (volts / (volts - before))
      if (crossings++ === 0) first = last
    }
    before = volts
  }
  return crossings < 2 ? 0 : Math.round((((crossings - 1) / 2) * 1e7) / (last - first)) / 10
}

export class RingDetector {
  readonly #line: LineModel
  readonly #clock: Clock
  readonly #tell: (event: RingEvent) => void
  readonly #limits: typeof ordinary
  #timer: Timer | undefined
  #told: RingEvent | undefined
  #ringing = false
  #lastKind: RingEvent['kind'] = 'full'

  /** `country`: where the telephone was bought (ISO 3166-1). */
  constructor(line: LineModel, clock: Clock, tell: (event: RingEvent) => void, country?: string) {
    this.#limits = elsewhere[country ?? ''] ?? ordinary
    this.#line = line
    this.#clock = clock
    this.#tell = tell
  }

  /** The bell sounds now. */
  get ringing(): boolean {
    return this.#ringing
  }

  /** The line's ring voltage began or ended. `answered`: it ended because the receiver was lifted. */
  change(burst: RingBurst, answered: boolean): void {
    if (burst.to === undefined) {
      if (this.#line.ringerLoad() === 0 || burst.vrms < bellVrms) return
      this.#ringing = true
      this.#told = undefined
      this.#timer = this.#clock.timer('ring kind', ms(recallBelowMs), () => this.#tellOn(burst, 'full'))
      return
    }
    if (!this.#ringing) return
    this.#ringing = false
    this.#timer?.cancel()
    const length = (burst.to - burst.from) / 1000
    // Cut short by the answer, its length says nothing.
    const kind = answered ? this.#lastKind : this.#kindOf(length)
    const on = this.#told ?? this.#tellOn(burst, kind)
    this.#tell({ ...on, on: false, us: burst.to })
  }

  #kindOf(length: number): RingEvent['kind'] {
    if (length < this.#limits.rpAsBelowMs) return 'rp-as'
    return length < this.#limits.shortRingBelowMs ? 'full' : 'recall'
  }

  #tellOn(burst: RingBurst, kind: RingEvent['kind']): RingEvent {
    const event: RingEvent = {
      ev: 'ring',
      on: true,
      kind,
      hz: ringFrequency(this.#line, burst),
      us: burst.from,
    }
    this.#told = event
    this.#lastKind = kind
    this.#tell(event)
    return event
  }
}
