// A store that cannot be written: on a full disk, on one mounted for reading only. What it holds counts, no change is confirmed,
// and the alarm stands.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { VoiceportError } from '../../firmware/errors.js'
import { createAlarmTable } from '../../firmware/run/facts/alarm-table.js'
import { watchStore } from '../../firmware/run/facts/store-watch.js'
import type { LineStore } from '../../firmware/run/masking.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

/** A small disk of its own, in a namespace of its own. */
const unshare = ['--map-root-user', '--mount']
const mayMount = spawnSync('unshare', [...unshare, 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0
const moduleOf = (path: string) => JSON.stringify(new URL(`../../${path}`, import.meta.url).href)

/** Two stores, one closed in order and one whose process died, each read when the disk is full, and when it is read only. */
const script = `
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync, rmSync } from 'node:fs'
const { openStore } = await import(${moduleOf('firmware/settings/store.js')})
const { LinuxClock } = await import(${moduleOf('hal/linux/clock.js')})
const [disk, died] = process.argv.slice(1)
const note = () => {}
const log = { debug: note, info: note, warn: note, error: note }
const open = name => openStore({ path: disk + '/' + name, clock: new LinuxClock(), log })
const write = async store => {
  await store.setLine('tel1', { masking: true }, 'handset')
  await store.setOverrides(new Map([['sip.dscp', 10]]), 'console')
  await store.setOverrides(new Map([['sip.dscp', 20]]), 'console', { revocable: true })
}
const codeOf = work => work.then(() => 'done', error => error.code)
const look = async (state, name) => {
  const store = await open(name).catch(error => error.code)
  if (typeof store === 'string') return console.log(state, name, store)
  const codes = await Promise.all([
    codeOf(store.setLine('tel1', { masking: false }, 'handset')),
    codeOf(store.setOverrides(new Map([['sip.dscp', 30]]), 'console')),
    codeOf(store.confirm()),
    codeOf(store.erase()),
  ])
  const same = new Set([store.unwritable.code, ...codes])
  console.log(state, name, store.line('tel1').masking, store.overrides().get('sip.dscp'), same.size)
  await store.close()
}
if (died) {
  await write(await open('died.db'))
  process.kill(process.pid, 'SIGKILL')
}
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', disk])
const store = await open('closed.db')
await write(store)
await store.close()
spawnSync(process.execPath, [...process.execArgv, disk, 'died'])
try { writeFileSync(disk + '/full', new Uint8Array(1_000_000)) } catch {}
for (const name of ['closed.db', 'died.db']) await look('full', name)
execFileSync('mount', ['-o', 'remount,ro', disk])
for (const name of ['closed.db', 'died.db', 'none.db']) await look('read-only', name)
`

t.test(
  'what is in it counts, what was not confirmed is undone, and nothing is stored',
  {
    skip: mayMount ? false : 'no mount namespace can be had here',
  },
  async t => {
    const disk = mkdtempSync(join(tmpdir(), 'voiceport-full-'))
    t.teardown(() => rmSync(disk, { recursive: true }))
    const args = [...unshare, process.execPath, '--input-type=module', '-e', script, disk]
    const { stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8' })
    t.same(
      stdout.trim().split('\n'),
      [
        'full closed.db true 10 1',
        'full died.db true 10 1',
        'read-only closed.db true 10 1',
        'read-only died.db true 10 1',
        'read-only none.db VP-5001',
      ],
      stderr,
    )
  },
)

t.test('the alarm stands from the start, and names a full disk', async t => {
  for (const [code, kind] of [
    ['VP-5005', 'disk-full'],
    ['VP-5001', 'store-failed'],
  ] as const) {
    const alarms = createAlarmTable(new VirtualClock())
    const refused = (..._: Parameters<LineStore['setLine']>): Promise<never> =>
      Promise.reject(new VoiceportError(code, 'no'))
    const line = () => ({ masking: true, simservs: null, contact: null })
    const store = { line, setLine: refused, unwritable: new VoiceportError(code, 'no') }
    const watched = await watchStore(Promise.resolve(store), alarms)
    t.match(alarms.list(), [{ kind, active: true, detail: code }])
    await t.rejects(watched?.setLine('tel1', { masking: false }, 'handset') ?? Promise.resolve())
    t.equal(alarms.list()[0]?.active, true)
  }
})
