// The store: what survives, and what is said when the file is missing, damaged, newer, in use or not writable.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sqlite from 'sqlite3'
import t from 'tap'
import { VoiceportError } from '../../firmware/errors.js'
import { Database } from '../../firmware/settings/database.js'
import { migrations } from '../../firmware/settings/migrations.js'
import { openStore, Store } from '../../firmware/settings/store.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

const directory = mkdtempSync(join(tmpdir(), 'voiceport-store-'))
t.teardown(() => rmSync(directory, { recursive: true }))
let count = 0
const fresh = () => join(directory, `s${count++}`, 'voiceport.db')
const silent = () => {
  const lines: string[] = []
  const note = (message: string, fields = {}) => lines.push(`${message} ${JSON.stringify(fields)}`)
  return { lines, log: { debug: note, info: note, warn: note, error: note } }
}
const open = async (path: string, log = silent().log) => openStore({ path, clock: new VirtualClock(), log })
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    error => (error instanceof VoiceportError ? error.code : String(error)),
  )
const raw = (path: string, sql: string) =>
  new Promise<void>((resolve, reject) => {
    const database = new sqlite.Database(path)
    database.exec(sql, error => database.close(() => (error ? reject(error) : resolve())))
  })

t.test('a new store has defaults; what is set is there again after reopening', async t => {
  const path = fresh()
  const store = await open(path)
  t.strictSame(store.line('tel1'), { masking: false, simservs: null, contact: null })
  await store.setLine('tel1', { masking: true }, 'handset')
  await store.setOverrides(new Map([['log.level', 'debug']]), 'console')
  await store.setOverrides(new Map([['log.level', 'warn']]), 'console')
  await store.setOverrides(new Map([['line.tel1.callWaiting', false]]), 'page')
  await store.close()

  const again = await open(path)
  t.strictSame(again.line('tel1'), { masking: true, simservs: null, contact: null })
  t.strictSame(again.line('tel2'), { masking: false, simservs: null, contact: null })
  t.strictSame([...again.overrides()].sort(), [
    ['line.tel1.callWaiting', false],
    ['log.level', 'warn'],
  ])
  await again.setOverrides(new Map([['log.level', undefined]]), 'page')
  await again.resetLine('tel1')
  t.equal(again.line('tel1').masking, false)
  t.equal(again.overrides().has('log.level'), false)
  t.strictSame(
    (await again.journal()).map(entry => [entry.author, entry.key, entry.before, entry.after]),
    [
      ['page', 'log.level', 'warn', undefined],
      ['page', 'line.tel1.callWaiting', undefined, false],
      ['console', 'log.level', 'debug', 'warn'],
      ['console', 'log.level', undefined, 'debug'],
      ['handset', 'line.tel1.masking', undefined, true],
    ],
  )
  t.equal((await again.journal(1)).length, 1)
  await again.close()
})

t.test('several settings of a line change together or not at all', async t => {
  const path = fresh()
  const store = await open(path)
  const simservs = { etag: '"a1"', restricted: true, owed: false }
  await store.setLine('tel1', { masking: true, simservs }, 'network')
  t.strictSame(store.line('tel1'), { masking: true, simservs, contact: null })
  const other = new sqlite.Database(path)
  await new Promise<void>((resolve, reject) =>
    other.exec('BEGIN IMMEDIATE', error => (error ? reject(error) : resolve())),
  )
  const change = { masking: false, simservs: { etag: '"a2"', restricted: false, owed: false } }
  t.equal(await codeOf(store.setLine('tel1', change, 'network')), 'VP-5004')
  t.strictSame(store.line('tel1'), { masking: true, simservs, contact: null })
  await new Promise<void>(resolve => other.close(() => resolve()))
  await store.close()
  const again = await open(path)
  t.strictSame(again.line('tel1'), { masking: true, simservs, contact: null })
  await again.close()
})

t.test('changes made at once are all kept, in order', async t => {
  const path = fresh()
  const store = await open(path)
  await Promise.all(
    Array.from({ length: 41 }, (_, n) => store.setLine('tel1', { masking: n % 2 === 0 }, 'handset')),
  )
  t.equal(store.line('tel1').masking, true)
  await store.close()
  const again = await open(path)
  t.equal(again.line('tel1').masking, true)
  await again.close()
})

t.test('a confirmed change survives the sudden death of the process', async t => {
  const path = fresh()
  const script = `
    import { openStore } from ${JSON.stringify(new URL('../../firmware/settings/store.js', import.meta.url).href)}
    import { LinuxClock } from ${JSON.stringify(new URL('../../hal/linux/clock.js', import.meta.url).href)}
    const note = () => {}
    const store = await openStore({ path: ${JSON.stringify(path)}, clock: new LinuxClock(), log: { debug: note, info: note, warn: note, error: note } })
    await store.setLine('tel1', { masking: true }, 'handset')
    process.kill(process.pid, 'SIGKILL')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
  const [, signal] = await once(child, 'exit')
  t.equal(signal, 'SIGKILL')
  const store = await open(path)
  t.equal(store.line('tel1').masking, true)
  await store.close()
})

t.test('the file is written with a write-ahead log and full synchronisation', async t => {
  const path = fresh()
  const store = await open(path)
  await store.setLine('tel1', { masking: true }, 'handset')
  t.ok(readdirSync(join(path, '..')).includes('voiceport.db-wal'))
  await store.close()
})

t.test('a file that is no database, or a damaged one, is set aside as evidence', async t => {
  const garbage = fresh()
  await (await open(garbage)).close()
  const healthy = join(garbage, '..', 'healthy')
  copyFileSync(garbage, healthy)
  const damage = [
    () => writeFileSync(garbage, 'This is certainly not a database. '.repeat(50)),
    () => {
      copyFileSync(healthy, garbage)
      truncateSync(garbage, 5000)
    },
  ]
  for (const [n, spoil] of damage.entries()) {
    spoil()
    const before = readFileSync(garbage)
    const { log, lines } = silent()
    const store = await open(garbage, log)
    t.match(lines[0], /damaged.*VP-5003/)
    t.equal(store.line('tel1').masking, true, 'nobody knows who withheld his number: everybody does')
    await store.setLine('tel1', { masking: false }, 'handset')
    await store.close()
    const again = await open(garbage)
    t.strictSame([again.line('tel1').masking, again.line('tel2').masking], [false, true])
    await again.close()
    const aside = readdirSync(join(garbage, '..')).filter(
      name => name.includes('.damaged-') && !/-(wal|shm)$/.test(name),
    )
    t.equal(aside.length, 1, `damage ${n}`)
    t.same(readFileSync(join(garbage, '..', aside[0]!)), before)
    rmSync(join(garbage, '..', aside[0]!))
  }
})

t.test('an empty file is a new store; masking that cannot be read is masking', async t => {
  const path = fresh()
  await (await open(path)).close()
  await raw(
    path,
    `INSERT INTO line_setting VALUES ('tel1','masking','"yes"',0), ('tel1','__proto__','1',0), ('tel1','simservs','{"etag":5}',0),
     ('tel1','contact','{"address":"1@operator.test","user":"u1>;x"}',0), ('tel2','masking','true',0)`,
  )
  await raw(path, `INSERT INTO override VALUES ('a','{'), ('b','[{}]'), ('c','7')`)
  const { log, lines } = silent()
  const store = await open(path, log)
  t.strictSame(store.line('tel1'), { masking: true, simservs: null, contact: null })
  t.equal(store.line('tel2').masking, true)
  t.equal(store.line('tel3').masking, false)
  t.equal(lines.length, 4)
  t.strictSame([...store.overrides()], [['c', 7]])
  await store.close()
  truncateSync(path)
  const empty = await open(path)
  t.equal(empty.line('tel2').masking, false)
  await empty.close()
})

t.test('a store of a newer voiceport is left untouched', async t => {
  const path = fresh()
  await (await open(path)).close()
  await raw(path, 'PRAGMA user_version = 999')
  t.equal(await codeOf(open(path)), 'VP-5002')
  t.equal(await codeOf(open(path)), 'VP-5002', 'and can be tried again')
})

t.test('a store that cannot be created or written', async t => {
  t.equal(await codeOf(open('/proc/voiceport/x.db')), 'VP-5001')
  t.equal(await codeOf(open(directory)), 'VP-5001')
})

t.test(
  'a write-protected file can be read, and every change of it is refused',
  { skip: process.getuid?.() !== 0 ? 'needs root to become another user' : false },
  async t => {
    const path = fresh()
    await (await open(path)).close()
    for (const at of [directory, join(path, '..')]) chmodSync(at, 0o755)
    chmodSync(path, 0o444)
    const script = `
    process.setgid(65534); process.setuid(65534)
    const { openStore } = await import(${JSON.stringify(new URL('../../firmware/settings/store.js', import.meta.url).href)})
    const { LinuxClock } = await import(${JSON.stringify(new URL('../../hal/linux/clock.js', import.meta.url).href)})
    await openStore({ path: ${JSON.stringify(path)}, clock: new LinuxClock(), log: {} }).then(async store => console.log(store.unwritable.code, await store.setLine('tel1', { masking: true }, 'handset').catch(e => e.code)), e => console.log(e.code ?? e))`
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    if (/EACCES/.test(run.stderr))
      return t.pass('refused', { skip: 'the sources are not readable for another user' })
    t.equal(run.stdout.trim(), 'VP-5001 VP-5001', run.stderr)
  },
)

t.test('while another process holds the store a change is refused and the old value stands', async t => {
  const path = fresh()
  const store = await open(path)
  const other = new sqlite.Database(path)
  await new Promise<void>((resolve, reject) =>
    other.exec('BEGIN IMMEDIATE', error => (error ? reject(error) : resolve())),
  )
  t.equal(await codeOf(store.setLine('tel1', { masking: true }, 'handset')), 'VP-5004')
  t.equal(store.line('tel1').masking, false)
  await new Promise<void>(resolve => other.close(() => resolve()))
  await store.setLine('tel1', { masking: true }, 'handset')
  t.equal(store.line('tel1').masking, true)
  await store.close()
})

t.test('a full disk refuses the change as a whole, and the next one succeeds when there is room', async t => {
  const database = await Database.open(fresh(), new VirtualClock(), migrations)
  const insert = (text: string) =>
    database.transaction(async run => {
      await run('INSERT INTO override VALUES (?, ?)', [`first ${text.length}`, '1'])
      await run('INSERT INTO override VALUES (?, ?)', ['big', text])
    })
  // What SQLite reports when the limit of pages is reached is what it reports for a full disk.
  await database.all('PRAGMA max_page_count = 12')
  t.equal(await codeOf(insert('x'.repeat(100_000))), 'VP-5005')
  t.strictSame(await database.all('SELECT * FROM override'), [])
  await insert('small')
  t.equal((await database.all('SELECT * FROM override')).length, 2)
  t.strictSame(await database.all('PRAGMA synchronous'), [{ synchronous: 2 }])
  t.strictSame(await database.all('PRAGMA journal_mode'), [{ journal_mode: 'wal' }])
  await database.close()
})

t.test('what nobody confirmed is undone when the store is opened again, also after kill -9', async t => {
  const path = fresh()
  const script = `
    import { openStore } from ${JSON.stringify(new URL('../../firmware/settings/store.js', import.meta.url).href)}
    import { LinuxClock } from ${JSON.stringify(new URL('../../hal/linux/clock.js', import.meta.url).href)}
    const note = () => {}
    const store = await openStore({ path: ${JSON.stringify(path)}, clock: new LinuxClock(), log: { debug: note, info: note, warn: note, error: note } })
    await store.setOverrides(new Map([['sip.dscp', 10], ['log.level', 'warn']]), 'console')
    await store.setOverrides(new Map([['sip.dscp', 20], ['log.level', undefined], ['timezone', 'Europe/Berlin']]), 'console', { revocable: true })
    await store.setOverrides(new Map([['sip.dscp', 30]]), 'console', { revocable: true })
    process.kill(process.pid, 'SIGKILL')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
  const [, signal] = await once(child, 'exit')
  t.equal(signal, 'SIGKILL')
  const { log, lines } = silent()
  const store = await open(path, log)
  t.same([...store.overrides()].sort(), [
    ['log.level', 'warn'],
    ['sip.dscp', 10],
  ])
  t.match(lines[0], /nobody confirmed are undone.*sip\.dscp/)
  t.equal(store.unconfirmed().size, 0)
  const [last] = await store.journal(1)
  t.equal(last?.author, 'box')
  await store.setOverrides(new Map([['sip.dscp', 40]]), 'console', { revocable: true })
  await store.confirm()
  await store.close()
  const again = await open(path)
  t.equal(again.overrides().get('sip.dscp'), 40, 'confirmed, it stays')
  await again.close()
})

t.test('a secret is never journalled, and what an earlier journal held of one goes', async t => {
  const path = fresh()
  const first = await Database.open(path, new VirtualClock(), migrations.slice(0, 1))
  await first.transaction(async run => {
    await run(
      `INSERT INTO override VALUES ('line.tel1.account.password', '"clear-canary-1"'), ('sip.dscp', '7')`,
    )
    await run(
      `INSERT INTO override_journal (changed_ms, author, key, before, after)
       VALUES (1, 'serial', 'line.tel1.account.password', NULL, '"clear-canary-1"'), (2, 'telephone', 'line.tel1.masking', NULL, 'true')`,
    )
  })
  await first.close()
  const store = await open(path)
  t.same([...store.overrides()], [['sip.dscp', 7]])
  const key = 'line.tel1.account.password'
  await store.setOverrides(new Map([[key, '/folder/file-canary-2']]), 'network')
  await store.setOverrides(new Map([[key, undefined]]), 'network')
  t.same(
    (await store.journal()).map(({ author, key: of, before, after }) => [author, of, before, after]),
    [
      ['network', key, '(set)', undefined],
      ['network', key, undefined, '(set)'],
      ['handset', 'line.tel1.masking', undefined, true],
      ['console', key, undefined, '(set)'],
    ],
  )
  await store.close()
  t.notMatch(readFileSync(path, 'latin1'), /clear-canary/, 'not in free pages either')
})

t.test('erased is gone from the disk, and nothing is stored until the restart', async t => {
  const path = fresh()
  const store = await open(path)
  await store.setLine('tel1', { masking: true }, 'handset')
  await store.setOverrides(new Map([['line.tel1.account.user', 'user-canary-3']]), 'console')
  await store.erase()
  t.equal(store.line('tel1').masking, true, 'no number is shown by the way')
  t.equal(await codeOf(store.setLine('tel1', { masking: false }, 'handset')), 'VP-5006')
  for (const name of readdirSync(join(path, '..')))
    t.notMatch(readFileSync(join(path, '..', name), 'latin1'), /user-canary/, name)
  await store.close()
  const again = await open(path)
  t.equal(again.overrides().size, 0)
  t.same(await again.journal(), [])
  t.equal(again.line('tel1').masking, false)
  await again.close()
})

t.test(
  'without room to make the file smaller it is erased all the same, and nothing of it is left',
  async t => {
    const path = fresh()
    await (await open(path)).close()
    const database = await Database.open(path, new VirtualClock(), migrations)
    const { log, lines } = silent()
    const store = new Store(database, { path, clock: new VirtualClock(), log })
    await store.setOverrides(new Map([['line.tel1.account.user', 'user-canary-5'.repeat(400)]]), 'console')
    const all = database.all.bind(database)
    const full = new VoiceportError('VP-5005', 'disk full')
    database.all = (sql, values) => (sql === 'VACUUM' ? Promise.reject(full) : all(sql, values))
    t.equal(await codeOf(store.erase()), 'no error')
    t.match(lines.join(), /erased.*disk full/)
    t.equal(await codeOf(store.setLine('tel1', { masking: false }, 'handset')), 'VP-5006')
    for (const name of readdirSync(join(path, '..')))
      t.notMatch(readFileSync(join(path, '..', name), 'latin1'), /user-canary/, name)
    await store.close()
  },
)
