// The telephone's ear: finds where sound begins and ends to the sample, asks which frequencies it holds, and names it.
// Silence costs a comparison a sample; the spectrum is looked at a few times a burst.

import { type Us, us } from '../clock.js'
import { FRAME_SAMPLES } from '../pcm-port.js'
import { tonePlans } from './country-tones.js'
import { BeepEar } from './ear-beep.js'
import { DigitEar, type DigitHeard } from './ear-digits.js'
import { type Naming, ToneNaming, type ToneTold } from './ear-naming.js'
import { spectrumOf, spectrumSamples } from './ear-spectrum.js'
import type { ToneHeard } from './handset-contract.js'
import { PlanNaming } from './plan-naming.js'
import { type SoundKind, sameKind, soundKind } from './sound-kind.js'
import { belgianSitHz, peakOf, sitHz } from './telephone-signals.js'

/** Quieter is silence. */
const thresholdPeak = peakOf(-43)
/** Beside a tone, what is this much weaker (22 dB) is the noise of its pauses; remembered for a few seconds. */
const noiseBelow = 1 / 12
const rememberSamples = 6 * 8000
/** A pause must last this long to end a burst: longer than the beat of two tones 25 Hz apart. */
const holdSamples = 96
/** Shorter sounds are clicks. */
const clickSamples = 120
const sampleUs = 125
/** Ages at which a sound is looked at, samples; after the last one every `lookEvery`. */
const firstLooks = [480, 2080]
const lookEvery = 4000
/** An onset without a pause before it is found to this many samples, by looking at this many at a time. */
const onsetSamples = 40
const onsetWindow = 256
/** Window of the looks at a tone that may change without a pause. */
const stepSamples = 480

export interface EarEvents {
  tone(told: ToneTold): void
  digit(heard: DigitHeard): void
}

export class Ear {
  readonly #naming: Naming
  readonly #digits: DigitEar
  readonly #beeps = new BeepEar()
  readonly #samples = new Int16Array(4096)
  #count = 0
  #sounding = false
  #start = 0
  #onsetUnsure = false
  #last = 0
  #kind: SoundKind | undefined
  #nextLook = 0
  /** Instant of sample 0. */
  #origin = 0
  #level = 0
  #limit = thresholdPeak
  #limitUntil = 0
  #peak = 0

  /** `country`: whose tones it knows (ISO 3166-1); those of France and Germany where no other plan is known. */
  constructor(events: EarEvents, country?: string) {
    const plan = tonePlans[country ?? '']
    this.#naming = plan ? new PlanNaming(plan, events.tone) : new ToneNaming(events.tone)
    this.#digits = new DigitEar(events.digit)
  }

  get tone(): ToneHeard {
    return this.#naming.name
  }

  /** Level of the last frame in dBm0 (-99: silence). */
  get dbm0(): number {
    const mean = this.#level / FRAME_SAMPLES
    return mean < 1 ? -99 : 10 * Math.log10((2 * mean) / peakOf(0) ** 2)
  }

  get expectDial(): Naming['expectDial'] {
    return this.#naming.expectDial.bind(this.#naming)
  }

  answered(): void {
    this.#naming.answered()
  }

  dialled(digit: string): void {
    this.#naming.dialled(digit)
  }

  /** From `at` on nothing reaches the ear. */
  deafen(at: Us): void {
    this.#sounding = false
    this.#limitUntil = 0
    this.#digits.silence(at)
    this.#beeps.forget()
    this.#naming.silence(at)
  }

  /** One frame, whose last sample ended at `end`. */
  hear(frame: Int16Array, end: Us): void {
    this.#origin = end - (this.#count + FRAME_SAMPLES) * sampleUs
    this.#level = 0
    if (!this.#sounding && this.#count > this.#limitUntil) this.#limit = thresholdPeak
    for (let n = 0; n < FRAME_SAMPLES; n++) {
      const sample = frame[n] as number
      this.#samples[this.#count & 4095] = sample
      this.#level += sample * sample
      const magnitude = sample < 0 ? -sample : sample
      if (magnitude > this.#limit) {
        if (!this.#sounding) this.#begin(this.#count)
        if (magnitude > this.#peak) this.#peak = magnitude
        this.#last = this.#count
      } else if (this.#sounding && this.#count - this.#last >= holdSamples) this.#end()
      this.#count++
    }
    const now = this.#instant(this.#count)
    if (!this.#sounding) {
      this.#naming.update(now, undefined)
      return
    }
    this.#digits.look(this.#samples, this.#count, now, this.#instant(this.#start))
    if (this.#count - this.#start >= this.#nextLook) this.#look()
    if (this.#naming.overSpeech) {
      const beep = this.#beeps.look(this.#samples, this.#count, now)
      if (beep !== undefined) this.#naming.beepOverSpeech(beep)
    }
    // While a pause is being waited out it is not yet known whether the sound goes on.
    if (this.#count - this.#last < 32)
      this.#naming.update(now, { from: this.#instant(this.#start), kind: this.#kind })
  }

  #instant(sample: number): Us {
    return us(this.#origin + sample * sampleUs)
  }

  #begin(sample: number): void {
    this.#sounding = true
    this.#start = sample
    this.#onsetUnsure = false
    this.#kind = undefined
    this.#peak = 0
    this.#nextLook = firstLooks[0] as number
  }

  #learnLimit(kind: SoundKind): void {
    this.#limit = kind.type === 'noise' ? thresholdPeak : Math.max(thresholdPeak, this.#peak * noiseBelow)
    this.#limitUntil = this.#count + rememberSamples
  }

  #look(): void {
    // The three tones of the special information tone may follow each other without a pause.
    const stepping = this.#kind?.type === 'sit'
    const age = this.#count - this.#start
    const length = Math.min(age, stepping ? stepSamples : spectrumSamples)
    const kind = soundKind(spectrumOf(this.#samples, this.#count - length, length))
    this.#nextLook = age + stepSamples / 2
    if (
      stepping &&
      kind.type === 'other' &&
      kind.hz.every(hz => [belgianSitHz, ...sitHz].some(f => Math.abs(f - hz) < f * 0.05))
    )
      return
    if (this.#kind !== undefined && (stepping || age > lookEvery) && !sameKind(kind, this.#kind)) {
      this.#split(this.#kind, stepping ? this.#count - length : this.#takeOver(kind, this.#count - length))
    }
    this.#kind = kind
    this.#learnLimit(kind)
    if (kind.type === 'sit') this.#nextLook = this.#count - this.#start + stepSamples / 2
    else this.#nextLook = this.#nextAge(this.#count - this.#start)
  }

  /** At which age a sound is looked at next, samples. Where one took over from another it is that of the new one. */
  #nextAge(age: number): number {
    const second = firstLooks[1] as number
    return age < second ? second : age + lookEvery
  }

  /** Ends the sound of kind `before` at sample `at`, where another one took over. */
  #split(before: SoundKind, at: number): void {
    this.#ended(before, at)
    this.#start = at
    this.#onsetUnsure = before.type !== 'sit'
    this.#peak = 0
  }

  #ended(kind: SoundKind, at: number): void {
    this.#naming.burstEnded({
      from: this.#instant(this.#start),
      to: this.#instant(at),
      kind,
      ...(this.#onsetUnsure && { onsetUnsure: true }),
    })
  }

  /** Where a sound of this kind, heard for certain since `surely`, took over from the one before without a pause. */
  #takeOver(kind: SoundKind, surely: number): number {
    let before = Math.max(this.#start, this.#count - this.#samples.length)
    let since = surely
    while (since - before > onsetSamples) {
      const middle = (before + since) >> 1
      if (sameKind(soundKind(spectrumOf(this.#samples, middle, onsetWindow)), kind)) since = middle
      else before = middle
    }
    return since
  }

  #end(): void {
    this.#sounding = false
    const end = this.#last + 1
    this.#digits.silence(this.#instant(end))
    const length = end - this.#start
    if (length < clickSamples) return
    const window = Math.min(length, spectrumSamples)
    const kind = soundKind(spectrumOf(this.#samples, end - window, window))
    this.#learnLimit(kind)
    if (this.#kind !== undefined && length > lookEvery && !sameKind(kind, this.#kind))
      this.#split(this.#kind, this.#takeOver(kind, end - window))
    this.#ended(kind, end)
  }
}
