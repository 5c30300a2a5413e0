// Messages and forwards at the telephone: its dial tone, and when its lamp is lit or put out.

import t from 'tap'
import type { PhoneEvent } from '../../firmware/phone/event.js'
import { config, Telephone } from './telephone.js'

const waiting: PhoneEvent = { type: 'messages', waiting: true, count: 2 }
const none: PhoneEvent = { type: 'messages', waiting: false, count: 0 }
const forwarded: PhoneEvent = { type: 'forwarding', active: true }

const lit = { type: 'show-messages', waiting: true, count: 2 }
const dark = { type: 'show-messages', waiting: false, count: 0 }

const toneOnLifting = (phone: Telephone): string | null => phone.lift().tone

t.test(
  'messages: stutter dial tone; a forward: special, which goes before; not known: the ordinary one',
  async t => {
    const after = (...events: PhoneEvent[]) =>
      toneOnLifting(events.reduce((phone, event) => phone.on(event), new Telephone()))
    t.equal(after(), 'dial')
    t.equal(after(none), 'dial')
    t.equal(after(waiting), 'stutter')
    t.equal(after(waiting, none), 'dial')
    t.equal(after(forwarded), 'special')
    t.equal(after(forwarded, waiting), 'special')
    t.equal(after(waiting, forwarded), 'special')
    t.equal(after(waiting, forwarded, { type: 'forwarding', active: false }), 'stutter')
    t.equal(after({ type: 'messages', waiting: true }), 'stutter', 'how many is not told')
  },
)

t.test('they change the tone of a telephone that has it, and nothing else', async t => {
  const phone = new Telephone().lift()
  phone.on(waiting)
  t.same(phone.last, [{ type: 'tone', tone: 'stutter' }])
  phone.on(forwarded)
  t.same(phone.last, [{ type: 'tone', tone: 'special' }])
  phone.dial('0389000002')
  for (const event of [none, { type: 'forwarding', active: false }] as const) t.same(phone.on(event).last, [])
  t.equal(phone.progress(180).tone, 'ringback')
})

t.test(
  'where something else must be heard, it is: no service, a held party, an emergency number',
  async t => {
    const without = new Telephone(config, false).on(waiting).on(forwarded)
    t.equal(toneOnLifting(without), 'congestion')
    const consulting = new Telephone().on(waiting).on(forwarded).lift().dial('0389000002').answered().flash()
    t.equal(consulting.tone, 'recall')
    const emergency = new Telephone().on(forwarded).on(waiting).lift().dial('112')
    t.match(emergency.network.at(-1), { type: 'place', target: '112', emergency: true })
  },
)

t.test('the lamp of a telephone long hung up is lit at once, and put out', async t => {
  const phone = new Telephone().on(waiting)
  t.same(phone.last, [lit, { type: 'start-timer', name: 'lamp', ms: 2000 }])
  phone.expire('lamp')
  t.same(phone.last, [])
  t.ok(phone.on(waiting).lastIgnored, 'the same again is no news')
  t.same(phone.on(none).shown, [lit, dark])
  t.equal(phone.expire('lamp').timers.size, 0)
})

t.test('not before 3 s on-hook, nor while it rings or is in use', async t => {
  const phone = new Telephone().lift().on(waiting)
  t.same(phone.shown, [])
  phone.hangUp()
  t.equal(phone.timers.get('lamp'), 3000)
  t.same(phone.shown, [])
  t.same(phone.expire('lamp').shown, [lit])
  const rung = new Telephone().incoming().on(waiting)
  t.same(rung.shown, [])
  rung.on({ type: 'abandoned', call: 'in-1', elsewhere: false })
  t.same(rung.shown, [])
  t.same(rung.expire('lamp').shown, [lit])
  const recalled = new Telephone().lift().dial('0389000002').answered().flash().hold('out-1').hangUp(2000)
  t.same(recalled.on(waiting).shown, [], 'a held party recalls')
  t.same(recalled.expire('recall-ring').expire('lamp').shown, [lit])
})

t.test('lifted, rung or broken while the data is sent: sent again when it is quiet', async t => {
  const interrupted: readonly (readonly [string, (phone: Telephone) => Telephone])[] = [
    ['lifted', phone => phone.lift().hangUp()],
    ['a call', phone => phone.incoming().on({ type: 'abandoned', call: 'in-1', elsewhere: false })],
    ['line fault', phone => phone.on({ type: 'line-fault', on: true }).on({ type: 'line-fault', on: false })],
  ]
  for (const [what, happens] of interrupted) {
    const phone = happens(new Telephone().on(waiting))
    t.same(phone.shown, [lit], what)
    t.same(phone.expire('lamp').shown, [lit, lit], what)
    t.same(phone.expire('lamp').shown, [lit, lit], `${what}: once is enough`)
  }
  const done = new Telephone().on(waiting).expire('lamp').lift().hangUp().expire('lamp')
  t.same(done.shown, [lit], 'a lamp that is lit stays lit')
})

t.test('news while the data is sent follows it', async t => {
  const phone = new Telephone().on(waiting).on(none)
  t.same(phone.shown, [lit])
  t.same(phone.expire('lamp').shown, [lit, dark])
  t.equal(phone.expire('lamp').timers.size, 0)
})

t.test('forwards are no business of the lamp', async t => {
  t.same(new Telephone().on(forwarded).last, [])
  t.ok(new Telephone().on({ type: 'forwarding', active: false }).lastIgnored)
})
