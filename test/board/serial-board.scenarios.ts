// See serial-board.test.ts.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { BenchClient, BenchEvent } from '../bench/bench-client.js'
import { startChild } from '../support/child.js'
import { startDaemon } from '../support/daemon.js'

t.setTimeout(100_000)

const domain = 'operator.test'
const one = { id: 'tel1', user: '0389000001', password: 'secret of one' }
const two = { id: 'tel1', user: '0389000002', password: 'secret of two' }
const folder = mkdtempSync(join(tmpdir(), 'voiceport-serial-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What stands for hardware is in time even where the machine is busy, if that is allowed. */
const inTime = spawnSync('chrt', ['-f', '10', 'true']).status === 0 ? ['chrt', '-f', '10'] : []
const startHardware = (...command: readonly string[]) => {
  const [program, ...words] = [...inTime, ...command] as [string, ...string[]]
  return startChild(program, words)
}

const ends = { box: join(folder, 'box'), chip: join(folder, 'chip') }
const layCable = async () => {
  const ptys = [ends.box, ends.chip].map(end => `pty,raw,echo=0,link=${end}`)
  const cable = startHardware('socat', '-d', '-d', ...ptys)
  await cable.waitFor(/starting data transfer loop/)
  return cable
}
let cable = await layCable()
const bench = join(folder, 'bench.sock')
const chip = startHardware(process.execPath, here('../support/microcontroller.js'), ends.chip, bench, 'tel1')
await chip.waitFor(/microcontroller ready/)
const operator = startChild(process.execPath, [
  here('../operator/main.js'),
  ...['--sip', '127.0.0.1:5060', '--http', '127.0.0.1:8000', '--data', folder, '--domain', domain],
  ...[one, two].flatMap(({ user, password }) => ['--subscriber', `${user}:${password}`]),
])
await operator.waitFor(/operator ready/)

const box = await startDaemon({
  address: '127.0.0.5',
  lines: [one],
  domain,
  proxy: '127.0.0.1:5060',
  board: {
    toml: `name = "cable"\ndriver = "serial-slic"\nlines = ["tel1"]\n[serial]\npath = "${ends.box}"\n`,
    bench: `unix:${bench}`,
  },
})
const friend = await startDaemon({ address: '127.0.0.6', lines: [two], domain, proxy: '127.0.0.1:5060' })
for (const { child } of [box, friend]) await child.waitFor(/"state":"registered"|registered/, 15_000)

const seen = (client: typeof box.bench, wanted: (event: BenchEvent) => boolean, ms = 10_000) =>
  client.waitFor(wanted, ms, client.mark())
/** Presses `digit` again and again until the other telephone hears it: when the speech path is there differs by the load. */
const keyIsHeard = async (from: BenchClient, to: BenchClient, digit: string): Promise<boolean> => {
  const heard = seen(to, event => event.ev === 'dtmf' && event.digit === digit)
  const pressing = setInterval(() => void from.request({ do: 'dtmf', digits: digit, onMs: 100 }), 500)
  try {
    return Boolean(await heard)
  } finally {
    clearInterval(pressing)
  }
}
const tone = (name: string) => (event: BenchEvent) => event.ev === 'tone' && event.name === name

t.afterEach(t => {
  for (const { child } of t.passing() ? [] : [box, friend]) t.comment(child.output().slice(-5000))
})

t.test('lifted, it hears the dial tone; what it dials rings elsewhere; both hang up', async t => {
  const dial = seen(box.bench, tone('dial'))
  await box.bench.do({ do: 'offhook' })
  await dial
  const rings = seen(friend.bench, ({ ev, on }) => ev === 'ring' && on === true)
  const ringback = seen(box.bench, tone('ringback'))
  await box.bench.do({ do: 'dtmf', digits: two.user })
  await rings
  await ringback
  await friend.bench.do({ do: 'offhook' })
  t.ok(await keyIsHeard(box.bench, friend.bench, '7'), 'a key of the one is heard by the other')
  t.ok(await keyIsHeard(friend.bench, box.bench, '4'), 'and the other way')
  const busy = seen(box.bench, tone('busy'))
  await friend.bench.do({ do: 'onhook' })
  t.ok(await busy)
  await box.bench.do({ do: 'onhook' })
})

t.test('it rings; lifted, it is answered', async t => {
  await setTimeout(1500)
  const rings = seen(box.bench, ({ ev, on, kind }) => ev === 'ring' && on === true && kind === 'full')
  const dial = seen(friend.bench, tone('dial'))
  await friend.bench.do({ do: 'offhook' })
  await dial
  await friend.bench.do({ do: 'dtmf', digits: one.user })
  t.ok(await rings)
  await box.bench.do({ do: 'offhook' })
  t.ok(await keyIsHeard(box.bench, friend.bench, '9'))
  await box.bench.do({ do: 'onhook' })
  await friend.bench.do({ do: 'onhook' })
})

t.test('the cable pulled out and put back: the telephone works again', async t => {
  await cable.stop()
  await setTimeout(3000)
  cable = await layCable()
  await setTimeout(3500)
  const dial = seen(box.bench, tone('dial'), 15_000)
  await box.bench.do({ do: 'offhook' })
  t.ok(await dial)
  await box.bench.do({ do: 'onhook' })
})

t.test('all of it ends in order', async t => {
  t.equal(await box.stop(), 0)
  await friend.stop()
  await chip.stop()
  await operator.stop()
  await cable.stop()
})
