// What the network says of holding and resuming, at the time and too late, and who is left when a held party goes: on the
// machine alone.

import t from 'tap'
import { situationOf } from '../../firmware/phone/situation.js'
import { Telephone } from './telephone.js'
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

/** R 2 with two calls, the hold granted, the resume not answered yet. */
const swapped = () => press(two().flash(), '2').hold(second)
/** A telephone that emergency services may call back, in a call. */
const afterEmergency = () => new Telephone().lift().dial('112').failed(503).hangUp().lift()

t.test('while a resume is not answered the call is not settled: a further caller hears busy', async t => {
  const back = press(calling().flash(), '1')
  t.same(told(back.incoming('in-9')), ['reject in-9 486'])
  t.same(told(back.resumed(first).incoming('in-9')), ['alert in-9'])
  const fetched = waiting().flash().dial('2').expire('hold')
  fetched.on({ type: 'abandoned', call: 'in-1', elsewhere: false })
  t.same(told(fetched.incoming('in-9')), ['reject in-9 486'])
  const undone = fetched.resumed(first).hold(first)
  t.same(told(undone.incoming('in-9')), ['reject in-9 486'], 'one that undoes a late hold, too')
})

t.test('an answer that nobody waits for means nothing', async t => {
  for (const make of [
    talking,
    two,
    conference,
    swapped,
    () => calling().earlyMedia(),
    consulting,
    () => two().ended(second),
  ])
    for (const call of [first, second])
      for (const ok of [true, false]) {
        const phone = make()
        const settled = make === swapped && call === first
        if (!settled) t.ok(phone.resumed(call, ok).lastIgnored, `resumed ${call} ${ok}`)
        t.ok(make().hold(call, false).lastIgnored, `not held ${call}`)
      }
  for (const phone of [consulting(), two(), taken(), swapped()])
    t.ok(
      phone.hold(situationOf(phone.state) === 'consult-dial' ? first : held(phone)).lastIgnored,
      'held already',
    )
})

const held = ({ state }: Telephone) => (state.calls.kind === 'two' ? state.calls.held.id : 'nobody')

t.test(
  'a late hold is undone wherever the party is spoken to, but no emergency call is asked anything',
  async t => {
    t.same(told(talking().hold(first)), ['resume out-1'])
    for (const call of [first, second]) {
      const phone = conference().hold(call)
      t.same(told(phone), [`resume ${call}`])
      stands(t, phone, 'conference', [first, second])
      t.ok(phone.hold(call).lastIgnored, 'it is being undone')
      t.same(told(phone.resumed(call).hold(call)), [`resume ${call}`])
    }
    t.ok(new Telephone().lift().dial('112').answered().hold(first).lastIgnored)
    t.ok(new Telephone().lift().dial('112').hold(first).lastIgnored)
  },
)

t.test('either party of a conference may be the one who cannot be resumed', async t => {
  const joined = press(two().flash(), '3').resumed(first, false)
  t.equal(joined.keys, 'relay but 01234')
  t.same(told(press(joined.flash(), '3')), ['resume out-1', 'talk out-1,out-2'])
  t.same(
    told(press(joined.resumed(first).flash(), '1')),
    ['hang-up out-2', 'talk out-1'],
    'who came last still did',
  )
  const both = press(swapped().flash(), '3')
  t.same(told(both), ['resume out-2', 'talk out-1,out-2'])
  both.resumed(first)
  both.resumed(second, false)
  stands(t, both, 'active+held', [first], 'error-beep')
  t.ok(both.hold(second).lastIgnored, 'he was held all the time')
  press(both.flash(), '3').resumed(second)
  t.same(told(press(both.flash(), '1')), ['hang-up out-2', 'talk out-1'])
})

t.test('after the second refusal there is a beep again, and the keys still choose', async t => {
  const phone = swapped().resumed(first, false)
  phone.on({ type: 'tone-end', tone: 'error-beep' }).resumed(second, false)
  t.equal(phone.tone, 'error-beep')
  t.ok(phone.resumed(second, false).lastIgnored)
  t.same(told(press(phone.flash(), '2')), ['hold out-2'])
  t.same(told(phone.hold(second)), ['resume out-1', 'talk out-1'])
})

t.test('who came second is known however often they change places', async t => {
  for (const times of [1, 2, 3]) {
    const phone = two()
    for (let i = 0; i < times; i++) {
      const from = phone.talk[0] as string
      press(phone.flash(), '2')
        .hold(from)
        .resumed(from === first ? second : first)
    }
    press(phone.flash(), '3').resumed(first).resumed(second)
    t.same(told(press(phone.flash(), '0')), ['hang-up out-2', 'talk out-1'], `${times} times`)
  }
})

t.test('the hold is refused after the telephone was hung up: the recall goes on', async t => {
  const phone = talking().flash().hangUp().hold(first, false)
  t.equal(phone.ring, 'recall')
  t.equal(situationOf(phone.state), 'recall-ringing')
  t.same(told(phone.lift()), ['resume out-1', 'talk out-1'])
})

t.test('which keys are swallowed when somebody leaves', async t => {
  const keysAfter: readonly (readonly [string, () => Telephone, string])[] = [
    ['a command was on its way to three', () => conference().flash().ended(second), 'relay but 01234'],
    ['no command was', () => conference().ended(first), 'relay'],
    ['a command was on its way to two', () => two().flash().ended(first), 'relay but 01234'],
    ['none was', () => two().ended(first), 'relay'],
    ['the "#" after a number', () => consulting().dial('0389000003').ended(first), 'relay but #'],
    ['while they changed places', () => press(two().flash(), '2').ended(first), 'relay but 01234'],
  ]
  for (const [name, make, keys] of keysAfter) t.equal(make().keys, keys, name)
})

t.test('R twice over a second call that failed: still the same failure beneath it', async t => {
  stands(t, press(calling().failed(404).flash().flash(), '0'), 'failed', [], 'sit')
  stands(t, press(calling().failed(404).flash().flash(), '6'), 'consult-failed', [], 'sit')
})

t.test(
  'a call-back from emergency services does not disturb dialling, and is heard over all else',
  async t => {
    const refused: readonly (readonly [string, () => Telephone])[] = [
      ['dial tone', afterEmergency],
      ['error tone', () => afterEmergency().dial('*#*')],
      ['a setting being stored', () => afterEmergency().dial('*93#')],
      ['confirmation tone', () => afterEmergency().dial('*93#').stored()],
      ['a code of the network', () => afterEmergency().dial('#21#')],
      ['recall dial tone', () => afterEmergency().dial('0389000002').answered().flash().hold('out-2')],
      ['R over it', () => afterEmergency().dial('0389000002').answered().flash().hold('out-2').flash()],
      [
        'R over a code',
        () => afterEmergency().dial('0389000002').answered().flash().hold('out-2').dial('#21#').flash(),
      ],
      [
        'a number that waits for a hold',
        () => afterEmergency().dial('0389000002').answered().flash().dial('0389000003'),
      ],
    ]
    for (const [name, make] of refused) t.same(told(make().incoming('in-9')), ['reject in-9 486'], name)
    const heard = () =>
      afterEmergency().dial('0389000002').answered().flash().hold('out-2').dial('0389000003').failed(486)
    const phone = heard().incoming('in-9')
    t.equal(phone.tone, 'waiting')
    phone.hangUp().ended('out-2')
    t.equal(phone.ring, 'normal', 'the held party gives up while it rings above the recall')
    t.same([...phone.timers.keys()].sort(), ['call-back', 'ring-guard'])
    t.same(told(phone.lift()), ['answer in-9', 'talk in-9'])
    const both = heard().incoming('in-9').hangUp().expire('recall-ring')
    t.same(told(both), ['hang-up out-2'])
    t.equal(both.ring, 'normal')
    const window = heard().flash().incoming('in-9')
    t.same(told(window), ['reject in-9 486'])
  },
)

t.test('a call-back waits behind two calls without being a call of theirs', async t => {
  const phone = afterEmergency()
    .dial('0389000002')
    .answered()
    .flash()
    .hold('out-2')
    .dial('0389000003')
    .answered()
  phone.incoming('in-9')
  press(phone.flash(), '2')
  t.same(told(phone), ['hold out-3'])
  phone.on({ type: 'abandoned', call: 'in-9', elsewhere: false })
  t.same(told(phone), [], 'the change of places goes on without him')
  t.same(told(phone.hold('out-3')), ['resume out-2', 'talk out-2'])
  phone.resumed('out-2').incoming('in-8').flash().on({ type: 'abandoned', call: 'in-8', elsewhere: false })
  t.equal(phone.tone, 'recall-soft', 'and so does the command window')
})
