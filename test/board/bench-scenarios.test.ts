// The bench's command line: a short slice of its scenarios on a real daemon, the report they leave, and what it says to
// words that mean nothing. All scenarios run in virtual time in ../bench/runner.test.ts.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import { scenarios } from '../bench/scenarios/all.js'
import { realTimeScenarios } from '../hil/call-checks.js'
import { createOperator } from '../operator/operator.js'
import { startChild } from '../support/child.js'
import { startDaemon } from '../support/daemon.js'
import { freeHouse } from '../support/free-house.js'

t.setTimeout(120_000)

const program = fileURLToPath(new URL('../../scripts/bench-scenarios.js', import.meta.url))
const bench = (...words: readonly string[]) =>
  spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', timeout: 90_000 })

t.test('a slice on a simulated box: passed, told, and kept as a report with pictures', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-scenarios-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const names = ['pick-up-dial-tone', 'keys-in-a-call', 'ring-and-answer']
  const { status, stdout, stderr } = bench(
    ...['--target', 'sim', '--json', '--out', folder],
    ...names.flatMap(name => ['--only', name]),
  )
  t.equal(status, 0, stderr)
  t.match(stderr, /^3 passed, 0 failed$/m)
  const report = JSON.parse(stdout) as {
    passed: number
    scenarios: { name: string; outcome: string; figures: { what: string; ms: number }[] }[]
  }
  t.match(
    report.scenarios.map(({ name, outcome }) => `${outcome} ${name}`),
    names.map(name => `passed ${name}`),
  )
  t.ok(report.scenarios[0]?.figures.some(({ what, ms }) => what === 'pick-up to dial tone' && ms > 0))
  t.same(
    readdirSync(folder).sort(),
    [...names.map(name => `${name}.svg`), 'report.html', 'report.json'].sort(),
  )
  t.match(readFileSync(join(folder, 'report.html'), 'utf8'), /3 passed/)
})

t.test('what it does not know is refused in a line, with code 2', async t => {
  const given: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /--target is missing/],
    [['--target', 'sim', '--only', 'nonsense'], /no scenario "nonsense"/],
    [['--target', 'nonsense'], /no address of a bench channel/],
    [['--target', 'unix:/no/such/socket'], /ENOENT/],
    [['--target', '/dev/no-such-port'], /No such file/],
    [['--target', 'sim', '--scale', '3'], /--scale is for a target that runs already/],
    [['--target', '127.0.0.1:9', '--scale', '0'], /--scale 0/],
    [['--target', '127.0.0.1:9', '--far', '0389000011:very secret@host'], /--far: NUMBER/],
    [['--target', '127.0.0.1:9', '--lacks', 'wings'], /--lacks wings/],
    [['--speed'], /--speed/],
  ]
  for (const [words, why] of given) {
    const { status, stderr, stdout } = bench(...words)
    t.equal(status, 2, words.join(' '))
    t.match(stderr, why)
    t.notMatch(stderr, /very secret/)
    t.equal(stdout, '')
  }
})

t.test('a target that runs already: the bench plays a subscriber of its operator (--far)', async t => {
  const house = await freeHouse('127.62')
  const [box, far] = ['0389000001', '0389000011'] as const
  const operator = await createOperator(
    {
      sip: { address: `${house}.1`, port: 5060 },
      domain: 'operator.test',
      subscribers: { [box]: 'secret', [far]: 'far secret' },
    },
    { network: new LinuxNetwork(), clock: new LinuxClock(), entropy: new LinuxEntropy() },
  )
  t.teardown(() => operator.close())
  const daemon = await startDaemon({
    address: `${house}.5`,
    lines: [{ id: 'tel1', user: box, password: 'secret' }],
    domain: 'operator.test',
    proxy: `${house}.1:5060`,
  })
  t.teardown(() => daemon.stop())
  await daemon.child.waitFor(/"state":"registered"/)
  const play = async (...words: readonly string[]) => {
    const running = startChild(process.execPath, [
      program,
      ...['--target', `unix:${daemon.folder}/bench.sock`, '--number', `tel1=${box}`],
      ...['--operator', `${house}.1:5060`, '--domain', 'operator.test'],
      ...words,
    ])
    return { code: await running.exit(), said: running.output() }
  }
  const names = ['--only', 'ring-and-answer']
  const good = await play('--far', `${far}:far secret@${house}.11`, ...names)
  t.equal(good.code, 0, good.said)
  t.match(good.said, /^passed +ring-and-answer/m)
  t.match(good.said, /^1 passed, 0 failed$/m)
  const without = await play(...names)
  t.match(without.said, /^skipped +ring-and-answer .*nobody else is in the network \(--far\)/m)
  t.match(without.said, /^0 passed, 0 failed, 1 skipped$/m)
  const refused = await play('--far', `${far}:wrong@${house}.11`, ...names)
  t.equal(refused.code, 2)
  t.match(refused.said, /the target cannot be had/)
  t.notMatch(refused.said, /wrong@/)
})

t.test('the scenarios of the virtual machine are scenarios', async t => {
  const known = new Set(scenarios.map(({ name }) => name))
  t.ok(realTimeScenarios.length >= 5)
  for (const name of realTimeScenarios) t.ok(known.has(name), name)
})

t.test('the list names every scenario and what it needs', async t => {
  const { status, stdout } = bench('--list')
  t.equal(status, 0)
  for (const { name } of scenarios) t.ok(stdout.includes(`${name} `), name)
  t.match(stdout, /needs tones, far party, second far party/)
})
