// No sequence of events, however unlikely, breaks the machine; and every state it can reach has been visited.

import fc from 'fast-check'
import t from 'tap'
import { situations } from '../../firmware/phone/situation.js'
import { initialState, type PhoneState } from '../../firmware/phone/state.js'
import { everyEvent, explore } from './exploration.js'
import { explorationConfig, explorationKeys } from './exploration-plan.js'
import { checkedStep } from './invariants.js'
import { phoneEvent } from './phone-event.js'
import { config, Telephone } from './telephone.js'

t.test('the invariants hold over 100,000 and more random events', async t => {
  let events = 0
  const holds = fc.property(
    fc.array(phoneEvent, { minLength: 20, maxLength: 400, size: 'max' }),
    fc.boolean(),
    fc.boolean(),
    (sequence, hasAccount, howlerTone) => {
      let settings = { ...config, hasAccount, howlerTone }
      let state: PhoneState = initialState
      for (const event of sequence) {
        const former = settings
        if (event.type === 'configured')
          settings = { ...former, hasAccount: former.howlerTone, howlerTone: !former.hasAccount }
        state = checkedStep(state, event, settings, former)
      }
      events += sequence.length
    },
  )
  t.doesNotThrow(() => fc.assert(holds, { numRuns: 600 }))
  t.ok(events >= 100_000, `${events} events`)
})

t.test('whatever happened before, hanging up and dialling 112 places an emergency call', async t => {
  const always = fc.property(
    fc.array(phoneEvent, { maxLength: 80 }),
    fc.boolean(),
    (sequence, hasAccount) => {
      const phone = new Telephone({ ...config, hasAccount }, false)
      for (const event of sequence) {
        // Only timers that run can fire.
        if (event.type === 'timer' && !phone.timers.has(event.name)) continue
        phone.on(event)
      }
      phone.on({ type: 'line-fault', on: false }).hangUp()
      // A call-back rings now: answer it and hang up.
      phone.lift().hangUp().lift().dial('112')
      const call = phone.network.at(-1)
      return call?.type === 'place' && call.target === '112' && call.emergency && !call.masked
    },
  )
  t.doesNotThrow(() => fc.assert(always, { numRuns: 1_000 }))
})

t.test('every reachable state of a small dial plan keeps the invariants', async t => {
  for (const hasAccount of [true, false]) {
    const found = explore(explorationConfig(3, hasAccount), everyEvent(explorationKeys))
    t.comment(`${found.states} states, ${found.transitions} transitions`)
    const missing = situations.filter(name => !found.situations.has(name))
    t.same(missing, hasAccount ? [] : ['ringing-out'], 'every situation is reached')
    t.ok(found.transitions === found.states * everyEvent(explorationKeys).length)
  }
})
