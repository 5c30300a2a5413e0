// Who calls while a call stands (type II caller identity, ETSI EN 300 659-2): some time after the waiting tone the dual tone
// (CAS), then at most 160 ms for the telephone's D, then the data without channel seizure. Both ways are muted while any of
// it sounds, and no longer; a telephone that does not answer costs its user 270 ms.

import { FRAME_MS } from '../../../hal/pcm-port.js'
import type { CallerIdSettings } from './caller-id-settings.js'
import { CAS_MS, DualToneAlert } from './dual-tone-alert.js'
import { type FskScheme, FskSender } from './fsk-sender.js'
import { MESSAGE_LIMIT } from './message.js'

/** What the telephone says to: send it. */
export const ACKNOWLEDGEMENT = 'D'

export type InCallSettings = Pick<
  CallerIdSettings,
  'inCallDelayMs' | 'inCallGapMs' | 'toneDbm0' | 'dbm0' | 'offHookMarkBits'
> & { readonly scheme: FskScheme }

type Stage = 'idle' | 'delay' | 'alert' | 'answer' | 'key' | 'gap' | 'data' | 'tail'

/** The D begins within 160 ms of the dual tone; 30 ms are the buffers of a board, there and back. */
const ANSWER_MS = 190
/** What sounds like a key at the end of that time is waited for so much longer, until it is sure. */
const SURE_MS = 50
const SURE_FRAMES = SURE_MS / FRAME_MS
/** No telephone holds its D so long. */
const LONGEST_KEY_MS = 400
/** What is under way to the telephone when the last sample was given, and its echo in the hybrid. */
const TAIL_MS = 60

const silent: Readonly<Record<Stage, { readonly near: boolean; readonly far: boolean }>> = {
  idle: { near: false, far: false },
  delay: { near: false, far: false },
  alert: { near: true, far: true },
  answer: { near: true, far: true },
  key: { near: true, far: true },
  gap: { near: true, far: true },
  data: { near: true, far: true },
  tail: { near: true, far: false },
}

/** Counts frames of 10 ms. Allocates nothing per frame. */
export class InCallSequence {
  readonly #alert = new DualToneAlert()
  readonly #sender = new FskSender()
  readonly #message = new Uint8Array(MESSAGE_LIMIT)
  #length = 0
  #settings: InCallSettings | undefined
  #stage: Stage = 'idle'
  /** Frames left of the stage. */
  #left = 0

  /** What the telephone sends is kept from everybody. */
  get mutesTelephone(): boolean {
    return silent[this.#stage].near
  }

  /** What others say is kept from the telephone. */
  get mutesOthers(): boolean {
    return silent[this.#stage].far
  }

  /** A D from the telephone is meant for the box. */
  get awaitsAnswer(): boolean {
    return this.#stage === 'answer'
  }

  /** Begins; `message` (at most `MESSAGE_LIMIT` bytes) is copied. */
  start(message: Uint8Array, settings: InCallSettings): void {
    this.stop()
    this.#message.set(message)
    this.#length = message.length
    this.#settings = settings
    this.#enter('delay', settings.inCallDelayMs)
  }

  /** No more of it, whatever it has come to. */
  stop(): void {
    this.#alert.stop()
    this.#sender.stop()
    if (this.mutesOthers) this.#enter('tail', TAIL_MS)
    else if (this.#stage === 'delay') this.#stage = 'idle'
  }

  /** The telephone's D is down. */
  answered(): void {
    if (this.#stage === 'answer') this.#enter('key', LONGEST_KEY_MS)
  }

  /** It was let go `agoMs` ago. */
  released(agoMs: number): void {
    if (this.#stage !== 'key') return
    this.#enter('gap', Math.max(FRAME_MS, (this.#settings as InCallSettings).inCallGapMs - agoMs))
  }

  /**
   * The frame the telephone is to hear; overwritten while others are muted. `keyBegins`: what it sent last may be the
   * beginning of a key.
   */
  play(frame: Int16Array, keyBegins: boolean): void {
    if (this.#stage === 'idle') return
    if (this.#stage === 'answer' && this.#left <= SURE_FRAMES && !keyBegins) this.#left = 0
    if (this.#left === 0) this.#next()
    if (this.#left > 0) this.#left--
    if (!this.mutesOthers) return
    frame.fill(0)
    if (this.#stage === 'alert') this.#alert.render(frame, 0)
    else if (this.#stage === 'data') this.#sender.render(frame, 0)
  }

  #next(): void {
    switch (this.#stage) {
      case 'delay':
        this.#alert.start(CAS_MS, (this.#settings as InCallSettings).toneDbm0)
        return this.#enter('alert', CAS_MS)
      case 'alert':
        return this.#enter('answer', ANSWER_MS + SURE_MS)
      case 'gap':
        this.#send(this.#settings as InCallSettings)
        return this.#enter('data', 0)
      case 'data':
        if (!this.#sender.sounding) this.#enter('tail', TAIL_MS)
        return
      case 'key':
        return this.#enter('tail', TAIL_MS)
      case 'answer':
      case 'tail':
      case 'idle':
        this.#stage = 'idle'
    }
  }

  #send({ scheme, dbm0, offHookMarkBits }: InCallSettings): void {
    const burst = { scheme, dbm0, seizureBits: 0, markBits: offHookMarkBits }
    this.#sender.start(this.#message.subarray(0, this.#length), burst)
  }

  #enter(stage: Stage, ms: number): void {
    this.#stage = stage
    this.#left = Math.ceil(ms / FRAME_MS)
  }
}
