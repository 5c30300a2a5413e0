// What a person with a telephone notices, situation by situation. Titles that name a guide line restate its rule.

import t, { type Test } from 'tap'
import type { PhoneConfig } from '../../firmware/phone/config.js'
import type { CallId } from '../../firmware/phone/event.js'
import { failureTone } from '../../firmware/phone/outgoing-call.js'
import { reduce } from '../../firmware/phone/reduce.js'
import { situationOf } from '../../firmware/phone/situation.js'
import { config, Telephone } from './telephone.js'

const silence = { line: 'idle', ring: null, tone: null, keys: 'off', talk: 0 }

const idleAgain = (t: Test, phone: Telephone): void => {
  t.same(phone.heard, silence)
  t.same(phone.state.calls, { kind: 'none' })
  t.same([...phone.timers.keys()], [])
}

const placed = (phone: Telephone) => phone.network.filter(act => act.type === 'place')
const hungUp = (phone: Telephone, call: CallId = phone.called) =>
  phone.network.filter(act => act.type === 'hang-up' && act.call === call).length

const ringing = () => new Telephone().lift().dial('0389000002').progress(180)
const talking = () => ringing().answered()
const called = () => new Telephone().incoming('in-1').lift()

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

t.test('the first key ends the dial tone, whichever way it is dialled', async t => {
  for (const source of ['dtmf', 'rotary'] as const) {
    const phone = new Telephone().lift()
    phone.on({ type: 'digit', digit: '0', source })
    t.same(phone.heard, { line: 'active', ring: null, tone: null, keys: 'collect', talk: 0 })
    t.same([...phone.timers], [['inter-digit', 5_000]])
    phone.dial('389000002', source)
    t.match(placed(phone), [{ target: '0389000002', masked: false, emergency: false }])
  }
})

t.test('a rotary digit takes the tone away at its first pulse, and each one is waited for', async t => {
  for (const phone of [
    new Telephone().lift(),
    new Telephone(config, false).lift(),
    new Telephone().lift().dial('*#*'),
  ]) {
    t.not(phone.tone, null)
    phone.on({ type: 'digit-begun' })
    t.same(phone.heard, { line: 'active', ring: null, tone: null, keys: 'collect', talk: 0 })
    t.same([...phone.timers], [['inter-digit', 5_000]])
    t.equal(phone.on({ type: 'digit', digit: '0', source: 'rotary' }).tone, null)
    t.match(phone.on({ type: 'digit-begun' }).last, [{ type: 'start-timer', name: 'inter-digit', ms: 5_000 }])
    for (const digit of '389000002')
      phone.on({ type: 'digit-begun' }).on({ type: 'digit', digit, source: 'rotary' })
    if (phone.state.registered) t.match(placed(phone), [{ target: '0389000002' }])
  }
})

t.test('a rotary digit that comes to nothing: error tone and dial tone, never silence for ever', async t => {
  const lost = new Telephone().lift().dial('12').on({ type: 'digit-begun' }).on({ type: 'digit-lost' })
  t.equal(lost.tone, 'error', 'a number with a digit missing would be another number')
  t.equal(lost.on({ type: 'tone-end', tone: 'error' }).tone, 'dial')
  const untold = new Telephone().lift().on({ type: 'digit-begun' }).expire('inter-digit')
  t.equal(untold.tone, 'error')
  t.equal(untold.expire('first-digit').tone, 'busy')
  const inCall = ringing().answered()
  for (const type of ['digit-begun', 'digit-lost'] as const) t.ok(inCall.on({ type }).lastIgnored, type)
  t.same(new Telephone().lift().on({ type: 'digit-begun' }).hangUp().heard, new Telephone().heard)
})

t.test('keys A to D of a test set are no digits and change nothing', async t => {
  const phone = new Telephone().lift().dial('03').on({ type: 'digit', digit: 'A', source: 'dtmf' })
  t.ok(phone.lastIgnored)
  t.match(placed(phone.dial('89000002')), [{ target: '0389000002' }])
})

t.test('guide line 5: 123 reaches the voicemail at its last digit', async t => {
  const phone = new Telephone().lift().dial('12')
  t.same(placed(phone), [])
  t.same(placed(phone.dial('3')), [
    { type: 'place', call: 'out-1', target: '123', masked: false, emergency: false },
  ])
})

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

t.test('guide lines 53, 55, 115-123: codes of the network are placed as calls untouched', async t => {
  for (const code of ['*75#', '#75#', '#21#', '#23#', '*21*0389000003', '*23*0389000003', '*99#']) {
    const phone = new Telephone().lift().dial(code)
    const target = code.endsWith('#') ? code : `${code}#`
    t.match(placed(phone), [{ target, masked: false, emergency: false }], code)
  }
})

t.test('guide line 151: *92* and a number withholds ours on that call only', async t => {
  const phone = new Telephone().lift().dial('*92*0389000002')
  t.match(placed(phone), [{ target: '0389000002', masked: true, emergency: false }])
  phone.hangUp().lift().dial('0389000002')
  t.match(placed(phone)[1], { target: '0389000002', masked: false })
})

t.test(
  'a number that can be none gives the error tone, then dial tone; keys are heard meanwhile',
  async t => {
    const phone = new Telephone().lift().dial('*21*#')
    t.same(phone.heard, { line: 'active', ring: null, tone: 'error', keys: 'collect', talk: 0 })
    t.ok(phone.on({ type: 'tone-end', tone: 'busy' }).lastIgnored)
    phone.on({ type: 'tone-end', tone: 'error' })
    t.equal(phone.tone, 'dial')
    t.ok(phone.on({ type: 'tone-end', tone: 'error' }).lastIgnored)
    const impatient = new Telephone().lift().dial('*21*#').dial('0389000002')
    t.equal(impatient.tone, null)
    t.equal(placed(impatient).length, 1)
    const lostTone = new Telephone().lift().dial('*21*#').expire('first-digit')
    t.equal(lostTone.tone, 'busy', 'even if the end of the tone is never told')
  },
)

t.test('an open number ends by # or by a pause', async t => {
  const byHash = new Telephone().lift().dial('0049891234567#')
  t.match(placed(byHash), [{ target: '0049891234567' }])
  t.equal(byHash.keys, 'relay')
  const byPause = new Telephone().lift().dial('0049891234567').expire('inter-digit')
  t.match(placed(byPause), [{ target: '0049891234567' }])
  const tooShort = new Telephone().lift().dial('0049').expire('inter-digit')
  t.equal(tooShort.tone, 'error')
})

t.test('a code that still lacks its number waits twice as long', async t => {
  const phone = new Telephone().lift().dial('*21*')
  t.equal(phone.timers.get('inter-digit'), 10_000)
  phone.dial('0')
  t.equal(phone.timers.get('inter-digit'), 5_000)
})

t.test('a # after a closed number is swallowed for 3 s and never reaches the far end', async t => {
  const phone = new Telephone().lift().dial('0389000002')
  t.equal(phone.keys, 'relay but #')
  t.equal(phone.timers.get('hash-swallow'), 3_000)
  phone.dial('#').answered().dial('#')
  t.equal(phone.keys, 'relay but #', 'answered at once or not')
  phone.expire('hash-swallow')
  t.equal(phone.keys, 'relay')
  t.equal(phone.talk.length, 1)
  const menu = new Telephone().lift().dial('123').answered().dial('4')
  t.equal(menu.keys, 'relay', 'a first key of a menu makes the # its own')
  t.notOk(menu.timers.has('hash-swallow'))
})

t.test(
  'dial tone without a digit: busy tone, howler, parked; hanging up makes it usable at once',
  async t => {
    const stages: readonly [(phone: Telephone) => unknown, object][] = [
      [() => {}, { line: 'active', tone: 'dial', keys: 'collect' }],
      [phone => phone.expire('first-digit'), { line: 'active', tone: 'busy', keys: 'off' }],
      [phone => phone.expire('busy-tone'), { line: 'active', tone: 'howler', keys: 'off' }],
      [phone => phone.expire('howler'), { line: 'parked', tone: null, keys: 'off' }],
    ]
    const phone = new Telephone().lift()
    for (const [act, heard] of stages) {
      act(phone)
      t.match(phone.heard, heard)
      const other = new Telephone().lift()
      for (const [before] of stages.slice(0, stages.findIndex(([a]) => a === act) + 1)) before(other)
      idleAgain(t, other.hangUp())
      t.equal(other.lift().tone, 'dial')
    }
    t.equal(phone.timers.size, 0)
    const quiet = new Telephone({ ...config, howlerTone: false }).lift()
    quiet.expire('first-digit').expire('busy-tone')
    t.match(quiet.heard, { line: 'active', tone: null }, 'a profile without a howler is silent')
    t.equal(quiet.expire('howler').line, 'parked')
  },
)

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

t.test('the answer stops ringback and opens both directions', async t => {
  const phone = ringing().answered()
  t.match(phone.heard, { line: 'active', tone: null, talk: 1 })
  t.same(phone.talk, [phone.called])
  t.equal(phone.context, 'talking')
  t.notOk(phone.timers.has('no-answer'))
  t.ok(phone.answered().lastIgnored)
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

t.test('nobody answers for three minutes: given up, busy tone', async t => {
  const phone = ringing()
  t.equal(phone.timers.get('no-answer'), 180_000)
  phone.expire('no-answer')
  t.equal(hungUp(phone), 1)
  t.equal(phone.tone, 'busy')
})

t.test('the other side hangs up: busy tone until the telephone is hung up', async t => {
  for (const phone of [talking().ended(), called().ended('in-1')]) {
    t.match(phone.heard, { line: 'active', tone: 'busy', keys: 'off', talk: 0 })
    t.equal(phone.network.filter(act => act.type === 'hang-up').length, 0)
    idleAgain(t, phone.hangUp())
  }
})

t.test('an idle telephone rings in the normal cadence and the caller hears it', async t => {
  const phone = new Telephone().incoming('in-1')
  t.same(phone.last, [
    { type: 'hook-context', context: 'ringing' },
    { type: 'ring', cadence: 'normal', show: 'in-1' },
    { type: 'alert', call: 'in-1' },
    { type: 'start-timer', name: 'ring-guard', ms: 180_000 },
  ])
  t.ok(phone.incoming('in-1').lastIgnored, 'told twice, it rings once')
})

t.test('lifting a ringing telephone answers; ringing stops before anything is heard', async t => {
  const phone = called()
  t.same(phone.last, [
    { type: 'ring', cadence: null },
    { type: 'hook-context', context: 'talking' },
    { type: 'line', state: 'active' },
    { type: 'keys', mode: 'relay' },
    { type: 'answer', call: 'in-1' },
    { type: 'talk', calls: ['in-1'] },
    { type: 'cancel-timer', name: 'ring-guard' },
  ])
  t.ok(phone.answered('in-1').lastIgnored)
  idleAgain(t, phone.hangUp())
  t.equal(hungUp(phone, 'in-1'), 1)
})

t.test('the caller gives up: silence at once, and the audio half may sleep again', async t => {
  for (const elsewhere of [false, true]) {
    const phone = new Telephone().incoming('in-1').on({ type: 'abandoned', call: 'in-1', elsewhere })
    idleAgain(t, phone)
    t.match(phone.last.at(-2), { type: 'line', state: 'idle' })
    t.equal(phone.lift().tone, 'dial')
  }
})

t.test(
  'guide line 67: the telephone rings until the network stops it, or its own longer limit, then 480',
  async t => {
    const phone = new Telephone().incoming('in-1').expire('ring-guard')
    t.same(phone.network.at(-1), { type: 'reject', call: 'in-1', status: 480, q850: 19 })
    idleAgain(t, phone)
  },
)

t.test('a line in use refuses another call as busy and nothing else changes', async t => {
  const inUse: readonly (readonly [string, () => Telephone])[] = [
    ['ringing', () => new Telephone().incoming('in-1')],
    ['dial tone', () => new Telephone().lift()],
    ['dialling', () => new Telephone().lift().dial('03')],
    ['error tone', () => new Telephone().lift().dial('*#*')],
    ['ringing out', ringing],
    ['busy tone', () => talking().ended()],
    ['howler', () => talking().ended().expire('busy-tone')],
    ['parked', () => talking().ended().expire('busy-tone').expire('howler')],
    ['emergency', () => new Telephone().lift().dial('15')],
  ]
  for (const [name, make] of inUse) {
    const phone = make()
    const before = phone.state
    phone.incoming('in-9')
    t.same(phone.last, [{ type: 'reject', call: 'in-9', status: 486 }], name)
    t.equal(phone.state, before, name)
  }
})

t.test('lifted just before the call came: dial tone and busy; just after: answered', async t => {
  t.match(new Telephone().lift().incoming('in-1').network, [{ type: 'reject', status: 486 }])
  t.match(new Telephone().incoming('in-1').lift().network, [{ type: 'alert' }, { type: 'answer' }])
})

t.test('hanging up at any instant releases the call, and an answer under way changes nothing', async t => {
  const instants = [
    new Telephone().lift().dial('0389000002'),
    new Telephone().lift().dial('0389000002').earlyMedia(),
    ringing(),
    talking(),
    new Telephone().lift().dial('112').answered(),
  ]
  for (const phone of instants) {
    phone.hangUp()
    t.equal(hungUp(phone), 1)
    phone.timers.delete('call-back')
    idleAgain(t, phone)
    const before = phone.state
    for (const late of [
      { type: 'answered', call: phone.called },
      { type: 'progress', call: phone.called, status: 180 },
      { type: 'early-media', call: phone.called },
      { type: 'failed', call: phone.called, status: 487 },
      { type: 'ended', call: phone.called },
    ] as const) {
      t.ok(phone.on(late).lastIgnored, late.type)
      t.equal(phone.state, before)
    }
  }
})

t.test('each call placed has its own name', async t => {
  const phone = new Telephone().lift().dial('15').hangUp().lift().dial('0389000002')
  t.same(
    placed(phone).map(act => act.call),
    ['out-1', 'out-2'],
  )
})

t.test(
  'without service: congestion on lifting, keys are heard, a number brings the congestion back',
  async t => {
    const lines: readonly (readonly [string, PhoneConfig, boolean])[] = [
      ['not registered', config, false],
      ['no account', { ...config, hasAccount: false }, false],
      ['no account, whatever the network says', { ...config, hasAccount: false }, true],
    ]
    for (const [name, settings, registered] of lines) {
      const phone = new Telephone(settings, registered).lift()
      t.match(phone.heard, { line: 'active', tone: 'congestion', keys: 'collect' }, name)
      phone.dial('0')
      t.equal(phone.tone, null)
      phone.dial('389000002')
      t.match(phone.heard, { line: 'active', tone: 'congestion', keys: 'collect' })
      t.same(placed(phone), [])
      phone.dial('112')
      t.match(placed(phone), [{ target: '112', emergency: true }])
    }
  },
)

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

t.test('R means nothing before there is somebody to hold', async t => {
  for (const make of [() => new Telephone().lift(), () => new Telephone().lift().dial('0'), ringing]) {
    const phone = make()
    const before = phone.state
    t.ok(phone.flash().lastIgnored)
    t.equal(phone.state, before)
  }
})

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
  t.match(idle.last.at(-1), { type: 'line', state: 'idle' })
})
