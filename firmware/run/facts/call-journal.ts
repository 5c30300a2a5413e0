// The last calls of one telephone: who, how far it came, how it ended, what was measured, and a ladder of what went over the
// wire and what the telephone did meanwhile. Twenty calls of forty entries each; keys pressed in a call are no part of it.

import type { Clock } from '../../../hal/clock.js'
import type { StreamStatistics } from '../../media/media-contract.js'
import { activeLeg } from '../../phone/legs.js'
import type { RemoteMedia } from '../../sip/sip-line.js'
import type { TraceStep } from '../../trace/trace-ring.js'
import { type AudioWay, wider, withWay } from './audio-way.js'
import type { CallRecord, LadderEntry, StreamFacts } from './facts.js'
import { shownCode, shownNumber } from './shown-number.js'
import type { SipDialogs, TellMessage } from './sip-dialogs.js'

export interface CallJournal {
  step(step: TraceStep): void
  /** What the telephone did: into the ladder of every call that stands. */
  happened(text: string): void
  /** What the audio half told of a stream: into the ladder of its call. */
  heard(stream: string, text: string): void
  /** What both sides agreed on for a call. */
  agreed(call: string, remote: RemoteMedia): void
  /** Last figures of a stream; false: it is none of this telephone's. */
  measured(figures: StreamStatistics): boolean
  /** The same figures, and which way audio was to go at all. */
  figuresOf(figures: StreamStatistics): StreamFacts
  /** Of a call of the box itself, which is none of this telephone's. */
  tested(figures: StreamFacts): void
  /** Those of the last one, until the telephone has a call that is answered. */
  lastTested(): StreamFacts | undefined
  /** Answered and not over, by the id of their streams. */
  talking(): readonly string[]
  /** Newest first. */
  records(): readonly CallRecord[]
}

const keptCalls = 20
const keptEntries = 40

interface Open {
  readonly call: string
  readonly stream: string
  readonly tell: TellMessage
  readonly beganUs: number
  readonly direction: 'out' | 'in'
  readonly party: string | undefined
  readonly wallMs: number
  readonly emergency: boolean
  readonly code: boolean
  readonly ladder: LadderEntry[]
  answeredMs?: number
  endedMs?: number
  end?: NonNullable<CallRecord['end']>
  status?: number
  q850?: number
  codec?: string
  way?: AudioWay
  media?: StreamFacts
  left: number
}

export const createCallJournal = (line: string, clock: Clock, dialogs: SipDialogs): CallJournal => {
  const records: Open[] = []
  let test: StreamFacts | undefined

  const sinceMs = ({ beganUs }: Open): number => Math.round((clock.now() - beganUs) / 1000)
  const note = (record: Open, kind: LadderEntry['kind'], text: string): void => {
    if (record.ladder.length < keptEntries) record.ladder.push({ atMs: sinceMs(record), kind, text })
    else record.left++
  }
  const open = (call: string): Open | undefined =>
    records.find(record => record.call === call && record.end === undefined)

  const begin = (
    known: Pick<Open, 'call' | 'stream' | 'direction' | 'party' | 'emergency' | 'code'>,
  ): Open => {
    const record: Open = {
      ...known,
      tell: (direction, text) => note(record, direction, text),
      beganUs: clock.now(),
      wallMs: clock.wall(),
      ladder: [],
      left: 0,
    }
    records.unshift(record)
    for (const old of records.splice(keptCalls)) dialogs.forget(old.tell)
    return record
  }
  const end = (call: string, how: NonNullable<CallRecord['end']>, status?: number, q850?: number): void => {
    const record = open(call)
    if (!record) return
    record.end = how
    record.endedMs = sinceMs(record)
    if (status !== undefined) record.status = status
    if (q850 !== undefined) record.q850 = q850
    dialogs.over(call)
  }
  const answered = (call: string): void => {
    const record = open(call)
    if (!record) return
    record.answeredMs ??= sinceMs(record)
    if (!record.code) test = undefined
  }

  const onEvent = ({ event }: TraceStep): void => {
    switch (event.type) {
      case 'incoming': {
        const { number, withheld } = event.caller
        const party = withheld || number === undefined ? undefined : shownNumber(number)
        const known = { direction: 'in', party, emergency: false, code: false } as const
        dialogs.incoming(begin({ call: event.call, stream: event.call, ...known }).tell)
        return
      }
      case 'answered':
        return answered(event.call)
      case 'failed':
        return end(event.call, 'refused', event.status, event.q850)
      case 'ended':
      case 'abandoned':
        return end(event.call, 'network')
      case 'media-lost':
        return end(event.call, 'media-lost')
    }
  }
  const onEffects = ({ effects, event, after }: TraceStep): void => {
    for (const effect of effects) {
      if (effect.type === 'place') {
        const { call, target, masked, emergency } = effect
        const leg = activeLeg(after.calls)
        const code = leg?.phase === 'code' && leg.id === call
        const party = code ? shownCode(target) : masked ? undefined : shownNumber(target)
        const known = { direction: 'out', party, emergency, code } as const
        dialogs.placed(call, begin({ call, stream: `${line}/${call}`, ...known }).tell)
      } else if (effect.type === 'answer') answered(effect.call)
      else if (effect.type === 'hang-up')
        end(effect.call, event.type === 'line-fault' ? 'line-fault' : 'telephone')
      else if (effect.type === 'reject') end(effect.call, 'telephone', effect.status, effect.q850)
    }
  }

  return {
    step: step => {
      onEvent(step)
      onEffects(step)
    },
    happened: text => {
      for (const record of records) if (record.end === undefined) note(record, 'telephone', text)
    },
    heard: (id, text) => {
      const record = records.find(({ stream, end: over }) => stream === id && over === undefined)
      if (record) note(record, 'media', text)
    },
    agreed: (call, { codec, ptime, direction }) => {
      const record = records.find(({ stream }) => stream === call)
      if (!record) return
      record.codec = `${codec}/${ptime} ${direction}`
      record.way = wider(record.way, direction)
    },
    measured: figures => {
      const record = records.find(({ stream, media }) => stream === figures.stream && media === undefined)
      if (record) record.media = withWay(figures, record.way)
      return record !== undefined
    },
    figuresOf: figures => withWay(figures, records.find(({ stream }) => stream === figures.stream)?.way),
    tested: figures => {
      test = figures
    },
    lastTested: () => test,
    talking: () =>
      records.flatMap(({ end: over, answeredMs, stream }) =>
        over === undefined && answeredMs !== undefined ? [stream] : [],
      ),
    records: () => records.map(recordOf),
  }
}

const recordOf = (open: Open): CallRecord => {
  const {
    call: _call,
    stream: _stream,
    tell: _tell,
    beganUs: _began,
    way: _way,
    party,
    ladder,
    ...rest
  } = open
  return { ...rest, ...(party !== undefined && { party }), ladder: [...ladder] }
}
