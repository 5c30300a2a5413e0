// Caller identity by DTMF, as sent before the first ring (ETSI EN 300 659-1 annex on DTMF, and its national forms):
// A<number>D<redirecting>B<code>C, D<number>C, A<number>#, <number>#, D1# to D3#. Digits follow each other quickly; a
// pause ends what was begun.

import type { Us } from '../clock.js'
import type { ClipMessage } from './display-message.js'

/** Longest time from the end of a digit to the beginning of the next, ms. */
const longestPauseMs = 300
/** Longest message: three fields of 20 digits and their letters. */
const longest = 64

const shown = (said: Partial<ClipMessage>): ClipMessage => ({
  ev: 'clip',
  ...said,
  scheme: 'dtmf',
  message: 0x80,
})
/** B codes: number not available, number withheld. */
const absences: Readonly<Record<string, string>> = { '00': 'O', '10': 'P' }
const fieldsEndedByC = /^(?:A(\d*))?(?:D(\d*))?(?:B(\d\d))?C$/
const numberAndHash = /^A?(\d{1,20})#$/
const absenceAndHash = /^D([123])#$/

/** What is displayed for the keys of one message; undefined: no such form. */
export const dtmfMessage = (keys: string): ClipMessage | undefined => {
  const plain = numberAndHash.exec(keys)
  if (plain !== null) return shown({ number: plain[1] as string })
  const absent = absenceAndHash.exec(keys)
  if (absent !== null) return shown({ absence: absent[1] === '1' ? 'P' : 'O' })
  const fields = fieldsEndedByC.exec(keys)
  if (fields === null) return undefined
  const [, number = '', second = '', code] = fields
  // Where nothing else is said, D is the caller.
  if (number === '' && code === undefined) return second === '' ? undefined : shown({ number: second })
  const absence = code === undefined ? undefined : absences[code]
  return shown({
    ...(number !== '' && { number }),
    ...(absence !== undefined && { absence }),
    ...(second !== '' && { redirecting: second }),
  })
}

export interface DtmfDisplaySink {
  heard(message: ClipMessage, at: Us): void
  refused(reason: 'cut' | 'framing', at: Us): void
}

export class DtmfDisplay {
  readonly #sink: DtmfDisplaySink
  #keys = ''
  #last = 0

  constructor(sink: DtmfDisplaySink) {
    this.#sink = sink
  }

  /** A digit that ended at `at`. */
  digit(key: string, at: Us): void {
    this.#keys += key
    this.#last = at
    if (key !== 'C' && key !== '#' && this.#keys.length < longest) return
    const message = dtmfMessage(this.#keys)
    if (message !== undefined) this.#sink.heard(message, at)
    else if (this.#announced) this.#sink.refused('framing', at)
    this.#keys = ''
  }

  /** Once a frame; `sounding`: a digit is being heard. */
  update(now: Us, sounding: boolean): void {
    if (this.#keys === '' || sounding || (now - this.#last) / 1000 <= longestPauseMs) return
    if (this.#announced) this.#sink.refused('cut', now)
    this.#keys = ''
  }

  forget(): void {
    this.#keys = ''
  }

  /** Begun as only a display message begins. */
  get #announced(): boolean {
    return /^[ABD]\d/.test(this.#keys)
  }
}
