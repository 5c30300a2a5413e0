// Every state the machine can reach, by breadth-first search to closure over canonical states: calls are named by
// their role instead of their number. Every transition is checked against the invariants.

import type { PhoneConfig } from '../../firmware/phone/config.js'
import type { PhoneEvent } from '../../firmware/phone/event.js'
import { type Situation, situationOf } from '../../firmware/phone/situation.js'
import { initialState, type PhoneState } from '../../firmware/phone/state.js'
import { checkedStep } from './invariants.js'
import { timerNames } from './phone-event.js'

export interface Explored {
  readonly states: number
  readonly transitions: number
  readonly situations: ReadonlyMap<Situation, number>
}

/** The same state with its calls named by role; the machine cannot tell the two apart. */
export const canonical = (state: PhoneState): PhoneState => {
  const named = { ...state, nextCall: 2, callBackOf: state.callBackOf === null ? null : 'out-0' }
  if (state.calls.kind === 'none') return named
  const { leg } = state.calls
  const id = leg.id.startsWith('out-') ? 'out-1' : 'in-1'
  return { ...named, calls: { kind: 'one', leg: { ...leg, id } } }
}

const caller = { number: '0389000002', withheld: false } as const

/** Every event worth telling apart; `keys` are those of the dial plan explored. */
export const everyEvent = (keys: string): readonly PhoneEvent[] => {
  const perCall = ['out-1', 'in-1', 'in-2'].flatMap((call): PhoneEvent[] => [
    { type: 'incoming', call, caller },
    { type: 'abandoned', call, elsewhere: false },
    { type: 'progress', call, status: 180 },
    { type: 'progress', call, status: 183 },
    { type: 'early-media', call },
    { type: 'answered', call },
    { type: 'failed', call, status: 486 },
    { type: 'failed', call, status: 404 },
    { type: 'failed', call, status: 503 },
    { type: 'ended', call },
    { type: 'media-lost', call },
  ])
  return [
    { type: 'off-hook' },
    { type: 'on-hook' },
    { type: 'flash', ms: 270 },
    ...[...keys].map((digit): PhoneEvent => ({ type: 'digit', digit, source: 'dtmf' })),
    { type: 'digit-begun' },
    { type: 'digit-lost' },
    { type: 'digit-end', digit: '1' },
    ...timerNames.map((name): PhoneEvent => ({ type: 'timer', name })),
    ...['error', 'sit', 'congestion', 'dial'].map((tone): PhoneEvent => ({ type: 'tone-end', tone })),
    { type: 'registration', registered: true },
    { type: 'registration', registered: false },
    ...perCall,
    { type: 'configured' },
    { type: 'line-fault', on: true },
    { type: 'line-fault', on: false },
  ]
}

/** Throws at the first transition that violates an invariant. */
export const explore = (config: PhoneConfig, events: readonly PhoneEvent[]): Explored => {
  const start = canonical(initialState)
  const known = new Set([JSON.stringify(start)])
  const situations = new Map<Situation, number>()
  const queue = [start]
  let transitions = 0
  for (const state of queue) {
    const situation = situationOf(state)
    situations.set(situation, (situations.get(situation) ?? 0) + 1)
    for (const event of events) {
      transitions++
      const after = checkedStep(state, event, config)
      if (after === state) continue
      const next = canonical(after)
      const key = JSON.stringify(next)
      if (known.has(key)) continue
      known.add(key)
      queue.push(next)
    }
  }
  return { states: queue.length, transitions, situations }
}
