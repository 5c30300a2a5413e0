// What systemd and the machine's watchdog are told, read by somebody else: socat takes the datagrams, a file and a pipe stand
// for /dev/watchdog.
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { kindOf } from '../../../hal/conformance/hal-kind.js'
import { openSdNotify } from '../../../hal/linux/sd-notify.js'
import { openWatchdogDevice } from '../../../hal/linux/watchdog-device.js'
import { type Child, startChild } from '../../support/child.js'

const folder = mkdtempSync(join(tmpdir(), 'voiceport-watchdog-'))
t.teardown(() => rmSync(folder, { recursive: true }))

/** A receiver of datagrams; `address` as socat writes it. */
const listen = async (address: string): Promise<Child> => {
  const child = startChild('socat', ['-d', '-d', '-u', address, '-'])
  t.teardown(() => child.stop())
  await child.waitFor(/starting data transfer loop/)
  return child
}

t.test(
  'systemd is told',
  { skip: spawnSync('socat', ['-V']).error ? 'socat is not installed' : false },
  async t => {
    const socket = join(folder, 'notify')
    const systemd = await listen(`UNIX-RECV:${socket}`)
    const watchdog = await openSdNotify({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '5000000' })
    t.equal(watchdog?.intervalMs, 2500, 'half of what systemd waits')
    watchdog?.ready()
    await systemd.waitFor(/READY=1\n/)
    watchdog?.status?.('tel1 registered\nidle')
    await systemd.waitFor(/STATUS=tel1 registered idle\n/)
    const before = systemd.mark()
    watchdog?.feed()
    await systemd.waitFor(/WATCHDOG=1\n/, 5000, before)
    watchdog?.stopping()
    await systemd.waitFor(/STOPPING=1\n/)
    t.equal(systemd.output().match(/READY=1/g)?.length, 1, 'what got through is not told again')
  },
)

t.test(
  'an abstract socket; what nobody took is told with the next word',
  { skip: spawnSync('socat', ['-V']).error ? 'socat is not installed' : false },
  async t => {
    const name = `voiceport-${process.pid}-notify`
    const watchdog = await openSdNotify({ NOTIFY_SOCKET: `@${name}` })
    t.equal(watchdog?.intervalMs, undefined, 'not watched')
    watchdog?.ready()
    watchdog?.status?.('one')
    watchdog?.status?.('two')
    const systemd = await listen(`ABSTRACT-RECV:${name}`)
    watchdog?.feed()
    await systemd.waitFor(/READY=1\nSTATUS=two\nWATCHDOG=1\n/)
    t.notMatch(systemd.output(), /STATUS=one/)
  },
)

t.test('who is not watched feeds nobody', async t => {
  t.equal(await openSdNotify({}), undefined)
  t.equal(await openSdNotify({ NOTIFY_SOCKET: '' }), undefined)
  const interval = async (environment: NodeJS.ProcessEnv) =>
    (await openSdNotify({ NOTIFY_SOCKET: '/nobody', ...environment }, 77))?.intervalMs
  t.equal(await interval({ WATCHDOG_USEC: '3000000', WATCHDOG_PID: '77' }), 1500)
  t.equal(await interval({ WATCHDOG_USEC: '3000000', WATCHDOG_PID: '78' }), undefined, 'another process')
  for (const wrong of ['', '0', '-1', 'soon']) t.equal(await interval({ WATCHDOG_USEC: wrong }), undefined)
  for (const wrong of ['vsock:2:1234', 'relative', '@', `/${'x'.repeat(107)}`])
    t.equal(await kindOf(() => openSdNotify({ NOTIFY_SOCKET: wrong })), 'invalid', wrong)
  t.ok(await openSdNotify({ NOTIFY_SOCKET: `/${'x'.repeat(106)}` }), 'the longest name there can be')
})

t.test('the watchdog of the machine: fed, and disarmed by a clean end alone', async t => {
  const device = join(folder, 'watchdog')
  writeFileSync(device, '')
  const watchdog = await openWatchdogDevice({ path: device, timeoutSeconds: 30 })
  t.equal(watchdog.timeoutSeconds, undefined, 'a file has no time of its own')
  t.equal(watchdog.intervalMs, 1000, 'and is fed often, to be safe')
  watchdog.ready()
  watchdog.feed()
  t.equal(readFileSync(device, 'latin1'), '\0\0')
  watchdog.stopping()
  watchdog.stopping()
  watchdog.feed()
  t.equal(readFileSync(device, 'latin1'), '\0\0V', 'magic close, and not a word behind it')
  t.equal(
    await kindOf(() => openWatchdogDevice({ path: join(folder, 'none'), timeoutSeconds: 30 })),
    'missing',
  )
  t.equal(await kindOf(() => openWatchdogDevice({ path: folder, timeoutSeconds: 30 })), 'io')
})

t.test('a watchdog that cannot be fed is told once, and again after it could be', async t => {
  const device = join(folder, 'pipe')
  t.equal(spawnSync('mkfifo', [device]).status, 0)
  const reader = () => openSync(device, constants.O_RDONLY | constants.O_NONBLOCK)
  const told: string[] = []
  let end = reader()
  const watchdog = await openWatchdogDevice({
    path: device,
    timeoutSeconds: 30,
    onProblem: error => told.push(error.message),
  })
  watchdog.feed()
  t.equal(readSync(end, Buffer.alloc(8)), 1)
  closeSync(end)
  watchdog.feed()
  watchdog.feed()
  t.equal(told.length, 1)
  t.match(told[0], /feeding .*pipe: EPIPE/)
  end = reader()
  watchdog.feed()
  closeSync(end)
  watchdog.feed()
  t.equal(told.length, 2)
  watchdog.stopping()
})
