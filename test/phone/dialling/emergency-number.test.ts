// An emergency number is known however it is written, and nothing else is taken for one.

import t from 'tap'
import { isEmergencyNumber } from '../../../firmware/phone/dialling/emergency.js'
import { planOfProfile } from '../../support/plan-of-profile.js'

const shipped = ['fr', 'de', 'uk'] as const

t.test('every spelling of every emergency number of a country', async t => {
  for (const name of shipped) {
    const plan = planOfProfile(name)
    const { country = '', international, national } = plan.prefixes ?? { international: '', national: '' }
    t.ok(country !== '' && international !== '', name)
    const heads = ['', '+', '++', international, `+${country}`, international + country, '*92*']
    for (const number of plan.emergency)
      for (const head of heads.flatMap(head => [head, head + national])) {
        t.ok(isEmergencyNumber(head + number, plan), `${name} ${head}${number}`)
        t.ok(
          isEmergencyNumber(`${head} (${number.slice(0, 1)})-${number.slice(1)}#`, plan),
          'with separators',
        )
      }
  }
})

t.test('numbers that only look like it', async t => {
  const plan = planOfProfile('fr')
  const others = ['0612345678', '3100', '3315', '3318', '118218', '1013', '123', '0389000112', '+33389000015']
  for (const number of [...others, '0033612345678', '+442071838750', '1', '', '*93#', '11', '1122'])
    t.notOk(isEmergencyNumber(number, plan), number)
})
