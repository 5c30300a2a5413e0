// Events of the reference microcontroller on their way to the host: in order, each until it is acknowledged (PROTOCOL.md,
// "Events are never lost silently").

import { type Clock, ms, type Timer } from '../../clock.js'
import type { LineMessage } from './line-message.js'

/** ms. */
const RESEND = 50
/** Events kept until they are acknowledged. */
const KEPT = 64
/** Of those, as many are on their way at a time. */
const WINDOW = 8

export interface QueuedEvent {
  readonly seq: number
  readonly line: number
  /** When it happened, on the microcontroller's clock. */
  readonly stamp: number
  readonly message: LineMessage
}

export class EventQueue {
  readonly #clock: Clock
  readonly #send: (event: QueuedEvent) => void
  readonly #waiting: QueuedEvent[] = []
  /** Lines of which something could not be kept. */
  readonly #missed = new Set<number>()
  #seq = 0
  #resend: Timer | undefined
  /** The host is there. */
  #listening = false

  constructor(clock: Clock, send: (event: QueuedEvent) => void) {
    this.#clock = clock
    this.#send = send
  }

  /** Of the oldest event that waits, or of the next. */
  get firstSeq(): number {
    return this.#waiting[0]?.seq ?? this.#seq
  }

  listen(on: boolean): void {
    this.#listening = on
  }

  add(line: number, stamp: number, message: LineMessage): void {
    if (this.#waiting.length === KEPT) {
      this.#missed.add(line)
      return
    }
    const event = { seq: this.#seq, line, stamp, message }
    this.#seq = (this.#seq + 1) & 255
    this.#waiting.push(event)
    if (this.#waiting.length <= WINDOW) this.#send(event)
    this.#resend ??= this.#timer()
  }

  /** This one and all before it have arrived. Returns the lines of which something was not kept: now there is room. */
  acknowledged(seq: number): readonly number[] {
    const index = this.#waiting.findIndex(event => event.seq === seq)
    if (index < 0) return []
    this.#waiting.splice(0, index + 1)
    // Those that move into the window go out at once.
    for (const event of this.#waiting.slice(Math.max(WINDOW - index - 1, 0), WINDOW)) this.#send(event)
    const missed = [...this.#missed]
    this.#missed.clear()
    return missed
  }

  stop(): void {
    this.#resend?.cancel()
    this.#waiting.length = 0
  }

  #timer(): Timer {
    return this.#clock.timer('mcu resend', ms(RESEND), () => this.#again())
  }

  #again(): void {
    this.#resend = undefined
    if (this.#waiting.length === 0) return
    if (this.#listening) for (const event of this.#waiting.slice(0, WINDOW)) this.#send(event)
    this.#resend = this.#timer()
  }
}
