// Every row of rigs.ts against the suite of its contract. Run by itself it takes names of drivers and contracts:
// node dist/test/hal/conformance.test.js serial-slic

import t from 'tap'
import { rigsNamed, titleOf } from './rigs.js'

t.setTimeout(200_000)

for (const rig of rigsNamed(process.argv.slice(2))) {
  const reason = rig.missing?.()
  t.test(titleOf(rig), { ...(reason !== undefined && { skip: reason }) }, async t => {
    await rig.suite(t)
  })
}
