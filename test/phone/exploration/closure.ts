// Every state the machine can reach, by breadth-first search to closure over canonical states (canonical.ts). Each
// transition is checked as it is made; so is the change to another configuration, from every state.

import type { PhoneConfig } from '../../../firmware/phone/config.js'
import { type Situation, situationOf } from '../../../firmware/phone/situation.js'
import { type Canonical, canonicalOf } from './canonical.js'
import { atStart, checkedStep, type Reduce, type Watched } from './checked-step.js'
import { type Classifier, digitClassifier } from './digit-class.js'
import { eventsAt } from './telephone-events.js'
import { flagsOf } from './witness.js'

export interface Closure {
  readonly config: PhoneConfig
  readonly canonical: Canonical
  /** One concrete state for each canonical one, in the order found. */
  readonly places: ReadonlyMap<string, Watched>
  readonly transitions: number
  readonly situations: ReadonlyMap<Situation, number>
  /** Of each situation and event: whether it was ever ignored, and whether it ever did something. */
  readonly outcomes: Outcomes
}

export type Outcomes = ReadonlyMap<Situation, ReadonlyMap<string, Outcome>>

export interface Outcome {
  ignored: boolean
  heeded: boolean
}

/** What else was seen (tone, timers, who is spoken with) is what the state says: every step that led here was held to it. */
export const keyOf = (canonical: Canonical, { state, seen }: Watched): string =>
  canonical(flagsOf(seen), state, seen.calls, seen.store)

export interface ExploreOptions {
  /** What the configuration may become at any moment; the dial plan stays. */
  readonly other?: PhoneConfig
  readonly reduce?: Reduce
  /** Of the keys pressed so far, instead of their dial-plan class. */
  readonly classify?: Classifier
  /** Events that never happen, by name: for an exploration that must be quick. */
  readonly leaveOut?: RegExp
}

/** Throws the first Violation. */
export const explore = (config: PhoneConfig, options: ExploreOptions = {}): Closure => {
  const { other = config, reduce, classify = digitClassifier(config.plan), leaveOut } = options
  const canonical = canonicalOf(classify)
  const places = new Map([[keyOf(canonical, atStart), atStart]])
  const situations = new Map<Situation, number>()
  const outcomes = new Map<Situation, Map<string, Outcome>>()
  let transitions = 0
  // A Map is walked in the order of insertion, so that it is its own queue.
  for (const place of places.values()) {
    const situation = situationOf(place.state)
    situations.set(situation, (situations.get(situation) ?? 0) + 1)
    const row = outcomes.get(situation) ?? new Map<string, Outcome>()
    outcomes.set(situation, row)
    for (const { name, event } of eventsAt(place.seen, place.state.callBackOf)) {
      if (leaveOut?.test(name)) continue
      transitions++
      const after = checkedStep(place, event, config, reduce)
      tell(row, name, after === place)
      if (after === place) continue
      const key = keyOf(canonical, after)
      if (!places.has(key)) places.set(key, after)
    }
    checkedStep(
      checkedStep(place, { type: 'configured' }, other, reduce),
      { type: 'configured' },
      config,
      reduce,
    )
  }
  return { config, canonical, places, transitions, situations, outcomes }
}

const tell = (row: Map<string, Outcome>, event: string, wasIgnored: boolean): void => {
  let outcome = row.get(event)
  if (!outcome) row.set(event, (outcome = { ignored: false, heeded: false }))
  if (wasIgnored) outcome.ignored = true
  else outcome.heeded = true
}
