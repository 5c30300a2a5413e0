// The beginning and the end of the daemon as systemd and power cuts make them.

import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startDaemon as composedDaemon } from '../../board/daemon.js'
import { settingsOf } from '../../board/settings.js'
import { silentLog } from '../../firmware/log.js'
import { kindOf } from '../../hal/conformance/hal-kind.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import { startChild } from '../support/child.js'
import { startDaemon } from '../support/daemon.js'
import { openExchange } from '../support/scripted-exchange.js'

t.setTimeout(120_000)

const operatorAt = { address: '127.0.0.101', port: 5060 }
const boxAddress = '127.0.0.102'
const hal = { network: new LinuxNetwork(), clock: new LinuxClock(), entropy: new LinuxEntropy() }
const folder = mkdtempSync(join(tmpdir(), 'voiceport-start-'))
t.teardown(() => rmSync(folder, { recursive: true }))

t.test('killed without a good-bye, the box comes back under the Contact it had', async t => {
  const exchange = await openExchange(operatorAt, hal)
  t.teardown(() => exchange.close())
  const start = () =>
    startDaemon({
      address: boxAddress,
      lines: [{ id: 'tel1', user: '0389000001', password: 'secret' }],
      domain: 'operator.test',
      proxy: `${operatorAt.address}:${operatorAt.port}`,
      store: join(folder, 'voiceport.db'),
    })
  const contacts: (string | undefined)[] = []
  for (const signal of ['SIGKILL', 'SIGKILL', 'SIGTERM'] as const) {
    exchange.requests.length = 0
    const daemon = await start()
    t.teardown(() => daemon.child.stop())
    await daemon.child.waitFor(/"state":"registered"/)
    const register = exchange.requests.find(({ method }) => method === 'REGISTER')
    contacts.push(register?.headers.find(([name]) => name === 'Contact')?.[1].split(';')[0])
    daemon.child.process.kill(signal)
    t.equal(await daemon.child.exit(), signal === 'SIGKILL' ? null : 0)
    await daemon.stop()
  }
  const [first] = contacts
  t.match(first, /^<sip:u[0-9a-f]{16}@127\.0\.0\.102:5060>$/)
  t.same(contacts, [first, first, first])
})

t.test('SIGTERM while the box starts: an orderly end, and nobody is told that it was ready', async t => {
  const binary = fileURLToPath(new URL('../../board/main.js', import.meta.url))
  // The start stands still at its configuration for as long as nobody writes into the pipe.
  const config = join(folder, 'voiceport.toml')
  t.equal(spawnSync('mkfifo', [config]).status, 0)
  const box = startChild(process.execPath, [binary, 'run', '--config', config])
  t.teardown(() => box.stop())
  const pipe = await open(config, 'w')
  box.process.kill('SIGTERM')
  await pipe.write(`board = "sim"
[[line]]
id = "tel1"
[sip]
listen = "${boxAddress}:5060"
[media]
listen = "${boxAddress}"
[store]
path = "${join(folder, 'other.db')}"
`)
  await pipe.close()
  t.equal(await box.exit(), 0)
  t.notMatch(box.output(), /voiceport ready/)
})

t.test('a start that fails leaves no thread, no socket and no store open', async t => {
  const taken = createSocket('udp4')
  await new Promise<void>(done => void taken.bind(5060, boxAddress, done))
  t.teardown(() => new Promise<void>(done => void taken.close(() => done())))
  const config = join(folder, 'taken.toml')
  writeFileSync(
    config,
    `board = "sim"
[[line]]
id = "tel1"
[sip]
listen = "${boxAddress}:5060"
[media]
listen = "${boxAddress}"
[store]
path = "${join(folder, 'taken.db')}"
`,
  )
  const read = settingsOf(config)
  if (!('settings' in read)) throw new Error(JSON.stringify(read.errors))
  const open = () =>
    process
      .getActiveResourcesInfo()
      .filter(kind => /UDP|TCP|Pipe|MessagePort|Worker/.test(kind))
      .sort()
  const before = open()
  const starting = composedDaemon(read.settings, { log: silentLog, onLost: () => undefined })
  t.equal(await kindOf(starting), 'in-use')
  const held = () => readdirSync('/proc/self/fd').filter(fd => heldBy(fd).includes('taken.db'))
  for (let n = 0; n < 100 && open().length > before.length; n++)
    await new Promise(done => setTimeout(done, 20))
  t.same(open(), before)
  t.same(held(), [], 'the store is closed')
})

const heldBy = (fd: string): string => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}
