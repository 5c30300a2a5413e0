// Each scenario names the datagrams it loses; afterwards the telephone is idle and SIPp has seen the call it was
// scripted for.

import t from 'tap'
import { dropFirst, type LossRule } from './lossy-relay.js'
import { asScripted } from './sipp.js'
import { lineCount, nothingLost, type SippBench, seconds, startSippBench } from './sipp-bench.js'
import * as scenarios from './sipp-scenarios.js'

t.setTimeout(285_000)
let bench: SippBench
t.before(async () => {
  bench = await startSippBench()
})

t.test('REGISTER dropped twice: registered all the same', async t => {
  const lost = bench.relay.seen.filter(({ kind, dropped }) => kind === 'REGISTER' && dropped)
  t.ok(lost.length >= 2 * lineCount)
  bench.lose(nothingLost)
})

const outgoing = (title: string, rule: LossRule) =>
  t.test(title, async t => {
    bench.lose(rule)
    const answered = bench.callee(scenarios.callee)
    const active = bench.situation('active', 20_000)
    await bench.dial()
    await active
    await seconds(1.2)
    await bench.hangUp()
    t.equal(await answered.done(), asScripted, 'SIPp: the call ended as scripted')
    bench.lose(nothingLost)
    await bench.isIdle(t)
  })

outgoing('nothing dropped', nothingLost)
for (const count of [1, 2, 3])
  outgoing(`first ${count} INVITE${count > 1 ? 's' : ''} dropped`, dropFirst('from-box', 'INVITE', count))
outgoing('200 dropped', dropFirst('from-peer', '200 INVITE', 1))
outgoing('ACK dropped', dropFirst('from-box', 'ACK', 1))
outgoing('BYE dropped', dropFirst('from-box', 'BYE', 1))
outgoing('200 to the BYE dropped', dropFirst('from-peer', '200 BYE', 1))

const incoming = (title: string, rule: LossRule) =>
  t.test(title, async t => {
    bench.lose(rule)
    const ring = bench.event({ ev: 'ring', on: true }, 10_000)
    const calling = bench.caller(scenarios.caller)
    await ring
    const busy = bench.event({ ev: 'tone', name: 'busy' }, 20_000)
    await bench.request({ do: 'offhook' })
    t.equal(await calling.done(), asScripted, 'SIPp: the call ended as scripted')
    await busy
    await bench.hangUp()
    bench.lose(nothingLost)
    await bench.isIdle(t)
  })

incoming('incoming: nothing dropped', nothingLost)
incoming('incoming: first 2 INVITEs dropped', dropFirst('from-peer', 'INVITE', 2))
incoming('incoming: our 200 dropped', dropFirst('from-box', '200 INVITE', 1))
incoming('incoming: ACK dropped', dropFirst('from-peer', 'ACK', 1))
incoming('incoming: our 200 to the BYE dropped', dropFirst('from-box', '200 BYE', 1))

t.test('486 dropped twice: refused all the same; a late copy of its INVITE rings nowhere', async t => {
  await bench.request({ do: 'offhook' })
  await seconds(0.3)
  bench.lose(dropFirst('from-box', '486 INVITE', 2))
  const before = bench.relay.seen.length
  t.equal(await bench.caller(scenarios.refusedCaller).done(), asScripted, 'SIPp got its 486')
  const seen = bench.relay.seen.slice(before)
  t.equal(seen.filter(({ kind, dropped }) => kind === '486 INVITE' && dropped).length, 2)
  bench.lose(nothingLost)
  await bench.hangUp()
  const invite = seen.find(({ kind }) => kind === 'INVITE')
  if (!invite) throw new Error('no INVITE passed')
  const rings = countRings()
  bench.relay.repeat(invite)
  await seconds(1)
  t.equal(rings(), 0, 'the telephone, idle now, stays quiet')
  await bench.isIdle(t)
})

t.test('a late INVITE copy of a call that was answered rings once', async t => {
  const before = bench.relay.seen.length
  const rings = countRings()
  const ring = bench.event({ ev: 'ring', on: true }, 10_000)
  const calling = bench.caller(scenarios.caller)
  await ring
  await bench.request({ do: 'offhook' })
  t.equal(await calling.done(), asScripted)
  await bench.hangUp()
  const invite = bench.relay.seen.slice(before).find(({ kind }) => kind === 'INVITE')
  if (!invite) throw new Error('no INVITE passed')
  bench.relay.repeat(invite)
  await seconds(1)
  t.equal(rings(), 1)
})

t.test('CANCEL dropped: the far telephone stops ringing', async t => {
  bench.lose(dropFirst('from-box', 'CANCEL', 1))
  const cancelled = bench.callee(scenarios.cancelledCallee)
  const ringback = bench.event({ ev: 'tone', name: 'ringback' }, 10_000)
  await bench.dial()
  t.ok(await ringback, 'it rings at the other side')
  await bench.hangUp()
  t.equal(await cancelled.done(), asScripted, 'SIPp saw the CANCEL and the ACK to its 487')
  bench.lose(nothingLost)
  await bench.isIdle(t)
})

t.test('a hang-up while the 407 is in flight leaves no ringing telephone behind', async t => {
  const before = bench.relay.seen.length
  const challenged = bench.callee(() => scenarios.slowChallenge(1500))
  await bench.dial()
  await bench.hangUp()
  t.equal(await challenged.done(), asScripted, 'SIPp got its ACK and no further INVITE')
  const invites = bench.relay.seen.slice(before).filter(({ kind }) => kind === 'INVITE')
  t.equal(new Set(invites.map(({ text }) => /^cseq.*$/im.exec(text)?.[0])).size, 1, 'one INVITE only')
  await bench.isIdle(t)
})

/** Counts the first telephone's ring bursts from now until asked. */
const countRings = (): (() => number) => {
  const { bench: telephones } = bench.daemon
  const from = telephones.mark()
  return () =>
    telephones.events
      .slice(from)
      .filter(seen => seen.ev === 'ring' && seen.line === 'tel0' && seen['on'] === true).length
}
