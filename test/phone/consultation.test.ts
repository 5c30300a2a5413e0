// Consultation: R and a number, R 1 back from wherever it has come to. Titles that name a guide line restate its rule.

import t from 'tap'
import { situationOf } from '../../firmware/phone/situation.js'
import { idleAgain, ringing } from './one-call.js'
import type { Telephone } from './telephone.js'
import { calling, consulting, first, press, second, stands, talking, told, two } from './two-calls.js'

t.test(
  'guide line 133: R holds the party and gives recall dial tone at once, the digits are a number',
  async t => {
    const phone = talking().flash()
    t.same(phone.last, [
      { type: 'hook-context', context: 'window' },
      { type: 'tone', tone: 'recall' },
      { type: 'keys', mode: 'collect' },
      { type: 'hold', call: first },
      { type: 'talk', calls: [] },
      { type: 'start-timer', name: 'first-digit', ms: 15_000 },
    ])
    press(phone, '0')
    stands(t, phone, 'consult-dial', [])
    phone.hold(first)
    press(phone, '389000003')
    t.match(phone.last.at(-4), { type: 'place', call: second, target: '0389000003', emergency: false })
    stands(t, phone, 'consult-ringing', [])
    t.equal(phone.keys, 'relay but #')
    t.equal(phone.progress(180, second).tone, 'ringback')
    phone.answered(second)
    stands(t, phone, 'active+held', [second])
  },
)

t.test('a number is placed when the party is held, or after 2 s; an emergency number at once', async t => {
  const dialled = () => talking().flash().dial('0389000003')
  const placed = (phone: Telephone) => phone.network.filter(act => act.type === 'place').length
  const phone = dialled()
  stands(t, phone, 'consult-dial', [])
  t.same([placed(phone), phone.timers.get('hold'), phone.keys], [1, 2_000, 'collect'])
  t.equal(placed(phone.hold(first)), 2)
  const slow = dialled().expire('hold')
  t.equal(placed(slow), 2)
  t.ok(slow.hold(first, false).lastIgnored === false, 'a refusal that late changes nothing that is heard')
  stands(t, slow, 'consult-ringing', [])
  t.equal(placed(dialled().ended(first)), 2, 'he has hung up meanwhile')
  const urgent = talking().flash().dial('18')
  t.match(urgent.network.at(-1), { type: 'place', target: '18', emergency: true, masked: false })
  const masking = talking().flash().dial('*93#')
  t.equal(masking.stores.length, 1, 'what is only stored waits for nobody')
})

t.test(
  'guide line 135: R 1 returns to the first party from wherever the second call has come to',
  async t => {
    const released = ['hang-up out-2', 'resume out-1', 'talk out-1']
    const kept = ['resume out-1', 'talk out-1']
    const stages: readonly (readonly [string, () => Telephone, readonly string[]])[] = [
      ['dial tone', consulting, kept],
      ['dial tone, not held yet', () => talking().flash(), kept],
      ['in mid-number', () => consulting().dial('0389'), kept],
      ['a number that waits', () => talking().flash().dial('0389000003'), kept],
      ['wrong number', () => consulting().dial('*#*'), kept],
      ['placed', calling, released],
      ['ringing', () => calling().progress(180), released],
      ['announcement', () => calling().earlyMedia(), released],
      ['busy', () => calling().failed(486), kept],
      ['no such number', () => calling().failed(404), kept],
      ['answered', two, released],
      ['a code of the network', () => consulting().dial('*21*0389000004'), released],
    ]
    for (const [name, make, acts] of stages) {
      const phone = make().flash()
      t.same(phone.talk, [], name)
      t.equal(phone.tone, 'recall-soft', name)
      t.same(told(press(phone, '1')), acts, name)
      stands(t, phone, 'active', [first])
      t.equal(phone.keys, 'relay')
      idleAgain(t, phone.resumed(first).hangUp())
    }
  },
)

t.test(
  'R 2 while the second call is not answered returns as well, and after the answer it changes places',
  async t => {
    for (const make of [consulting, calling, () => calling().failed(486)])
      stands(t, press(make().flash(), '2'), 'active', [first])
    const phone = press(two().flash(), '2')
    t.same(told(phone), ['hold out-2'])
    phone.hold(second)
    t.same(told(phone), ['resume out-1', 'talk out-1'])
  },
)

t.test('R 0 releases the held party and what goes on goes on', async t => {
  const stages: readonly (readonly [() => Telephone, string, readonly string[], string | null])[] = [
    [consulting, 'dial-tone', [], 'dial'],
    [() => consulting().dial('03'), 'dial-tone', [], 'dial'],
    [() => calling().progress(180), 'ringing-out', [], 'ringback'],
    [() => calling().failed(486), 'failed', [], 'busy'],
    [two, 'active', [second], null],
  ]
  for (const [make, situation, talk, tone] of stages) {
    const phone = press(make().flash(), '0')
    t.equal(told(phone)[0], 'hang-up out-1')
    stands(t, phone, situation, talk, tone)
  }
})

t.test('what becomes of the second call never touches the first', async t => {
  for (const [phone, tone] of [
    [calling().failed(486), 'busy'],
    [calling().failed(404), 'sit'],
    [calling().failed(503), 'congestion'],
    [calling().expire('no-answer'), 'busy'],
    [two().ended(second), 'busy'],
  ] as const) {
    t.equal(phone.tone, tone)
    t.same(phone.network.filter(act => 'call' in act && act.call === first).slice(1), [
      { type: 'hold', call: first },
    ])
    stands(
      t,
      phone,
      phone.state.calls.kind === 'held' && phone.state.calls.alone ? 'held-only' : 'consult-failed',
      [],
      tone,
    )
  }
})

t.test(
  'the hold is refused: what was dialled is forgotten, one beep, and the party was never away',
  async t => {
    for (const make of [
      () => talking().flash(),
      () => talking().flash().dial('0389'),
      () => talking().flash().dial('0389000003'),
      () => talking().flash().flash(),
    ]) {
      const phone = make().hold(first, false)
      t.same(told(phone), ['talk out-1'])
      stands(t, phone, 'active', [first], 'error-beep')
      t.equal(phone.keys, 'relay but 0123456789*#', 'the rest of the number is nothing to listen to')
      t.ok(press(phone, '8').lastIgnored)
      t.equal(phone.on({ type: 'tone-end', tone: 'error-beep' }).tone, null)
      t.equal(phone.expire('window').keys, 'relay')
    }
  },
)

t.test(
  'recall dial tone without a digit leads back, and a wrong number to recall dial tone again',
  async t => {
    const phone = consulting().expire('first-digit')
    t.same(told(phone), ['resume out-1', 'talk out-1'])
    stands(t, phone, 'active', [first], 'error-beep')
    const wrong = consulting().dial('*#*')
    stands(t, wrong, 'consult-dial', [], 'error')
    t.equal(wrong.on({ type: 'tone-end', tone: 'error' }).tone, 'recall')
    const pause = consulting().dial('0049').expire('inter-digit')
    stands(t, pause, 'consult-dial', [], 'error')
    t.equal(consulting().on({ type: 'registration', registered: false }).tone, 'congestion')
  },
)

t.test('in a consultation half a number is not sent: error tone, and recall dial tone again', async t => {
  for (const keys of ['03', '038900000', '11', '39', '*92*03']) {
    const phone = consulting().dial(keys).expire('inter-digit')
    t.same(told(phone), [], keys)
    stands(t, phone, 'consult-dial', [], 'error')
    t.equal(phone.on({ type: 'tone-end', tone: 'error' }).tone, 'recall')
    t.equal(phone.dial('0389000003').called, second)
  }
  t.equal(consulting().dial('03#').called, second, 'unless it is said to be whole')
  for (const keys of ['45', '00498912345'])
    t.equal(consulting().dial(keys).expire('inter-digit').called, second, keys)
  const forward = consulting().dial('*21*03').expire('inter-digit')
  t.match(forward.network.at(-1), { type: 'place', target: '*21*03#' })
})

t.test('R while the first call still rings out means nothing', async t => {
  for (const phone of [ringing(), ringing().earlyMedia()]) {
    t.ok(phone.flash().lastIgnored)
    t.equal(situationOf(phone.state), 'ringing-out')
  }
})
