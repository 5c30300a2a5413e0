// Being called: ringing, answering, too late, busy. Titles that name a guide line restate its rule.

import t from 'tap'
import { called, hungUp, idleAgain, ringing, talking } from './one-call.js'
import { Telephone } from './telephone.js'

t.test('an idle telephone rings in the normal cadence and the caller hears it', async t => {
  const phone = new Telephone().incoming('in-1')
  t.same(phone.last, [
    { type: 'hook-context', context: 'ringing' },
    { type: 'ring', cadence: 'normal', show: 'in-1' },
    { type: 'alert', call: 'in-1' },
    { type: 'start-timer', name: 'ring-guard', ms: 180_000 },
  ])
  t.ok(phone.incoming('in-1').lastIgnored, 'told twice, it rings once')
})

t.test('lifting a ringing telephone answers; ringing stops before anything is heard', async t => {
  const phone = called()
  t.same(phone.last, [
    { type: 'ring', cadence: null },
    { type: 'hook-context', context: 'talking' },
    { type: 'line', state: 'active' },
    { type: 'keys', mode: 'relay' },
    { type: 'answer', call: 'in-1' },
    { type: 'talk', calls: ['in-1'] },
    { type: 'cancel-timer', name: 'ring-guard' },
  ])
  t.ok(phone.answered('in-1').lastIgnored)
  idleAgain(t, phone.hangUp())
  t.equal(hungUp(phone, 'in-1'), 1)
})

t.test('the caller gives up: silence at once, and the audio half may sleep again', async t => {
  for (const elsewhere of [false, true]) {
    const phone = new Telephone().incoming('in-1').on({ type: 'abandoned', call: 'in-1', elsewhere })
    idleAgain(t, phone)
    t.ok(phone.last.some(effect => effect.type === 'line' && effect.state === 'idle'))
    t.equal(phone.lift().tone, 'dial')
  }
})

t.test(
  'guide line 67: the telephone rings until the network stops it, or its own longer limit, then 480',
  async t => {
    const phone = new Telephone().incoming('in-1').expire('ring-guard')
    t.same(phone.network.at(-1), { type: 'reject', call: 'in-1', status: 480, q850: 19 })
    idleAgain(t, phone)
  },
)

t.test('a line in use refuses another call as busy and nothing else changes', async t => {
  const inUse: readonly (readonly [string, () => Telephone])[] = [
    ['ringing', () => new Telephone().incoming('in-1')],
    ['dial tone', () => new Telephone().lift()],
    ['dialling', () => new Telephone().lift().dial('03')],
    ['error tone', () => new Telephone().lift().dial('*#*')],
    ['ringing out', ringing],
    ['busy tone', () => talking().ended()],
    ['howler', () => talking().ended().expire('busy-tone')],
    ['parked', () => talking().ended().expire('busy-tone').expire('howler')],
    ['emergency', () => new Telephone().lift().dial('15')],
  ]
  for (const [name, make] of inUse) {
    const phone = make()
    const before = phone.state
    phone.incoming('in-9')
    t.same(phone.last, [{ type: 'reject', call: 'in-9', status: 486 }], name)
    t.equal(phone.state, before, name)
  }
})

t.test('lifted just before the call came: dial tone and busy; just after: answered', async t => {
  t.match(new Telephone().lift().incoming('in-1').network, [{ type: 'reject', status: 486 }])
  t.match(new Telephone().incoming('in-1').lift().network, [{ type: 'alert' }, { type: 'answer' }])
})
