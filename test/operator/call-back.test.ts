// The call back of 3104 where a subscriber has several telephones: all of them ring, one gets the call.

import t from 'tap'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { type FarParty, openFarParty } from '../support/far-party.js'
import { domain, operatorWorld, sip } from '../support/operator-world.js'
import { isHeard } from '../support/spoken-words.js'

t.setTimeout(120_000)

const number = '0389000001'

/** Two telephones of one subscriber; the second one has asked to be called back, and rings begin. */
const asked = async (prepare: (first: FarParty, second: FarParty) => void) => {
  const world = await operatorWorld()
  const { clock, network, wait, operator } = world
  const entropy = new SeededEntropy(5)
  const telephone = (address: string): Promise<FarParty> =>
    wait(
      openFarParty(
        { number, password: 'one', address },
        { network, clock, entropy },
        { endpoint: sip, domain },
      ),
    )
  const first = await telephone('127.0.0.31')
  const second = await telephone('127.0.0.32')
  const until = async (what: string, holds: () => boolean, within = 10_000): Promise<void> => {
    if (!(await clock.runUntil(holds, within))) throw new Error(`not within ${within} ms: ${what}`)
  }
  prepare(first, second)
  second.call('3104')
  await until('3104 answers', () => second.state === 'talking')
  second.hangUp()
  await until('both ring', () => first.state === 'ringing' && second.state === 'ringing')
  return { ...world, first, second, until, operator }
}
const never = (party: FarParty): void => {
  party.answersAfter = undefined
}

t.test('the one that answers is told it is its call, the other stops ringing', async t => {
  const { first, second, until, clock, operator } = await asked((first, second) => {
    first.answersAfter = 2000
    never(second)
  })
  const from = clock.now()
  await until('the first has it', () => first.state === 'talking')
  await until('the second is quiet', () => second.state === 'idle', 500)
  await until('it was said', () => first.state === 'idle')
  t.ok(isHeard(first.ear.heard(from), ['this-is-your-call']))
  t.equal(second.ear.heard(from).length, 0)
  t.equal(operator.serviceCalls, 0)
})

t.test('both answer at once: one has the call, the other is hung up on', async t => {
  const { first, second, until, network, operator } = await asked((first, second) => {
    first.answersAfter = 1000
    second.answersAfter = 1000
  })
  network.filter = data => (Buffer.from(data).toString('latin1', 0, 6) === 'CANCEL' ? 'drop' : 'pass')
  await until('one has it', () => [first, second].some(({ state }) => state === 'talking'))
  await until(
    'only one has it',
    () => [first, second].filter(({ state }) => state === 'talking').length === 1,
    1000,
  )
  await until('both are idle', () => first.state === 'idle' && second.state === 'idle')
  t.equal(operator.serviceCalls, 0)
})

t.test('one refuses: the other goes on ringing and may still answer', async t => {
  const { first, second, clock, until } = await asked((first, second) => {
    never(first)
    never(second)
  })
  second.reject(486)
  await clock.advance(5000)
  t.equal(first.state, 'ringing')
  first.answer()
  await until('it has the call', () => first.state === 'talking', 500)
})

t.test('a telephone that declines for all ends it, and so does half a minute', async t => {
  const declined = await asked((first, second) => {
    never(first)
    never(second)
  })
  declined.second.reject(603)
  await declined.until('the first is quiet too', () => declined.first.state === 'idle', 500)
  const { first, second, clock, until, operator } = await asked((first, second) => {
    never(first)
    never(second)
  })
  await clock.advance(29_000)
  t.equal(first.state, 'ringing')
  await until('given up', () => first.state === 'idle' && second.state === 'idle', 2000)
  await clock.advance(40_000)
  t.equal(operator.serviceCalls, 0)
  t.same(
    clock.pending().filter(({ name }) => name.startsWith('operator')),
    [],
  )
})
