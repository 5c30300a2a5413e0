// Call progress tones toward the telephone (ITU-T E.180): plays a ToneSpec with cadences exact to the sample.
// A burst has 1 ms raised-cosine edges inside its own time, so that neither the ear nor a modem hears a click.

import { amplitudeOf, toSample } from './level.js'
import type { ToneSegment, ToneSpec } from './media-contract.js'
import { MAX_SINES, OscillatorBank } from './oscillator.js'

const SAMPLES_PER_MS = 8
const EDGE = 8
const MAX_FRAME = 480

const edge = Float64Array.from({ length: EDGE }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / EDGE))

interface Step {
  readonly hz: readonly number[]
  /** Samples; Infinity: for ever. */
  readonly length: number
}

const stepsOf = (segments: readonly ToneSegment[]): readonly Step[] =>
  segments
    .map(({ hz, ms }) => ({
      hz: hz.slice(0, MAX_SINES),
      length: ms === undefined ? Number.POSITIVE_INFINITY : Math.round(ms * SAMPLES_PER_MS),
    }))
    .filter(step => step.length > 0)

/** One tone at a time; `start` while one plays replaces it. Silence between is not this class's business. */
export class ToneGenerator {
  readonly #bank = new OscillatorBank()
  readonly #block = new Float64Array(MAX_FRAME)
  #lead: readonly Step[] = []
  #cadence: readonly Step[] = []
  #repeatsLeft = 0
  #index = 0
  #inLead = false
  #step: Step | undefined
  #done = 0
  #fadeIn = false
  #fadeOut = false
  #dbm0 = 0
  /** Samples of fade-out still due after `stop`. */
  #tail = 0
  #sounded = false

  /** Whether there was anything to hear in the frame of the last `fill` or `mix`. */
  get sounded(): boolean {
    return this.#sounded
  }

  /** Whether `fill` would still give sound or count a cadence. */
  get playing(): boolean {
    return this.#step !== undefined
  }

  start(spec: ToneSpec): void {
    const sounding = this.#sounding()
    this.#lead = stepsOf(spec.lead ?? [])
    this.#cadence = stepsOf(spec.cadence)
    this.#repeatsLeft = spec.repeat ?? Number.POSITIVE_INFINITY
    this.#dbm0 = spec.dbm0
    this.#tail = 0
    this.#inLead = this.#lead.length > 0
    this.#index = 0
    if (!sounding) this.#bank.reset()
    this.#enter(sounding)
  }

  /** Ends the tone within 1 ms. */
  stop(): void {
    if (this.#sounding()) this.#tail = EDGE
    this.#step = undefined
  }

  /** Overwrites `frame` (at most 480 samples). True once, in the frame in which a finite tone comes to its end. */
  fill(frame: Int16Array): boolean {
    const ended = this.#render(frame.length)
    for (let i = 0; i < frame.length; i++) frame[i] = toSample(this.#block[i] as number)
    return ended
  }

  /** Adds to `frame` with saturation; otherwise as `fill`. */
  mix(frame: Int16Array): boolean {
    this.#sounded = false
    if (this.#step === undefined && this.#tail === 0) return false
    const ended = this.#render(frame.length)
    for (let i = 0; i < frame.length; i++)
      frame[i] = toSample((frame[i] as number) + (this.#block[i] as number))
    return ended
  }

  #sounding(): boolean {
    return this.#step !== undefined && this.#step.hz.length > 0
  }

  #peek(): Step | undefined {
    const list = this.#inLead ? this.#lead : this.#cadence
    const next = list[this.#index + 1]
    if (next !== undefined) return next
    return this.#inLead || this.#repeatsLeft > 1 ? this.#cadence[0] : undefined
  }

  #enter(afterSound: boolean): void {
    if (!this.#inLead && this.#repeatsLeft <= 0) {
      this.#step = undefined
      return
    }
    const step = (this.#inLead ? this.#lead : this.#cadence)[this.#index]
    this.#step = step
    this.#done = 0
    if (step === undefined) return
    const amplitude = amplitudeOf(this.#dbm0)
    for (let k = 0; k < step.hz.length; k++) this.#bank.tune(k, step.hz[k] as number, amplitude)
    this.#bank.count = step.hz.length
    this.#fadeIn = !afterSound
    this.#fadeOut = (this.#peek()?.hz.length ?? 0) === 0
  }

  #advance(): void {
    const sounding = this.#sounding()
    this.#index++
    if (this.#inLead && this.#index >= this.#lead.length) {
      this.#inLead = false
      this.#index = 0
    } else if (!this.#inLead && this.#index >= this.#cadence.length) {
      this.#index = 0
      this.#repeatsLeft--
    }
    this.#enter(sounding)
  }

  #render(length: number): boolean {
    const block = this.#block
    block.fill(0, 0, length)
    let at = 0
    this.#sounded = this.#tail > 0
    if (this.#step === undefined && this.#tail > 0) at = this.#renderTail(length)
    const wasPlaying = this.#step !== undefined
    while (at < length && this.#step !== undefined) {
      const step = this.#step
      const run = Math.min(length - at, step.length - this.#done)
      if (step.hz.length > 0) {
        this.#sounded = true
        this.#bank.add(block, at, run)
        this.#shape(block, at, run, step.length)
      }
      this.#done += run
      at += run
      if (this.#done >= step.length) this.#advance()
    }
    return wasPlaying && this.#step === undefined
  }

  #shape(block: Float64Array, at: number, run: number, total: number): void {
    if (this.#fadeIn)
      for (let i = this.#done; i < Math.min(EDGE, this.#done + run); i++)
        block[at + i - this.#done] = (block[at + i - this.#done] as number) * (edge[i] as number)
    if (!this.#fadeOut) return
    for (let i = Math.max(0, total - EDGE - this.#done); i < run; i++) {
      const toEnd = total - 1 - (this.#done + i)
      block[at + i] = (block[at + i] as number) * (edge[toEnd] as number)
    }
  }

  #renderTail(length: number): number {
    const run = Math.min(length, this.#tail)
    this.#bank.add(this.#block, 0, run)
    for (let i = 0; i < run; i++)
      this.#block[i] = (this.#block[i] as number) * (edge[this.#tail - 1 - i] as number)
    this.#tail -= run
    return run
  }
}
