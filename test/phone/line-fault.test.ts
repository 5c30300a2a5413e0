// A line that cannot be used, and one that works again.

import t from 'tap'
import { hungUp, idleAgain, talking } from './one-call.js'
import { Telephone } from './telephone.js'
import { conference, told, two, waiting } from './two-calls.js'

t.test('a line that cannot be used releases its calls, refuses others and gives no dial tone', async t => {
  const broken = { type: 'line-fault', on: true } as const
  const mended = { type: 'line-fault', on: false } as const
  const call = talking().on(broken)
  t.equal(hungUp(call), 1)
  t.match(call.heard, { line: 'parked', tone: null, keys: 'off', talk: 0 })
  t.same([...call.timers.keys()], [])
  t.match(call.incoming('in-1').last, [{ type: 'reject', status: 480 }])
  t.equal(call.on(mended).line, 'parked')
  t.equal(call.hangUp().lift().tone, 'dial')

  const rung = new Telephone().incoming('in-1').on(broken)
  t.match(rung.network.at(-1), { type: 'reject', call: 'in-1', status: 480 })
  idleAgain(t, rung)
  t.ok(rung.on(broken).lastIgnored)
  t.match(rung.lift().heard, { line: 'parked', tone: null })
  idleAgain(t, rung.hangUp())
  t.equal(rung.on(mended).lift().tone, 'dial')
})

t.test('when the line works again the port is told everything, for it may have been reset', async t => {
  const lifted = new Telephone().lift().on({ type: 'line-fault', on: true })
  t.match(lifted.on({ type: 'line-fault', on: false }).last, [
    { type: 'ring', cadence: null },
    { type: 'hook-context', context: 'talking' },
    { type: 'tone', tone: null },
    { type: 'keys', mode: 'off' },
    { type: 'line', state: 'parked' },
  ])
  const idle = new Telephone().on({ type: 'line-fault', on: true }).on({ type: 'line-fault', on: false })
  t.match(idle.last.at(-2), { type: 'line', state: 'idle' })
})

t.test('a broken line releases everybody, whoever is held or waits', async t => {
  const broken = { type: 'line-fault', on: true } as const
  t.same(told(waiting().on(broken)), ['hang-up out-1', 'reject in-1 480', 'talk '])
  t.same(told(two().on(broken)), ['hang-up out-2', 'hang-up out-1', 'talk '])
  t.same(told(conference().on(broken)), ['hang-up out-1', 'hang-up out-2', 'talk '])
  const recall = two().hangUp().on(broken)
  t.same(told(recall), ['hang-up out-1'])
  t.equal(recall.ring, null)
})
