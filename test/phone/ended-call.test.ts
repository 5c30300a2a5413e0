// The end of a call and of patience: busy tone, howler, parked, and hanging up from wherever one is.

import t from 'tap'
import { called, hungUp, idleAgain, ringing, talking } from './one-call.js'
import { config, Telephone } from './telephone.js'

t.test(
  'dial tone without a digit: busy tone, howler, parked; hanging up makes it usable at once',
  async t => {
    const stages: readonly [(phone: Telephone) => unknown, object][] = [
      [() => {}, { line: 'active', tone: 'dial', keys: 'collect' }],
      [phone => phone.expire('first-digit'), { line: 'active', tone: 'busy', keys: 'off' }],
      [phone => phone.expire('busy-tone'), { line: 'active', tone: 'howler', keys: 'off' }],
      [phone => phone.expire('howler'), { line: 'parked', tone: null, keys: 'off' }],
    ]
    const phone = new Telephone().lift()
    for (const [act, heard] of stages) {
      act(phone)
      t.match(phone.heard, heard)
      const other = new Telephone().lift()
      for (const [before] of stages.slice(0, stages.findIndex(([a]) => a === act) + 1)) before(other)
      idleAgain(t, other.hangUp())
      t.equal(other.lift().tone, 'dial')
    }
    t.equal(phone.timers.size, 0)
    const quiet = new Telephone({ ...config, howlerTone: false }).lift()
    quiet.expire('first-digit').expire('busy-tone')
    t.match(quiet.heard, { line: 'active', tone: null }, 'a profile without a howler is silent')
    t.equal(quiet.expire('howler').line, 'parked')
  },
)

t.test('the other side hangs up: busy tone until the telephone is hung up', async t => {
  for (const phone of [talking().ended(), called().ended('in-1')]) {
    t.match(phone.heard, { line: 'active', tone: 'busy', keys: 'off', talk: 0 })
    t.equal(phone.network.filter(act => act.type === 'hang-up').length, 0)
    idleAgain(t, phone.hangUp())
  }
})

t.test('hanging up at any instant releases the call, and an answer under way changes nothing', async t => {
  const instants = [
    new Telephone().lift().dial('0389000002'),
    new Telephone().lift().dial('0389000002').earlyMedia(),
    ringing(),
    talking(),
    new Telephone().lift().dial('112').answered(),
  ]
  for (const phone of instants) {
    phone.hangUp()
    t.equal(hungUp(phone), 1)
    phone.timers.delete('call-back')
    idleAgain(t, phone)
    const before = phone.state
    for (const late of [
      { type: 'answered', call: phone.called },
      { type: 'progress', call: phone.called, status: 180 },
      { type: 'early-media', call: phone.called },
      { type: 'failed', call: phone.called, status: 487 },
      { type: 'ended', call: phone.called },
    ] as const) {
      t.ok(phone.on(late).lastIgnored, late.type)
      t.equal(phone.state, before)
    }
  }
})
