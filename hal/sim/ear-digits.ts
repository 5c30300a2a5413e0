// The telephone's ear for DTMF: digits that the box sends into the receiver (ITU-T Q.23, Q.24).
// Eight Goertzel filters over 20 ms or less, every 10 ms; a digit begins after two and ends after two disagreeing looks.

import { type Us, us } from '../clock.js'
import { keyColumns, keyPad, keyRows, peakOf } from './telephone-signals.js'

const hopUs = 10_000
const twistLimit = 10 ** (10 / 10)
const quietest = peakOf(-36) ** 2 / 2

const coefficient = (hz: number): number => 2 * Math.cos((2 * Math.PI * hz) / 8000)
const rowFilters = Float64Array.from(keyRows, coefficient)
const columnFilters = Float64Array.from(keyColumns, coefficient)

/** Energies of the windowed samples at some frequencies, comparable with their sum of squares. */
const listen = (
  samples: Int16Array,
  from: number,
  windowSamples: number,
  filters: Float64Array,
  into: Float64Array,
): void => {
  const mask = samples.length - 1
  for (let k = 0; k < filters.length; k++) {
    const factor = filters[k] as number
    let last = 0
    let before = 0
    for (let n = 0; n < windowSamples; n++) {
      const next = (samples[(from + n) & mask] as number) + factor * last - before
      before = last
      last = next
    }
    into[k] = ((last * last + before * before - factor * last * before) * 2) / windowSamples
  }
}

/** Energies of the latest look, which are not made anew for each. */
const rows = new Float64Array(4)
const columns = new Float64Array(4)
const strongest = (energies: Float64Array): number => {
  let best = 0
  for (let n = 1; n < 4; n++) if ((energies[n] as number) > (energies[best] as number)) best = n
  return best
}

/** How a digit is looked for. */
export interface DigitWindow {
  /** A short one takes frequencies that are farther off. */
  readonly samples: number
  /** The two tones must hold this much of the energy of the window: the more, the less speech is taken for a digit. */
  readonly purity: number
}
/** Among speech. */
const inSpeech: DigitWindow = { samples: 160, purity: 0.8 }
/** Where nobody speaks: frequencies up to 1.5 % and 2 Hz off (ETSI ES 201 235-3). */
export const withoutSpeech: DigitWindow = { samples: 104, purity: 0.6 }

export interface DigitHeard {
  readonly digit: string
  readonly ms: number
  readonly us: Us
}

export class DigitEar {
  readonly #onDigit: (heard: DigitHeard) => void
  readonly #window: DigitWindow
  #candidate = ''
  #looks = 0
  #misses = 0
  #from = us(Number.NaN)
  #to = us(Number.NaN)
  #sounding = ''

  constructor(onDigit: (heard: DigitHeard) => void, window = inSpeech) {
    this.#onDigit = onDigit
    this.#window = window
  }

  /** A digit is sounding now. */
  get busy(): boolean {
    return this.#sounding !== ''
  }

  /** The latest sound ends at sample `end` of the ring `samples`, at instant `now`; the sound began at `began`. */
  look(samples: Int16Array, end: number, now: Us, began: Us): void {
    const found = this.#match(samples, end - this.#window.samples)
    if (this.#sounding !== '') {
      if (found === this.#sounding) {
        this.#misses = 0
        this.#to = now
      } else if (++this.#misses >= 2) {
        this.#end()
      }
      return
    }
    if (found === '') {
      this.#candidate = ''
      return
    }
    if (found !== this.#candidate) {
      this.#candidate = found
      this.#looks = 1
      this.#from = us(Math.max(began, now - 2 * hopUs))
      return
    }
    if (++this.#looks >= 2) {
      this.#sounding = found
      this.#misses = 0
      this.#to = now
    }
  }

  /** The sound was over at `at`. */
  silence(at: Us): void {
    this.#to = us(Math.min(this.#to, at))
    if (this.#sounding !== '') this.#end()
    this.#candidate = ''
  }

  #end(): void {
    const length = Math.round((this.#to - this.#from) / 1000)
    this.#onDigit({ digit: this.#sounding, ms: length, us: this.#from })
    this.#sounding = ''
    this.#candidate = ''
  }

  #match(samples: Int16Array, from: number): string {
    const mask = samples.length - 1
    const { samples: windowSamples, purity } = this.#window
    let total = 0
    for (let n = 0; n < windowSamples; n++) total += (samples[(from + n) & mask] as number) ** 2
    if (total < quietest * windowSamples) return ''
    listen(samples, from, windowSamples, rowFilters, rows)
    listen(samples, from, windowSamples, columnFilters, columns)
    const row = strongest(rows)
    const column = strongest(columns)
    const low = rows[row] as number
    const high = columns[column] as number
    if (low + high < purity * total || low > high * twistLimit || high > low * twistLimit) return ''
    return (keyPad[row] as string)[column] as string
  }
}
