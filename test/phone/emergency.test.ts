// Emergency numbers, the call to them and their call-back.

import t from 'tap'
import { situationOf } from '../../firmware/phone/situation.js'
import { hungUp, idleAgain, placed } from './one-call.js'
import { config, Telephone } from './telephone.js'
import { consulting, second, stands, told } from './two-calls.js'

t.test(
  'emergency numbers leave at their last digit, unmasked, from wherever digits are collected',
  async t => {
    for (const number of config.plan.emergency) {
      for (const [name, phone] of [
        ['dial tone', new Telephone().lift()],
        ['not registered', new Telephone(config, false).lift()],
        ['no account', new Telephone({ ...config, hasAccount: false }, false).lift()],
        ['after a wrong number', new Telephone().lift().dial('*#*')],
        ['masked', new Telephone().lift().dial('*92*')],
      ] as const) {
        phone.dial(number)
        const call = { type: 'place', call: 'out-1', target: number, masked: false, emergency: true }
        t.same(placed(phone), [call], `${number} ${name}`)
      }
    }
    t.match(placed(new Telephone().lift().dial('*21*112')), [{ target: '*21*112#', emergency: false }])
  },
)

t.test(
  'while an emergency call stands R is off, nobody else gets through and it is never given up',
  async t => {
    const phone = new Telephone().lift().dial('112')
    t.equal(phone.context, 'emergency')
    t.notOk(phone.timers.has('no-answer'))
    for (const act of [() => phone.progress(180), () => phone.answered()]) {
      act()
      t.ok(phone.flash().lastIgnored)
      t.equal(phone.context, 'emergency')
      t.equal(situationOf(phone.state), 'emergency')
      t.match(phone.incoming('in-9').last, [{ type: 'reject', status: 486 }])
    }
    phone.hangUp()
    t.equal(hungUp(phone), 1)
    t.equal(phone.context, 'collecting')
  },
)

t.test('for half an hour after an emergency call its call-back gets through, even off the hook', async t => {
  const phone = new Telephone().lift().dial('112').answered().ended()
  t.equal(phone.timers.get('call-back'), 30 * 60_000)
  phone.incoming('in-1')
  t.match(phone.heard, { line: 'active', ring: null, tone: 'waiting', talk: 0 })
  t.equal(situationOf(phone.state), 'waiting-only')
  t.match(phone.network.at(-1), { type: 'alert', call: 'in-1' })
  phone.hangUp()
  t.match(phone.heard, { line: 'idle', ring: 'normal', tone: null })
  phone.lift()
  t.same(phone.talk, ['in-1'])
  phone.hangUp().expire('call-back')
  idleAgain(t, phone)

  const byR = new Telephone().lift().dial('112').failed(503)
  byR.expire('busy-tone').expire('howler').incoming('in-1').flash()
  t.match(byR.heard, { line: 'active', tone: null, keys: 'relay but 01234', talk: 1 })
  const given = new Telephone().lift().dial('112').failed(503).incoming('in-1')
  given.on({ type: 'abandoned', call: 'in-1', elsewhere: false })
  t.equal(given.tone, 'congestion', 'what was heard before')
  const over = new Telephone().lift().dial('112').answered().ended().expire('call-back')
  t.match(over.incoming('in-1').last, [{ type: 'reject', status: 486 }])
})

t.test(
  'an emergency number leaves a consultation at once, and the held party is still there after it',
  async t => {
    const phone = consulting().dial('112')
    t.match(phone.network.at(-1), {
      type: 'place',
      call: second,
      target: '112',
      emergency: true,
      masked: false,
    })
    stands(t, phone, 'emergency', [])
    t.equal(phone.context, 'emergency')
    for (const act of [() => phone.flash(), () => phone.answered(second).flash()]) t.ok(act().lastIgnored)
    t.same(told(phone.incoming('in-9')), ['reject in-9 486'])
    t.equal(phone.hangUp().ring, 'recall')
    t.equal(phone.timers.get('call-back'), 30 * 60_000)
    phone.incoming('in-1')
    t.same(told(phone), ['alert in-1'])
    t.equal(phone.ring, 'normal', 'the call-back rings above the recall')
    t.match(
      phone.last.find(effect => effect.type === 'ring'),
      { show: 'in-1' },
    )
    const gone = { type: 'abandoned', call: 'in-1', elsewhere: false } as const
    t.equal(phone.on(gone).ring, 'recall')
    phone.incoming('in-1').lift()
    stands(t, phone, 'active+held', ['in-1'])
  },
)

t.test(
  'for half an hour after an emergency call a further caller gets through whatever the telephone does',
  async t => {
    const after = (make: (phone: Telephone) => Telephone) =>
      make(new Telephone().lift().dial('112').failed(503).hangUp().lift())
    const call = (phone: Telephone) => phone.dial('0389000002')
    for (const make of [
      (phone: Telephone) => call(phone),
      (phone: Telephone) => call(phone).answered().flash().hold('out-2').dial('0389000003').answered(),
      (phone: Telephone) =>
        call(phone).answered().flash().hold('out-2').dial('0389000003').answered().flash().dial('3'),
    ]) {
      const phone = after(make).incoming('in-1')
      t.same(told(phone), ['alert in-1'])
      t.equal(phone.tone, 'waiting')
      t.ok(phone.timers.has('ring-guard'), 'emergency services are not sent on after 20 s')
      phone.hangUp()
      t.equal(phone.ring, 'normal')
    }
    const dialling = after(phone => phone.dial('03')).incoming('in-1')
    t.same(told(dialling), ['reject in-1 486'], 'who dials is left to dial')
  },
)
