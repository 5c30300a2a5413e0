// Caller identity in keys, as the Netherlands, Belgium, Denmark, Sweden, Finland and others send it before the first ring
// (ETSI ETS 300 659-1 annex C and national practice). No name, no date: a number, who forwarded it, or why there is none.

import { DtmfSender } from '../dtmf-sender.js'
import { shownNumber } from './character-set.js'
import type { CallDisplay, Display } from './display.js'
import { NUMBER_LIMIT } from './message-parameters.js'

/** The first and last key of the number say which: `A…D…B…C`, `A…#` with `D1#`, `D…C`, or the number alone with `#`. */
export type DtmfFormat = 'a-c' | 'a-hash' | 'd-c' | 'hash'

export interface DtmfDisplayLevels {
  /** Level of the low tone, dBm0. */
  readonly dbm0: number
  /** High tone minus low tone, dB. */
  readonly twistDb: number
}

const ON_MS = 70
/** Samples of a key and its pause. */
const SAMPLES_PER_KEY = (ON_MS + 65) * 8

/** Keys know neither + nor the stars of a code. */
const keysOf = (number: string | undefined): string => {
  const shown = number === undefined ? '' : shownNumber(number, NUMBER_LIMIT).replace(/^\+/, '00')
  return /^[0-9]+$/.test(shown) ? shown : ''
}

type Writer = (number: string, call: CallDisplay) => string

const withheld = ({ absence }: CallDisplay): boolean => absence === 'P'

const writers: Readonly<Record<DtmfFormat, Writer>> = {
  'a-c': (number, call) => {
    const redirecting = keysOf(call.redirecting?.number)
    const caller = number === '' ? '' : `A${number}`
    const forwarder = redirecting === '' ? '' : `D${redirecting}`
    const reason = number === '' ? `B${withheld(call) ? '10' : '00'}` : ''
    return `${caller}${forwarder}${reason}C`
  },
  'a-hash': (number, call) => (number === '' ? `D${withheld(call) ? 1 : 3}#` : `A${number}#`),
  'd-c': number => (number === '' ? '' : `D${number}C`),
  hash: number => (number === '' ? '' : `${number}#`),
}

/** The keys that show `display`; '' where the format has none for it: messages, and in two formats no number. */
export const dtmfDisplay = (display: Display, format: DtmfFormat): string =>
  display.kind === 'call' ? writers[format](keysOf(display.number), display) : ''

/** Length of `keys` with the pause after the last, in samples of 1/8000 s. */
export const dtmfDurationSamples = (keys: string): number => keys.length * SAMPLES_PER_KEY

/** Sends such keys: 70 ms each, 65 ms between. Nothing is allocated once it is made. */
export class DtmfDisplaySender {
  readonly #sender: DtmfSender

  constructor(levels: DtmfDisplayLevels = { dbm0: -10, twistDb: 2 }) {
    this.#sender = new DtmfSender(levels)
  }

  /** Whether samples are still to come, the pause after the last key included. */
  get sounding(): boolean {
    return this.#sender.busy
  }

  /** Begins with the next sample, in place of what sounds. At most 64 keys. */
  start(keys: string): void {
    this.#sender.clear()
    for (const key of keys) this.#sender.send(key, ON_MS)
  }

  /** Silence from the next sample on. */
  stop(): void {
    this.#sender.clear()
  }

  /** Overwrites `out` from index `from` to its end or that of the keys; returns how many samples it wrote. */
  render(out: Int16Array, from: number): number {
    return this.#sender.render(out, from)
  }
}
