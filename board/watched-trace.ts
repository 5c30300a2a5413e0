// The trace ring, with each step shown as it is made to whoever watches, and steps in words for the console.

import type { TraceFacts } from '../firmware/console/console-box.js'
import type { PhoneEvent } from '../firmware/phone/event.js'
import { type Situation, situationOf } from '../firmware/phone/situation.js'
import type { TraceRing, TraceStep } from '../firmware/trace/trace-ring.js'

export interface WatchedTrace extends TraceRing {
  watch(watcher: (step: TraceStep) => void): () => void
}

export const watchTrace = (ring: TraceRing): WatchedTrace => {
  const watchers = new Set<(step: TraceStep) => void>()
  return {
    record: step => {
      ring.record(step)
      for (const watcher of watchers) watcher(step)
    },
    steps: () => ring.steps(),
    watch: watcher => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
  }
}

export const stepFacts = ({ us, line, before, event, after, effects }: TraceStep): TraceFacts => {
  const from = situationOf(before)
  return {
    us,
    line,
    event: eventText(event, from),
    from,
    to: situationOf(after),
    effects: effects.map(({ type }) => type).filter(type => type !== 'ignored'),
  }
}

const dialled: readonly Situation[] = ['dial-tone', 'dialling', 'consult-dial']

/** Keys pressed in a conversation may be a bank's code: they are told as "key" and no more. */
const eventText = (event: PhoneEvent, situation: Situation): string => {
  switch (event.type) {
    case 'digit':
    case 'digit-end':
      return `${event.type} ${dialled.includes(situation) ? event.digit : '(not shown)'}`
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
