// What the last calls, keys and codes of a telephone say: audio one way only, packets lost, R too short, a code refused.

import { expectsAudio } from '../facts/audio-way.js'
import type { BoxFacts, CallRecord, FlashFacts, LineFacts, StreamFacts } from '../facts/facts.js'
import { holds, type Rule } from './rule.js'

export interface LineOfBox {
  readonly line: LineFacts
  readonly box: BoxFacts
}

/** Two seconds of packets: what has not come by then does not come, or not soon enough. */
const enoughPackets = 100
/** What a chip tells of itself and of the loop; each has a verdict of its own while it stands. */
const chipFaults = ['short', 'ground', 'power', 'thermal', 'chip-reset', 'link-lost', 'sound-lost'] as const
const lossPercent = 3
const jitterMs = 40

/** The call that stands, or else the last one that was answered, be it one of the box itself. */
const lastMedia = ({ line }: LineOfBox): StreamFacts | undefined =>
  line.media.find(({ sentPackets, receivedPackets }) => sentPackets + receivedPackets > 0) ??
  line.tested ??
  lastAnswered(line)?.media

const lastAnswered = ({ calls }: LineFacts): CallRecord | undefined =>
  calls.find(({ answeredMs, code }) => answeredMs !== undefined && !code)

const lasted = (call: CallRecord): number => (call.endedMs ?? 0) - (call.answeredMs ?? 0)

const both = ({ sentPackets, receivedPackets }: StreamFacts) => ({
  sent: sentPackets,
  received: receivedPackets,
})

const isAlarmed = ({ box, line }: LineOfBox, kind: string) =>
  box.alarms.find(alarm => alarm.active && alarm.kind === kind && alarm.line === line.line)

/** Nothing at all came, or what came has stopped for so long that it is an alarm. */
const heardNothing = (subject: LineOfBox) => {
  const media = lastMedia(subject)
  if (!media || media.sentPackets < enoughPackets || !expectsAudio(media).fromThere) return undefined
  const stopped = subject.line.media.includes(media) && isAlarmed(subject, 'one-way-audio') !== undefined
  return media.receivedPackets === 0 || stopped ? both(media) : undefined
}

export const callRules: readonly Rule<LineOfBox>[] = [
  { id: 'nothing-received', severity: 'fault', when: heardNothing },
  {
    id: 'nothing-sent',
    severity: 'fault',
    when: subject => {
      const media = lastMedia(subject)
      if (!media || media.sentPackets > 0 || !expectsAudio(media).fromHere) return undefined
      return media.receivedPackets >= enoughPackets ? both(media) : undefined
    },
  },
  {
    id: 'no-audio',
    severity: 'fault',
    when: ({ line }) => {
      const call = lastAnswered(line)
      const media = line.tested ?? call?.media
      if (!media || media.oneWay === 'inactive') return undefined
      const silent = media.sentPackets === 0 && media.receivedPackets === 0
      return silent && (line.tested !== undefined || (call && lasted(call) > 2000)) ? holds : undefined
    },
  },
  {
    id: 'media-gone',
    severity: 'warning',
    // What was heard since says more.
    when: subject => (isAlarmed(subject, 'media-lost') && !subject.line.tested ? holds : undefined),
  },
  {
    id: 'packets-lost',
    severity: 'warning',
    when: subject => {
      const media = lastMedia(subject)
      if (!media || media.receivedPackets < enoughPackets) return undefined
      const percent = (100 * media.lostPackets) / (media.receivedPackets + media.lostPackets)
      return percent > lossPercent ? { percent: Math.round(percent) } : undefined
    },
  },
  {
    id: 'jitter',
    severity: 'warning',
    when: subject => {
      const media = lastMedia(subject)
      return media && media.jitterMs > jitterMs ? { jitter: Math.round(media.jitterMs) } : undefined
    },
  },
  {
    id: 'audio-frames-lost',
    severity: 'warning',
    when: subject => {
      const alarm = isAlarmed(subject, 'pcm-xrun')
      return alarm && { detail: alarm.detail ?? '' }
    },
  },
  {
    id: 'hook-storm',
    severity: 'warning',
    when: subject => (isAlarmed(subject, 'hook-storm') ? holds : undefined),
  },
  {
    id: 'edges-lost',
    severity: 'warning',
    when: subject => (isAlarmed(subject, 'edge-loss') ? holds : undefined),
  },
  {
    id: 'fault-passed',
    severity: 'warning',
    when: subject => {
      const kinds = chipFaults.filter(kind => isAlarmed(subject, kind) && !subject.line.faults.includes(kind))
      return kinds.length > 0 ? { kinds: kinds.join(', ') } : undefined
    },
  },
  {
    id: 'code-refused',
    severity: 'warning',
    when: ({ line }) => {
      const [last] = line.codes
      return last?.outcome === 'refused' ? { code: last.code, status: last.status ?? '' } : undefined
    },
  },
]

const lengths = (flash: FlashFacts) => ({
  median: flash.medianMs ?? 0,
  least: flash.window[0],
  most: flash.window[1],
})

const shareOf = (part: number, { count }: FlashFacts): number => (count === 0 ? 0 : part / count)
const mostly = 0.5

/** What the measured presses of R say. Exactly one of these holds, whatever the facts. */
export const flashRules: readonly Rule<FlashFacts>[] = [
  {
    id: 'flash-short',
    severity: 'warning',
    when: flash => (shareOf(flash.tooShort, flash) >= mostly ? lengths(flash) : undefined),
  },
  {
    id: 'flash-long',
    severity: 'warning',
    when: flash =>
      shareOf(flash.tooLong, flash) >= mostly && shareOf(flash.tooShort, flash) < mostly
        ? lengths(flash)
        : undefined,
  },
  {
    id: 'flash-uneven',
    severity: 'warning',
    when: flash => {
      const { tooShort, tooLong, count, shortestMs, longestMs } = flash
      const outside = tooShort + tooLong
      if (outside === 0 || Math.max(shareOf(tooShort, flash), shareOf(tooLong, flash)) >= mostly)
        return undefined
      return { outside, count, shortest: shortestMs ?? 0, longest: longestMs ?? 0 }
    },
  },
  {
    id: 'flash-inside',
    severity: 'fine',
    when: flash =>
      flash.count > 0 && flash.tooShort + flash.tooLong === 0 ? { median: flash.medianMs ?? 0 } : undefined,
  },
  { id: 'flash-never', severity: 'fine', when: ({ count }) => (count === 0 ? holds : undefined) },
]
