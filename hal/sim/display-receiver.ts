// The display of the telephone: what it shows of the calls and messages announced on its line. On the hook it always
// listens; lifted only while data was announced by an alerting tone (ETSI EN 300 659-2), so that nobody's speech is read.

import { type Us, us } from '../clock.js'
import { FRAME_SAMPLES } from '../pcm-port.js'
import { type FrameFault, type FrameHeard, FrameReader, type FskSignal } from './display-frame.js'
import { type DisplayMessage, displayed, type FskScheme } from './display-message.js'
import { DtmfDisplay } from './dtmf-display.js'
import { DigitEar, withoutSpeech } from './ear-digits.js'
import { peakOf } from './telephone-signals.js'

/** Data that came and was not shown: why, and what was known of it. */
export interface DisplayRefused {
  readonly ev: 'clip-refused'
  /** checksum, cut: ended early, framing: no stop bit, scheme: frequencies of no scheme, type: unknown, format: contradictory. */
  readonly reason: FrameFault | 'format'
  readonly scheme?: FskScheme | 'dtmf'
  readonly message?: number
}

export type DisplayTold = DisplayMessage | DisplayRefused

/** `at` is the end of the last bit or digit; `signal` what carried it, where it was FSK. */
export type DisplaySink = (told: DisplayTold, at: Us, signal?: FskSignal) => void

const sampleUs = 125
const silentPeak = peakOf(-50)
/** Digits are looked for in the latest of so many; a power of two. */
const digitSamples = 256

export class DisplayReceiver {
  readonly #sink: DisplaySink
  readonly #frames: FrameReader
  readonly #digits: DigitEar
  readonly #dtmf: DtmfDisplay
  readonly #samples = new Int16Array(digitSamples)
  #written = 0
  /** Instant of sample 0 as the frame reader counts, and what it has taken. */
  #origin = Number.NaN
  #taken = 0
  #lifted = false
  #openUntil = Number.NEGATIVE_INFINITY

  constructor(sink: DisplaySink) {
    this.#sink = sink
    this.#frames = new FrameReader({
      heard: frame => this.#heard(frame),
      refused: ({ reason, type, scheme, end }) =>
        sink(
          { ev: 'clip-refused', reason, ...(scheme && { scheme }), message: type },
          us(this.#origin + end * sampleUs),
        ),
    })
    this.#dtmf = new DtmfDisplay({
      heard: (message, at) => sink(message, at),
      refused: (reason, at) => sink({ ev: 'clip-refused', reason, scheme: 'dtmf' }, at),
    })
    this.#digits = new DigitEar(
      ({ digit, ms, us: from }) => this.#dtmf.digit(digit, us(from + ms * 1000)),
      withoutSpeech,
    )
  }

  /** A message is coming in. */
  get reading(): boolean {
    return this.#frames.reading
  }

  /** The receiver was lifted or put back at `at`; what was coming in is cut. */
  hook(lifted: boolean, at: Us): void {
    this.silence(at)
    this.#lifted = lifted
    this.#openUntil = Number.NEGATIVE_INFINITY
  }

  /**
   * An alerting tone was acknowledged: a message whose first byte comes before `until` is read though the receiver is
   * lifted.
   */
  expectData(until: Us): void {
    this.#frames.silence()
    this.#openUntil = until
  }

  /** Nothing reaches the telephone from `at` on. */
  silence(at: Us): void {
    this.#frames.silence()
    this.#digits.silence(at)
    this.#dtmf.forget()
  }

  /** What the line carried in the frame that ended at `end`. */
  hear(frame: Int16Array, end: Us): void {
    const fsk = this.#frames
    if (this.#lifted && end > this.#openUntil && !fsk.reading) return
    const quiet = isQuiet(frame)
    if (!quiet || fsk.busy) {
      this.#taken += FRAME_SAMPLES
      this.#origin = end - this.#taken * sampleUs
      fsk.hear(frame)
    }
    if (!this.#lifted) this.#hearDigits(frame, end, quiet)
  }

  #hearDigits(frame: Int16Array, end: Us, quiet: boolean): void {
    for (let n = 0; n < FRAME_SAMPLES; n++)
      this.#samples[(this.#written + n) & (digitSamples - 1)] = frame[n] as number
    this.#written = (this.#written + FRAME_SAMPLES) & 0x3fffffff
    if (!quiet || this.#digits.busy) this.#digits.look(this.#samples, this.#written, end, us(0))
    this.#dtmf.update(end, this.#digits.busy)
  }

  #heard({ type, body, scheme, signal, end }: FrameHeard): void {
    const at = us(this.#origin + end * sampleUs)
    // One alerting tone announces one message.
    this.#openUntil = Number.NEGATIVE_INFINITY
    const message = displayed(type, body, scheme)
    if (message === undefined)
      this.#sink({ ev: 'clip-refused', reason: 'format', scheme, message: type }, at, signal)
    else this.#sink(message, at, signal)
  }
}

const isQuiet = (frame: Int16Array): boolean => {
  for (let n = 0; n < FRAME_SAMPLES; n++) if (Math.abs(frame[n] as number) > silentPeak) return false
  return true
}
