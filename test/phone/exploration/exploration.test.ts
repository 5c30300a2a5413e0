// Every reachable state of a small dial plan keeps every invariant; every invariant can fail; states that the exploration
// takes for equal are equal. `npm run explore` does the same with the French dial plan and a million random lives.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { situations } from '../../../firmware/phone/situation.js'
import type { Reduce } from './checked-step.js'
import { type Closure, explore } from './closure.js'
import { checkEmergency } from './emergency.js'
import { checkPairs } from './equal-successors.js'
import { smallConfigs } from './exploration-plan.js'
import { ignoredTable } from './ignored-table.js'
import { checkIndications } from './indications.js'
import { live } from './random-lives.js'
import { seededFaults } from './seeded-faults.js'
import { checkSettling } from './settling.js'
import { type Invariant, invariants, Violation } from './violation.js'

const [config, other] = smallConfigs

/** A fault shows without these as well, in a twentieth of the time. */
const rare = /^number |^registration lost|^line |timer call-back/

const prove = (closure: Closure, reduce?: Reduce): Closure => {
  checkSettling(closure, reduce)
  checkEmergency(closure, reduce)
  return closure
}

const violated = (reduce: Reduce): Invariant | 'none' => {
  try {
    prove(explore(config, { reduce, leaveOut: rare }), reduce)
    for (let seed = 1; seed <= 2_000; seed++) live(seed, smallConfigs, { reduce })
    return 'none'
  } catch (error) {
    if (error instanceof Violation) return error.invariant
    throw error
  }
}

t.setTimeout(300_000)

let closure: Closure | undefined

t.test('every state of a small dial plan keeps every invariant, and every situation is reached', async t => {
  closure = prove(explore(config, { other }))
  t.comment(`${closure.places.size} states, ${closure.transitions} transitions`)
  t.same(
    situations.filter(name => !closure?.situations.has(name)),
    [],
  )
  const without = prove(explore(other, { other: config, leaveOut: rare }))
  t.comment(`without an account and call waiting ${without.places.size}, ${without.transitions}`)
})

t.test('what is ignored is what the reviewed table says, with a reason each', async t => {
  const reviewed = readFileSync('test/phone/exploration/ignored.md', 'utf8')
  const found = ignoredTable(closure?.outcomes ?? new Map(), reviewed)
  const rows = reviewed.split('\n').filter(line => line.startsWith('|'))
  t.same(found.split('\n'), rows)
  t.notOk(rows.some(row => row.includes('?')))
})

t.test('each invariant fails where a fault is put in', async t => {
  for (const { fault, caughtBy, reduce } of seededFaults) t.equal(violated(reduce), caughtBy, fault)
  const unused = Object.keys(invariants).filter(
    name => !seededFaults.some(({ caughtBy }) => caughtBy === name),
  )
  t.same(unused, [], 'there is a fault for each')
})

t.test('messages and forwards change the dial tone and the lamp, and nothing else', async t => {
  const all = closure
  if (!all) throw new Error('nothing explored')
  t.comment(`${checkIndications(all, 5)} steps compared`)
})

t.test('states of equal abstraction have equal successors', async t => {
  const same = closure
  if (!same) throw new Error('nothing explored')
  t.doesNotThrow(() => checkPairs(same, 3_000))
  const coarse = explore(config, { leaveOut: rare, classify: digits => `${digits.length}` })
  t.throws(() => checkPairs(coarse, 3_000), /unequal successors/, 'one that forgets too much is found out')
})
