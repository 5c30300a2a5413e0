// The bench's command line: a short slice of its scenarios on a real daemon, the report they leave, and what it says to
// words that mean nothing. All scenarios run in virtual time in ../bench/runner.test.ts.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { scenarios } from '../bench/scenarios/all.js'

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

t.test('the list names every scenario and what it needs', async t => {
  const { status, stdout } = bench('--list')
  t.equal(status, 0)
  for (const { name } of scenarios) t.ok(stdout.includes(`${name} `), name)
  t.match(stdout, /needs tones, far party, second far party/)
})
