// What a telephone on the hook gets from the line: ringing, and before or between the rings who calls; or, without any
// ring, that messages wait (ETSI EN 300 659-1 §6.1). Ring voltage and feed are told ahead with their instants, so that a
// blocked main thread moves none of them; the sound is counted here, sample by sample.

import { FRAME_SAMPLES } from '../../../hal/pcm-port.js'
import type { MediaEvent, RingCadence } from '../media-contract.js'
import { RingBursts } from '../ring-cadence.js'
import type { FrameInstant } from '../tick.js'
import type { CallerIdSettings } from './caller-id-settings.js'
import type { Display } from './display.js'
import { DtmfDisplaySender, dtmfDisplay, dtmfDurationSamples } from './dtmf-display.js'
import { DualToneAlert } from './dual-tone-alert.js'
import { durationSamples, FskSender } from './fsk-sender.js'
import { encodeMessage } from './message.js'
import { type OnHookPlan, planAfterRing, planBeforeRing } from './on-hook-plan.js'

const US_PER_SAMPLE = 125
const FRAME_US = FRAME_SAMPLES * US_PER_SAMPLE
/** From `show` to the alert: the main thread may be blocked that long and the line chip is still told in time. */
const LEAD_US = 300_000

/** What is to be shown, and how. */
export interface Shown {
  readonly display: Display
  readonly cid: CallerIdSettings
  /** After the first ring, whatever the profile says. */
  readonly afterRing1?: boolean
}

interface Voice {
  readonly sounding: boolean
  render(out: Int16Array, from: number): number
  stop(): void
}

const silence: Voice = { sounding: false, render: () => 0, stop: () => {} }

/** Something for the line chip. */
export type LineChange = Extract<MediaEvent, { type: 'ring-burst' | 'linefeed' }>

/** One ring, or one thing shown. */
export interface OnHookJob {
  /** Stands in everything that is told of it. */
  readonly id: number
  /** Instant of the beginning, µs. */
  readonly from: number
}

export class OnHookSequence {
  readonly #line: string
  readonly #tell: (change: LineChange) => void
  /** What is due at the beginning is told already. */
  #silent = false
  readonly #bursts: RingBursts
  readonly #fsk = new FskSender()
  readonly #tone = new DualToneAlert()
  /** Speaks to the display when its time comes. */
  #data: Voice = silence
  #toneUs = 0
  #dataUs = 0
  /** The line is at rest; Infinity while it rings. */
  #endUs = 0
  #running = false
  #id = 0

  constructor(line: string, tell: (change: LineChange) => void) {
    this.#line = line
    this.#tell = change => {
      if (!this.#silent) tell(change)
    }
    this.#bursts = new RingBursts((on, us) => this.#tell({ type: 'ring-burst', line, id: this.#id, on, us }))
  }

  /** Something rings, or is said to the display. */
  get running(): boolean {
    return this.#running
  }

  /** As above, with rings. */
  get ringing(): boolean {
    return this.#running && this.#endUs === Number.POSITIVE_INFINITY
  }

  /**
   * Rings, replacing what rings; `shown` comes before the first ring or after it, as its profile says.
   * `told`: whoever commands it has told the line its `firstChanges` himself.
   */
  ring(cadence: RingCadence, shown: Shown | undefined, { id, from }: OnHookJob, told = false): void {
    this.stop()
    if (!cadence.some(ms => ms > 0)) return
    this.#running = true
    this.#id = id
    this.#endUs = Number.POSITIVE_INFINITY
    this.#silent = told
    const rings = shown === undefined ? from : this.#plan(cadence, shown, from)
    this.#bursts.start(cadence, rings, from)
    this.#silent = false
  }

  /** On a line at rest, without ringing; `alert` of the profile goes before. */
  show({ display, cid }: Shown, { id, from }: OnHookJob): void {
    this.stop()
    const data = this.#load(display, cid)
    if (data === 0) return
    const plan = planBeforeRing(cid.mwiAlert, cid, data)
    const start = from + LEAD_US
    this.#running = true
    this.#id = id
    this.#schedule(plan, cid, start)
    this.#endUs = start + plan.endAt * US_PER_SAMPLE
    this.#feed('standby', false, this.#endUs)
  }

  /** At once, as far as it is heard; what was told of rings and feed is for whoever commands it to take back. */
  stop(): void {
    this.#running = false
    this.#bursts.stop()
    this.#data.stop()
    this.#tone.stop()
  }

  /** The frame that began at `instant` has passed: `out` is what the telephone gets in the next one. */
  frame(instant: FrameInstant, out: Int16Array): void {
    this.#bursts.frame(instant)
    const from = (instant[0] as number) + FRAME_US
    this.#speak(this.#tone, this.#toneUs, from, out)
    this.#speak(this.#data, this.#dataUs, from, out)
    if (from >= this.#endUs) this.#running = false
  }

  #speak(voice: Voice, at: number, from: number, out: Int16Array): void {
    if (!voice.sounding) return
    const offset = Math.round((at - from) / US_PER_SAMPLE)
    if (offset < FRAME_SAMPLES) voice.render(out, Math.max(0, offset))
  }

  /** Sets the display's part going and returns when the cadence begins. */
  #plan(cadence: RingCadence, shown: Shown, from: number): number {
    const { cid, display } = shown
    const { alert } = cid
    if (shown.afterRing1 === true || alert === 'after-ring1') {
      this.#planAfterRing(cadence, shown, from)
      return from
    }
    const data = this.#load(display, cid)
    if (data === 0) return from
    const plan = planBeforeRing(alert, cid, data)
    this.#schedule(plan, cid, from)
    return from + plan.endAt * US_PER_SAMPLE
  }

  /** Where the silence is too short for the name, the number has to do. */
  #planAfterRing(cadence: RingCadence, { display, cid }: Shown, start: number): void {
    for (const shorter of [display, withoutName(display)]) {
      const data = this.#load(shorter, cid)
      const plan = planAfterRing(cadence, cid, data)
      if (data > 0 && plan !== undefined) {
        this.#schedule(plan, cid, start)
        return
      }
    }
    this.#data = silence
  }

  #schedule(plan: OnHookPlan, cid: CallerIdSettings, start: number): void {
    const at = (samples: number): number => start + samples * US_PER_SAMPLE
    if (plan.pulse > 0) {
      this.#tell({ type: 'ring-burst', line: this.#line, id: this.#id, on: true, us: start })
      this.#tell({ type: 'ring-burst', line: this.#line, id: this.#id, on: false, us: at(plan.pulse) })
    }
    this.#feed('oht', plan.reversed, at(plan.feedAt))
    if (Number.isNaN(plan.toneAt)) this.#tone.stop()
    else this.#tone.start(cid.toneMs, cid.toneDbm0)
    this.#toneUs = at(plan.toneAt)
    this.#dataUs = at(plan.dataAt)
  }

  #feed(state: 'oht' | 'standby', reversed: boolean, us: number): void {
    this.#tell({ type: 'linefeed', line: this.#line, id: this.#id, state, reversed, us })
  }

  /** Makes the data ready; returns its length in samples, 0: there is nothing to say. */
  #load(display: Display, cid: CallerIdSettings): number {
    const { scheme } = cid
    this.#data = silence
    if (scheme === 'none') return 0
    if (scheme === 'dtmf') return this.#loadKeys(display, cid)
    const message = encodeMessage(display, cid.message)
    const { seizureBits, markBits, dbm0 } = cid
    const burst = { scheme, seizureBits, markBits, dbm0 }
    this.#fsk.start(message, burst)
    this.#data = this.#fsk
    return durationSamples(message.length, burst)
  }

  #loadKeys(display: Display, { dtmf, dbm0, twistDb }: CallerIdSettings): number {
    const keys = dtmfDisplay(display, dtmf)
    const sender = new DtmfDisplaySender({ dbm0, twistDb })
    sender.start(keys)
    this.#data = sender
    return dtmfDurationSamples(keys)
  }
}

const withoutName = (display: Display): Display => {
  if (display.kind !== 'call') return display
  const { name, nameAbsence, ...rest } = display
  return rest
}

/**
 * What `ring` tells the line at its beginning: alert, feed, and rings of the first second. Who commands the audio half tells
 * the line chip so in the same breath: then nothing is late, whatever holds him up afterwards.
 */
export const firstChanges = (
  line: string,
  cadence: RingCadence,
  shown: Shown,
  job: OnHookJob,
): readonly LineChange[] => {
  const changes: LineChange[] = []
  new OnHookSequence(line, change => changes.push(change)).ring(cadence, shown, job)
  return changes
}
