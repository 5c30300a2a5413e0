// The one loop with recorded neighbours, in virtual time: what crosses it in each direction, and what never does.

import t from 'tap'
import { silentLog } from '../../firmware/log.js'
import type { PhoneConfig } from '../../firmware/phone/config.js'
import { createBox } from '../../firmware/run/box.js'
import type { SipAccount } from '../../firmware/sip/sip-line.js'
import { createTraceRing } from '../../firmware/trace/trace-ring.js'
import type { FaultKind } from '../../hal/fxs-port.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { frenchHook, frenchTimers } from '../support/french-line.js'
import { memoryStore } from '../support/memory-store.js'
import { planOfProfile } from '../support/plan-of-profile.js'
import { type FakeSip, fakeMedia, fakePort, fakeSip } from './fake-box-parts.js'

const phone: PhoneConfig = {
  timers: frenchTimers,
  plan: planOfProfile('fr'),
  hasAccount: true,
  howlerTone: false,
  callWaiting: true,
  okFinals: [],
}

const accountOf = (user: string): SipAccount => ({
  user,
  domain: 'operator.test',
  password: 'secret',
  proxies: [],
  hash: 'escaped',
})

const makeBox = async (lines = ['tel1'], withAccount = (line: string): boolean => line === 'tel1') => {
  const clock = new VirtualClock()
  const trace = createTraceRing()
  const store = memoryStore(clock)
  const sips = new Map<string, FakeSip>()
  const ports = new Map(lines.map(id => [id, fakePort(id, clock)]))
  const media = fakeMedia(event => box.onMedia(event))
  const box = createBox({
    clock,
    log: silentLog,
    media,
    sip: {
      line: (id, _account, sink) => {
        const sip = fakeSip(id, sink)
        sips.set(id, sip)
        return sip
      },
    },
    trace,
    store: Promise.resolve(store),
    lines: lines.map(id => ({
      id,
      fxs: ports.get(id)!,
      electrical: { impedances: ['600'], loopMa: 23, ringHz: 50, ringVrms: 50 },
      hook: frenchHook,
      phone: { ...phone, hasAccount: withAccount(id) },
      ...(withAccount(id) && { account: accountOf(id) }),
    })),
  })
  await box.open()
  await clock.settle()
  const press = async (line: string, digits: string) => {
    for (const digit of digits) {
      box.onMedia({ type: 'digit-start', line, digit, us: clock.now(), dbm0: -10 })
      await clock.advance(70)
      box.onMedia({ type: 'digit-end', line, digit, us: clock.now(), ms: 70 })
      await clock.advance(70)
    }
  }
  return {
    clock,
    store,
    box,
    media,
    trace,
    port: ports.get('tel1')!,
    ports,
    sip: sips.get('tel1')!,
    sips,
    press,
  }
}

const said = (log: readonly string[], what: string) => log.filter(line => line.includes(what)).length

t.test(
  'off-hook gives the dial tone; the first digit takes it away; a closed number is placed at once',
  async t => {
    const { clock, media, port, sip, press } = await makeBox()
    port.hook(true)
    await clock.advance(39)
    t.equal(said(media.log, '"tone":"dial"'), 0, 'not believed before 40 ms')
    await clock.advance(20)
    t.equal(said(media.log, '"tone":"dial"'), 1)
    t.ok(port.log.includes('feed active'))
    await press('tel1', '0')
    t.equal(JSON.parse(media.log.findLast(line => line.includes('"do":"tone"'))!).tone, null, 'silence')
    await press('tel1', '38900000')
    t.equal(said(sip.log, 'place'), 0)
    await press('tel1', '2')
    t.match(sip.log, [
      /^place tel1\/\S+ \{"target":"0389000002","media":\{"address":"127.0.0.5","port":\d+\}/,
    ])
  },
)

t.test('a hang-up while the stream is still being opened leaves nothing on the wire', async t => {
  const { clock, media, port, sip, press } = await makeBox()
  media.holdOpens = true
  port.hook(true)
  await clock.advance(100)
  await press('tel1', '0389000002')
  port.hook(false)
  await clock.advance(700)
  media.open('tel1/out-1')
  await clock.advance(1000)
  t.equal(said(sip.log, 'place'), 0)
  const last = media.log.slice(-4).map(line => JSON.parse(line).do)
  t.ok(last.includes('sleep'), 'the line ends idle')
  t.ok(last.includes('close'), 'the stream is given back')
})

t.test(
  'an incoming call rings, and lifting the telephone answers with the port opened while it rang',
  async t => {
    const { clock, box, media, port, sip } = await makeBox()
    sip.emit({
      type: 'incoming',
      call: 'in-1',
      caller: { number: '0612345678', withheld: false },
      called: 'x',
    })
    t.match(sip.log, ['ring in-1'])
    t.equal(said(media.log, '"do":"ring","line":"tel1","id":1,"cadence":"normal"'), 1)
    box.onMedia({ type: 'ring-burst', line: 'tel1', id: 0, on: true, us: 0 })
    t.notOk(port.log.includes('burst on'), 'of an earlier ring')
    box.onMedia({ type: 'ring-burst', line: 'tel1', id: 1, on: true, us: 0 })
    t.ok(port.log.includes('burst on'))
    port.hook(true)
    await clock.advance(20)
    t.match(sip.log.at(-1), /^answer in-1 \{"address":"127.0.0.5","port":\d+\}/)
    t.equal(said(media.log, '"do":"talk","line":"tel1","streams":["in-1"]'), 1)
    sip.emit({ type: 'ended', call: 'in-1' })
    t.equal(said(media.log, '"do":"close","stream":"in-1"'), 1)
    t.equal(said(media.log, '"tone":"busy"'), 1, 'remote hang-up: busy tone')
  },
)

t.test('audio of the network before the answer replaces the local ringback', async t => {
  const { clock, box, media, port, sip, press } = await makeBox()
  port.hook(true)
  await clock.advance(100)
  await press('tel1', '0389000002')
  sip.emit({ type: 'progress', call: 'tel1/out-1', status: 180 })
  t.match(media.log.at(-1), /"tone":"ringback"/)
  box.onMedia({ type: 'rtp-started', stream: 'tel1/out-1', from: { address: '127.0.0.1', port: 4000 } })
  t.equal(JSON.parse(media.log.findLast(line => line.includes('"do":"tone"'))!).tone, null)
})

t.test('no port for the call is heard as a failure, not as silence', async t => {
  const { clock, box, media, port, press } = await makeBox()
  media.holdOpens = true
  port.hook(true)
  await clock.advance(100)
  await press('tel1', '0389000002')
  box.onMedia({ type: 'open-failed', stream: 'tel1/out-1', reason: 'all ports taken' })
  t.equal(said(media.log, '"tone":"congestion"'), 1)
  t.equal(said(media.log, '"anyPort"'), 0, 'an ordinary call keeps to its ports')
})

t.test('an emergency call may take any port when its own are taken', async t => {
  const { clock, media, port, press } = await makeBox()
  port.hook(true)
  await clock.advance(100)
  await press('tel1', '112')
  t.equal(said(media.log, '"do":"open","stream":"tel1/out-1","anyPort":true'), 1)
})

t.test(
  'a line without an account still reaches emergency services, over the account of the other line',
  async t => {
    const { clock, media, ports, sip, press } = await makeBox(['tel1', 'tel2'])
    ports.get('tel2')!.hook(true)
    await clock.advance(100)
    t.equal(said(media.log, '"line":"tel2","tone":"congestion"'), 1, 'no-service tone')
    await press('tel2', '112')
    t.match(sip.log, [/^place tel2\/out-1 \{"target":"112".*"emergency":true/])
    sip.emit({ type: 'answered', call: 'tel2/out-1' })
    t.equal(said(media.log, '"do":"talk","line":"tel2","streams":["tel2/out-1"]'), 1)
  },
)

t.test('an account taken away stays until the emergency call of another line over it has ended', async t => {
  const { clock, box, ports, sip, press } = await makeBox(['tel1', 'tel2'])
  ports.get('tel2')!.hook(true)
  await clock.advance(100)
  await press('tel2', '112')
  sip.emit({ type: 'answered', call: 'tel2/out-1' })
  box.configure('tel1', { phone: { ...phone, hasAccount: false }, hook: frenchHook })
  await clock.advance(10_000)
  t.equal(said(sip.log, 'stop'), 0)
  ports.get('tel2')!.hook(false)
  await clock.advance(5000)
  t.equal(sip.log.at(-2), 'hangUp tel2/out-1')
  t.equal(sip.log.at(-1), 'stop')
})

t.test('a fault of the port releases the call and is over when the port says so', async t => {
  const { clock, port, sip, media, press } = await makeBox()
  port.hook(true)
  await clock.advance(100)
  await press('tel1', '0389000002')
  sip.emit({ type: 'answered', call: 'tel1/out-1' })
  port.emit({ type: 'fault', kind: 'short', on: true, us: clock.now() })
  t.match(sip.log.at(-1), 'hangUp tel1/out-1')
  port.emit({ type: 'fault', kind: 'short', on: false, us: clock.now() })
  port.hook(false)
  await clock.advance(1000)
  port.hook(true)
  await clock.advance(100)
  t.match(
    media.log.findLast(line => line.includes('"do":"tone"')),
    /"tone":"dial"/,
  )
})

const tones = (log: readonly string[]): (string | null)[] =>
  log.flatMap(line => {
    const command = JSON.parse(line)
    return command.do === 'tone' ? [command.tone] : []
  })

t.test('of two faults that overlap the line can be used only when both are over', async t => {
  const { clock, box, port, media } = await makeBox()
  const fault = (kind: FaultKind, on: boolean) => port.emit({ type: 'fault', kind, on, us: clock.now() })
  fault('short', true)
  fault('thermal', true)
  fault('thermal', true)
  fault('pcm-xrun', true)
  fault('short', false)
  port.hook(true)
  await clock.advance(100)
  t.same(box.status()[0]?.situation, 'left-off-hook', 'too hot still')
  t.notOk(tones(media.log).includes('dial'))
  port.hook(false)
  await clock.advance(1000)
  fault('thermal', false)
  port.hook(true)
  await clock.advance(100)
  t.equal(tones(media.log).at(-1), 'dial')
  fault('ground', false)
  t.equal(box.status()[0]?.situation, 'dial-tone', 'the end of what never began changes nothing')
})

t.test('a chip that was reset is told its feed again, and asked for the hook', async t => {
  for (const kind of ['chip-reset', 'link-lost'] as const) {
    const { clock, box, port, media } = await makeBox()
    port.hook(true)
    await clock.advance(100)
    port.emit({ type: 'fault', kind, on: true, us: clock.now() })
    await clock.advance(100)
    port.hookUnseen(false)
    port.log.length = 0
    media.log.length = 0
    port.emit({ type: 'fault', kind, on: false, us: clock.now() })
    await clock.advance(10)
    t.same(port.log, ['burst off', 'feed standby'], 'the feed of a telephone left off the hook')
    t.same(tones(media.log), [null])
    await clock.advance(1000)
    t.equal(box.status()[0]?.situation, 'idle', `hung up unseen during ${kind}`)
    port.hook(true)
    await clock.advance(100)
    t.equal(tones(media.log).at(-1), 'dial')
    t.equal(port.log.at(-1), 'feed active')
  }
})

t.test('an account added while the no-service tone plays brings the dial tone', async t => {
  const { clock, box, media, port, sips, press } = await makeBox(['tel1'], () => false)
  port.hook(true)
  await clock.advance(100)
  t.same(tones(media.log), ['congestion'])
  box.configure('tel1', { phone, hook: frenchHook, account: accountOf('0389000001') })
  await clock.settle()
  t.equal(tones(media.log).at(-1), 'dial', 'registered, as the recorded account is at once')
  t.equal(box.status()[0]?.registration, 'registered')
  await press('tel1', '0389000002')
  t.match(sips.get('tel1')?.log, [/^place /])
})

t.test('a changed account is told to SIP, the same one is not; tones follow a changed profile', async t => {
  const { clock, box, media, port, sip, press } = await makeBox()
  port.hook(true)
  await clock.advance(100)
  await press('tel1', '0389000002')
  sip.emit({ type: 'answered', call: 'tel1/out-1' })
  box.configure('tel1', { phone, hook: frenchHook, account: accountOf('tel1') })
  t.equal(said(sip.log, 'update'), 0)
  box.configure('tel1', { phone, hook: frenchHook, account: { ...accountOf('tel1'), password: 'changed' } })
  t.equal(said(sip.log, 'update'), 1)
  t.equal(said(sip.log, 'hangUp'), 0)
  t.equal(box.status()[0]?.situation, 'active', 'the call stands')
  sip.emit({ type: 'ended', call: 'tel1/out-1' })
  const before = tones(media.log).length
  box.configure('tel1', { phone, hook: frenchHook, account: accountOf('tel1') })
  t.same(tones(media.log).slice(before), ['busy'], 'the tone that is heard, as the new profile has it')
})

t.test('an account taken away: the call stands, nothing new comes in, then it signs off', async t => {
  const { clock, box, media, port, sip, press } = await makeBox()
  port.hook(true)
  await clock.advance(100)
  await press('tel1', '0389000002')
  sip.emit({ type: 'answered', call: 'tel1/out-1' })
  box.configure('tel1', { phone: { ...phone, hasAccount: false }, hook: frenchHook })
  await clock.advance(10_000)
  t.match(box.status(), [{ registration: 'unregistered', situation: 'active' }])
  t.equal(said(sip.log, 'stop'), 0)
  sip.emit({ type: 'incoming', call: 'in-9', caller: { withheld: true }, called: 'x' })
  t.match(sip.log.at(-1), 'reject in-9 480')
  sip.emit({ type: 'registration', state: 'registered' })
  t.equal(box.status()[0]?.registration, 'unregistered', 'its registration is nobody’s any more')
  port.hook(false)
  await clock.advance(5000)
  t.ok(sip.log.includes('hangUp tel1/out-1'))
  t.equal(sip.log.at(-1), 'stop')
  port.hook(true)
  await clock.advance(100)
  t.equal(tones(media.log).at(-1), 'congestion')
  await box.close(100)
  t.strictSame(clock.pending(), [])
})

t.test('edges that come late together still mean what their stamps say', async t => {
  const { clock, port, trace } = await makeBox()
  port.hook(true)
  await clock.advance(500)
  const start = clock.now()
  await clock.advance(2000) // the event loop was busy: the edges below are told late
  const edge = (offHook: boolean, ms: number) =>
    port.emit({ type: 'hook', offHook, us: (start + ms * 1000) as typeof start, source: 'edge' })
  edge(false, 100)
  edge(true, 370)
  await clock.advance(100)
  const flashes = trace.steps().filter(step => step.event.type === 'flash')
  t.match(flashes, [{ event: { ms: 270 } }])
})

t.test('closing signs off and leaves every port safe', async t => {
  const { clock, box, port, sip } = await makeBox()
  port.hook(true)
  await clock.advance(100)
  await box.close(1000)
  t.equal(port.log.at(-1), 'close')
  t.ok(sip.log.includes('stop'))
  t.strictSame(clock.pending(), [], 'no timer is left')
})
