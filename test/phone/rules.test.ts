// The rules by themselves: asked where it cannot apply, none of them does anything, and what the network is still being
// asked stands in the state.

import t from 'tap'
import {
  dropLast,
  join,
  leftConference,
  resumeRefusedInConference,
  split,
} from '../../firmware/phone/conference.js'
import {
  backFromNowhere,
  consult,
  holdKnown,
  releaseHeld,
  resumeLast,
  returnToHeld,
} from '../../firmware/phone/consultation.js'
import { swap } from '../../firmware/phone/exchange.js'
import type { Move } from '../../firmware/phone/move.js'
import { situations } from '../../firmware/phone/situation.js'
import type { Calls, PhoneState } from '../../firmware/phone/state.js'
import { telephoneIn } from './telephone-in.js'
import { conference, consulting, first, press, second, two } from './two-calls.js'

type Rule = (state: PhoneState) => Move

const besideHeld = ['held', 'two'] as const

const rules: readonly (readonly [string, Rule, readonly Calls['kind'][]])[] = [
  ['consult', consult, ['one']],
  ['return to the held party', state => returnToHeld(state), besideHeld],
  ['resume the last', resumeLast, besideHeld],
  ['back from nowhere', backFromNowhere, besideHeld],
  ['release the held party', releaseHeld, besideHeld],
  ['the hold is known', holdKnown, besideHeld],
  ['swap', swap, ['two']],
  ['join', join, ['two']],
  ['split', split, ['conference']],
  ['drop the last', dropLast, ['conference']],
  ['one leaves', state => leftConference(state, 'first'), ['conference']],
]

t.test('a rule that is asked where it cannot apply does nothing', async t => {
  for (const situation of situations) {
    const { state } = telephoneIn[situation]()
    for (const [name, rule, kinds] of rules)
      if (!kinds.includes(state.calls.kind)) t.equal(rule(state), null, `${name}: ${situation}`)
  }
  t.equal(join(telephoneIn['consult-ringing']().state), null, 'nobody joins who has not answered')
})

t.test('the held party is released outside a command window too, and what is heard stays', async t => {
  const { state } = consulting().dial('03')
  t.same(releaseHeld(state)?.state.entry, state.entry)
})

t.test('who is being resumed is known until the network answers, and so is who came last', async t => {
  t.match(press(consulting().flash(), '1').state.calls, { leg: { id: first, resuming: 'asked' } })
  const joined = press(two().flash(), '3').state.calls
  t.match(joined, { first: { id: first, resuming: 'asked' }, last: { id: second, resuming: 'no' } })
  const { state } = conference()
  if (state.calls.kind !== 'conference') return t.fail('no conference')
  for (const [role, younger] of [
    ['first', 'active'],
    ['last', 'held'],
  ] as const)
    t.match(resumeRefusedInConference(state, role, state.calls)?.state.calls, { kind: 'two', younger })
})
