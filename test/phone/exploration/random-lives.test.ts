// Random lives of a telephone with the French dial plan, beside the witness: a short slice of what `npm run explore` lives,
// quick enough to be lived again for every mutant.

import t from 'tap'
import { frenchConfigs } from './exploration-plan.js'
import { live } from './random-lives.js'

t.test('whatever happens to a telephone, every step keeps every invariant', async t => {
  let events = 0
  for (let seed = 1; seed <= 1_000; seed++) events += live(seed, frenchConfigs)
  t.ok(events > 12_000, `${events} events`)
})
