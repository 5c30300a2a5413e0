// Star and hash codes in the machine: what is stored, what goes to the network, and what confirms it.

import fc from 'fast-check'
import t, { type Test } from 'tap'
import { collectDigit, collectTimeout, startCollecting } from '../../firmware/phone/dialling/collect.js'
import type { Dialled } from '../../firmware/phone/dialling/dialled.js'
import type { DialPlan } from '../../firmware/phone/dialling/plan.js'
import { situationOf } from '../../firmware/phone/situation.js'
import { config, Telephone } from './telephone.js'

const dialled = (code: string, settings = config) => new Telephone(settings).lift().dial(code)
const placed = (phone: Telephone) => phone.network.filter(act => act.type === 'place')
const hungUp = (phone: Telephone) => phone.network.filter(act => act.type === 'hang-up').length
const networkOwned: typeof config = {
  ...config,
  plan: { ...config.plan, codes: config.plan.codes.map(code => ({ ...code, by: 'network' })) },
}

const confirmed = (t: Test, phone: Telephone, what: string) => {
  t.equal(phone.tone, 'confirmation', what)
  t.equal(phone.keys, 'collect', `${what}: keys are heard meanwhile`)
  phone.on({ type: 'tone-end', tone: 'confirmation' })
  t.equal(phone.tone, 'dial', `${what}, then dial tone`)
}

t.test(
  'masking for good: silence until it is stored, then the confirmation tone (guide lines 153-155)',
  async t => {
    for (const [code, value] of [
      ['*93#', true],
      ['#93#', false],
    ] as const) {
      const phone = dialled(code)
      t.match(phone.stores, [{ type: 'store', setting: 'masking', value }])
      t.same(phone.network, [], 'the network is not asked')
      t.equal(phone.tone, null, 'nothing is heard before it is stored')
      phone.on({ type: 'masking', masked: value }).stored()
      confirmed(t, phone, code)
      phone.dial('0389000002')
      t.match(placed(phone), [{ target: '0389000002', masked: value }])
    }
  },
)

t.test('what cannot be stored gives the error tone, and the number is treated as before', async t => {
  for (const before of [true, false]) {
    const phone = new Telephone().on({ type: 'masking', masked: before }).lift()
    phone.dial(before ? '#93#' : '*93#').stored(false)
    t.equal(phone.tone, 'error')
    phone.on({ type: 'tone-end', tone: 'error' }).dial('0389000002')
    t.match(placed(phone), [{ masked: before }])
  }
})

t.test('a store that never answers confirms nothing', async t => {
  const phone = dialled('*93#').expire('first-digit')
  t.equal(phone.tone, 'error')
  t.ok(phone.stored().lastIgnored, 'its late word neither')
})

t.test(
  'hanging up or dialling on before it is stored: no tone afterwards; the setting is as stored',
  async t => {
    const gone = dialled('*93#').hangUp()
    t.ok(gone.stored().lastIgnored)
    t.equal(gone.tone, null)
    gone.on({ type: 'masking', masked: true }).lift().dial('0389000002')
    t.match(placed(gone), [{ masked: true }])
    const impatient = dialled('*93#').dial('112')
    t.match(placed(impatient), [{ target: '112', emergency: true, masked: false }])
    t.ok(impatient.stored().lastIgnored)
  },
)

t.test('only the outcome of the last code counts', async t => {
  const phone = dialled('*93#').hangUp().lift().dial('#93#')
  const [first, second] = phone.stores
  t.not(first?.id, second?.id)
  t.ok(phone.stored(true, first?.id).lastIgnored)
  phone.stored(false, second?.id)
  t.equal(phone.tone, 'error')
})

t.test('until the store has been read the number is withheld, but not from an emergency service', async t => {
  const phone = new Telephone().on({ type: 'masking', masked: true }).lift().dial('0389000002')
  t.match(placed(phone), [{ masked: true }])
  phone.hangUp().lift().dial('*92*112')
  t.match(placed(phone).at(-1), { target: '112', masked: false, emergency: true })
})

t.test(
  '*92* and a number withholds it on that call, also while it is withheld for good (guide line 151)',
  async t => {
    for (const masked of [false, true]) {
      const phone = new Telephone().on({ type: 'masking', masked }).lift().dial('*92*0389000002')
      t.match(placed(phone), [{ target: '0389000002', masked: true }])
      phone.answered().hangUp().lift().dial('0389000003')
      t.match(placed(phone).at(-1), { target: '0389000003', masked })
    }
  },
)

t.test('a code of the network: its announcement is heard and nothing else follows', async t => {
  const early = dialled('*21*0389000003').earlyMedia()
  t.match(placed(early), [{ target: '*21*0389000003#', masked: false, emergency: false }])
  t.equal(early.talk.length, 1, 'the announcement is let through before the answer')
  early.answered()
  t.same([...early.timers.keys()], ['hash-swallow'])
  early.ended()
  t.equal(early.tone, 'dial')
  const answered = dialled('*75#').answered().audio()
  t.equal(answered.talk.length, 1)
  t.notOk(answered.timers.has('code-answer'))
  t.equal(answered.ended().tone, 'dial')
})

t.test('a code the network takes without a word is confirmed by the tone', async t => {
  confirmed(t, dialled('#21#').answered().ended(), 'answered and ended')
  const silent = dialled('#21#').answered()
  t.equal(silent.timers.get('code-answer'), 3000)
  silent.expire('code-answer')
  t.equal(hungUp(silent), 1)
  confirmed(t, silent, 'answered and silent')
})

t.test(
  'a "#" added to a number that was complete without it begins no other code, however fast the answer',
  async t => {
    for (const [what, end] of [
      ['confirmation', (phone: Telephone) => phone.answered().ended()],
      ['error', (phone: Telephone) => phone.failed(403)],
    ] as const) {
      const phone = end(dialled('*21*0389000003')).dial('#')
      t.equal(phone.tone, what)
      t.notOk(phone.timers.has('inter-digit'))
      phone.dial('#21#')
      t.match(placed(phone).at(-1), { target: '#21#' }, 'the next one does')
      t.match(
        placed(end(dialled('*75#')).dial('#21#')).at(-1),
        { target: '#21#' },
        'and the first behind a whole code',
      )
    }
  },
)

t.test('a code while a party is held: its outcome is heard, and the party is there as before', async t => {
  const consulting = () => new Telephone().lift().dial('0389000002').answered().flash()
  const stored = consulting().dial('*93#')
  t.match(stored.stores, [{ value: true }])
  stored.on({ type: 'masking', masked: true }).stored()
  t.equal(stored.tone, 'confirmation')
  stored.on({ type: 'tone-end', tone: 'confirmation' })
  t.equal(stored.tone, 'recall')
  stored.on({ type: 'held', call: 'out-1', ok: true }).dial('0389000003')
  t.match(placed(stored).at(-1), { target: '0389000003', masked: true }, 'the consultation call is masked')
  const once = consulting()
  once.on({ type: 'held', call: 'out-1', ok: true }).dial('*92*0389000003')
  t.match(placed(once), [{ masked: false }, { target: '0389000003', masked: true }])
  const code = consulting()
  code.on({ type: 'held', call: 'out-1', ok: true }).dial('*75#')
  t.match(placed(code).at(-1), { target: '*75#' })
  code.failed(403)
  t.equal(code.tone, 'error')
  t.equal(code.state.calls.kind, 'held')
  code.flash().dial('1')
  t.match(code.network.at(-1), { type: 'resume', call: 'out-1' })
})

t.test(
  'a final that the operator lists counts as a yes; every other refusal gives the error tone',
  async t => {
    const listed = { ...config, okFinals: [480, 603] }
    confirmed(t, dialled('*75#', listed).failed(480), 'listed')
    t.equal(dialled('*75#', listed).earlyMedia().failed(603).tone, 'dial', 'listed, after an announcement')
    for (const status of [403, 404, 480, 486, 500, 503, 603]) {
      const phone = dialled('*75#').failed(status)
      t.equal(phone.tone, 'error', `${status}`)
      t.same(phone.state.calls, { kind: 'none' })
    }
    t.equal(dialled('*75#').earlyMedia().failed(480).tone, 'error')
    t.equal(dialled('*75#').progress(180).tone, 'ringback')
    t.equal(dialled('*75#').expire('no-answer').tone, 'error')
  },
)

t.test(
  '*95#: the network first; only after its yes is our own masking cleared (guide lines 157-161)',
  async t => {
    const phone = new Telephone().on({ type: 'masking', masked: true }).lift().dial('*95#')
    t.match(placed(phone), [{ target: '*95#' }])
    t.same(phone.stores, [], 'nothing before the answer')
    phone.answered()
    t.match(phone.stores, [{ setting: 'masking', value: false }])
    phone.ended()
    t.equal(phone.tone, null, 'no tone before it is stored')
    confirmed(t, phone.stored(), '*95#')
  },
)

t.test('*95#: refused, hung up or not stored, nothing is confirmed and nothing of ours changes', async t => {
  const refused = dialled('*95#').failed(403)
  t.equal(refused.tone, 'error')
  t.same(refused.stores, [])
  const gone = dialled('*95#').earlyMedia().hangUp()
  t.equal(hungUp(gone), 1)
  t.ok(gone.answered().lastIgnored, 'a yes that crosses the hang-up')
  t.same(gone.stores, [])
  const offline = new Telephone(config, false).lift().dial('*95#')
  t.equal(offline.tone, 'error')
  t.same([offline.network, offline.stores], [[], []])
  for (const heard of [true, false]) {
    const broken = dialled('*95#').answered()
    if (heard) broken.audio()
    t.equal(broken.stored(false).ended().tone, 'error')
    const late = dialled('*95#').answered()
    if (heard) late.audio()
    t.equal(late.ended().stored(false).tone, 'error')
  }
})

t.test('*95#: stored while the announcement is heard; a listed final clears too', async t => {
  t.equal(dialled('*95#').answered().audio().stored().ended().tone, 'dial')
  const listed = dialled('*95#', { ...config, okFinals: [480] }).failed(480)
  t.match(listed.stores, [{ value: false }])
  t.equal(listed.tone, null)
  confirmed(t, listed.stored(), 'listed final')
})

t.test('a code is no conversation: R is ignored, another caller is refused, on-hook releases it', async t => {
  const phone = dialled('*75#').answered().audio()
  t.equal(situationOf(phone.state), 'ringing-out')
  t.ok(phone.flash().lastIgnored)
  phone.incoming()
  t.match(phone.network.at(-1), { type: 'reject', status: 486 })
  t.equal(hungUp(phone.hangUp()), 1)
  t.same(
    [...phone.timers.keys()].filter(name => name !== 'lamp'),
    [],
  )
})

t.test('where the network owns masking its codes go out as dialled, emergency numbers excepted', async t => {
  for (const code of ['*93#', '#93#', '*95#']) {
    const phone = dialled(code, networkOwned)
    t.match(placed(phone), [{ target: code, masked: false }])
    t.same(phone.answered().ended().stores, [])
  }
  const call = dialled('*92*0389000002', networkOwned)
  t.match(placed(call), [{ target: '*92*0389000002#', masked: false, emergency: false }])
  t.equal(situationOf(call.answered().state), 'active', 'a call like any other')
  t.match(placed(dialled('*92*112', networkOwned)), [{ target: '112', emergency: true, masked: false }])
  t.match(placed(dialled('*21*112', networkOwned)), [{ target: '*21*112#', emergency: false }])
})

t.test('no star code the box does not own is touched', async t => {
  const keys = fc.array(fc.constantFrom(...'0123456789*#'), { minLength: 1, maxLength: 12 })
  const property = fc.property(fc.constantFrom('*', '#'), keys, (first, rest) => {
    const whole = [first, ...rest].join('')
    const phone = new Telephone().lift()
    for (const key of whole) {
      // After the error tone another number begins.
      if (phone.tone === 'error' || phone.network.length > 0 || phone.stores.length > 0) break
      phone.dial(key)
    }
    if (phone.tone === 'error') return true
    if (phone.timers.has('inter-digit')) phone.expire('inter-digit')
    const [call] = placed(phone)
    const own = config.plan.codes.some(
      ({ code }) => whole.startsWith(code.replace('N', '')) || whole === code.slice(0, -1),
    )
    if (phone.stores.length > 0) return own
    if (!call || own || call.emergency) return true
    // As dialled, with its "#"; keys after a whole number are the far end's.
    return call.target.endsWith('#') && whole.startsWith(call.target.slice(0, -1))
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 20_000 }))
})

const collect = (keys: string, plan: DialPlan): Dialled | string => {
  let collection = startCollecting()
  for (const key of keys) {
    const step = collectDigit(collection, key, plan)
    if (typeof step.result === 'object') return step.result.complete
    if (step.result === 'invalid') return 'invalid'
    collection = step.collection
  }
  const ended = collectTimeout(collection, plan)
  return typeof ended === 'object' ? ended.complete : ended
}

t.test(
  'whatever is dialled: an emergency number behind *92* is called, unmasked; behind a network code it never is',
  async t => {
    const number = fc.constantFrom(...config.plan.emergency)
    for (const plan of [config.plan, networkOwned.plan]) {
      t.doesNotThrow(() =>
        fc.assert(
          fc.property(number, fc.constantFrom('', '#'), (emergency, end) => {
            const own = collect(`*92*${emergency}${end}`, plan)
            const other = collect(`*21*${emergency}${end}`, plan)
            return (
              typeof own === 'object' &&
              own.emergency &&
              !own.masked &&
              own.target === emergency &&
              typeof other === 'object' &&
              !other.emergency &&
              other.target === `*21*${emergency}#`
            )
          }),
        ),
      )
    }
  },
)

t.test('any string of keys comes to one thing, and who owns masking changes only the four codes', async t => {
  const keys = fc.string({ unit: fc.constantFrom(...'0123456789*#'), maxLength: 20 })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(keys, pressed => {
        const box = collect(pressed, config.plan)
        const network = collect(pressed, networkOwned.plan)
        if (typeof box === 'string' || typeof network === 'string') return box === network
        if (box.code === undefined) return JSON.stringify(box) === JSON.stringify(network)
        return network.code === undefined && !network.masked && network.target.endsWith('#')
      }),
      { numRuns: 20_000 },
    ),
  )
})
