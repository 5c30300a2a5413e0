// Masking on the real daemon, with its real store, over UDP and in real time: what was confirmed is there after the
// process dies at that very tone, and nothing it sends shows a number that is withheld.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sqlite from 'sqlite3'
import t from 'tap'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import { kindsOf, recordingNetwork, type Sent, sightings } from '../support/canary.js'
import { type RunningDaemon, startDaemon } from '../support/daemon.js'
import { type Exchange, openExchange } from '../support/scripted-exchange.js'
import { openXcapServer } from '../support/xcap-server.js'

// Real tones take their time.
t.setTimeout(150_000)

const operatorAt = { address: '127.0.0.81', port: 5060 }
const boxAddress = '127.0.0.82'
const number = '0389777123'
const name = 'kanarienvogel'
/** Everything that reached the operator and its audio. */
const arrived: Sent[] = []
const network = recordingNetwork(new LinuxNetwork(), arrived)
const hal = { network, clock: new LinuxClock(), entropy: new LinuxEntropy() }

const folder = mkdtempSync(join(tmpdir(), 'voiceport-masking-'))
const store = join(folder, 'voiceport.db')
const exchange: Exchange = await openExchange(operatorAt, hal)
exchange.challenges = true
t.teardown(async () => {
  await exchange.close()
  rmSync(folder, { recursive: true })
})

const start = (more = '') =>
  startDaemon({
    more,
    address: boxAddress,
    lines: [{ id: 'tel1', user: number, authUser: name, password: 'secret' }],
    domain: 'operator.test',
    proxy: `${operatorAt.address}:${operatorAt.port}`,
    store,
  })

/** Lifts, dials at the dial tone; the events after it count. */
const dial = async ({ bench }: RunningDaemon, keys: string): Promise<number> => {
  const from = bench.mark()
  await bench.do({ do: 'offhook' })
  await bench.waitFor(({ ev, name }) => ev === 'tone' && name === 'dial', 5000, from)
  const after = bench.mark()
  await bench.do({ do: 'dtmf', digits: keys })
  return after
}

const toneOf = ({ bench }: RunningDaemon, name: string, from: number) =>
  bench.waitFor(event => event.ev === 'tone' && event['name'] === name, 8000, from)

/** Down long enough to be no R. */
const hangUp = async ({ bench }: RunningDaemon): Promise<void> => {
  await bench.do({ do: 'onhook' })
  await new Promise(resolve => setTimeout(resolve, 900))
}

/** From of the next call of the telephone. */
const callerOf = async (daemon: RunningDaemon): Promise<string> => {
  exchange.script = { final: 486 }
  exchange.requests.length = 0
  const from = await dial(daemon, '0612345678')
  await toneOf(daemon, 'busy', from)
  await hangUp(daemon)
  const invite = exchange.requests.find(({ method }) => method === 'INVITE')
  return invite?.headers.find(([name]) => name === 'From')?.[1] ?? 'no call'
}

t.test(
  'killed at the confirmation tone, the box knows it after its restart',
  { timeout: 90_000 },
  async t => {
    for (const [keys, masked] of [
      ['*93#', true],
      ['#93#', false],
    ] as const) {
      const daemon = await start()
      t.teardown(() => daemon.child.stop())
      await daemon.child.waitFor(/"state":"registered"/)
      if (!masked) t.match(await callerOf(daemon), /anonymous\.invalid/, 'remembered from the run before')
      const from = await dial(daemon, keys)
      await toneOf(daemon, 'confirmation', from)
      daemon.child.process.kill('SIGKILL')
      t.equal(await daemon.child.exit(), null)
      const rows = await new Promise<unknown>((resolve, reject) => {
        const database = new sqlite.Database(store)
        database.all(
          "SELECT value FROM line_setting WHERE line = 'tel1' AND key = 'masking'",
          (error, found) => database.close(() => (error ? reject(error) : resolve(found))),
        )
      })
      t.same(rows, [{ value: JSON.stringify(masked) }], `${keys} is on the disk`)
      await daemon.stop()
    }
  },
)

t.test(
  'a store that another process holds: no confirmation, the error tone, and nothing has changed',
  async t => {
    const daemon = await start()
    t.teardown(() => daemon.stop())
    await daemon.child.waitFor(/"state":"registered"/)
    const other = new sqlite.Database(store)
    await new Promise<void>((resolve, reject) =>
      other.exec('BEGIN IMMEDIATE', error => (error ? reject(error) : resolve())),
    )
    const from = await dial(daemon, '*93#')
    // SQLite waits 2 s for the lock; until then there is silence.
    await new Promise(resolve => setTimeout(resolve, 1200))
    const heard = daemon.bench.events.slice(from).filter(({ ev, name }) => ev === 'tone' && name !== 'none')
    t.same(heard, [])
    await daemon.child.waitFor(/setting not stored.*VP-5004|setting not stored/)
    await toneOf(daemon, 'dial', from)
    t.notOk(daemon.bench.events.slice(from).some(({ name }) => name === 'confirmation'))
    await new Promise<void>(resolve => other.close(() => resolve()))
    await hangUp(daemon)
    t.match(await callerOf(daemon), /<sip:0389777123@/)
  },
)

t.test('codes in real time: an announcement, a confirmation, a refusal', { timeout: 60_000 }, async t => {
  const daemon = await start()
  t.teardown(() => daemon.stop())
  await daemon.child.waitFor(/"state":"registered"/)
  exchange.script = { final: 200, announces: true, byeAfterMs: 2500 }
  let from = await dial(daemon, '*21*0612345678')
  await daemon.bench.waitFor(
    event =>
      event.ev === 'tone' &&
      (event['hz'] as number[] | undefined)?.some(hz => Math.abs(hz - 1000) < 40) === true,
    8000,
    from,
  )
  await toneOf(daemon, 'dial', from)
  t.equal(exchange.called.at(-1), '*21*0612345678%23')
  await hangUp(daemon)
  exchange.script = { final: 200, byeAfterMs: 30 }
  from = await dial(daemon, '*95#')
  await toneOf(daemon, 'confirmation', from)
  t.equal(exchange.called.at(-1), '*95%23')
  await hangUp(daemon)
  exchange.script = { final: 403 }
  from = await dial(daemon, '#75#')
  await toneOf(daemon, 'dial', from)
  t.notOk(daemon.bench.events.slice(from).some(({ name }) => name === 'confirmation'))
  await hangUp(daemon)
})

t.test('a canary number and name in no packet of a masked call', { timeout: 90_000 }, async t => {
  const daemon = await start()
  t.teardown(() => daemon.stop())
  await daemon.child.waitFor(/"state":"registered"/)
  arrived.length = 0
  exchange.script = { final: 200, announces: true }
  exchange.insideStatuses.push(491)
  const from = await dial(daemon, '*92*0612345678')
  await daemon.bench.waitFor(({ ev, hz }) => ev === 'tone' && (hz as number[]).includes(1000), 8000, from)
  // Long enough for reports (RTCP), and for the wait after 491.
  await new Promise(resolve => setTimeout(resolve, 6000))
  const held = daemon.bench.mark()
  await daemon.bench.do({ do: 'flash', ms: 270 })
  await toneOf(daemon, 'recall', held)
  await new Promise(resolve => setTimeout(resolve, 5000))
  await daemon.bench.do({ do: 'flash', ms: 270 })
  await daemon.bench.do({ do: 'dtmf', digits: '1' })
  await new Promise(resolve => setTimeout(resolve, 1500))
  await hangUp(daemon)
  await daemon.child.waitFor(/"situation":"idle"/)
  await new Promise(resolve => setTimeout(resolve, 500))
  t.same(sightings(arrived, { number, name, proxy: operatorAt }), [])
  const kinds = kindsOf(arrived)
  t.comment([...kinds].map(([kind, count]) => `${kind} ${count}`).join(', '))
  for (const kind of ['INVITE', 'ACK', 'BYE', 'RTP', 'RTCP'])
    t.ok(kinds.get(kind), `${kind} was among what was searched`)
  t.ok((kinds.get('INVITE') ?? 0) >= 5, 'challenged, held, refused with 491 and held again')
  arrived.length = 0
  await callerOf(daemon)
  t.ok(sightings(arrived, { number, name, proxy: operatorAt }).length > 0, 'an open call shows it')
})

t.test(
  'where both own masking the network is told before the tone, over TCP',
  { timeout: 60_000 },
  async t => {
    const xcap = await openXcapServer(hal, {
      at: { address: '127.0.0.83', port: 0 },
      subscribers: { [number]: 'secret' },
      domain: 'operator.test',
    })
    t.teardown(() => xcap.close())
    const password = join(folder, 'xcap-password')
    writeFileSync(password, 'secret\n')
    const daemon = await start(`
[line.masking]
owner = "both"
[line.xcap]
root = "${xcap.root}"
user = "${number}"
passwordFile = "${password}"
`)
    t.teardown(() => daemon.stop())
    await daemon.child.waitFor(/"state":"registered"/)
    let from = await dial(daemon, '*93#')
    await toneOf(daemon, 'confirmation', from)
    t.ok(xcap.restricted(number))
    await hangUp(daemon)
    xcap.fault = 'refuses'
    from = await dial(daemon, '#93#')
    await toneOf(daemon, 'dial', from)
    t.notOk(daemon.bench.events.slice(from).some(event => event['name'] === 'confirmation'))
    await hangUp(daemon)
    t.match(await callerOf(daemon), /anonymous\.invalid/)
  },
)
