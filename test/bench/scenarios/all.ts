// Every scenario, in the order in which they are played: the telephone alone first.

import { callScenarios } from './call-scenarios.js'
import { latencyScenarios } from './latency-scenarios.js'
import { lineScenarios } from './line-scenarios.js'
import { rKeyScenarios } from './r-key-scenarios.js'
import { ringingScenarios } from './ringing-scenarios.js'
import type { Scenario } from './scenario.js'

export const scenarios: readonly Scenario[] = [
  ...lineScenarios,
  ...callScenarios,
  ...ringingScenarios,
  ...rKeyScenarios,
  ...latencyScenarios,
]

/** Those of these names, in their order; all without any. Throws RangeError for a name that is none. */
export const scenariosNamed = (names: readonly string[]): readonly Scenario[] => {
  const unknown = names.find(name => !scenarios.some(scenario => scenario.name === name))
  if (unknown !== undefined)
    throw new RangeError(
      `there is no scenario "${unknown}", only ${scenarios.map(({ name }) => name).join(', ')}`,
    )
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name))
}
