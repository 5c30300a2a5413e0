// From bits to messages (ETSI EN 300 659-1 §6, Bellcore GR-30): channel seizure or none, mark, then bytes of start, eight
// data and stop bits with up to 20 mark bits between them, closed by a checksum. Whatever is wrong is refused, with the
// reason; what does not look like data at all (speech, music, a whistle) is passed over.

import { type FskScheme, isDisplayType } from './display-message.js'
import {
  demodulatorDelay,
  demodulatorReach,
  edgeWindow,
  FskDemodulator,
  frequencyOf,
} from './fsk-demodulator.js'
import { peakOf } from './telephone-signals.js'

/** 1200 bits a second. */
const bit = 8000 / 1200
/** Fewer mark bits before the first byte announce nothing. */
const fewestMarks = 20
/** More mark bits between two bytes end the message. */
const mostStuffing = 22
/** A seizure of fewer alternating bits is none. */
const fewestSeizure = 24
/** Part of a bit on either side that is left to the filter's settling. */
const margin = 0.12
const quietestPower = (peakOf(-47) / 2) ** 2
/** A carrier that loses so much has ended, even where noise goes on. */
const lostBelow = 10 ** (-10 / 10)
/** Longest message: type, length, 255 bytes, checksum. */
const longest = 258
/** Farthest a frequency may be off, as a share of it: the 1.6 % of a sender, and the error of measuring. */
const tolerance = 0.022
const schemes: Readonly<Record<FskScheme, { readonly mark: number; readonly space: number }>> = {
  v23: { mark: 1300, space: 2100 },
  bell202: { mark: 1200, space: 2200 },
}

/** What carried a message, as measured. */
export interface FskSignal {
  readonly markHz: number
  readonly spaceHz: number
  /** Bits a second. */
  readonly baud: number
  readonly dbm0: number
  /** Alternating bits of the channel seizure; 0: none. */
  readonly seizureBits: number
  readonly markBits: number
}

export interface FrameHeard {
  readonly type: number
  /** Parameters, without type, length and checksum. */
  readonly body: Uint8Array
  readonly scheme: FskScheme
  readonly signal: FskSignal
  /** Sample at which the last stop bit ended, on the line. */
  readonly end: number
}

export type FrameFault = 'checksum' | 'cut' | 'framing' | 'scheme' | 'type'

export interface FrameRefused {
  readonly reason: FrameFault
  /** Message type, where one was read. */
  readonly type: number
  readonly scheme: FskScheme | undefined
  readonly end: number
}

export interface FrameSink {
  heard(frame: FrameHeard): void
  refused(frame: FrameRefused): void
}

const within = (hz: number, nominal: number): boolean => Math.abs(hz - nominal) <= nominal * tolerance
const schemeOf = (markHz: number, spaceHz: number): FskScheme | undefined =>
  (['v23', 'bell202'] as const).find(
    name => within(markHz, schemes[name].mark) && within(spaceHz, schemes[name].space),
  )

export class FrameReader {
  readonly #sink: FrameSink
  readonly #fsk = new FskDemodulator()
  // Numbers that are no number yet are NaN, not 0: so they are fractions from the start, which V8 keeps without allocating.
  /** Everything before is examined. */
  #scan = edgeWindow + 1
  #side: 'mark' | 'space' | undefined
  #before = Number.NaN
  /** Where the present side began, and of how many alternating bits it is the last. */
  #edge = Number.NaN
  /** The edge found last; kept here because a number that is handed on costs an allocation. */
  #crossed = Number.NaN
  #alternations = 0
  /** Start bit of the byte being read. */
  #start = Number.NaN
  readonly #bytes = new Uint8Array(longest)
  #held = 0
  #firstStart = 0
  /** Bits from the first start bit to the present one. */
  #bits = 0
  #lastStart = 0
  #markHz = 0
  #dbm0 = 0
  #power = 0
  #seizureBits = 0
  #markSamples = 0
  #spaceSines = 0
  #spaceCosines = 0

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** The first byte of a message has come, the last one has not. */
  get reading(): boolean {
    return this.#held > 0
  }

  /** There was a carrier: sound, and its end, must not be kept from the receiver. */
  get busy(): boolean {
    return this.#held > 0 || this.#side !== undefined
  }

  hear(frame: Int16Array): void {
    const fsk = this.#fsk
    fsk.take(frame)
    for (;;) {
      if (Number.isNaN(this.#start)) {
        if (this.#scan >= fsk.count) return
        this.#step()
      } else {
        if (fsk.count < this.#start + 10 * bit + 1) return
        this.#readByte()
      }
    }
  }

  /** The sound ends here: what was begun is cut. */
  silence(): void {
    if (this.#held > 0) this.#refuse('cut', this.#fsk.count)
    this.#idle(this.#fsk.count)
  }

  #step(): void {
    const fsk = this.#fsk
    const now = ++this.#scan
    const power = fsk.edgePower(now)
    if (power < (this.#held > 0 ? this.#power * lostBelow : quietestPower)) {
      if (this.#held > 0) this.#refuse('cut', now)
      this.#side = undefined
      this.#alternations = 0
      return
    }
    const lean = fsk.edgeLean(now)
    const side = lean < 0 ? 'mark' : 'space'
    const before = this.#before
    this.#before = lean
    if (side === this.#side) {
      if (this.#held > 0 && now - this.#lastStart > (10 + mostStuffing) * bit) this.#refuse('cut', now)
      return
    }
    this.#crossed = (this.#side === undefined ? now : now - lean / (lean - before)) - edgeWindow / 2
    this.#edgeTo(side)
  }

  #edgeTo(side: 'mark' | 'space'): void {
    const at = this.#crossed
    const first = this.#side === undefined
    const length = at - this.#edge
    if (side === 'space' && !first) {
      if (this.#held > 0 || this.#wasMark()) {
        this.#start = at
        return
      }
    }
    const alternates = !first && Math.abs(length / bit - 1) < 0.45
    this.#alternations = alternates ? this.#alternations + 1 : first ? 0 : 1
    this.#side = side
    this.#edge = at
  }

  /** What ended here was a mark long enough to announce a message; it is measured. */
  #wasMark(): boolean {
    const edge = this.#edge
    const at = this.#crossed
    if (at - edge < fewestMarks * bit) return false
    const fsk = this.#fsk
    const to = Math.floor(at - bit)
    const from = Math.ceil(Math.max(edge + bit, at - 60 * bit, fsk.count - demodulatorReach))
    const hz = fsk.frequency(from, to)
    if (hz < 1150 || hz > 1350) return false
    this.#markHz = hz
    this.#dbm0 = fsk.dbm0(from, to, hz)
    this.#power = fsk.power(from, to)
    return true
  }

  #readByte(): void {
    const fsk = this.#fsk
    const start = this.#start
    this.#start = Number.NaN
    if (fsk.lean(start + margin * bit, start + (1 - margin) * bit) <= 0) {
      // A click in the mark: it goes on as if nothing had been.
      this.#goOn(start + edgeWindow + 1)
      return
    }
    if (this.#held === 0) this.#begin(start)
    else this.#bits += Math.round((start - this.#lastStart) / bit)
    this.#lastStart = start
    let value = 0
    for (let n = 0; n < 8; n++) if (!this.#isSpace(n + 1)) value |= 1 << n
    if (this.#isSpace(9)) {
      this.#misframed(start)
      return
    }
    this.#measureSpace(value)
    this.#bytes[this.#held++] = value
    if (this.#held > 1 && this.#held === (this.#bytes[1] as number) + 3) this.#complete()
    else this.#goOn(start + 9.15 * bit)
  }

  /** Of the byte at the last start bit: bit `n`, 0 being the start bit and 9 the stop bit. */
  #isSpace(n: number): boolean {
    const from = this.#lastStart + n * bit
    return this.#fsk.lean(from + margin * bit, from + (1 - margin) * bit) > 0
  }

  #begin(start: number): void {
    const seized = this.#alternations + 1 >= fewestSeizure
    this.#seizureBits = seized ? this.#alternations + 1 : 0
    this.#markSamples = start - (seized ? this.#edge : this.#onset())
    this.#firstStart = start
    this.#bits = 0
    this.#spaceSines = 0
    this.#spaceCosines = 0
  }

  /** Where the mark had half its level: the filter lets a strong one be seen a bit too early. */
  #onset(): number {
    let from = Math.ceil(this.#edge)
    if (from < this.#fsk.count - demodulatorReach) return this.#edge
    const last = from + 3 * bit
    while (from < last && this.#fsk.power(from, from + edgeWindow) < this.#power / 4) from++
    return from + edgeWindow / 2
  }

  /** The space frequency shows where spaces follow on each other: the type byte alone has four and more. */
  #measureSpace(value: number): void {
    let run = 1
    for (let n = 0; n <= 8; n++) {
      if (n < 8 && (value & (1 << n)) === 0) {
        run++
        continue
      }
      if (run >= 3) {
        const end = this.#lastStart + (n + 1) * bit
        const from = Math.ceil(end - (run - 1) * bit)
        const to = Math.floor(end - bit)
        this.#spaceSines += this.#fsk.sines(from, to)
        this.#spaceCosines += this.#fsk.cosines(from, to)
      }
      run = 0
    }
  }

  #misframed(start: number): void {
    const fsk = this.#fsk
    const gone =
      fsk.power(Math.floor(start + 8 * bit), Math.floor(start + 10 * bit)) < this.#power * lostBelow
    if (this.#held > 0) this.#refuse(gone ? 'cut' : 'framing', fsk.count)
    this.#idle(start + bit)
  }

  #complete(): void {
    const bytes = this.#bytes
    const type = bytes[0] as number
    const length = bytes[1] as number
    const end = this.#lastStart + 10 * bit
    let sum = 0
    for (let n = 0; n < length + 3; n++) sum += bytes[n] as number
    const spaceHz = frequencyOf(this.#spaceSines, this.#spaceCosines)
    const scheme = schemeOf(this.#markHz, spaceHz)
    if (sum % 256 !== 0) this.#refuse('checksum', end)
    else if (scheme === undefined) this.#refuse('scheme', end)
    else if (!isDisplayType(type)) this.#refuse('type', end)
    else {
      const body = bytes.slice(2, 2 + length)
      const signal = this.#signal(spaceHz)
      this.#sink.heard({ type, body, scheme, signal, end: Math.round(end - demodulatorDelay) })
    }
    this.#idle(this.#lastStart + 9.15 * bit)
  }

  #signal(spaceHz: number): FskSignal {
    const baud = (8000 * this.#bits) / (this.#lastStart - this.#firstStart)
    // The last bit of the seizure is a mark too.
    const shared = this.#seizureBits > 0 ? 1 : 0
    return {
      markHz: this.#markHz,
      spaceHz,
      baud,
      dbm0: this.#dbm0,
      seizureBits: this.#seizureBits,
      markBits: Math.round((this.#markSamples * baud) / 8000) - shared,
    }
  }

  /** Tones can look like a first byte: it is worth a word only when the beginning of a message was clear. */
  #refuse(reason: FrameFault, end: number): void {
    const type = this.#bytes[0] as number
    const scheme = schemeOf(this.#markHz, frequencyOf(this.#spaceSines, this.#spaceCosines))
    const begun = this.#held > 1 && isDisplayType(type) && scheme !== undefined
    if (begun || reason === 'scheme' || reason === 'type')
      this.#sink.refused({ reason, type, scheme, end: Math.round(end - demodulatorDelay) })
    this.#held = 0
  }

  /** Looks for the next start bit from `at` on, in the mark that is there. */
  #goOn(at: number): void {
    this.#scan = Math.max(Math.floor(at) + edgeWindow, 0)
    this.#before = 0
    this.#side = 'mark'
  }

  #idle(at: number): void {
    this.#held = 0
    this.#start = Number.NaN
    this.#scan = Math.min(Math.floor(at) + edgeWindow, this.#fsk.count)
    this.#before = 0
    this.#side = undefined
    this.#alternations = 0
    this.#edge = at
  }
}
