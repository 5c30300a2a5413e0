// Call waiting on the machine alone, race by race. Titles that name guide lines restate their rule.

import t from 'tap'
import { config, Telephone } from './telephone.js'
import {
  calling,
  conference,
  consulting,
  first,
  press,
  second,
  stands,
  taken,
  talking,
  told,
  two,
  waiting,
} from './two-calls.js'

t.test('guide line 73: a beep tells of a second caller, and the call goes on', async t => {
  const phone = waiting()
  t.same(phone.last, [
    { type: 'tone', tone: 'waiting', show: 'in-1' },
    { type: 'alert', call: 'in-1', waiting: true },
    { type: 'start-timer', name: 'waiting', ms: 20_000 },
  ])
  stands(t, phone, 'active+waiting', [first], 'waiting')
  t.equal(phone.keys, 'relay')
  t.ok(phone.incoming('in-1').lastIgnored, 'told twice, it beeps once')
})

t.test('one further caller and only in a settled call between two: everybody else hears busy', async t => {
  const busy: readonly (readonly [string, () => Telephone])[] = [
    ['one waits already', waiting],
    ['the command window', () => waiting().flash()],
    ['a party on his way to be held', () => waiting().flash().dial('2')],
    ['recall dial tone', consulting],
    ['dialling a second call', () => consulting().dial('03')],
    ['a number that waits for a hold', () => talking().flash().dial('0389000003')],
    ['calling the second', calling],
    ['the second is busy', () => calling().failed(486)],
    ['two calls', two],
    ['conference', conference],
    ['a party held and nobody spoken to', () => two().ended(second)],
    ['a party just fetched back', () => press(calling().flash(), '1')],
    ['recall', () => two().hangUp()],
    [
      'call waiting switched off',
      () => new Telephone({ ...config, callWaiting: false }).incoming('in-0').lift(),
    ],
  ]
  for (const [name, make] of busy) {
    const phone = make()
    const before = phone.state
    t.same(told(phone.incoming('in-9')), ['reject in-9 486'], name)
    t.equal(phone.state, before, name)
  }
})

t.test('guide line 81: R 2 holds the first party, and only then takes the second', async t => {
  const phone = waiting().flash()
  stands(t, phone, 'active+waiting', [], 'recall-soft')
  t.same([phone.keys, phone.context], ['collect', 'window'])
  t.equal(phone.timers.get('window'), 3_500)
  press(phone, '2')
  t.same(told(phone), ['hold out-1'])
  stands(t, phone, 'active+waiting', [])
  t.equal(phone.keys, 'collect')
  t.notOk(phone.timers.has('waiting'), 'who is being taken is not sent away')
  phone.hold(first)
  t.same(told(phone), ['answer in-1', 'talk in-1'])
  stands(t, phone, 'active+held', ['in-1'])
  t.equal(phone.keys, 'relay')
  t.same([...phone.timers.keys()], [])
})

t.test('guide line 75: from then on R 2 changes places, either party waiting in turn', async t => {
  const phone = taken()
  for (const [from, to] of [
    ['in-1', first],
    [first, 'in-1'],
    ['in-1', first],
  ] as const) {
    press(phone.flash(), '2')
    t.same(told(phone), [`hold ${from}`])
    t.same(phone.talk, [])
    phone.hold(from)
    t.same(told(phone), [`resume ${to}`, `talk ${to}`])
    stands(t, phone, 'active+held', [to])
    phone.resumed(to)
  }
})

t.test('guide line 83: R 1 ends the call that stands and returns to the other', async t => {
  const phone = press(taken().flash(), '1')
  t.same(told(phone), ['hang-up in-1', 'resume out-1', 'talk out-1'])
  stands(t, phone, 'active', [first])
  const answering = press(waiting().flash(), '1')
  t.same(told(answering), ['hang-up out-1', 'answer in-1', 'talk in-1'])
  stands(t, answering, 'active', ['in-1'])
  t.same([...answering.timers.keys()], [])
})

t.test('R 0 refuses the caller who waits, as busy, and the call goes on', async t => {
  const phone = press(waiting().flash(), '0')
  t.same(told(phone), ['reject in-1 486', 'talk out-1'])
  stands(t, phone, 'active', [first])
  t.equal(phone.keys, 'relay')
  t.notOk(phone.timers.has('waiting'))
})

t.test('guide lines 85-87: nothing pressed, the caller is told after 20 s that nobody replies', async t => {
  const phone = waiting().expire('waiting')
  t.same(told(phone), ['reject in-1 480 19'])
  stands(t, phone, 'active', [first])
  const inWindow = waiting().flash().expire('waiting')
  t.same(told(inWindow), ['reject in-1 480 19', 'talk out-1'])
  stands(t, inWindow, 'active', [first], 'error-beep')
  t.ok(press(inWindow, '2').lastIgnored, 'the command that was for him means nothing')
})

t.test('the caller who waits gives up: the beep ends, nothing else changes', async t => {
  const phone = waiting().on({ type: 'abandoned', call: 'in-1', elsewhere: false })
  stands(t, phone, 'active', [first])
  t.same([...phone.timers.keys()], [])
})

t.test(
  'the caller gives up just before R and a key: no number of one digit, one beep, the party is back',
  async t => {
    const gone = { type: 'abandoned', call: 'in-1', elsewhere: false } as const
    const before = waiting().on(gone).flash()
    stands(t, before, 'consult-dial', [], 'recall')
    before.hold(first).dial('2').expire('inter-digit')
    t.same(told(before), ['resume out-1', 'talk out-1'])
    stands(t, before, 'active', [first], 'error-beep')
    const alone = waiting().on(gone).flash().hold(first).dial('2').ended(first).expire('inter-digit')
    t.same(told(alone), [], 'nor when the party has gone as well')
    stands(t, alone, 'dial-tone', [], 'error')
    const between = waiting().flash().on(gone)
    t.same(told(between), ['talk out-1'])
    stands(t, between, 'active', [first], 'error-beep')
    t.equal(between.keys, 'relay but 01234')
    t.ok(press(between, '2').lastIgnored)
    t.same(between.network.filter(act => act.type === 'place').length, 1)
    const after = waiting().flash().dial('2').on(gone)
    t.same(told(after), ['resume out-1', 'talk out-1'])
    stands(t, after, 'active', [first], 'error-beep')
    t.ok(after.hold(first, false).lastIgnored, 'the hold was overtaken by the resume')
  },
)

t.test('the first party hangs up while one waits: busy tone, and R takes him', async t => {
  for (const keys of ['', '1', '2', '0']) {
    const phone = waiting().ended(first)
    stands(t, phone, 'waiting-only', [], 'busy')
    t.ok(phone.timers.has('waiting'), 'he still waits no longer than 20 s')
    press(phone.flash(), '')
    t.same(told(phone), ['answer in-1', 'talk in-1'])
    if (keys) t.ok(press(phone, keys).lastIgnored, `R alone has done it, ${keys} means nothing`)
    stands(t, phone, 'active', ['in-1'])
    t.equal(phone.keys, 'relay but 01234')
    t.equal(phone.expire('window').keys, 'relay')
  }
  const late = waiting().ended(first).expire('waiting')
  t.same(told(late), ['reject in-1 480 19'])
  stands(t, late, 'failed', [], 'busy')
})

t.test('the first party hangs up in the command window: its keys keep their meaning', async t => {
  const open = () => waiting().flash().ended(first)
  stands(t, open(), 'active+waiting', [], 'recall-soft')
  for (const key of '12') t.same(told(press(open(), key)), ['answer in-1', 'talk in-1'], `R ${key}`)
  const refused = press(open(), '0')
  t.same(told(refused), ['reject in-1 486'])
  stands(t, refused, 'failed', [], 'busy')
  for (const over of [press(open(), '3'), open().expire('window')]) {
    stands(t, over, 'waiting-only', [], 'busy')
    t.ok(over.timers.has('waiting'))
  }
  const alone = open().on({ type: 'abandoned', call: 'in-1', elsewhere: false })
  stands(t, alone, 'failed', [], 'busy')
})

t.test('the first party hangs up while he is being held: the second is taken at once', async t => {
  const phone = waiting().flash().dial('2').ended(first)
  t.same(told(phone), ['answer in-1', 'talk in-1'])
  stands(t, phone, 'active', ['in-1'])
})

t.test(
  'the network will not hold the first party: he is spoken to again, the caller goes on waiting',
  async t => {
    const phone = waiting().flash().dial('2').hold(first, false)
    t.same(told(phone), ['talk out-1'])
    stands(t, phone, 'active+waiting', [first], 'error-beep')
    t.equal(phone.on({ type: 'tone-end', tone: 'error-beep' }).tone, 'waiting')
    t.ok(phone.timers.has('waiting'))
    const silent = waiting().flash().dial('2')
    t.equal(silent.timers.get('hold'), 10_000)
    silent.expire('hold')
    t.same(told(silent), ['resume out-1', 'talk out-1'])
    stands(t, silent, 'active+waiting', [first], 'error-beep')
  },
)

t.test('while two change places R and keys choose nothing', async t => {
  for (const phone of [waiting().flash().dial('2'), two().flash().dial('2')]) {
    t.ok(phone.flash().lastIgnored)
    t.ok(press(phone, '1').lastIgnored)
  }
})

t.test('hanging up on a caller who waits: he rings at once, like any other', async t => {
  for (const phone of [waiting(), waiting().flash(), waiting().flash().dial('2'), waiting().ended(first)]) {
    phone.hangUp()
    t.same(phone.heard, { line: 'idle', ring: 'normal', tone: null, keys: 'off', talk: 0 })
    t.same([...phone.timers], [['ring-guard', 180_000]])
    t.same(told(phone.lift()), ['answer in-1', 'talk in-1'])
    stands(t, phone, 'active', ['in-1'])
  }
})
