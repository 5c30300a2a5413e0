// Regenerates digits as DTMF toward a telephone: received RFC 4733 events, or digits for a peer that takes none.
// Never shorter than 65 ms on and 65 ms off (ETSI ES 201 235-2), whatever the network made of the event.

import { frequenciesOf } from './dtmf-digits.js'
import { amplitudeOf, toSample } from './level.js'
import { OscillatorBank } from './oscillator.js'

const SAMPLES_PER_MS = 8
const MIN_ON = 65 * SAMPLES_PER_MS
const OFF = 65 * SAMPLES_PER_MS
const QUEUE = 64
const EDGE = 8
const MAX_FRAME = 480

export interface DtmfLevels {
  /** Level of the low tone, dBm0. */
  readonly dbm0: number
  /** High tone minus low tone, dB. */
  readonly twistDb: number
}

/** A key held down has no length yet. */
const HELD = -1

export class DtmfSender {
  readonly #bank = new OscillatorBank()
  readonly #block = new Float64Array(MAX_FRAME)
  readonly #low = new Float64Array(QUEUE)
  readonly #high = new Float64Array(QUEUE)
  readonly #length = new Int32Array(QUEUE)
  readonly #digits: string[] = new Array(QUEUE).fill('')
  readonly #lowAmplitude: number
  readonly #highAmplitude: number
  #first = 0
  #count = 0
  #done = 0
  #pause = 0
  #sounding = ''

  constructor(levels: DtmfLevels = { dbm0: -10, twistDb: 2 }) {
    this.#lowAmplitude = amplitudeOf(levels.dbm0)
    this.#highAmplitude = amplitudeOf(levels.dbm0 + levels.twistDb)
    this.#bank.count = 2
  }

  /** Digits waiting or sounding. */
  get pending(): number {
    return this.#count
  }

  /** Whether anything is due, the pause after a digit included. */
  get busy(): boolean {
    return this.#count > 0 || this.#pause > 0
  }

  /** This digit sounds, or has just ended: what comes back of it over the hybrid is an echo. */
  echoes(digit: string): boolean {
    return this.busy && this.#sounding === digit
  }

  /** Queues a digit of `onMs` (at least 65 ms are played). False: no DTMF digit, or 64 are waiting. */
  send(digit: string, onMs: number): boolean {
    return this.#push(digit, Math.max(MIN_ON, Math.round(onMs * SAMPLES_PER_MS)))
  }

  /** Queues a digit that sounds until `release`. */
  press(digit: string): boolean {
    this.release()
    return this.#push(digit, HELD)
  }

  /** Ends the key held down, once it has sounded 65 ms. */
  release(): void {
    if (this.#count === 0) return
    const last = (this.#first + this.#count - 1) % QUEUE
    if (this.#length[last] !== HELD) return
    const sounded = this.#count === 1 ? this.#done : 0
    this.#length[last] = Math.max(MIN_ON, sounded + EDGE)
  }

  /** Forgets what waits; a digit that sounds is cut. */
  clear(): void {
    this.#count = 0
    this.#done = 0
    this.#pause = 0
  }

  /** Overwrites `frame` (at most 480 samples). True while digits or their pause go on. */
  fill(frame: Int16Array): boolean {
    const busy = this.busy
    this.#render(frame.length)
    for (let i = 0; i < frame.length; i++) frame[i] = toSample(this.#block[i] as number)
    return busy
  }

  /** Overwrites `out` from index `from` to its end or that of the last pause; returns how many samples it wrote. */
  render(out: Int16Array, from: number): number {
    let at = from
    while (at < out.length && this.busy) {
      const written = this.#render(Math.min(MAX_FRAME, out.length - at))
      for (let i = 0; i < written; i++) out[at + i] = toSample(this.#block[i] as number)
      at += written
    }
    return at - from
  }

  #push(digit: string, length: number): boolean {
    const pair = frequenciesOf(digit)
    if (pair === undefined || this.#count === QUEUE) return false
    const slot = (this.#first + this.#count) % QUEUE
    this.#low[slot] = pair[0]
    this.#high[slot] = pair[1]
    this.#length[slot] = length
    this.#digits[slot] = digit
    this.#count++
    return true
  }

  /** Samples up to the end of the last pause; silence after it. */
  #render(frameLength: number): number {
    const block = this.#block
    block.fill(0, 0, frameLength)
    let at = 0
    while (at < frameLength && this.busy) {
      if (this.#pause > 0) {
        const run = Math.min(frameLength - at, this.#pause)
        this.#pause -= run
        at += run
        continue
      }
      const total = this.#length[this.#first] as number
      const run = total === HELD ? frameLength - at : Math.min(frameLength - at, total - this.#done)
      if (this.#done === 0) this.#tune()
      this.#bank.add(block, at, run)
      this.#shape(at, run, total)
      this.#done += run
      at += run
      if (this.#done === total) this.#next()
    }
    return at
  }

  #tune(): void {
    this.#sounding = this.#digits[this.#first] as string
    this.#bank.reset()
    this.#bank.tune(0, this.#low[this.#first] as number, this.#lowAmplitude)
    this.#bank.tune(1, this.#high[this.#first] as number, this.#highAmplitude)
  }

  #next(): void {
    this.#first = (this.#first + 1) % QUEUE
    this.#count--
    this.#done = 0
    this.#pause = OFF
  }

  #shape(at: number, run: number, total: number): void {
    for (let i = 0; i < run; i++) {
      const fromStart = this.#done + i
      const toEnd = total === HELD ? EDGE : total - 1 - fromStart
      const inside = Math.min(fromStart, toEnd)
      if (inside < EDGE)
        this.#block[at + i] =
          (this.#block[at + i] as number) * (0.5 - 0.5 * Math.cos((Math.PI * (inside + 0.5)) / EDGE))
    }
  }
}
