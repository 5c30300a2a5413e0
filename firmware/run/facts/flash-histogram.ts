// How long one telephone breaks the loop when R is pressed: the raw edges, measured whether or not they made an R, so that a
// telephone whose key is too short or too long can be told from one that nobody presses. Bounce is joined as in
// firmware/line; breaks while digits are collected may be rotary pulses and count only where they are longer than one.

import type { HookContext, HookTimings } from '../../line/hook-event.js'
import type { FlashFacts } from './facts.js'

export interface FlashHistogram {
  edge(offHook: boolean, us: number): void
  /** The level after a loss of edges: lengths that span it are not known. */
  resync(offHook: boolean): void
  setContext(context: HookContext): void
  setTimings(timings: HookTimings): void
  /** `us`: now. */
  facts(us: number): FlashFacts
}

const binMs = 10
/** Longer breaks are people who hang up and lift again. */
const longestMs = 1200
const bins = longestMs / binMs
const keptExactly = 64

export const createFlashHistogram = (first: HookTimings): FlashHistogram => {
  const counts = new Uint32Array(bins + 1)
  const latest = new Float64Array(keptExactly)
  let timings = first
  let context: HookContext = 'collecting'
  let count = 0
  let tooShort = 0
  let tooLong = 0
  let lastMs: number | undefined
  /** Of the bounce group that is not over, and of the break that is. */
  let level = false
  let before = false
  let groupFirst = Number.NaN
  let groupLast = Number.NaN
  let opened = Number.NaN
  let openedIn: HookContext = 'collecting'

  const isPress = (ms: number): boolean => {
    if (ms > longestMs || openedIn === 'emergency' || openedIn === 'ringing') return false
    return openedIn !== 'collecting' || ms > (timings.pulse ? timings.pulseBreakMs[1] : 0)
  }

  const record = (ms: number): void => {
    if (!isPress(ms)) return
    latest[count % keptExactly] = ms
    counts[Math.min(bins, Math.floor(ms / binMs))]!++
    count++
    lastMs = ms
    if (ms < timings.flashMs[0]) tooShort++
    else if (ms > timings.flashMs[1]) tooLong++
  }

  /** The group that ended means a change of level, or nothing but bounce. */
  const settle = (at: number): void => {
    if (Number.isNaN(groupFirst) || at - groupLast <= timings.bounceMs * 1000) return
    if (before && !level) {
      opened = groupFirst
    } else if (!before && level && !Number.isNaN(opened)) {
      record((groupLast - opened) / 1000)
      opened = Number.NaN
    }
    groupFirst = Number.NaN
  }

  return {
    edge: (offHook, us) => {
      settle(us)
      if (offHook === level) return
      if (Number.isNaN(groupFirst)) {
        groupFirst = us
        before = level
        if (level) openedIn = context
      }
      level = offHook
      groupLast = us
    },
    resync: offHook => {
      level = offHook
      opened = Number.NaN
      groupFirst = Number.NaN
    },
    setContext: next => {
      context = next
    },
    setTimings: next => {
      timings = next
    },
    facts: us => {
      settle(us)
      const kept = [...latest.subarray(0, Math.min(count, keptExactly))].sort((a, b) => a - b)
      const median = kept[Math.floor(kept.length / 2)]
      return {
        window: timings.flashMs,
        count,
        tooShort,
        tooLong,
        ...(median !== undefined && {
          shortestMs: Math.round(kept[0] as number),
          medianMs: Math.round(median),
          longestMs: Math.round(kept[kept.length - 1] as number),
        }),
        ...(lastMs !== undefined && { lastMs: Math.round(lastMs) }),
        bins: [...counts].flatMap((n, i) => (n > 0 ? [{ fromMs: i * binMs, count: n }] : [])),
      }
    },
  }
}
