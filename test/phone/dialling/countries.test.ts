// The dial plans of the countries beside France and Germany: how long a number is, what it is, and when it is over.

import t from 'tap'
import { planOfProfile } from '../../support/plan-of-profile.js'
import { shippedProfiles } from '../../support/shipped-profiles.js'
import { dial, told } from './dialled-keys.js'

const tables: Readonly<Record<string, readonly (readonly [keys: string, outcome: string])[]>> = {
  uk: [
    ['999', 'emergency match 999 emergency'],
    ['18000', 'emergency match 18000 emergency'],
    ['02079460000', 'national match 02079460000'],
    ['0169772234', 'national timeout 0169772234'],
    ['496000', 'national timeout 496000'],
    ['0033389000002', 'international timeout 0033389000002'],
    ['1571', 'voicemail match 1571'],
    ['1471', 'short match 1471'],
    ['111', 'short match 111'],
    ['118500', 'short match 118500'],
    ['14102079460000', 'open timeout 14102079460000'],
    ['*21*02079460000', 'code-network match *21*02079460000#'],
  ],
  us: [
    ['911', 'emergency match 911 emergency'],
    ['988', 'emergency match 988 emergency'],
    ['2125550123', 'national match 2125550123'],
    ['12125550123', 'national match 12125550123'],
    ['5550123', 'national timeout 5550123'],
    ['5550123#', 'national hash 5550123'],
    ['411', 'short match 411'],
    ['01133389000002#', 'international hash 01133389000002'],
    ['*672125550123', 'code-network timeout *672125550123#'],
    ['0', 'short timeout 0'],
    ['02125550123', 'national match 02125550123'],
  ],
  es: [
    ['112', 'emergency match 112 emergency'],
    ['091', 'emergency match 091 emergency'],
    ['912345678', 'national match 912345678'],
    ['612345678', 'national match 612345678'],
    ['010', 'short match 010'],
    ['1004', 'short match 1004'],
    ['11818', 'short match 11818'],
    ['067912345678', 'open timeout 067912345678'],
    ['0033389000002', 'international timeout 0033389000002'],
    ['*21*912345678', 'code-network match *21*912345678#'],
  ],
  it: [
    ['118', 'emergency match 118 emergency'],
    ['1515', 'emergency match 1515 emergency'],
    ['0612345678', 'national timeout 0612345678'],
    ['01012345678', 'national match 01012345678'],
    ['3331234567', 'national match 3331234567'],
    ['800123456', 'national match 800123456'],
    ['187', 'short match 187'],
    ['1254', 'short match 1254'],
    ['199123456', 'national match 199123456'],
    ['0033389000002', 'international timeout 0033389000002'],
    ['*67#', 'code-network hash *67#'],
  ],
  be: [
    ['101', 'emergency match 101 emergency'],
    ['025551212', 'national match 025551212'],
    ['042234567', 'national match 042234567'],
    ['0470123456', 'national match 0470123456'],
    ['080012345', 'national match 080012345'],
    ['1307', 'short match 1307'],
    ['0033389000002', 'international timeout 0033389000002'],
    ['*31*025551212', 'code-local match 025551212 masked'],
    ['*31*101', 'emergency match 101 emergency'],
  ],
  ch: [
    ['117', 'emergency match 117 emergency'],
    ['1414', 'emergency match 1414 emergency'],
    ['0441234567', 'national match 0441234567'],
    ['1811', 'short match 1811'],
    ['162', 'short match 162'],
    ['0033389000002', 'international timeout 0033389000002'],
    ['*31*0441234567', 'code-local match 0441234567 masked'],
  ],
  nl: [
    ['112', 'emergency match 112 emergency'],
    ['113', 'emergency match 113 emergency'],
    ['0201234567', 'national match 0201234567'],
    ['0612345678', 'national match 0612345678'],
    ['08001234', 'national timeout 08001234'],
    ['08001234567', 'national match 08001234567'],
    ['0900123456', 'national timeout 0900123456'],
    ['14020', 'short timeout 14020'],
    ['140348', 'short match 140348'],
    ['144', 'short match 144'],
    ['1233', 'voicemail match 1233'],
    ['1850', 'short match 1850'],
    ['*31*0201234567', 'code-local match 0201234567 masked'],
  ],
}

for (const [name, table] of Object.entries(tables))
  t.test(`${name}: plan and codes`, async t => {
    const plan = planOfProfile(name)
    for (const [keys, outcome] of table) t.equal(told(keys, plan), outcome, keys)
  })

t.test(
  'whatever the country, an emergency number goes out at its last digit, alone and behind a code',
  async t => {
    for (const name of shippedProfiles) {
      const plan = planOfProfile(name)
      const codes = plan.codes.filter(({ does }) => does === 'mask-call').map(({ code }) => code.slice(0, -1))
      for (const number of plan.emergency)
        for (const code of ['', ...codes])
          t.match(
            dial(`${code}${number}`, plan).result,
            { class: 'emergency', emergency: true, by: 'match', number },
            `${name}: ${code}${number}`,
          )
    }
  },
)
