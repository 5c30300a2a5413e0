// A microcontroller with a single fault does not get through the suite of the contract: it is held against something.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { mutants } from './mutants.js'

t.setTimeout(120_000)
const suite = fileURLToPath(new URL('./mutant-suite.js', import.meta.url))

for (const name of Object.keys(mutants))
  t.test(name, async t => {
    const { status, stdout } = spawnSync(process.execPath, [suite, name], { encoding: 'utf8' })
    t.equal(status === 0, name === 'none', name === 'none' ? stdout : 'the suite fails')
    t.match(stdout, /^# time=/m, 'it ran to its end')
  })
