// What the last calls, keys and codes of a telephone say: audio one way only, packets lost, R too short, a code refused.

import type { FlashFacts } from '../facts/facts.js'
import { audioRules, isAlarmed, type LineOfBox } from './audio-rules.js'
import { holds, type Rule } from './rule.js'

/** What a chip tells of itself and of the loop; each has a verdict of its own while it stands. */
const chipFaults = ['short', 'ground', 'power', 'thermal', 'chip-reset', 'link-lost', 'sound-lost'] as const

export const callRules: readonly Rule<LineOfBox>[] = [
  ...audioRules,
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
