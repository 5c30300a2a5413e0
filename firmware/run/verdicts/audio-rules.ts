// What the audio of the last call says: one way only, packets lost or late; and that it is in order.

import { expectsAudio } from '../facts/audio-way.js'
import type { BoxFacts, CallRecord, LineFacts, StreamFacts } from '../facts/facts.js'
import { holds, type Rule } from './rule.js'

export interface LineOfBox {
  readonly line: LineFacts
  readonly box: BoxFacts
}

/** Two seconds of packets: what has not come by then does not come, or not soon enough. */
const enoughPackets = 100
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

/** The alarm of this line that is active. */
export const isAlarmed = ({ box, line }: LineOfBox, kind: string) =>
  box.alarms.find(alarm => alarm.active && alarm.kind === kind && alarm.line === line.line)

/** Nothing at all came, or what came has stopped for so long that it is an alarm. */
const heardNothing = (subject: LineOfBox) => {
  const media = lastMedia(subject)
  if (!media || media.sentPackets < enoughPackets || !expectsAudio(media).fromThere) return undefined
  const stopped = subject.line.media.includes(media) && isAlarmed(subject, 'one-way-audio') !== undefined
  return media.receivedPackets === 0 || stopped ? both(media) : undefined
}

export const audioRules: readonly Rule<LineOfBox>[] = [
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
]

/** Where none of the rules above finds a fault: exactly one of these holds. */
export const audioConclusions: readonly Rule<LineOfBox>[] = [
  {
    id: 'audio-good',
    severity: 'fine',
    when: subject => {
      const media = lastMedia(subject)
      return media && lastsEnough(media) ? both(media) : undefined
    },
  },
  {
    id: 'audio-unknown',
    severity: 'fine',
    when: subject => {
      const media = lastMedia(subject)
      return media && lastsEnough(media) ? undefined : holds
    },
  },
]

/** Each way that was agreed on has had enough to be judged; where none was, nothing was to come. */
const lastsEnough = (media: StreamFacts): boolean => {
  const { fromHere, fromThere } = expectsAudio(media)
  return (
    (!fromHere || media.sentPackets >= enoughPackets) &&
    (!fromThere || media.receivedPackets >= enoughPackets)
  )
}
