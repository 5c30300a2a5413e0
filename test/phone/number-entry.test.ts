// From dial tone to a whole number, as a person with a telephone notices it. Titles that name a guide line restate its rule.

import t from 'tap'
import type { PhoneConfig } from '../../firmware/phone/config.js'
import { placed, ringing } from './one-call.js'
import { config, Telephone } from './telephone.js'

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

t.test('one key and then nothing is nobody’s number, wherever it was pressed', async t => {
  for (const key of '0123456789') {
    const phone = new Telephone().lift().dial(key).expire('inter-digit')
    t.same(placed(phone), [], key)
    t.equal(phone.tone, 'error')
    t.equal(phone.on({ type: 'tone-end', tone: 'error' }).tone, 'dial')
  }
  t.match(placed(new Telephone().lift().dial('9#')), [{ target: '9' }], 'unless it is said to be one')
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
