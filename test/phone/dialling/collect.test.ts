import fc from 'fast-check'
import t from 'tap'
import { collectDigit, interDigitWait, startCollecting } from '../../../firmware/phone/dialling/collect.js'
import type { Dialled, DigitResult } from '../../../firmware/phone/dialling/dialled.js'
import { placesOf } from '../../../firmware/phone/dialling/match.js'
import type { DialPlan } from '../../../firmware/phone/dialling/plan.js'
import { planOfProfile } from '../../support/plan-of-profile.js'
import { dial, told } from './dialled-keys.js'

const fr = planOfProfile('fr')
const de = planOfProfile('de')

const frenchTable: readonly (readonly [keys: string, outcome: string])[] = [
  // numbers
  ['0389000002', 'national match 0389000002'],
  ['0612345678', 'national match 0612345678'],
  ['0800123456', 'national match 0800123456'],
  ['03890000', 'open timeout 03890000'],
  ['03890000#', 'open hash 03890000'],
  ['00493012345678', 'international timeout 00493012345678'],
  ['00493012345678#', 'international hash 00493012345678'],
  ['00493012#', 'international hash 00493012'],
  ['0049301#', 'invalid'],
  ['0049', 'invalid'],
  ['00493012345678901', 'international match 00493012345678901'],
  ['15', 'emergency match 15 emergency'],
  ['17', 'emergency match 17 emergency'],
  ['18', 'emergency match 18 emergency'],
  ...['112', '114', '115', '119', '191', '196', '197', '116000', '116111', '116117'].map(
    number => [number, `emergency match ${number} emergency`] as const,
  ),
  ['116006', 'short match 116006'],
  ['1013', 'short match 1013'],
  ['3900', 'short match 3900'],
  ['118218', 'short match 118218'],
  ['123', 'voicemail match 123'],
  ['1612', 'open timeout 1612'],
  ['2', 'invalid'],
  ['2#', 'open hash 2'],
  ['45', 'open timeout 45'],
  ['45#', 'open hash 45'],
  ['0', 'invalid'],
  ['0#', 'open hash 0'],
  ['', 'empty'],
  ['03*', 'invalid'],
  // codes of the guide
  ['*75#', 'code-network hash *75#'],
  ['#75#', 'code-network hash #75#'],
  ['*75', 'code-network timeout *75#'],
  ['*21*0612345678', 'code-network match *21*0612345678#'],
  ['*21*0612345678#', 'code-network match *21*0612345678#'],
  ['*23*0389000002', 'code-network match *23*0389000002#'],
  ['*21*123', 'code-network match *21*123#'],
  ['*21*112', 'code-network match *21*112#'],
  ['*21*0049301234567#', 'code-network hash *21*0049301234567#'],
  ['*21*0049301234567', 'code-network timeout *21*0049301234567#'],
  ['*21*45#', 'code-network hash *21*45#'],
  ['*21*4', 'code-network timeout *21*4#'],
  ['#21#', 'code-network hash #21#'],
  ['#23#', 'code-network hash #23#'],
  ['*92*0389000002', 'code-local match 0389000002 masked'],
  ['*92*00493012345#', 'code-local hash 00493012345 masked'],
  ['*92*123', 'code-local match 123 masked'],
  ['*92*4', 'invalid'],
  ['*92*4#', 'code-local hash 4 masked'],
  ['*92*45', 'code-local timeout 45 masked'],
  ['*92*112', 'emergency match 112 emergency'],
  ['*92*15', 'emergency match 15 emergency'],
  ['*93#', 'code-local hash *93#'],
  ['#93#', 'code-local hash #93#'],
  ['*95#', 'code-local hash *95#'],
  ['*93', 'code-local timeout *93#'],
  // codes wrongly used
  ['*21*#', 'invalid'],
  ['*21*', 'invalid'],
  ['*21', 'invalid'],
  ['*92#', 'invalid'],
  ['*92*#', 'invalid'],
  ['*92**21*0612345678', 'invalid'],
  ['*9', 'invalid'],
  ['*', 'invalid'],
  ['#', 'invalid'],
  ['##', 'invalid'],
  ['***', 'invalid'],
  // codes nobody told the box about
  ['*21#', 'code-network hash *21#'],
  ['*#21#', 'code-network hash *#21#'],
  ['##21#', 'code-network hash ##21#'],
  ['*61*0612345678*20#', 'code-network hash *61*0612345678*20#'],
  ['**61*0612345678**20#', 'code-network hash **61*0612345678**20#'],
  ['*61*0612345678', 'code-network timeout *61*0612345678#'],
  ['#92*0612345678#', 'code-network hash #92*0612345678#'],
  ['*4', 'code-network timeout *4#'],
  ['*61*#', 'invalid'],
]

const germanTable: readonly (readonly [keys: string, outcome: string])[] = [
  ['110', 'emergency match 110 emergency'],
  ['112', 'emergency match 112 emergency'],
  ['116117', 'emergency match 116117 emergency'],
  ['116123', 'short match 116123'],
  ['115', 'short match 115'],
  ['11833', 'short match 11833'],
  ['03012345678', 'national timeout 03012345678'],
  ['03012345678#', 'national hash 03012345678'],
  ['0301234567890', 'national match 0301234567890'],
  ['23456', 'national timeout 23456'],
  ['030', 'invalid'],
  ['0033389000002', 'international timeout 0033389000002'],
  ['*31*03012345678#', 'code-local hash 03012345678 masked'],
  ['*31*110', 'emergency match 110 emergency'],
  ['*61*03012345678*20#', 'code-network hash *61*03012345678*20#'],
  ['*93#', 'code-network hash *93#'],
  ['15', 'open timeout 15'],
]

t.test('French plan and codes', t => {
  for (const [keys, outcome] of frenchTable) t.equal(told(keys, fr), outcome, `${keys || 'nothing'}`)
  t.end()
})

t.test('German plan and codes', t => {
  for (const [keys, outcome] of germanTable) t.equal(told(keys, de), outcome, keys)
  t.end()
})

t.test('a number of one key is one only where the plan says so', t => {
  const one: DialPlan = { ...fr, rules: [{ class: 'short', pattern: '9.', length: [1, 4] }, ...fr.rules] }
  const nine: DialPlan = {
    ...fr,
    rules: [
      { class: 'short', pattern: '9' },
      { class: 'short', pattern: '9xx' },
    ],
  }
  t.equal(told('9', one), 'invalid', 'an open number has a digit behind its fixed ones')
  t.equal(told('9', nine), 'short timeout 9')
  t.equal(told('8', nine), 'invalid')
  t.end()
})

t.test('a code carries its number and its service', t => {
  t.match(dial('*21*0612345678', fr).result, { number: '0612345678', target: '*21*0612345678#' })
  t.match(dial('*92*0612345678', fr).result, { number: '0612345678', code: 'mask-call' })
  t.match(dial('#93#', fr).result, { code: 'mask-off' })
  t.match(dial('*95#', fr).result, { code: 'reset-all', target: '*95#' })
  t.notOk('number' in (dial('*93#', fr).result as Dialled))
  t.notOk('code' in (dial('*92*112', fr).result as Dialled), 'an emergency call is not a masked call')
  t.end()
})

t.test('an open number is told from one that has just begun', t => {
  const standing = (keys: string): DigitResult => {
    let collection = startCollecting()
    let result: DigitResult = 'more'
    for (const key of keys) ({ collection, result } = collectDigit(collection, key, fr))
    return result
  }
  t.equal(standing('0'), 'more')
  t.equal(standing('038900'), 'more')
  t.equal(standing('0049301'), 'more')
  t.equal(standing('00493012'), 'more-open')
  t.equal(standing('2'), 'more-open')
  t.equal(standing('*21*'), 'more')
  t.equal(standing('*21*00493012'), 'more-open')
  t.equal(standing('0A3'), 'more', 'the letters of DTMF are left out')
  t.end()
})

t.test('a code that lacks its number waits twice as long', t => {
  t.equal(interDigitWait({ digits: '*21*' }, 5000), 10000)
  t.equal(interDigitWait({ digits: '*21*0' }, 5000), 5000)
  t.equal(interDigitWait({ digits: '*' }, 5000), 5000)
  t.end()
})

t.test('thirty digits are collected, the next one is one too many', t => {
  const thirty = '2'.repeat(30)
  t.equal(told(thirty, fr), `open timeout ${thirty}`)
  t.equal(told(`${thirty}#`, fr), `open hash ${thirty}`)
  t.same(dial(`${thirty}2`, fr), { keys: 31, result: 'invalid' })
  t.end()
})

const digitsOf = (place: string): string =>
  place === 'x'
    ? '0123456789'
    : place.startsWith('[')
      ? [...'0123456789'].filter(d => new RegExp(place).test(d)).join('')
      : place

const closedNumber = (plan: DialPlan) =>
  fc.oneof(
    fc.constantFrom(...plan.emergency),
    ...plan.rules
      .filter(rule => !rule.pattern.endsWith('.'))
      .map(rule =>
        fc
          .tuple(...placesOf(rule.pattern).map(place => fc.constantFrom(...digitsOf(place))))
          .map(d => d.join('')),
      ),
  )

t.test('property: a closed number completes exactly at its last digit, alone and behind a code', t => {
  for (const plan of [fr, de]) {
    fc.assert(
      fc.property(closedNumber(plan), fc.constantFrom('', '*21*'), (number, code) => {
        const { keys, result } = dial(`${code}${number}999`, plan)
        return typeof result === 'object' && keys === code.length + number.length && result.number === number
      }),
      { numRuns: 300 },
    )
  }
  t.end()
})

const keys = fc.string({ unit: fc.constantFrom(...'0123456789*#'), maxLength: 40 })
const likelyKeys = fc
  .tuple(fc.constantFrom('', '*21*', '*92*', '*', '#', '00', '11', '0389'), keys)
  .map(([a, b]) => (a + b).slice(0, 40))

t.test('property: prefix closure: what completes had only unfinished beginnings', t => {
  fc.assert(
    fc.property(likelyKeys, fc.constantFrom(fr, de), (pressed, plan) => {
      const { keys: used } = dial(pressed, plan)
      for (let n = 1; n < used; n++) {
        const shorter = dial(pressed.slice(0, n), plan)
        if (shorter.keys !== n) return false
        if (typeof shorter.result === 'object' && shorter.result.by !== 'timeout') return false
      }
      return true
    }),
    { numRuns: 500 },
  )
  t.end()
})

t.test('property: an emergency number is never masked, a masked call never an emergency', t => {
  fc.assert(
    fc.property(fc.constantFrom(fr, de), keys, (plan, pressed) => {
      const { result } = dial(`${plan.codes[0]?.code.slice(0, -1)}${pressed}`, plan)
      return typeof result === 'string' || result.masked !== result.emergency
    }),
    { numRuns: 300 },
  )
  t.end()
})

t.test('property: nothing longer than the plan allows comes out, and a code always ends in "#"', t => {
  fc.assert(
    fc.property(likelyKeys, pressed => {
      const { result } = dial(pressed, fr)
      if (typeof result === 'string') return true
      if (result.target.length > fr.maxDigits + 1) return false
      return !/^[*#]/.test(result.target) || result.target.endsWith('#')
    }),
    { numRuns: 500 },
  )
  t.end()
})
