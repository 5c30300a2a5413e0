// The trace ring, with each step shown as it is made to whoever watches, and steps in words for the console.

import type { TraceFacts } from '../firmware/console/console-box.js'
import type { Log } from '../firmware/log.js'
import type { PhoneEvent } from '../firmware/phone/event.js'
import { situationOf } from '../firmware/phone/situation.js'
import type { PhoneState } from '../firmware/phone/state.js'
import type { TraceRing, TraceStep } from '../firmware/trace/trace-ring.js'
import { createWatchers } from '../firmware/watchers.js'
import { shownKey, shownKeyEnd } from './shown-keys.js'

export interface WatchedTrace extends TraceRing {
  watch(watcher: (step: TraceStep) => void): () => void
}

export const watchTrace = (ring: TraceRing, log: Log): WatchedTrace => {
  const watchers = createWatchers<[step: TraceStep]>('trace', log)
  return {
    record: step => {
      ring.record(step)
      watchers.tell(step)
    },
    steps: () => ring.steps(),
    watch: watchers.add,
  }
}

export const stepFacts = ({ us, line, before, event, after, effects }: TraceStep): TraceFacts => {
  const from = situationOf(before)
  return {
    us,
    line,
    event: eventText(event, before),
    from,
    to: situationOf(after),
    effects: effects.map(({ type }) => type).filter(type => type !== 'ignored'),
  }
}

const eventText = (event: PhoneEvent, before: PhoneState): string => {
  switch (event.type) {
    case 'digit':
      return `digit ${shownKey(event.digit, before)}`
    case 'digit-end':
      return `digit-end ${shownKeyEnd(event.digit, before)}`
    case 'flash':
      return `R ${event.ms} ms`
    case 'timer':
      return `timer ${event.name}`
    case 'progress':
    case 'failed':
      return `${event.type} ${event.status}`
    case 'held':
    case 'resumed':
    case 'stored':
      return `${event.type} ${event.ok ? 'yes' : 'no'}`
    case 'registration':
      return event.registered ? 'registered' : 'not registered'
    case 'line-fault':
      return event.on ? 'line fault' : 'line in order'
    default:
      return event.type
  }
}

const ofTheLine = new Set([
  'off-hook',
  'on-hook',
  'flash',
  'digit',
  'digit-begun',
  'digit-lost',
  'line-fault',
])

/** What of a step the line itself did or was told: hook, keys, ringing; undefined: nothing. */
export const lineText = (step: TraceStep): string | undefined => {
  const { event } = stepFacts(step)
  const told = step.effects.flatMap(effect => {
    if (effect.type === 'ring') return [effect.cadence === null ? 'ringing off' : `ringing ${effect.cadence}`]
    if (effect.type === 'line') return [`line ${effect.state}`]
    if (effect.type === 'tone') return [effect.tone === null ? 'silence' : `tone ${effect.tone}`]
    return []
  })
  const parts = ofTheLine.has(step.event.type) ? [event, ...told] : told
  return parts.length === 0 ? undefined : parts.join(', ')
}
