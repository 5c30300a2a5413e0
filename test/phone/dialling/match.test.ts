import t from 'tap'
import { matchNumber } from '../../../firmware/phone/dialling/match.js'
import type { DialPlan, DialRule } from '../../../firmware/phone/dialling/plan.js'

const plan = (rules: readonly DialRule[], emergency: readonly string[] = []): DialPlan => ({
  rules,
  emergency,
  codes: [],
  networkCodes: [],
  maxDigits: 30,
})

t.test(
  'a closed number waits for a longer closed one that begins with it, an emergency number for nothing',
  t => {
    const both = plan(
      [
        { class: 'short', pattern: '12' },
        { class: 'voicemail', pattern: '123' },
        { class: 'short', pattern: '17x' },
      ],
      ['17', '1299'],
    )
    t.same(matchNumber('12', both), { state: 'open', class: 'short' })
    t.same(matchNumber('123', both), { state: 'whole', class: 'voicemail' })
    t.same(matchNumber('17', both), { state: 'whole', class: 'emergency' })
    t.same(matchNumber('129', both), { state: 'partial' }, 'an emergency number may still come of it')
    t.end()
  },
)

t.test('a closed number does not wait for an open one', t => {
  const rules: DialRule[] = [
    { class: 'short', pattern: '800' },
    { class: 'national', pattern: '8.', length: [4, 6] },
  ]
  t.same(matchNumber('800', plan(rules)), { state: 'whole', class: 'short' })
  t.same(matchNumber('801', plan(rules)), { state: 'short' })
  t.same(matchNumber('8011', plan(rules)), { state: 'open', class: 'national' })
  t.same(matchNumber('801122', plan(rules)), { state: 'whole', class: 'national' })
  t.same(matchNumber('8011223', plan(rules)), { state: 'unknown' })
  t.end()
})

t.test('an open rule without bounds takes at least one further digit', t => {
  const open = plan([{ class: 'open', pattern: '9.' }])
  t.same(matchNumber('9', open), { state: 'short' })
  t.same(matchNumber('91', open), { state: 'open', class: 'open' })
  t.same(matchNumber('9'.repeat(30), open), { state: 'open', class: 'open' })
  t.end()
})

t.test('sets hold digits and ranges', t => {
  const sets = plan([{ class: 'short', pattern: '[258]x[1-36-7]' }])
  for (const number of ['201', '552', '893', '256', '257'])
    t.equal(matchNumber(number, sets).state, 'whole', number)
  for (const number of ['3', '305', '204', '205', '208', '200'])
    t.equal(matchNumber(number, sets).state, 'unknown', number)
  t.equal(matchNumber('20', sets).state, 'partial')
  t.end()
})
