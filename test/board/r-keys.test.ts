// Each R key, each code and the display once in real time: bench channel, worker threads, UDP, and two people elsewhere. What they mean
// in every situation and race is shown in virtual time; here it is shown that the real box does it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import { createOperator } from '../operator/operator.js'
import { type RunningDaemon, startDaemon } from '../support/daemon.js'
import { type FarParty, openFarParty } from '../support/far-party.js'
import { openExchange } from '../support/scripted-exchange.js'
import { levelAt } from '../support/spectrum.js'
import { sine } from '../support/three-parties.js'
import { readWav } from '../support/wav-file.js'

t.setTimeout(240_000)

const number = '0389000001'
const domain = 'operator.test'
const operatorAt = { address: '127.0.0.111', port: 5060 }
const boxAddress = '127.0.0.112'
const exchangeAt = { address: '127.0.0.115', port: 5060 }
const hal = { network: new LinuxNetwork(), clock: new LinuxClock(), entropy: new LinuxEntropy() }
const A = 800
const B = 1100

const folder = mkdtempSync(join(tmpdir(), 'voiceport-r-keys-'))
const operator = await createOperator(
  {
    sip: operatorAt,
    domain,
    subscribers: { [number]: 'secret', '0389000011': 'eleven', '0389000012': 'twelve' },
    gateway: exchangeAt,
  },
  hal,
)
const exchange = await openExchange(exchangeAt, hal)
const party = (user: string, password: string, address: string, codec: 'PCMA' | 'PCMU') =>
  openFarParty({ number: user, password, address, codec }, hal, { endpoint: operatorAt, domain })
const a: FarParty = await party('0389000011', 'eleven', '127.0.0.113', 'PCMA')
const b: FarParty = await party('0389000012', 'twelve', '127.0.0.114', 'PCMU')
a.answersAfter = b.answersAfter = 200
a.ear.says = sine(A, -16)
b.ear.says = sine(B, -16)

const box: RunningDaemon = await startDaemon({
  address: boxAddress,
  lines: [{ id: 'tel1', user: number, password: 'secret' }],
  domain,
  proxy: `${operatorAt.address}:${operatorAt.port}`,
})
t.teardown(async () => {
  await box.stop()
  await a.close()
  await b.close()
  await exchange.close()
  await operator.close()
  rmSync(folder, { recursive: true })
})

const seconds = (s: number) => new Promise(resolve => setTimeout(resolve, s * 1000))
const until = async (what: string, holds: () => boolean, withinMs = 8000) => {
  for (const end = Date.now() + withinMs; !holds(); await seconds(0.02))
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`)
}
const situation = () => [...box.child.output().matchAll(/"situation":"([^"]+)"/g)].at(-1)?.[1] ?? 'idle'
const reaches = (wanted: string) => until(wanted, () => situation() === wanted)
const flash = () => box.bench.do({ do: 'flash', ms: 270 })
/** R, then a key 100 ms later. */
const press = async (key: string) => {
  await flash()
  await seconds(0.1)
  await box.bench.do({ do: 'dtmf', digits: key })
}
const lift = async () => {
  const from = box.bench.mark()
  await box.bench.do({ do: 'offhook' })
  await box.bench.waitFor(({ ev, name }) => ev === 'tone' && name === 'dial', 5000, from)
}
const call = async (to: FarParty) => {
  await lift()
  await box.bench.do({ do: 'dtmf', digits: to.number })
  await reaches('active')
}
const hangUp = async () => {
  await box.bench.do({ do: 'onhook' })
  await seconds(0.9)
}
/** Levels at the receiver over a second. */
const earHears = async (t: Test, wanted: readonly number[]) => {
  const wav = join(folder, 'ear.wav')
  await box.bench.do({ do: 'record', wav, ms: 1000 })
  const { samples } = readWav(wav)
  for (const hz of [A, B]) {
    const level = levelAt(samples, hz)
    t.equal(level > -24, wanted.includes(hz), `the ear, ${hz} Hz: ${level.toFixed(1)} dBm0`)
  }
}
const farHears = (t: Test, who: string, far: FarParty, hz: number, wanted: boolean) => {
  const level = levelAt(far.ear.heard(hal.clock.now() - 1_000_000), hz)
  t.equal(level > -24, wanted, `${who}, ${hz} Hz: ${level.toFixed(1)} dBm0`)
}

t.test('R and a number, R 2, R 3, R 2, R 1', async t => {
  await box.child.waitFor(/"state":"registered"/, 10_000)
  await call(a)
  await seconds(2.2)
  await flash()
  await until('a is held', () => a.direction === 'recvonly')
  await box.bench.waitFor(({ ev, name }) => ev === 'tone' && name === 'recall', 5000)
  await box.bench.do({ do: 'dtmf', digits: b.number })
  await reaches('active+held')
  await until('b talks', () => b.state === 'talking')
  await seconds(1)
  await earHears(t, [B])
  farHears(t, 'a', a, B, false)
  await seconds(1.2)
  await press('2')
  await until('swapped', () => a.direction === 'sendrecv' && b.direction === 'recvonly')
  await seconds(0.5)
  await earHears(t, [A])
  await press('3')
  await reaches('conference')
  await until('b is back', () => b.direction === 'sendrecv')
  await seconds(1)
  await earHears(t, [A, B])
  farHears(t, 'a', a, B, true)
  farHears(t, 'b', b, A, true)
  await press('2')
  await until('parted', () => b.direction === 'recvonly')
  await seconds(0.5)
  await earHears(t, [A])
  await press('1')
  await until('a is released', () => a.state === 'idle')
  await until('b is back', () => b.direction === 'sendrecv')
  await reaches('active')
  await hangUp()
  await until('b is released', () => b.state === 'idle')
})

t.test('R alone resumes whom the other left; R and a number that leads nowhere; R 1', async () => {
  await call(a)
  await seconds(2.2)
  await flash()
  exchange.script = { final: 486 }
  await box.bench.do({ do: 'dtmf', digits: '0612345678' })
  await box.bench.waitFor(({ ev, name }) => ev === 'tone' && name === 'busy', 8000, box.bench.mark())
  await press('1')
  await until('a is back', () => a.direction === 'sendrecv')
  await seconds(0.3)
  await flash()
  await box.bench.do({ do: 'dtmf', digits: b.number })
  await until('b talks', () => b.state === 'talking')
  b.hangUp()
  await reaches('held-only')
  await flash()
  await until('a is back again', () => a.direction === 'sendrecv')
  await hangUp()
  await until('a is released', () => a.state === 'idle')
})

t.test(
  'a waiting call: R 0 refuses, R 2 takes, R 0 releases the held one, R 1 ends and takes; on-hook recalls',
  async t => {
    await call(a)
    await seconds(2.2)
    b.call(number)
    await box.bench.waitFor(({ ev, name }) => ev === 'tone' && name === 'waiting', 8000)
    await press('0')
    await until('refused', () => b.told.at(-1) === 486)
    b.call(number)
    await reaches('active+waiting')
    await press('2')
    await until('taken', () => b.state === 'talking')
    t.equal(a.direction, 'recvonly')
    await press('0')
    await until('a is released', () => a.state === 'idle')
    await reaches('active')
    a.call(number)
    await reaches('active+waiting')
    await press('1')
    await until('b is released and a talks', () => b.state === 'idle' && a.state === 'talking')
    await seconds(2.2)
    await flash()
    await seconds(0.3)
    await box.bench.do({ do: 'dtmf', digits: '0' })
    await seconds(0.6)
    const from = box.bench.mark()
    await box.bench.do({ do: 'onhook' })
    await box.bench.waitFor(({ ev, on }) => ev === 'ring' && on === true, 3000, from)
    await box.bench.do({ do: 'offhook' })
    await until('a is back', () => a.direction === 'sendrecv')
    await hangUp()
    await until('a is released', () => a.state === 'idle')
  },
)

t.test('nobody takes the waiting call: 480 after 20 s', async t => {
  await call(a)
  b.call(number)
  await reaches('active+waiting')
  const since = Date.now()
  await until('refused', () => b.told.at(-1) === 480, 25_000)
  const waited = Date.now() - since
  t.ok(waited > 19_000 && waited < 21_500, `after ${waited} ms`)
  await hangUp()
})

t.test(
  'the codes: *92* masks one call, *93# and #93# for good, *95# and *21* are done in the network',
  async t => {
    const dial = async (keys: string) => {
      await lift()
      const from = box.bench.mark()
      await box.bench.do({ do: 'dtmf', digits: keys })
      return from
    }
    const tone = (name: string, from: number) =>
      box.bench.waitFor(event => event.ev === 'tone' && event['name'] === name, 10_000, from)
    exchange.script = { final: 486 }
    const masked = async (keys: string) => {
      await tone('busy', await dial(keys))
      await hangUp()
      const invite = exchange.requests.findLast(({ method }) => method === 'INVITE')
      return /anonymous/.test(invite?.headers.find(([name]) => name === 'From')?.[1] ?? '')
    }
    t.equal(await masked('*92*0612345678'), true)
    t.equal(await masked('0612345678'), false)
    const code = async (keys: string, name: string) => {
      await tone(name, await dial(keys))
      await hangUp()
    }
    await code('*93#', 'confirmation')
    t.equal(await masked('0612345678'), true, '*93#')
    await code('#93#', 'confirmation')
    t.equal(await masked('0612345678'), false, '#93#')
    await code('*93#', 'confirmation')
    // The network answers these in words; dial tone comes again after them.
    await code('*95#', 'dial')
    t.equal(await masked('0612345678'), false, '*95#')
    await code(`*21*${b.number}#`, 'dial')
    a.call(number)
    await until('the call goes elsewhere', () => b.state === 'talking')
    a.hangUp()
    await code('#21#', 'dial')
    const rings = box.bench.mark()
    a.call(number)
    await box.bench.waitFor(({ ev, on }) => ev === 'ring' && on === true, 5000, rings)
    a.cancel()
  },
)

t.test('the display shows who calls before the first full ring', async t => {
  const called = async () => {
    const from = box.bench.mark()
    a.call(number)
    const shown = await box.bench.waitFor(({ ev }) => ev === 'clip' || ev === 'clip-refused', 8000, from)
    const ring = await box.bench.waitFor(({ ev, kind }) => ev === 'ring' && kind === 'full', 8000, from)
    a.cancel()
    await until('the caller gave up', () => a.state === 'idle')
    await seconds(1)
    return { shown, ring }
  }
  let heard = await called()
  // A starved machine may lose a frame of the line, and with it the message.
  for (let again = 0; again < 3 && heard.shown.ev === 'clip-refused'; again++) heard = await called()
  t.match(heard.shown, { ev: 'clip', line: 'tel1', number: a.number, scheme: 'v23', message: 128 })
  const aheadMs = (Number(heard.ring.us) - Number(heard.shown.us)) / 1000
  t.ok(aheadMs > 250 && aheadMs < 400, `${aheadMs} ms before the ring`)
})
