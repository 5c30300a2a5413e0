// The conference of three: joined, parted, left. Titles that name a guide line restate its rule.

import t from 'tap'
import { idleAgain } from './one-call.js'
import { calling, conference, first, press, second, stands, taken, told, two } from './two-calls.js'

t.test('guide line 134: R 3 joins both parties once the second has answered', async t => {
  const phone = press(two().flash(), '3')
  t.same(told(phone), ['resume out-1', 'talk out-1,out-2'])
  stands(t, phone, 'conference', [first, second])
  t.equal(phone.keys, 'relay')
  t.ok(phone.resumed(first).lastIgnored === false)
  const byWaiting = press(taken().flash(), '3')
  stands(t, byWaiting, 'conference', [first, 'in-1'])
  stands(t, press(calling().flash(), '3'), 'consult-ringing', [], 'error-beep')
})

t.test('in a conference R 2 holds who came last, R 1 and R 0 release him', async t => {
  const split = press(conference().flash(), '2')
  t.same(told(split), ['hold out-2', 'talk out-1'])
  stands(t, split, 'active+held', [first])
  stands(t, press(split.hold(second).flash(), '3'), 'conference', [first, second])
  for (const key of '10') {
    const phone = press(conference().flash(), key)
    t.same(told(phone), ['hang-up out-2', 'talk out-1'])
    stands(t, phone, 'active', [first])
  }
})

t.test('who came last is who came last, however often they have changed places', async t => {
  const phone = two()
  press(phone.flash(), '2').hold(second).resumed(first)
  stands(t, phone, 'active+held', [first])
  press(phone.flash(), '3').resumed(second)
  stands(t, phone, 'conference', [first, second])
  t.same(told(press(phone.flash(), '1')), ['hang-up out-2', 'talk out-1'])
})

t.test('one leaves the conference: the other two have a plain call', async t => {
  for (const [leaves, stays] of [
    [first, second],
    [second, first],
  ] as const) {
    const phone = conference().ended(leaves)
    stands(t, phone, 'active', [stays], 'error-beep')
    t.equal(phone.keys, 'relay')
    const late = press(conference().flash().ended(leaves), '1')
    t.ok(late.lastIgnored, 'a command for three means nothing between two')
    stands(t, late, 'active', [stays], 'error-beep')
    t.same(told(conference().on({ type: 'media-lost', call: leaves })), [
      `hang-up ${leaves}`,
      `talk ${stays}`,
    ])
  }
})

t.test('hanging up on a conference releases both', async t => {
  for (const phone of [conference(), conference().flash()]) {
    phone.hangUp()
    t.same(told(phone).slice(0, 2), ['hang-up out-1', 'hang-up out-2'])
    t.same(phone.talk, [])
    idleAgain(t, phone)
  }
})
