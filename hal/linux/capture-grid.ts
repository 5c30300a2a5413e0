// Where captured frames lie on the monotonic clock. Frames reach a program late by however long pipes and schedulers took,
// never early: of each hundred the one that came with the least delay tells where the codec's clock is. The grid follows it
// by microseconds a step, so that frames stay 10 ms apart, and a delay that never goes away is a frame that was lost.

import { FRAME_MS, FRAME_SAMPLES } from '../pcm-port.js'

const frameUs = FRAME_MS * 1000
const sampleUs = frameUs / FRAME_SAMPLES
/** Frames of which the quickest is looked for: in the ordinary way, and when capture is known to have been interrupted. */
const usualWindow = 100
const brokenWindow = 5
/** Most the grid follows the codec's clock while somebody listens, µs a frame: 500 ppm, a poor crystal's worst. */
const slewUs = 5
/** From how many frames on a delay that stays is a loss; fewer when an interruption was told. */
const usualDoubt = 1.5
const brokenDoubt = 0.5
/** Frames that come closer together than this were waiting somewhere: behind an interruption they tell nothing, µs. */
const pacedUs = frameUs / 2
/** A step back greater than this is no drift, µs. */
const jumpUs = 2000

export class CaptureGrid {
  /** Frames so far, lost ones included. */
  #count = 0
  #end = Number.NaN
  #origin = Number.NaN
  #originCount = 0
  #lean = 0
  #least = Number.POSITIVE_INFINITY
  #seen = 0
  #window = usualWindow
  #arrival = 0

  /** The instant of the last frame's first sample, µs; NaN before any. */
  get start(): number {
    return this.#end - frameUs
  }

  /** True while it is still being found out how many frames an interruption cost. */
  get settling(): boolean {
    return this.#window === brokenWindow
  }

  /**
   * A frame was complete at `arrival` (µs) at the latest. `steady`: somebody listens, so the grid must not jump. Returns
   * how many frames were lost before it.
   */
  frame(arrival: number, steady: boolean): number {
    this.#count++
    const paced = arrival - this.#arrival >= pacedUs
    this.#arrival = arrival
    let due = this.#end + frameUs + this.#lean
    if (Number.isNaN(due) || (!steady && arrival < due)) {
      this.#begin(arrival, !(due - arrival < jumpUs))
      return 0
    }
    if (paced || !this.settling) {
      this.#least = Math.min(this.#least, arrival - due)
      this.#seen++
    }
    let lost = 0
    if (this.#seen >= this.#window) {
      lost = this.#lost()
      due += lost * frameUs
      this.#follow(this.#least - lost * frameUs)
    }
    this.#count += lost
    this.#end = due
    return lost
  }

  /** Capture was interrupted somewhere near here: the next frames tell for how long. */
  broken(): void {
    this.#openWindow(brokenWindow)
  }

  /** How late a frame that arrives now is, µs. */
  lateness(arrival: number): number {
    return arrival - this.#end
  }

  /** Samples the codec has captured until `now` (µs), those on their way and the lost ones included; 0 before any. */
  samplesAt(now: number): number {
    if (Number.isNaN(this.#end)) return 0
    return this.#count * FRAME_SAMPLES + (now - this.#end) / sampleUs
  }

  /** How much faster the codec's clock runs than the box's, parts in a million; NaN for the first ten seconds. */
  ppm(): number {
    const frames = this.#count - this.#originCount
    if (frames < 1000) return Number.NaN
    return ((frames * frameUs) / (this.#end - this.#origin) - 1) * 1e6
  }

  #begin(arrival: number, anew: boolean): void {
    this.#end = arrival
    this.#lean = 0
    if (anew) {
      this.#origin = arrival
      this.#originCount = this.#count
    }
    if (this.#window === usualWindow) this.#openWindow(usualWindow)
  }

  #lost(): number {
    const doubt = this.settling ? brokenDoubt : usualDoubt
    return this.#least < doubt * frameUs ? 0 : Math.max(1, Math.round(this.#least / frameUs))
  }

  #follow(behind: number): void {
    this.#lean = Math.min(slewUs, Math.max(-slewUs, behind / usualWindow))
    this.#openWindow(usualWindow)
  }

  #openWindow(frames: number): void {
    this.#window = frames
    this.#least = Number.POSITIVE_INFINITY
    this.#seen = 0
  }
}
