// What is said of the audio of a call: nothing against a way that was agreed on, and nothing old once a call was good.

import fc from 'fast-check'
import t from 'tap'
import { wider } from '../../firmware/run/facts/audio-way.js'
import { openThreeParties, sine, type ThreeParties } from '../support/three-parties.js'

t.setTimeout(60_000)

const inHouse = async (body: (parties: ThreeParties) => Promise<void>): Promise<void> => {
  const parties = await openThreeParties()
  try {
    await body(parties)
  } finally {
    await parties.close()
  }
}

const verdicts = async ({ house }: ThreeParties): Promise<readonly string[]> =>
  (await house.ask(house.diagnosis.verdicts('tel1'))).map(({ id }) => id)

const hangUp = async ({ house, tel }: ThreeParties): Promise<void> => {
  await tel.act({ do: 'onhook' })
  await house.advance(2000)
}

t.test('an announcement only to be heard, and a far end that only listens: no fault', async t => {
  for (const way of ['sendonly', 'recvonly', 'inactive'] as const)
    await inHouse(async parties => {
      const { house, a, dial } = parties
      a.onlyWay = way
      a.ear.says = sine(800, -16)
      await dial(a)
      await house.advance(15_000)
      t.equal(a.direction, way)
      t.same(await verdicts(parties), ['line-in-use'], way)
      await hangUp(parties)
      t.same(await verdicts(parties), ['line-ready'], `${way}, after it`)
      const [call] = (await house.ask(house.diagnosis.facts('tel1'))).lines[0]?.calls ?? []
      const seen = { sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' } as const
      t.match(call?.media, { oneWay: seen[way] })
      t.equal((call?.media?.receivedPackets ?? 0) > 100, way === 'sendonly')
      const test = await house.ask(house.diagnosis.testCall('tel1', a.number))
      t.match(test, { verdicts: [{ id: 'call-good' }] }, `${way}, a call of the box`)
    })
})

t.test(
  'a far end that is to be heard and is not stays a fault, also when it holds the call meanwhile',
  async t => {
    await inHouse(async parties => {
      const { house, a, dial } = parties
      await dial(a)
      a.ear.to = undefined
      await house.advance(4000)
      t.same(await verdicts(parties), ['nothing-received'])
      void a.offer('recvonly')
      await house.advance(4000)
      t.equal(a.direction, 'recvonly')
      t.same(await verdicts(parties), ['nothing-received'])
      await hangUp(parties)
      t.same(await verdicts(parties), ['nothing-received'])
    })
  },
)

t.test('a good call of the box takes back what the last call said, and a bad one says it anew', async t => {
  await inHouse(async parties => {
    const { house, tel, a, dial } = parties
    const silent = { match: { what: 'rtp', direction: 'out' }, fault: { type: 'drop' } } as const
    const call = async () => {
      await tel.act({ do: 'offhook' })
      await house.until('dial tone', () => tel.tone === 'dial')
      await tel.act({ do: 'dtmf', digits: '3100' })
      await house.until('it is answered', () => parties.situation() === 'active')
      await house.advance(4000)
      await hangUp(parties)
    }
    const test = () => house.ask(house.diagnosis.testCall('tel1', '3100'))
    house.operator?.faults.add(silent)
    await call()
    t.same(await verdicts(parties), ['nothing-received'])
    house.operator?.faults.clear()
    t.match(await test(), { verdicts: [{ id: 'call-good' }] })
    t.same(await verdicts(parties), ['line-ready'])
    house.operator?.faults.add(silent)
    t.match(await test(), { verdicts: [{ id: 'call-silent' }] })
    t.same(await verdicts(parties), ['nothing-received'])
    house.operator?.faults.clear()
    await dial(a)
    a.ear.says = sine(800, -16)
    await house.advance(4000)
    await hangUp(parties)
    t.same(
      await verdicts(parties),
      ['line-ready'],
      'a call of the telephone says more than the test before it',
    )
  })
})

t.test('what was agreed on over a call: each way counts that once was open, in any order', async () => {
  const ways = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const
  const sends = (way: string) => /^send/.test(way)
  const receives = (way: string) => /recv/.test(way)
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...ways), { minLength: 1, maxLength: 6 }), all => {
      const whole = all.reduce(wider, undefined as Parameters<typeof wider>[0])
      return whole !== undefined && sends(whole) === all.some(sends) && receives(whole) === all.some(receives)
    }),
  )
})
