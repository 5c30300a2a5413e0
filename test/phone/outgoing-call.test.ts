// A call placed, from its last digit to the answer, the refusal or nobody at all. Titles that name a guide line restate its rule.

import t from 'tap'
import { hungUp, placed, ringing, talking } from './one-call.js'
import { Telephone } from './telephone.js'

t.test(
  'guide lines 15-39: in the voicemail every key goes to the far end and none means anything here',
  async t => {
    const phone = new Telephone().lift().dial('123').answered().dial('1')
    t.equal(phone.keys, 'relay')
    for (const key of '1245*#0') {
      const before = phone.state
      phone.on({ type: 'digit', digit: key, source: 'dtmf' })
      t.ok(phone.lastIgnored, key)
      t.equal(phone.state, before)
    }
  },
)

t.test('the answer stops ringback and opens both directions', async t => {
  const phone = ringing().answered()
  t.match(phone.heard, { line: 'active', tone: null, talk: 1 })
  t.same(phone.talk, [phone.called])
  t.equal(phone.context, 'talking')
  t.notOk(phone.timers.has('no-answer'))
  t.ok(phone.answered().lastIgnored)
})

t.test('nobody answers for three minutes: given up, busy tone', async t => {
  const phone = ringing()
  t.equal(phone.timers.get('no-answer'), 180_000)
  phone.expire('no-answer')
  t.equal(hungUp(phone), 1)
  t.equal(phone.tone, 'busy')
})

t.test('each call placed has its own name', async t => {
  const phone = new Telephone().lift().dial('15').hangUp().lift().dial('0389000002')
  t.same(
    placed(phone).map(act => act.call),
    ['out-1', 'out-2'],
  )
})

t.test(
  'nothing heard from either side for a minute: the call is ended and the subscriber hears it',
  async t => {
    const phone = talking()
    phone.on({ type: 'media-lost', call: phone.called })
    t.equal(hungUp(phone), 1)
    t.equal(phone.tone, 'busy')
    t.ok(new Telephone().incoming('in-1').on({ type: 'media-lost', call: 'in-1' }).lastIgnored)
  },
)
