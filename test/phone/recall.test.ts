// Hanging up on a party who is held: the telephone rings for him.

import t from 'tap'
import { situationOf } from '../../firmware/phone/situation.js'
import { idleAgain } from './one-call.js'
import type { Telephone } from './telephone.js'
import {
  calling,
  consulting,
  first,
  press,
  second,
  stands,
  talking,
  told,
  two,
  waiting,
} from './two-calls.js'

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
