// The daemon as one file: an installed package runs on it alone; in a tree where code is compiled it counts only while it
// is as new as the code.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { bundleFiles, isBundleCurrent, openBundle } from '../../board/bundle.js'
import { readableStack } from '../../board/stack-trace.js'
import { startChild } from '../support/child.js'
import { startDaemon } from '../support/daemon.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const bundler = fileURLToPath(new URL('../../scripts/bundle.js', import.meta.url))
const operatorMain = fileURLToPath(new URL('../operator/main.js', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'voiceport-bundle-'))
t.teardown(() => rmSync(directory, { recursive: true }))
// Two bundles with their first starts, on machines that do other things too.
t.setTimeout(180_000)

/** A working tree of its own: compiled, with the data files and the packages. */
const tree = join(directory, 'tree')
const compiled = join(tree, 'dist')
mkdirSync(join(tree, 'node_modules'), { recursive: true })
for (const part of ['package.json', 'README.md', 'board/boards', 'board/profiles'])
  cpSync(join(root, part), join(tree, part), { recursive: true })
for (const part of ['board', 'firmware', 'hal'])
  cpSync(join(root, 'dist', part), join(compiled, part), { recursive: true, preserveTimestamps: true })
// Links one by one, so that the stamp of the last installation is the tree's own.
for (const name of readdirSync(join(root, 'node_modules')))
  if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(tree, 'node_modules', name))

const bundle = () => {
  const made = spawnSync(process.execPath, [bundler, compiled], { encoding: 'utf8' })
  t.match(made, { status: 0, stdout: '', stderr: '' }, 'bundled')
}
const voiceport = (binary: string, words: readonly string[]) =>
  spawnSync(process.execPath, [binary, ...words], { encoding: 'utf8', cwd: '/' })

/** Whether a fresh V8 takes the code cache. */
const takesCodeCache = (...flags: string[]): boolean => {
  const script = `
    const { openBundle } = await import(${JSON.stringify(join(compiled, 'board/bundle.js'))})
    console.log(openBundle().cached)`
  const run = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  t.equal(run.stderr, '')
  return run.stdout === 'true\n'
}

/** Again where a starved machine lost a key: not the detector is on trial here. */
const untilSeen = async (act: () => Promise<unknown>, seen: () => Promise<unknown>): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    await act()
    try {
      await seen()
      return
    } catch (error) {
      if (attempt === 4) throw error
    }
  }
}

bundle()

t.test('an installed package serves on the bundle alone: dial tone, a call, a good-bye', async t => {
  const listed = spawnSync('npm', ['pack', '--dry-run', '--json'], { cwd: tree, encoding: 'utf8' })
  const [{ files }] = JSON.parse(listed.stdout) as [{ files: { path: string }[] }]
  const paths = files.map(({ path }) => path)
  for (const path of Object.values(bundleFiles).filter(path => path !== bundleFiles.folder))
    t.ok(paths.includes(`dist/${path}`), path)
  t.ok(paths.includes('dist/bundle/daemon.js.map'), 'the source map')
  t.notOk(
    paths.some(path => /tsbuildinfo|\.d\.ts$|conformance/.test(path)),
    'nothing that only a compiler needs',
  )
  const installed = join(directory, 'installed')
  // Of the compiled files only the two that find the bundle: anything else that a daemon loads would be missed.
  const wanted = paths.filter(
    path => !/^dist\/(hal|firmware|board)\//.test(path) || /^dist\/board\/(main|bundle)\.js$/.test(path),
  )
  for (const path of wanted) {
    mkdirSync(dirname(join(installed, path)), { recursive: true })
    cpSync(join(tree, path), join(installed, path))
  }
  symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'))
  const binary = join(installed, 'dist/board/main.js')

  for (const [words, message] of [
    [['run', '--frob'], /^voiceport: run: Unknown option '--frob' \(VP-7002\)\. /],
    [['run', '--config', '/nonexistent.toml'], /nonexistent\.toml cannot be read: .*\(VP-1001\)\. /],
  ] as const) {
    const refused = voiceport(binary, words)
    t.match(refused, { status: 2, stdout: '', stderr: message })
    t.equal(refused.stderr.trim().split('\n').length, 1, 'one line')
  }

  const address = '127.0.0.93:5060'
  const operator = startChild(process.execPath, [
    operatorMain,
    ...['--sip', address, '--trace', '--subscriber', '0389000001:one'],
  ])
  t.teardown(() => operator.stop())
  await operator.waitFor(/operator ready/)
  const daemon = await startDaemon({
    binary,
    address: '127.0.0.94',
    lines: [{ id: 'tel1', user: '0389000001', password: 'one' }],
    domain: 'operator.test',
    proxy: address,
  })
  t.teardown(() => daemon.child.stop())
  const { bench } = daemon
  await daemon.child.waitFor(/"line":"tel1","state":"registered"/)
  const heardDial = () =>
    bench.waitFor(event => event.ev === 'tone' && event['name'] === 'dial', 10_000, bench.mark())
  await untilSeen(
    async () => {
      await bench.do({ do: 'onhook' })
      // A shorter break would be R.
      await setTimeout(1000)
      const tone = heardDial()
      await bench.do({ do: 'offhook' })
      await tone
      await bench.do({ do: 'dtmf', digits: '3100' })
    },
    // To the Contact of a 200; that of a refusal goes to the number's own address.
    () => operator.waitFor(/\nACK sip:\S+@127\.0\.0\.93:5060 SIP\/2\.0/, 8000),
  )
  await untilSeen(
    () => bench.do({ do: 'dtmf', digits: '5' }),
    () => operator.waitFor(/^3100 digit 5$/m, 5000),
  )
  await bench.do({ do: 'onhook' })
  await operator.waitFor(/\nBYE sip:/)
  t.equal(await daemon.stop(), 0)
})

t.test('a bundle that is older than the code, or than its packages, is not used', async t => {
  const binary = join(compiled, 'board/main.js')
  const source = join(compiled, 'board/cli/run.js')
  const help = () => voiceport(binary, ['run', '--help']).stdout.split('\n').at(-2)
  const original = readFileSync(source, 'utf8')
  const { atime, mtime } = statSync(source)
  t.ok(isBundleCurrent(compiled))
  t.equal(help(), 'The daemon, as systemd starts it.')

  // To see which of the two answers: a change that the times of the files do not tell.
  writeFileSync(source, original.replace('The daemon, as', 'The changed daemon, as'))
  utimesSync(source, atime, mtime)
  t.equal(help(), 'The daemon, as systemd starts it.', 'the bundle answers')
  utimesSync(source, atime, new Date())
  t.notOk(isBundleCurrent(compiled))
  t.equal(help(), 'The changed daemon, as systemd starts it.', 'the code answers')
  bundle()
  t.ok(isBundleCurrent(compiled))
  t.equal(help(), 'The changed daemon, as systemd starts it.', 'bundled anew')

  const stamp = join(tree, 'node_modules/.package-lock.json')
  writeFileSync(stamp, '{}')
  t.notOk(isBundleCurrent(compiled), 'packages installed since')
  rmSync(stamp)
  t.ok(isBundleCurrent(compiled))
  rmSync(source)
  t.notOk(isBundleCurrent(compiled), 'a file that went into it is gone')
  writeFileSync(source, original)
  utimesSync(source, atime, mtime)
})

t.test('the code cache is taken, and one that does not fit is left aside', async t => {
  const binary = join(compiled, 'board/main.js')
  const cache = join(compiled, bundleFiles.codeCache)
  const good = readFileSync(cache)
  t.ok(takesCodeCache())
  t.notOk(takesCodeCache('--no-opt'), 'other flags of V8')
  for (const [name, bytes] of [
    ['nothing', Buffer.alloc(0)],
    ['noise', Buffer.alloc(good.length, 'noise')],
    ['cut short', good.subarray(0, good.length / 2)],
  ] as const) {
    writeFileSync(cache, bytes)
    t.notOk(takesCodeCache(), name)
    t.match(voiceport(binary, ['run', '--help']), { status: 0, stdout: /^voiceport run/, stderr: '' }, name)
  }
  rmSync(cache)
  t.notOk(takesCodeCache(), 'none')
  writeFileSync(cache, good)
  t.ok(takesCodeCache(), 'the first one again')
})

t.test('a fault in the bundle names the file and line of the source', async t => {
  const run = openBundle(compiled)?.exports.runCommand.run
  const error: unknown = await run?.(undefined as never).catch((reason: unknown) => reason)
  const lines = readFileSync(join(root, 'board/cli/run.ts'), 'utf8').split('\n')
  const line = lines.findIndex(text => text.includes('run: async ({ values')) + 1
  t.ok(line > 0)
  t.match(readableStack(error as Error), `board/cli/run.ts:${line}:`)
})
