// Every state the machine can reach, by breadth-first search to closure over canonical states (canonical.ts), under
// every configuration given: one may become another at any moment. Each transition is checked as it is made.

import type { PhoneConfig } from '../../../firmware/phone/config.js'
import { type Situation, situationOf } from '../../../firmware/phone/situation.js'
import { type Canonical, canonicalOf } from './canonical.js'
import { atStart, checkedStep, type Reduce, type Watched } from './checked-step.js'
import { type Classifier, digitClassifier } from './digit-class.js'
import { eventsAt, type NamedEvent } from './telephone-events.js'
import { plainKey } from './witness.js'

export interface Place extends Watched {
  /** Index of the configuration in force. */
  readonly config: number
}

export interface Closure {
  readonly configs: readonly PhoneConfig[]
  readonly canonical: Canonical
  /** One concrete state for each canonical one, in the order found. */
  readonly places: ReadonlyMap<string, Place>
  readonly transitions: number
  readonly situations: ReadonlyMap<Situation, number>
  /** Of each situation and event: whether it was ever ignored, and whether it ever did something. */
  readonly outcomes: ReadonlyMap<string, Outcome>
}

export interface Outcome {
  readonly situation: Situation
  readonly event: string
  ignored: boolean
  heeded: boolean
}

export const keyOf = (canonical: Canonical, { state, seen, config }: Place): string =>
  canonical(config, plainKey(seen), state, seen.calls, seen.talk, seen.store)

/**
 * All configurations must share one dial plan. `classify`: of the keys pressed so far, instead of their dial-plan class.
 * Throws the first Violation.
 */
export const explore = (configs: readonly PhoneConfig[], reduce?: Reduce, classify?: Classifier): Closure => {
  const [first] = configs
  if (!first) throw new Error('nothing to explore')
  const canonical = canonicalOf(classify ?? digitClassifier(first.plan))
  const start: Place = { ...atStart, config: 0 }
  const places = new Map([[keyOf(canonical, start), start]])
  const situations = new Map<Situation, number>()
  const outcomes = new Map<string, Outcome>()
  let transitions = 0
  // A Map is walked in the order of insertion, so that it is its own queue.
  for (const place of places.values()) {
    const situation = situationOf(place.state)
    situations.set(situation, (situations.get(situation) ?? 0) + 1)
    for (const named of eventsAt(place.seen, place.state.callBackOf))
      for (const config of configsAfter(named, place.config, configs)) {
        transitions++
        const after = checkedStep(place, named.event, configs[config] ?? first, reduce)
        if (named.event.type !== 'configured') tell(outcomes, situation, named.name, after === place)
        if (after === place && config === place.config) continue
        const next = { state: after.state, seen: after.seen, config }
        const key = keyOf(canonical, next)
        if (!places.has(key)) places.set(key, next)
      }
  }
  return { configs, canonical, places, transitions, situations, outcomes }
}

const configsAfter = (
  { event }: NamedEvent,
  now: number,
  configs: readonly PhoneConfig[],
): readonly number[] => (event.type === 'configured' ? configs.map((_, i) => i) : [now])

const tell = (
  outcomes: Map<string, Outcome>,
  situation: Situation,
  event: string,
  wasIgnored: boolean,
): void => {
  const key = `${situation}|${event}`
  let outcome = outcomes.get(key)
  if (!outcome) outcomes.set(key, (outcome = { situation, event, ignored: false, heeded: false }))
  if (wasIgnored) outcome.ignored = true
  else outcome.heeded = true
}
