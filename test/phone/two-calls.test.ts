// Consultation, conference, and what rings when somebody hangs up on a party who is held, on the machine alone. Titles
// that name guide lines restate their rule.

import t from 'tap'
import { situationOf } from '../../firmware/phone/situation.js'
import { Telephone } from './telephone.js'
import {
  calling,
  conference,
  consulting,
  first,
  idleAgain,
  press,
  ringing,
  second,
  stands,
  taken,
  talking,
  told,
  two,
  waiting,
} from './two-calls.js'

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

t.test('R while the first call still rings out means nothing', async t => {
  for (const phone of [ringing(), ringing().earlyMedia()]) {
    t.ok(phone.flash().lastIgnored)
    t.equal(situationOf(phone.state), 'ringing-out')
  }
})

t.test('hanging up on a held party: he recalls for a minute, and lifting returns to him', async t => {
  const stages: readonly (readonly [() => Telephone, readonly string[]])[] = [
    [consulting, []],
    [() => consulting().dial('03'), []],
    [calling, ['hang-up out-2']],
    [two, ['hang-up out-2']],
    [() => press(two().flash(), '2'), ['hang-up out-2']],
    [() => calling().failed(486), []],
    [() => two().ended(second), []],
  ]
  for (const [make, released] of stages) {
    const phone = make().hangUp()
    t.same(
      told(phone).filter(act => !act.startsWith('talk')),
      released,
    )
    t.same(phone.heard, { line: 'idle', ring: 'recall', tone: null, keys: 'off', talk: 0 })
    t.equal(situationOf(phone.state), 'recall-ringing')
    const ring = phone.last.find(effect => effect.type === 'ring')
    t.match(ring, { show: first }, 'its display names who is held')
    t.equal(phone.context, 'ringing')
    t.same([...phone.timers], [['recall-ring', 60_000]])
    const unanswered = make().hangUp().expire('recall-ring')
    t.same(told(unanswered), ['hang-up out-1'])
    idleAgain(t, unanswered)
    idleAgain(t, make().hangUp().ended(first))
    t.same(told(phone.lift()), ['resume out-1', 'talk out-1'])
    stands(t, phone, 'active', [first])
    idleAgain(t, phone.hangUp())
  }
})

t.test(
  'a hang-up that begins within half a second of R was one that bounced: everybody is released',
  async t => {
    for (const make of [
      () => talking().flash(),
      () => consulting(),
      () => two().flash(),
      () => calling().flash(),
    ]) {
      idleAgain(t, make().hangUp(500))
      t.equal(make().hangUp(501).ring, 'recall')
      t.equal(make().hangUp().ring, 'recall')
    }
    t.equal(consulting().dial('0').hangUp(300).ring, 'recall', 'a key was pressed between')
    t.equal(two().hangUp(300).ring, 'recall')
    const waits = waiting().flash().hangUp(200)
    t.equal(waits.ring, 'normal', 'who waits was not hung up on')
  },
)

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

t.test('in the command window 1 is a command: for an emergency call one hangs up first', async t => {
  const phone = two().flash().dial('1')
  stands(t, phone, 'active', [first])
  phone.resumed(first).hangUp().lift().dial('15')
  t.match(phone.network.at(-1), { type: 'place', target: '15', emergency: true })
})

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

t.test('a broken line releases everybody, whoever is held or waits', async t => {
  const broken = { type: 'line-fault', on: true } as const
  t.same(told(waiting().on(broken)), ['hang-up out-1', 'reject in-1 480', 'talk '])
  t.same(told(two().on(broken)), ['hang-up out-2', 'hang-up out-1', 'talk '])
  t.same(told(conference().on(broken)), ['hang-up out-1', 'hang-up out-2', 'talk '])
  const recall = two().hangUp().on(broken)
  t.same(told(recall), ['hang-up out-1'])
  t.equal(recall.ring, null)
})
