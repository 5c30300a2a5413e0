// Packet loss concealment after the description of ITU-T G.711 Appendix I: the last pitch period is repeated, from
// 10 ms on two and then three periods in turn, faded by 20 % every 10 ms from the second on, silent after 60 ms.
// Unlike the Appendix nothing is delayed: what was received passes bit-exact.

const HISTORY = 400
const SHORTEST = 40 // samples: 200 Hz … 66 Hz of pitch
const LONGEST = 120
const WINDOW = 160
const STEP = 80 // 10 ms
const FADE_PER_SAMPLE = 0.2 / STEP
const SILENT_AFTER = 480
const LONGEST_BLEND = 80

export class Concealment {
  /** The last samples heard by the listener, newest last. */
  readonly #history = new Int16Array(HISTORY)
  /** Three pitch periods and a quarter, smoothed where they wrap. */
  readonly #cycle = new Float64Array(LONGEST * 3)
  readonly #source = new Float64Array(HISTORY)
  #pitch = SHORTEST
  #cycleLength = SHORTEST
  #position = 0
  #phase: 'good' | 'lost' | 'blending' = 'good'
  /** Samples made up since the loss began, those under the blend included. */
  #lost = 0
  #blendLength = 0
  #blendDone = 0
  #made = 0

  /** Forgets everything: a new talker. */
  reset(): void {
    this.#history.fill(0)
    this.#phase = 'good'
  }

  /** Takes `count` received samples of `frame` from `at`; the first ones after a loss are blended with the made-up signal. */
  received(frame: Int16Array, at: number, count: number): void {
    if (this.#phase === 'lost') {
      // The longer the loss, the longer the way back (G.711 Appendix I: a quarter period and 4 ms per 10 ms lost).
      const longer = Math.floor((this.#lost - 1) / STEP) * 32
      this.#blendLength = Math.min(LONGEST_BLEND, (this.#pitch >> 2) + longer)
      this.#blendDone = 0
      this.#phase = 'blending'
    }
    if (this.#phase === 'blending') this.#blend(frame, at, count)
    this.#remember(frame, at, count)
  }

  /** Makes up `count` samples into `frame` from `at`. */
  lost(frame: Int16Array, at: number, count: number): void {
    if (this.#phase !== 'lost') this.#begin()
    for (let i = 0; i < count; i++) {
      this.#next()
      frame[at + i] = Math.round(this.#made)
    }
    this.#remember(frame, at, count)
  }

  #blend(frame: Int16Array, at: number, count: number): void {
    const length = this.#blendLength
    const run = Math.min(count, length - this.#blendDone)
    for (let i = 0; i < run; i++) {
      const weight = (this.#blendDone + i + 1) / (length + 1)
      this.#next()
      frame[at + i] = Math.round((frame[at + i] as number) * weight + this.#made * (1 - weight))
    }
    this.#blendDone += run
    if (this.#blendDone === length) this.#phase = 'good'
  }

  #begin(): void {
    const history = this.#history
    for (let i = 0; i < HISTORY; i++) this.#source[i] = history[i] as number
    this.#pitch = findPitch(this.#source)
    this.#phase = 'lost'
    this.#lost = 0
    this.#takeCycle(1)
    this.#position = 0
  }

  /** `periods` pitch periods from the end of the history before the loss; the last quarter leads over to the first. */
  #takeCycle(periods: number): void {
    const length = this.#pitch * periods
    const source = this.#source
    const from = HISTORY - length
    for (let i = 0; i < length; i++) this.#cycle[i] = source[from + i] as number
    const quarter = this.#pitch >> 2
    for (let i = 0; i < quarter; i++) {
      const weight = (i + 1) / (quarter + 1)
      const at = length - quarter + i
      const before = source[from - quarter + i] as number
      this.#cycle[at] = (this.#cycle[at] as number) * (1 - weight) + before * weight
    }
    this.#cycleLength = length
  }

  /** Makes up one more sample, into #made: a fraction returned would be boxed on the heap. */
  #next(): void {
    const lost = this.#lost++
    if (lost >= SILENT_AFTER) {
      this.#made = 0
      return
    }
    if (lost === STEP || lost === STEP * 2) {
      const phase = this.#position % this.#pitch
      this.#takeCycle(lost / STEP + 1)
      this.#position = phase
    }
    const sample = this.#cycle[this.#position] as number
    this.#position = this.#position + 1 < this.#cycleLength ? this.#position + 1 : 0
    this.#made = lost < STEP ? sample : sample * Math.max(0, 1 - (lost - STEP) * FADE_PER_SAMPLE)
  }

  #remember(frame: Int16Array, at: number, count: number): void {
    const history = this.#history
    history.copyWithin(0, count)
    for (let i = 0; i < count; i++) history[HISTORY - count + i] = frame[at + i] as number
  }
}

/** The lag (samples) at which the end of the history is most like itself; coarse by pairs, then exact. */
const findPitch = (source: Float64Array): number => {
  let best = SHORTEST
  let bestScore = -1
  for (let lag = SHORTEST; lag <= LONGEST; lag += 2) {
    const score = likeness(source, lag, 2)
    if (score > bestScore) {
      bestScore = score
      best = lag
    }
  }
  const coarse = best
  bestScore = -1
  for (let lag = Math.max(SHORTEST, coarse - 1); lag <= Math.min(LONGEST, coarse + 1); lag++) {
    const score = likeness(source, lag, 1)
    if (score > bestScore) {
      bestScore = score
      best = lag
    }
  }
  return best
}

const likeness = (source: Float64Array, lag: number, step: number): number => {
  let product = 0
  let energy = 1
  for (let i = HISTORY - WINDOW; i < HISTORY; i += step) {
    const then = source[i - lag] as number
    product += (source[i] as number) * then
    energy += then * then
  }
  return product / Math.sqrt(energy)
}
