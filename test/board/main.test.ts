// The binary as a person or systemd meets it: help, wrong use, and `check`; data files and log of the box.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { findData, listData, version } from '../../board/data.js'
import { profileOf } from '../../board/settings.js'
import { makeVerifier } from '../../firmware/console/secret.js'
import { dialPlan } from '../../firmware/run/dial-plan.js'
import { describeBoardKeys, describeKeys } from '../../firmware/settings/key-list.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { startChild } from '../support/child.js'
import { planOfProfile } from '../support/plan-of-profile.js'
import { shippedProfiles } from '../support/shipped-profiles.js'

const binary = fileURLToPath(new URL('../../board/main.js', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'voiceport-main-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const voiceport = (...words: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [binary, ...words], { encoding: 'utf8', input: '' })
const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text)
  return join(directory, name)
}

t.test('help and version', async t => {
  t.match(voiceport('--version'), { status: 0, stdout: /^\d+\.\d+\.\d+\n$/, stderr: '' })
  const help = voiceport('--help')
  t.match(help, { status: 0, stderr: '' })
  for (const name of ['check', 'explain', 'replay']) {
    t.match(help.stdout, new RegExp(`^  ${name} +\\S`, 'm'))
    t.match(voiceport(name, '--help'), {
      status: 0,
      stdout: new RegExp(`^voiceport ${name} .*\\[--json\\]`),
      stderr: '',
    })
  }
})

t.test('wrong use: one clear line on standard error, nothing on standard output, exit code 2', async t => {
  const wrong: readonly [readonly string[], RegExp][] = [
    [[], /a command is missing/],
    [['frobnicate'], /no command "frobnicate"/],
    [['__proto__'], /no command "__proto__"/],
    [['check', '--frob'], /check: Unknown option '--frob'/],
    [['check', 'mine.toml'], /check: Unexpected argument 'mine.toml'/],
    [['run', 'mine.toml'], /run: Unexpected argument 'mine.toml'/],
    [['check', '--config'], /check: Option '--config.*argument missing/],
    [['check', '--json=yes'], /check: Option '--json' does not take an argument/],
    [['check', '--config', '/nonexistent.toml'], /nonexistent\.toml cannot be read: no such file/],
    [['replay'], /exactly one trace file/],
    [['explain', '--profile', 'mars', 'R'], /no profile "mars", only be, ch, de, es, fr, it, nl, uk, us\b/],
  ]
  for (const [words, message] of wrong) {
    const result = voiceport(...words)
    t.match(result, { status: 2, stdout: '' }, words.join(' '))
    t.match(result.stderr, message)
    t.match(result.stderr, /\(VP-\d{4}\)\. \S.*\.\n$/, 'code and remedy')
    t.equal(result.stderr.trim().split('\n').length, 1, result.stderr)
  }
})

t.test('check', async t => {
  const good = file('good.toml', 'board = "sim"\n[[line]]\nid = "tel1"\n')
  t.match(voiceport('check', '--config', good), {
    status: 0,
    stdout: /good\.toml is in order: board sim, profile fr, lines tel1 \(no account\)/,
    stderr: '',
  })
  t.strictSame(JSON.parse(voiceport('check', '--json', '--config', good).stdout), { errors: [] })

  const bad = file('bad.toml', 'board = "sim"\nprofil = "fr"\n[[line]]\nid = "tel1"\n[sip]\ndscp = 99\n')
  const people = voiceport('check', '--config', bad)
  t.match(people, { status: 2, stdout: '' })
  t.match(
    people.stderr,
    /bad\.toml:2: profil .*did you mean "profile".*\n.*bad\.toml:6: sip\.dscp = 99: .*0 to 63/,
  )
  const machine = voiceport('check', '--json', '--config', bad)
  t.match(machine, { status: 2, stderr: '' })
  t.match(JSON.parse(machine.stdout), {
    errors: [
      { code: 'VP-1004', file: bad, line: 2, key: 'profil', message: String, fix: String },
      { code: 'VP-1003', file: bad, line: 6, key: 'sip.dscp', message: String, fix: String },
    ],
  })
})

t.test('check: a secret with which nobody could log in', async t => {
  const secret = file('view', 'plug it in\n')
  const config = file(
    'shut.toml',
    `board = "sim"\n[[line]]\nid = "tel1"\n[console]\nviewSecretFile = "${secret}"\nenableSecretFile = "nowhere"\n`,
  )
  const missing = /shut\.toml:6: console\.enableSecretFile: .*nowhere cannot be read: no such file/
  const told = voiceport('check', '--config', config)
  t.match(told, { status: 1, stderr: missing })
  t.notMatch(told.stderr, /viewSecretFile/)
  t.equal(voiceport('check', '--files-only', '--config', config).status, 0, 'not on this machine')
  file('view', 'two\nlines\n')
  t.match(voiceport('check', '--config', config), {
    status: 1,
    stderr: /shut\.toml:5: console\.viewSecretFile: .*view: it cannot be typed/,
  })

  const changed = file(
    'changed.toml',
    `${readFileSync(config, 'utf8')}[store]\npath = "${directory}/voiceport.db"\n`,
  )
  const verifier = await makeVerifier('changed here', new LinuxClock(), new LinuxEntropy())
  for (const level of ['view', 'enable']) file(`console-${level}.verifier`, `${verifier}\n`)
  t.equal(voiceport('check', '--config', changed).status, 0, 'passwords that were changed here count')
  file('console-view.verifier', '$scrypt$broken\n')
  t.match(voiceport('check', '--config', changed), {
    status: 1,
    stderr: /changed\.toml:5: console\.viewSecretFile: .*console-view\.verifier/,
  })
})

t.test('check --keys lists every key with range and help', async t => {
  const [keys, boardKeys] = [describeKeys(), describeBoardKeys()]
  t.ok(keys.length >= 40, `${keys.length} keys`)
  for (const { key, help, legal } of [...keys, ...boardKeys]) t.ok(help && legal, key)
  for (const key of [
    'gpio.NAME.label',
    '[[slic]].shk.offset',
    '[[slic]].quirks.ohtResistor',
    'leds.line.bus',
  ])
    t.ok(
      boardKeys.some(one => one.key === key),
      key,
    )
  t.match(
    keys.find(({ key }) => key === 'sip.dscp'),
    { standard: 24, required: false, legal: /0 to 63/ },
  )
  t.match(
    keys.find(({ key }) => key === '[[line]].account.domain'),
    { required: true },
  )
  t.strictSame(JSON.parse(voiceport('check', '--keys', '--json').stdout), {
    keys: JSON.parse(JSON.stringify(keys)),
    boardKeys: JSON.parse(JSON.stringify(boardKeys)),
  })
})

t.test('data files are found beside the sources and in an installed package', async t => {
  t.strictSame(listData('board'), ['hil-vm', 'rpi-ag1171', 'sim', 'usb-slic'])
  t.ok(listData('profile').includes('fr'))
  t.equal(findData('profile', '../../package'), undefined)
  t.equal(findData('profile', 'none'), undefined)
  t.match(version(), /^\d/)
  // As npm lays it out: dist/ and the data folders, elsewhere, with the dependencies beside it.
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  const installed = join(directory, 'installed')
  mkdirSync(join(installed, 'board'), { recursive: true })
  for (const part of [
    'package.json',
    'board/boards',
    'board/profiles',
    'dist/board',
    'dist/firmware',
    'dist/hal',
  ])
    cpSync(join(root, part), join(installed, part), { recursive: true })
  const modules = spawnSync('ln', ['-s', join(root, 'node_modules'), join(installed, 'node_modules')])
  t.equal(modules.status, 0)
  const config = file('installed.toml', 'board = "sim"\nprofile = "de"\n[[line]]\nid = "tel2"\n')
  const run = spawnSync(
    process.execPath,
    [join(installed, 'dist/board/main.js'), 'check', '--config', config],
    {
      encoding: 'utf8',
      cwd: '/',
    },
  )
  t.match(run, { status: 0, stdout: /profile de/, stderr: '' })
})

t.test('a profile by name or path; the dial plan is what the file says', async t => {
  const mine = file('mine.toml', 'extends = "fr"\nname = "mine"\n[dialplan]\nmaxDigits = 12\n')
  t.equal(dialPlan(profileOf(mine)).maxDigits, 12)
  t.strictSame(dialPlan(profileOf('fr')).emergency.length, 13)
  const broken = file('broken.toml', 'extends = "fr"\n[timers]\nwindow = 1\n')
  t.throws(() => profileOf(broken), /broken\.toml:3: timers\.window = 1/)
  t.match(voiceport('explain', '--profile', broken, 'R'), { status: 2, stderr: /VP-1003/ })
  const worse = file('worse.toml', 'extends = "fr"\n[hook]\nbounceMs = 99\n[timers]\nwindow = "soon"\n')
  t.throws(() => profileOf(worse), /worse\.toml:3: .*\n.*worse\.toml:5: /, 'every mistake at once')
})

t.test('the dial plans of the shipped profiles are what their files say', async t => {
  for (const name of shippedProfiles) t.same(dialPlan(profileOf(name)), planOfProfile(name), name)
})

t.test('lab dial and lab hook', async t => {
  const dialled = voiceport('lab', 'dial', '#21#')
  t.match(dialled, { status: 0, stderr: '' })
  t.strictSame(JSON.parse(dialled.stdout), {
    class: 'code-network',
    complete: '#',
    afterMs: 0,
    uri: 'sip:%2321%23@operator.test;user=phone',
  })
  t.match(JSON.parse(voiceport('lab', 'dial', '--profile', 'de', '110').stdout), { class: 'emergency' })
  const edges = [0, 1_000_000, 2_270_000].map((us, i) => JSON.stringify({ offHook: i !== 1, us }))
  const hook = (context: string, input: string) =>
    spawnSync(process.execPath, [binary, 'lab', 'hook', '--context', context], { encoding: 'utf8', input })
  t.match(hook('talking', edges.join('\n')), {
    status: 0,
    stdout: '{"ev":"offhook","us":0}\n{"ev":"onhook","us":1600000,"ms":600}\n{"ev":"offhook","us":2270000}\n',
    stderr: '',
  })
  t.match(hook('talking', 'edges'), {
    status: 2,
    stdout: '',
    stderr: /line 1: not a JSON object \(VP-7202\)/,
  })
  t.match(hook('asleep', ''), { status: 2, stdout: '', stderr: /no context "asleep"/ })
})

t.test('the log writes JSON lines to standard error at once, from its level up', async t => {
  const script = `
    const { openLog } = await import(${JSON.stringify(new URL('../../board/log.js', import.meta.url).href)})
    const log = openLog('info')
    log.debug('unseen')
    log.info('line ready', { line: 'tel1', level: 'mine', none: undefined })
    log.setLevel('error')
    log.warn('unseen')
    log.error('last words')
    process.kill(process.pid, 'SIGKILL')`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  t.equal(run.stdout, '')
  const lines = run.stderr
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  t.equal(lines.length, 2)
  t.match(lines[0], {
    level: 'info',
    time: /^\d{4}-\d\d-\d\dT.*Z$/,
    line: 'tel1',
    level_: 'mine',
    msg: 'line ready',
  })
  t.match(lines[1], { level: 'error', msg: 'last words' })
  t.equal(readFileSync(binary, 'utf8').startsWith('#!/usr/bin/env node\n'), true)
})

t.test('run: without an operator, twice on one address, and the end', async t => {
  const config = (name: string, bench: string) =>
    file(
      name,
      `board = "sim"
[[line]]
id = "tel1"
[line.account]
user = "0389000001"
domain = "operator.test"
password = "hushHush"
proxies = ["sip:127.0.0.68:5060;transport=udp"]
[sip]
listen = "127.0.0.67:5060"
[media]
listen = "127.0.0.67"
[store]
path = "${join(directory, `${name}.db`)}"
[bench]
listen = "unix:${join(directory, bench)}"
[log]
level = "debug"
`,
    )
  const box = startChild(process.execPath, [binary, 'run', '--config', config('one.toml', 'one.sock')])
  t.teardown(() => box.stop())
  await box.waitFor(/^voiceport ready$/m, 15_000)
  const second = voiceport('run', '--config', config('two.toml', 'two.sock'))
  t.match(second, { status: 1, stdout: '' })
  t.match(second.stderr, /^voiceport: cannot start: .*127\.0\.0\.67:5060.*\. End the other program .*\.$/m)
  t.notMatch(second.stderr, /^ +at /m, 'no stack trace')
  box.process.kill('SIGTERM')
  t.equal(await box.exit(), 0)
  t.match(box.output(), /"line":"REGISTER /, 'it tried')
  t.notMatch(box.output(), /hushHush/, 'no secret in the log')
})

t.test('a reader that closes the pipe early is no error', async t => {
  const run = spawnSync('sh', ['-c', `"${process.execPath}" "${binary}" check --keys | head -1`], {
    encoding: 'utf8',
  })
  t.match(run, { status: 0, stdout: 'board\n', stderr: '' })
})
