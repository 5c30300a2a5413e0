// What becomes of a party who is held: resumed, refused, left alone with the subscriber, gone.

import t from 'tap'
import type { Telephone } from './telephone.js'
import { calling, consulting, first, press, second, stands, told, two, waiting } from './two-calls.js'

t.test('a party who cannot be resumed stays held, and the one before is spoken to', async t => {
  const swapped = () => press(two().flash(), '2').hold(second)
  const back = swapped().resumed(first, false)
  t.same(told(back), ['resume out-2', 'talk out-2'])
  stands(t, back, 'active+held', [second], 'error-beep')
  back.resumed(second, false)
  t.same(told(back), [], 'two parties that cannot be resumed are not asked for ever')
  stands(t, back, 'active+held', [second], 'error-beep')
  const joined = press(two().flash(), '3').resumed(first, false)
  t.same(told(joined), ['talk out-2'])
  stands(t, joined, 'active+held', [second], 'error-beep')
  const alone = press(calling().flash(), '1').resumed(first, false)
  t.same(told(alone), ['talk '])
  stands(t, alone, 'held-only', [], 'congestion')
  t.same(told(alone.flash()), ['resume out-1', 'talk out-1'], 'R asks again')
})

t.test('a resume that a new hold has overtaken is no refusal', async t => {
  const phone = press(two().flash(), '2').hold(second)
  press(phone.flash(), '2').resumed(first, false)
  t.same(phone.talk, [])
  phone.hold(first)
  t.same(told(phone), ['resume out-2', 'talk out-2'])
})

t.test('a hold that comes true after it was given up is undone', async t => {
  const phone = waiting().flash().dial('2').expire('hold').resumed(first)
  phone.hold(first)
  t.same(told(phone), ['resume out-1'])
  stands(t, phone, 'active+waiting', [first], 'error-beep')
  t.ok(waiting().flash().dial('2').expire('hold').hold(first).lastIgnored, 'a resume is under way already')
})

t.test(
  'only a held party is left: busy tone, R returns at once and a digit after it means nothing',
  async t => {
    for (const key of '01234') {
      const phone = two().ended(second)
      stands(t, phone, 'held-only', [], 'busy')
      t.same(told(phone.flash()), ['resume out-1', 'talk out-1'])
      t.equal(phone.keys, 'relay but 01234')
      t.ok(press(phone, key).lastIgnored)
      stands(t, phone, 'active', [first])
      t.equal(press(phone, '5').keys, 'relay', 'another key is for the party')
    }
    const late = two().ended(second).expire('busy-tone').expire('howler').flash()
    stands(t, late, 'active', [first])
  },
)

t.test(
  'the party spoken to hangs up as R and a key are pressed: the other is there, whatever the key',
  async t => {
    for (const key of '0123') {
      const phone = two().flash().ended(second)
      t.same(told(phone), ['resume out-1', 'talk out-1'])
      t.ok(press(phone, key).lastIgnored)
      stands(t, phone, 'active', [first])
    }
    const swapping = press(two().flash(), '2').ended(second)
    t.same(told(swapping), ['resume out-1', 'talk out-1'])
  },
)

t.test('the held party hangs up: one beep, and everything else goes on', async t => {
  const stages: readonly (readonly [() => Telephone, string, readonly string[], string | null])[] = [
    [two, 'active', [second], 'error-beep'],
    [() => two().flash(), 'active', [second], 'error-beep'],
    [() => calling().earlyMedia(), 'ringing-out', [second], 'error-beep'],
    [consulting, 'dial-tone', [], 'dial'],
    [() => consulting().dial('03'), 'dialling', [], null],
    [() => consulting().flash(), 'dial-tone', [], 'dial'],
    [() => calling().failed(486), 'failed', [], 'busy'],
    [() => two().ended(second), 'failed', [], 'busy'],
  ]
  for (const [make, situation, talk, tone] of stages) {
    const phone = make().ended(first)
    stands(t, phone, situation, talk, tone)
    t.notOk(phone.last.some(effect => effect.type === 'hang-up'))
  }
  const swapping = press(two().flash(), '2').ended(first)
  t.same(told(swapping), ['resume out-2', 'talk out-2'])
  t.ok(two().on({ type: 'media-lost', call: first }).lastIgnored, 'he is silent because he is held')
})
