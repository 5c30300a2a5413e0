// What holds for every situation: what a loop break and a key mean in it, and which events mean nothing.

import t from 'tap'
import { failureTone } from '../../firmware/phone/outgoing-call.js'
import { reduce } from '../../firmware/phone/reduce.js'
import { called, hungUp, idleAgain, ringing, talking } from './one-call.js'
import { config, Telephone } from './telephone.js'

t.test('lifting gives dial tone and collects keys', async t => {
  const phone = new Telephone().lift()
  t.same(phone.last, [
    { type: 'hook-context', context: 'collecting' },
    { type: 'line', state: 'active' },
    { type: 'tone', tone: 'dial' },
    { type: 'keys', mode: 'collect' },
    { type: 'start-timer', name: 'first-digit', ms: 15_000 },
  ])
  idleAgain(t, phone.hangUp())
})

t.test('what a loop break and a key mean in each situation', async t => {
  const meanings: readonly (readonly [string, Telephone, string, string])[] = [
    ['idle', new Telephone(), 'collecting', 'off'],
    ['dial tone', new Telephone().lift(), 'collecting', 'collect'],
    ['dialling', new Telephone().lift().dial('0'), 'collecting', 'collect'],
    ['wrong number', new Telephone().lift().dial('*#*'), 'collecting', 'collect'],
    ['ringing in', new Telephone().incoming(), 'ringing', 'off'],
    ['ringing out', ringing(), 'talking', 'relay but #'],
    ['talking', talking().expire('hash-swallow'), 'talking', 'relay'],
    ['answered', called(), 'talking', 'relay'],
    ['busy tone', called().ended('in-1'), 'talking', 'off'],
    ['howler', called().ended('in-1').expire('busy-tone'), 'talking', 'off'],
    ['parked', called().ended('in-1').expire('busy-tone').expire('howler'), 'talking', 'off'],
    ['emergency', new Telephone().lift().dial('15'), 'emergency', 'relay but #'],
    ['emergency, 3 s later', new Telephone().lift().dial('15').expire('hash-swallow'), 'emergency', 'relay'],
    ['call-back', new Telephone().lift().dial('15').failed(503).incoming(), 'talking', 'off'],
  ]
  for (const [name, phone, context, keys] of meanings) t.match(phone, { context, keys }, name)
})

t.test('the registration comes or goes while the telephone is off the hook: the tone follows', async t => {
  const phone = new Telephone(config, false).lift()
  phone.on({ type: 'registration', registered: true })
  t.equal(phone.tone, 'dial')
  phone.on({ type: 'registration', registered: false })
  t.equal(phone.tone, 'congestion')
  t.ok(phone.on({ type: 'registration', registered: false }).lastIgnored)
  const busy = talking().on({ type: 'registration', registered: false })
  t.same(busy.last, [], 'a call that stands is not touched')
})

t.test('R means nothing before there is somebody to hold', async t => {
  for (const make of [() => new Telephone().lift(), () => new Telephone().lift().dial('0'), ringing]) {
    const phone = make()
    const before = phone.state
    t.ok(phone.flash().lastIgnored)
    t.equal(phone.state, before)
  }
})

t.test(
  'an event of a call the telephone does not have, or of a timer that does not run, means nothing',
  async t => {
    for (const phone of [new Telephone(), talking(), new Telephone().incoming('in-1')]) {
      const before = phone.state
      for (const event of [
        { type: 'answered', call: 'x' },
        { type: 'ended', call: 'x' },
        { type: 'abandoned', call: 'x', elsewhere: false },
        { type: 'failed', call: 'x', status: 486 },
        { type: 'media-lost', call: 'x' },
        { type: 'timer', name: 'busy-tone' },
        { type: 'timer', name: 'window' },
        { type: 'digit-end', digit: '1' },
        { type: 'tone-end', tone: 'dial' },
      ] as const) {
        t.same(phone.on(event).last, [{ type: 'ignored', event: event.type }])
        t.equal(phone.state, before, event.type)
      }
    }
    t.ok(new Telephone().hangUp().lastIgnored)
    t.ok(new Telephone().lift().lift().lastIgnored)
  },
)

t.test('a changed configuration is heard at once by whoever listens, and by nobody else', async t => {
  const lifted = new Telephone().lift()
  t.match(lifted.on({ type: 'configured' }).last, [{ type: 'tone', tone: 'dial' }])
  t.ok(new Telephone().on({ type: 'configured' }).lastIgnored, 'on-hook')
  const { state } = lifted
  const [same, effects] = reduce(state, { type: 'configured' }, { ...config, hasAccount: false })
  t.equal(same, state)
  t.same(effects, [{ type: 'tone', tone: 'congestion' }], 'the account is gone')
  const talking = ringing().answered()
  t.same(talking.on({ type: 'configured' }).last, [{ type: 'tone', tone: null }], 'a call is left alone')
})

t.test('ringback is ours on 180, the network’s own as soon as it is heard', async t => {
  const phone = new Telephone().lift().dial('0389000002')
  t.match(phone.heard, { tone: null, talk: 0 }, 'silence while the call is routed')
  t.ok(phone.progress(183).lastIgnored)
  t.ok(phone.progress(181).lastIgnored)
  t.match(phone.progress(180).heard, { tone: 'ringback', talk: 0 })
  t.ok(phone.progress(180).lastIgnored)
  t.match(phone.earlyMedia().heard, { tone: null, talk: 1 })
  t.ok(phone.earlyMedia().lastIgnored)
  t.match(phone.answered().heard, { tone: null, talk: 1 })
  t.equal(new Telephone().lift().dial('0389000002').progress(182).tone, 'ringback', 'queued')
  const early = new Telephone().lift().dial('0389000002').earlyMedia().progress(180)
  t.match(early.heard, { tone: null, talk: 1 }, 'a later 180 does not drown the announcement')
})

t.test('what a refusal sounds like', async t => {
  const sounds = [
    [486, undefined, 'busy'],
    [600, undefined, 'busy'],
    [404, undefined, 'sit'],
    [410, undefined, 'sit'],
    [484, undefined, 'sit'],
    [604, undefined, 'sit'],
    [403, undefined, 'congestion'],
    [408, undefined, 'congestion'],
    [480, undefined, 'congestion'],
    [500, undefined, 'congestion'],
    [503, undefined, 'congestion'],
    [603, undefined, 'congestion'],
    [503, 17, 'busy'],
    [500, 1, 'sit'],
    [480, 28, 'sit'],
    [480, 22, 'sit'],
    [503, 34, 'congestion'],
    [486, 1, 'busy'],
  ] as const
  for (const [status, q850, tone] of sounds) {
    t.equal(failureTone(status, q850), tone, `${status} ${q850 ?? ''}`)
    const phone = ringing().failed(status, q850)
    t.match(phone.heard, { line: 'active', tone, keys: 'off', talk: 0 })
    t.same([...phone.timers.keys()], ['busy-tone'])
    t.equal(hungUp(phone), 0, 'nothing is left to release')
    idleAgain(t, phone.hangUp())
  }
  t.ok(ringing().failed(404).on({ type: 'tone-end', tone: 'busy' }).lastIgnored)
  t.ok(ringing().failed(486).on({ type: 'tone-end', tone: 'busy' }).lastIgnored)
  for (const type of ['ended', 'abandoned'] as const) {
    const phone = ringing()
    phone.on({ type, call: phone.called, elsewhere: false })
    t.match(phone.heard, { tone: 'busy', talk: 0 }, `a call that is ${type} before its answer`)
  }
  const sit = ringing().failed(404).on({ type: 'tone-end', tone: 'sit' })
  t.equal(sit.tone, 'busy', 'a special information tone that ends gives way to the busy tone')
})
