// `npm run explore`: every state the feature machine can reach, and every invariant over every transition.
// Exit 1 and the offending step when one does not hold.

import { everyEvent, explore } from '../test/phone/exploration.js'
import { explorationConfig, explorationKeys } from '../test/phone/exploration-plan.js'
import { invariants } from '../test/phone/invariants.js'

for (const hasAccount of [true, false]) {
  const { states, transitions, situations } = explore(
    explorationConfig(5, hasAccount),
    everyEvent(explorationKeys),
  )
  console.log(`${hasAccount ? 'with' : 'without'} an account: ${states} states, ${transitions} transitions`)
  for (const [situation, count] of situations) console.log(`  ${situation}: ${count}`)
}
console.log('on every transition:')
for (const invariant of invariants) console.log(`  ${invariant}`)
