// The daemon as systemd runs it: the unit file, what the daemon tells systemd, and what its lamps show meanwhile.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { findProgram, startChild } from '../support/child.js'
import { startDaemon } from '../support/daemon.js'

t.setTimeout(60_000)

const folder = mkdtempSync(join(tmpdir(), 'voiceport-service-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const unit = fileURLToPath(new URL('../../../board/systemd/voiceport.service', import.meta.url))
const analyze = findProgram('systemd-analyze')

t.test(
  'the unit file is one that systemd takes, and shuts the daemon in',
  { skip: analyze ? false : 'systemd-analyze is not installed' },
  async t => {
    const copy = join(folder, 'voiceport.service')
    // What is installed on this machine is not the question.
    writeFileSync(copy, readFileSync(unit, 'utf8').replace('/usr/bin/voiceport', '/bin/true'))
    const verified = spawnSync(analyze as string, ['verify', '--man=no', copy], { encoding: 'utf8' })
    t.match(verified, { status: 0, stderr: '' })
    const report = execFileSync(analyze as string, ['security', '--offline=true', copy], { encoding: 'utf8' })
    const exposure = Number(/Overall exposure level .*: ([\d.]+)/.exec(report)?.[1])
    t.ok(exposure <= 2, `exposure ${exposure}`)
  },
)

t.test(
  'the drop-in for a board with pins is one that systemd takes, and opens /sys',
  { skip: analyze ? false : 'systemd-analyze is not installed' },
  async t => {
    const page = readFileSync(fileURLToPath(new URL('../../../board/README.md', import.meta.url)), 'utf8')
    const dropIn = (page.match(/^ {4}\[Service\]\n(?: {4}.*\n)+/m)?.[0] ?? '').replaceAll(/^ {4}/gm, '')
    const box = join(folder, 'pins')
    mkdirSync(join(box, 'voiceport.service.d'), { recursive: true })
    const copy = join(box, 'voiceport.service')
    writeFileSync(copy, readFileSync(unit, 'utf8').replace('/usr/bin/voiceport', '/bin/true'))
    const verify = (text: string) => {
      writeFileSync(join(box, 'voiceport.service.d', 'pins.conf'), text)
      return spawnSync(analyze as string, ['verify', '--man=no', copy], { encoding: 'utf8' })
    }
    t.match(verify('[Service]\nNoSuchKey=no\n').stderr, /NoSuchKey/, 'it is read')
    t.match(verify(dropIn), { status: 0, stderr: '' })
    t.match(dropIn, /^ProtectKernelTunables=no$/m)
  },
)

t.test('a wrong configuration is not started again: the exit code that the unit names', async t => {
  const file = join(folder, 'wrong.toml')
  writeFileSync(file, 'board = "none-such"\n')
  const main = fileURLToPath(new URL('../../board/main.js', import.meta.url))
  const { status } = spawnSync(process.execPath, [main, 'run', '--config', file], { encoding: 'utf8' })
  const named = /^RestartPreventExitStatus=(\d+)$/m.exec(readFileSync(unit, 'utf8'))?.[1]
  t.equal(Number(named), status)
  t.equal(status, 2)
})

t.test(
  'ready, fed, stopping: told to systemd; the lamps blink, and are seen at the bench',
  { skip: spawnSync('socat', ['-V']).error ? 'socat is not installed' : false },
  async t => {
    const socket = join(folder, 'notify')
    const systemd = startChild('socat', ['-d', '-d', '-u', `UNIX-RECV:${socket}`, '-'])
    t.teardown(() => systemd.stop())
    await systemd.waitFor(/starting data transfer loop/)
    const daemon = await startDaemon({
      address: '127.0.0.103',
      lines: [{ id: 'tel1', user: '0389000001', password: 'secret' }],
      domain: 'operator.test',
      // Nobody is there.
      proxy: '127.0.0.104:5060',
      within: ['env', `NOTIFY_SOCKET=${socket}`, 'WATCHDOG_USEC=400000'],
    })
    t.teardown(() => daemon.stop())
    await systemd.waitFor(/READY=1\n/)
    await systemd.waitFor(/(WATCHDOG=1\n(.*\n)*){4}/)
    await systemd.waitFor(/STATUS=tel1 (registering|refused|unregistered) idle\n/)

    const lamp = (pattern: string) =>
      daemon.bench.waitFor(event => event.ev === 'led' && event['pattern'] === pattern, 5000)
    t.match(await lamp('slow'), { line: 'tel1', led: 'line', onMs: Number, offMs: Number }, 'not registered')
    await daemon.bench.do({ do: 'offhook' })
    await lamp('fast')
    await systemd.waitFor(/STATUS=tel1 \w+ dial-tone\n/)
    const before = systemd.mark()
    t.equal(await daemon.stop(), 0)
    await systemd.waitFor(/STOPPING=1\n/, 5000, before)
  },
)
