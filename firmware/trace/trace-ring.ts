// The last steps of the feature machine of every telephone, oldest first. A step keeps the states by reference
// (they are immutable), so that recording costs one object and the oldest step kept can still be replayed.

import type { PhoneConfig } from '../phone/config.js'
import type { PhoneEffect } from '../phone/effect.js'
import type { PhoneEvent } from '../phone/event.js'
import type { PhoneState } from '../phone/state.js'

export interface TraceStep {
  /** When the event was handled, on the box's monotonic clock. */
  readonly us: number
  readonly line: string
  readonly before: PhoneState
  readonly event: PhoneEvent
  readonly after: PhoneState
  readonly effects: readonly PhoneEffect[]
  /** The configuration the step was made with; compared by identity when written. */
  readonly config: PhoneConfig
}

export interface TraceRing {
  record(step: TraceStep): void
  /** A copy, oldest first. */
  steps(): readonly TraceStep[]
}

/** `capacity`: steps kept, >= 1. */
export const createTraceRing = (capacity = 2000): TraceRing => {
  const kept: TraceStep[] = []
  let next = 0
  return {
    record: step => {
      kept[next] = step
      next = (next + 1) % capacity
    },
    steps: () => (kept.length < capacity ? kept.slice() : [...kept.slice(next), ...kept.slice(0, next)]),
  }
}
