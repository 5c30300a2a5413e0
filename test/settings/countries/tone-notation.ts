// Tones in the notation of the published tables, and when two of them sound alike.

import type { ToneSpec } from '../../../firmware/media/media-contract.js'

export interface Segment {
  /** In ascending order; none: silence. */
  readonly hz: readonly number[]
  /** Absent: for ever. */
  readonly ms: number | undefined
}

export interface Notated {
  readonly lead: readonly Segment[]
  readonly cadence: readonly Segment[]
  readonly repeat: number | undefined
}

/** "!440/100,!0/100,440", "5x425/200,0/200". Throws when it is none. */
export const readNotation = (text: string): Notated => {
  const [, times, rest = ''] = /^(?:(\d+)x)?(.*)$/.exec(text) ?? []
  const segments = rest.split(',').map(part => {
    const [, once, frequencies = '', ms] = /^(!?)(\d+(?:\+\d+)*)(?:\/(\d+))?$/.exec(part) ?? []
    if (once === undefined) throw new Error(`${part} in ${text}`)
    const hz = frequencies
      .split('+')
      .map(Number)
      .filter(frequency => frequency > 0)
    return { once: once === '!', hz: hz.sort((a, b) => a - b), ms: ms === undefined ? undefined : Number(ms) }
  })
  const plain = (kept: boolean): readonly Segment[] =>
    segments.filter(({ once }) => once === kept).map(({ hz, ms }) => ({ hz, ms }))
  return { lead: plain(true), cadence: plain(false), repeat: times === undefined ? undefined : Number(times) }
}

export const notationOf = ({ lead = [], cadence, repeat }: ToneSpec): Notated => {
  const plain = (parts: ToneSpec['cadence']): readonly Segment[] =>
    parts.map(({ hz, ms }) => ({ hz: [...hz].sort((a, b) => a - b), ms }))
  return { lead: plain(lead), cadence: plain(cadence), repeat }
}

/** A third of a second is written as 330 and as 333 ms. */
const TOLERANCE_MS = 3

const same = (a: readonly Segment[], b: readonly Segment[]): boolean =>
  a.length === b.length &&
  a.every(({ hz, ms }, i) => {
    const other = b[i] as Segment
    const times =
      ms === undefined || other.ms === undefined ? ms === other.ms : Math.abs(ms - other.ms) <= TOLERANCE_MS
    return times && hz.join() === other.hz.join()
  })

/** A cadence that goes on for ever may begin anywhere. */
const turned = (cadence: readonly Segment[], by: number): readonly Segment[] => [
  ...cadence.slice(by),
  ...cadence.slice(0, by),
]

export const soundAlike = (a: Notated, b: Notated): boolean =>
  a.repeat === b.repeat &&
  same(a.lead, b.lead) &&
  (same(a.cadence, b.cadence) ||
    (a.repeat === undefined &&
      a.lead.length === 0 &&
      b.cadence.some((_, by) => by % 2 === 0 && same(a.cadence, turned(b.cadence, by)))))
