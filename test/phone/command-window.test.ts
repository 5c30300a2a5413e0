// The command window after R: its expiry, keys without a meaning, R once more.

import t from 'tap'
import type { Telephone } from './telephone.js'
import {
  calling,
  conference,
  consulting,
  first,
  press,
  second,
  stands,
  told,
  two,
  waiting,
} from './two-calls.js'

t.test('no key in the command window: nothing is lost, and an empty consultation is over', async t => {
  for (const make of [consulting, () => consulting().dial('03'), () => calling().failed(486)]) {
    const phone = make().flash().expire('window')
    t.same(told(phone), ['resume out-1', 'talk out-1'])
    stands(t, phone, 'active', [first])
  }
  const kept: readonly (readonly [() => Telephone, string, readonly string[]])[] = [
    [waiting, 'active+waiting', [first]],
    [() => calling().progress(180), 'consult-ringing', []],
    [two, 'active+held', [second]],
    [conference, 'conference', [first, second]],
  ]
  for (const [make, situation, talk] of kept)
    for (const end of [
      (phone: Telephone) => phone.expire('window'),
      (phone: Telephone) => press(phone, '7'),
      (phone: Telephone) => press(phone, '4'),
      (phone: Telephone) => press(phone, '*'),
    ]) {
      const phone = end(make().flash())
      t.same(told(phone), talk.length > 0 ? [`talk ${talk}`] : [])
      stands(t, phone, situation, talk, 'error-beep')
      t.equal(phone.keys, 'relay but 01234', 'a command that comes too late is not for the far end')
    }
})

t.test('a key that is no command in an empty consultation: error, and what was heard before', async t => {
  const dialling = press(consulting().flash(), '7')
  stands(t, dialling, 'consult-dial', [], 'error')
  t.equal(dialling.dial('0389000003').called, second)
  stands(t, press(consulting().flash(), '3'), 'consult-dial', [], 'error')
  stands(t, press(calling().failed(486).flash(), '3'), 'consult-failed', [], 'busy')
  const failing = calling().flash().failed(404)
  stands(t, failing, 'consult-failed', [], 'recall-soft')
  stands(t, press(failing, '7'), 'consult-failed', [], 'sit')
})

t.test('R once more, or the first pulse of a rotary digit: the window begins anew', async t => {
  const phone = two().flash()
  for (const again of [() => phone.flash(), () => phone.on({ type: 'digit-begun' })])
    t.match(again().last, [{ type: 'start-timer', name: 'window', ms: 3_500 }])
  phone.dial('2', 'rotary')
  t.same(told(phone), ['hold out-2'])
  stands(t, two().flash().on({ type: 'digit-lost' }), 'active+held', [second], 'error-beep')
})

t.test('in the command window 1 is a command: for an emergency call one hangs up first', async t => {
  const phone = two().flash().dial('1')
  stands(t, phone, 'active', [first])
  phone.resumed(first).hangUp().lift().dial('15')
  t.match(phone.network.at(-1), { type: 'place', target: '15', emergency: true })
})
