// The demo plays by itself where there is no terminal; here its first chapter, in a network namespace of its own. The other
// chapters are `./scripts/demo --tour`.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startChild } from '../support/child.js'
import { namespaceCommand, noNamespaceReason } from '../support/netns.js'

const demo = new URL('../../scripts/demo-parts/main.js', import.meta.url)
const reason = noNamespaceReason()
t.setTimeout(90_000)

t.test(
  'a call each way and the echo number, every step said',
  { ...(reason && { skip: reason }) },
  async t => {
    const [command, words] = namespaceCommand(demo, ['--tour', 'basic'])
    const tour = startChild(command, words)
    t.teardown(() => tour.stop())
    const code = await tour.exit()
    t.equal(code, 0, tour.output())
    for (const step of [
      /A call out, from tel1 to tel2:/,
      /tel2 rings \(\d+ ms\)/,
      /tel1 hears it/,
      /That was the tour\.$/m,
    ])
      t.match(tour.output(), step)
  },
)

t.test('what it does not know is refused in a line, with code 2', async t => {
  for (const [words, why] of [
    [['--tour', 'everything'], /there is no chapter everything/],
    [['basic'], /basic is a chapter of --tour/],
    [['--turn'], /--turn/],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(demo), ...words], {
      encoding: 'utf8',
    })
    t.equal(status, 2)
    t.match(stderr, why)
  }
})
