// A short slice of ./scripts/operator-load: every call through the operator as a program ends as both sides want.

import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startChild } from '../support/child.js'
import { noNamespaceReason } from '../support/netns.js'
import { noSippReason } from './sipp.js'

const reason = noNamespaceReason() ?? noSippReason()
t.setTimeout(90_000)

t.test('calls between two SIPp through the operator: none fails', reason ? { skip: reason } : {}, async t => {
  const program = fileURLToPath(new URL('../../scripts/operator-load.js', import.meta.url))
  const run = startChild(process.execPath, [program, '--rates', '10', '--seconds', '3', '--json'])
  t.teardown(() => run.stop())
  t.equal(await run.exit(), 0, run.output())
  const [figures, end] = run
    .output()
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  t.match(figures, { rate: 10, calls: 30, failed: 0 })
  t.ok(figures.setupMs >= 0 && figures.cpu >= 0 && figures.rssMb > 0, JSON.stringify(figures))
  t.same(end, { best: 10, seconds: 3 })
})
