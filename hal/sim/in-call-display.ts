// What a telephone with a display does when a call waits (ETSI EN 300 659-2): at the end of the alerting tone it mutes
// microphone and earpiece, answers with the key D, and listens for the data. Off until it is told to: most telephones have none.

import { type Us, us } from '../clock.js'
import { AlertEar } from './alert-ear.js'
import type { DisplayReceiver } from './display-receiver.js'
import { keySource, type VoiceSource } from './handset-voice.js'

/** The answer begins within 100 ms of the alerting tone, and the data at most 500 ms behind it. */
const answerAfterFrames = 4
const dataWithinMs = 500
const answerKey = { onMs: 65, offMs: 0, dbm0: -11, twistDb: 2, errorPercent: 0 }

export class InCallDisplay {
  on = false
  readonly #receiver: DisplayReceiver
  readonly #alert = new AlertEar()
  #mutedUntil = Number.NEGATIVE_INFINITY
  #wait = 0
  #answer: VoiceSource | undefined

  constructor(receiver: DisplayReceiver) {
    this.#receiver = receiver
  }

  /** Microphone and earpiece are off at `now`. */
  muted(now: Us): boolean {
    return now <= this.#mutedUntil || (this.#mutedUntil > 0 && this.#receiver.reading)
  }

  /** What goes out instead of the microphone's sound while it is muted. */
  fill(frame: Float64Array, end: Us): void {
    frame.fill(0)
    if (this.#wait > 0 && --this.#wait > 0) return
    if (this.#answer === undefined || this.#answer.fill(frame)) return
    this.#answer = undefined
    this.#mutedUntil = end + dataWithinMs * 1000
    this.#receiver.expectData(us(this.#mutedUntil))
  }

  /** What the lifted receiver carries. True where the alerting tone has just ended and is taken. */
  hear(frame: Int16Array, end: Us): boolean {
    if (!this.#alert.hear(frame) || !this.on || this.muted(end)) return false
    this.#mutedUntil = end + dataWithinMs * 1000
    this.#wait = answerAfterFrames
    this.#answer = keySource('D', answerKey, () => {})
    return true
  }

  /** The data came, or the loop was opened. */
  over(): void {
    this.#mutedUntil = Number.NEGATIVE_INFINITY
    this.#answer = undefined
    this.#alert.forget()
  }
}
