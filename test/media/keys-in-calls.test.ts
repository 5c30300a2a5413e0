// Keys through the audio half: from the telephone to the far end as events or sound, and from the far end into the
// receiver; and two simulated boxes with everything in between.

import t from 'tap'
import { DtmfDetector } from '../../firmware/media/dtmf-detector.js'
import type { MediaEvent } from '../../firmware/media/media-contract.js'
import { MediaEngine } from '../../firmware/media/media-engine.js'
import type { HandsetEvent } from '../../hal/sim/handset-contract.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import {
  config,
  decoded,
  type Packet,
  parameters,
  peerOn,
  rms,
  typing,
  world,
} from '../support/media-world.js'

t.test('keys', async t => {
  t.test(
    'are told with their onset and leave as events: one each, right length, no sound beside them',
    async t => {
      const { clock, network, box } = world()
      const { board, engine, open, of } = box('10.0.0.1')
      const peer = await peerOn(network, clock, '10.0.0.2')
      engine.command({ do: 'wake', line: 'tel1' })
      await open('a')
      engine.command({ do: 'connect', stream: 'a', to: parameters({ address: '10.0.0.2', port: 4000 }) })
      engine.command({ do: 'talk', line: 'tel1', streams: ['a'] })
      engine.command({ do: 'digits', line: 'tel1', mode: 'call' })
      engine.command({ do: 'relay-digits', line: 'tel1', on: true })
      await clock.advance(200)
      const from = clock.now() + 5000
      board.capture = typing('125590#', from, 90, 70)
      await clock.advance(1500)
      const starts = of('digit-start')
      t.equal(starts.map(s => s.digit).join(''), '125590#')
      for (const [i, s] of starts.entries()) {
        t.ok(
          Math.abs(s.us - (from + i * 160_000)) < 6000,
          `onset of ${s.digit}: ${s.us - from - i * 160_000} µs`,
        )
        t.ok(Math.abs(s.dbm0 - (3.14 + 20 * Math.log10(6000 / 32767))) < 1)
      }
      t.ok(of('digit-end').every(e => Math.abs(e.ms - 90) < 8))
      const events = peer.packets.filter(p => p.type === 101)
      const stamps = [...new Set(events.map(p => p.timestamp))]
      t.equal(stamps.length, 7)
      const base = (peer.packets[0] as Packet).timestamp
      for (const [i, stamp] of stamps.entries()) {
        const one = events.filter(p => p.timestamp === stamp)
        t.equal(one[0]?.payload[0], [1, 2, 5, 5, 9, 0, 11][i])
        t.same(
          one.map(p => p.marker),
          one.map((_, k) => k === 0),
          'marker on the first only',
        )
        t.same(
          one.map(p => (p.payload[1] as number) >> 7),
          one.map((_, k) => (k < one.length - 3 ? 0 : 1)),
        )
        const last = one.at(-1)?.payload as Uint8Array
        const duration = ((last[2] as number) << 8) | (last[3] as number)
        t.ok(Math.abs(duration - 720) < 64, `duration ${duration}`)
        const onset = (stamp - base) | 0
        t.ok(Math.abs(onset - (200 + 5 + i * 160) * 8) < 64, `onset on the RTP time line: ${onset / 8} ms`)
        // From the detection to the last end packet no sound.
        const [begin, end] = [(one[0] as Packet).sequence, (one.at(-1) as Packet).sequence]
        t.equal((end - begin) & 0xffff, one.length - 1, 'no sound between')
      }
      const loud = peer.packets.filter(p => p.type === 8 && rms(decoded(p.payload)) > 1000)
      t.ok(loud.length <= 2 * 7, `${loud.length} packets of tone leaked before detection`)
      const sound = peer.packets.filter(p => p.type === 8)
      t.ok(
        sound.every(p => ((p.timestamp - base) & 0xffff) % 160 === 0),
        'sound keeps its time line',
      )
    },
  )
  t.test('in the sound when the peer takes no events, and not at all when one is kept back', async t => {
    const { clock, network, box } = world()
    const { board, engine, open, of } = box('10.0.0.1')
    const peer = await peerOn(network, clock, '10.0.0.2')
    engine.command({ do: 'wake', line: 'tel1' })
    await open('a')
    const { eventPayloadType: _, ...inBand } = parameters({ address: '10.0.0.2', port: 4000 })
    engine.command({ do: 'connect', stream: 'a', to: inBand })
    engine.command({ do: 'talk', line: 'tel1', streams: ['a'] })
    engine.command({ do: 'digits', line: 'tel1', mode: 'call' })
    engine.command({ do: 'relay-digits', line: 'tel1', on: true })
    board.capture = typing('5', clock.now(), 200)
    await clock.advance(400)
    const loud = () => peer.packets.filter(p => rms(decoded(p.payload)) > 1000).length
    t.equal(loud(), 10)
    t.ok(peer.packets.every(p => p.type === 8))
    engine.command({ do: 'connect', stream: 'a', to: { ...inBand, eventPayloadType: 101 } })
    engine.command({ do: 'relay-digits', line: 'tel1', on: true, except: '#' })
    board.capture = typing('#', clock.now(), 200)
    const before = loud()
    await clock.advance(400)
    t.equal(of('digit-start').at(-1)?.digit, '#')
    t.ok(loud() - before <= 2, 'only what went out before it was recognised')
    t.ok(peer.packets.every(p => p.type === 8))
  })
  t.test('a command of two keys in one (R2) stays in the box, however soon it is carried out', async t => {
    for (const events of [true, false]) {
      const { clock, network, box } = world()
      const { board, engine, open, of } = box('10.0.0.1')
      const peer = await peerOn(network, clock, '10.0.0.2')
      engine.command({ do: 'wake', line: 'tel1' })
      await open('a')
      const { eventPayloadType, ...inBand } = parameters({ address: '10.0.0.2', port: 4000 })
      engine.command({
        do: 'connect',
        stream: 'a',
        to: events && eventPayloadType !== undefined ? { ...inBand, eventPayloadType } : inBand,
      })
      engine.command({ do: 'digits', line: 'tel1', mode: 'dialling' })
      engine.command({ do: 'relay-digits', line: 'tel1', on: false })
      board.capture = typing('2', clock.now(), 200)
      await clock.advance(60)
      t.equal(of('digit-start').at(-1)?.digit, '2')
      // The other party is there 60 ms after the key went down; it is down for 140 ms more.
      engine.command({ do: 'digits', line: 'tel1', mode: 'call' })
      engine.command({ do: 'relay-digits', line: 'tel1', on: true })
      engine.command({ do: 'talk', line: 'tel1', streams: ['a'] })
      await clock.advance(400)
      t.same(
        peer.packets.filter(packet => packet.type !== 8 || rms(decoded(packet.payload)) > 50),
        [],
        events ? 'told as an event' : 'in the sound',
      )
      t.ok(peer.packets.length > 15)
      t.same(
        of('digit-start').map(({ digit }) => digit),
        ['2'],
      )
    }
  })
  t.test('received as events: the telephone hears each for 65 ms at least, once', async t => {
    const { clock, network, box } = world()
    const { board, engine, open } = box('10.0.0.1')
    const peer = await peerOn(network, clock, '10.0.0.2')
    engine.command({ do: 'wake', line: 'tel1' })
    const local = await open('a')
    engine.command({ do: 'connect', stream: 'a', to: parameters({ address: '10.0.0.2', port: 4000 }) })
    engine.command({ do: 'talk', line: 'tel1', streams: ['a'] })
    await peer.talk(local, 10)
    for (const event of [9, 9, 11]) {
      const stamp = peer.now()
      const durations = [160, 320, 320, 320]
      for (const [i, duration] of durations.entries()) {
        const payload = Uint8Array.of(event, i > 0 ? 0x8a : 0x0a, duration >> 8, duration & 0xff)
        peer.send(local, payload, 101, stamp)
        await clock.advance(20)
      }
      await peer.talk(local, 3)
    }
    await peer.talk(local, 20)
    const heard: string[] = []
    const lengths: number[] = []
    let start = 0
    const ear = new DtmfDetector('dialling')
    ear.process(board.heard('tel1'), {
      start: s => {
        heard.push(s.digit)
        start = s.startSample
      },
      end: e => lengths.push((e.endSample - start) / 8),
    })
    t.equal(heard.join(''), '99#')
    t.ok(
      lengths.every(length => length > 60 && length < 80),
      lengths.join(),
    )
  })
  t.test('what the hybrid gives back of a received key is no key of the subscriber', async t => {
    const { clock, network, box } = world()
    const { board, engine, open, of } = box('10.0.0.1')
    const peer = await peerOn(network, clock, '10.0.0.2')
    engine.command({ do: 'wake', line: 'tel1' })
    const local = await open('a')
    engine.command({ do: 'connect', stream: 'a', to: parameters({ address: '10.0.0.2', port: 4000 }) })
    engine.command({ do: 'talk', line: 'tel1', streams: ['a'] })
    engine.command({ do: 'digits', line: 'tel1', mode: 'call' })
    engine.command({ do: 'relay-digits', line: 'tel1', on: true })
    board.capture = (line, into) => {
      // Later than the canceller reaches, as if it had not learnt yet.
      const last = board.played.get(line)?.at(-5)
      for (let i = 0; last !== undefined && i < into.length; i++)
        into[i] = Math.round((last[i] as number) / 2)
    }
    await peer.talk(local, 10)
    const stamp = peer.now()
    for (const [i, duration] of [160, 640, 1280, 1280].entries()) {
      const payload = Uint8Array.of(5, i > 1 ? 0x8a : 0x0a, duration >> 8, duration & 0xff)
      peer.send(local, payload, 101, stamp)
      await clock.advance(i < 2 ? 70 : 20)
    }
    await peer.talk(local, 20)
    t.equal(of('digit-start').length, 0)
    t.equal(peer.packets.filter(packet => packet.type === 101).length, 0, 'nothing is relayed back')
  })
  t.test('0 missed, 0 doubled between two boxes at 10 % loss', async t => {
    const { clock, network, box } = world(11, 0)
    const near = box('10.0.0.1')
    const far = box('10.0.0.22')
    near.engine.command({ do: 'wake', line: 'tel1' })
    far.engine.command({ do: 'wake', line: 'tel1' })
    const [here, there] = [await near.open('a'), await far.open('b')]
    near.engine.command({ do: 'connect', stream: 'a', to: parameters(there) })
    far.engine.command({ do: 'connect', stream: 'b', to: parameters(here) })
    near.engine.command({ do: 'talk', line: 'tel1', streams: ['a'] })
    far.engine.command({ do: 'talk', line: 'tel1', streams: ['b'] })
    near.engine.command({ do: 'digits', line: 'tel1', mode: 'call' })
    near.engine.command({ do: 'relay-digits', line: 'tel1', on: true })
    await clock.advance(300)
    network.loss = 0.1
    const keys = '1259001225599##0012512590#'.repeat(2)
    near.board.capture = typing(keys, clock.now(), 80, 80)
    await clock.advance(keys.length * 160 + 1000)
    const heard: string[] = []
    new DtmfDetector('dialling').process(far.board.heard('tel1'), {
      start: s => heard.push(s.digit),
      end: () => {},
    })
    t.equal(
      near
        .of('digit-start')
        .map(s => s.digit)
        .join(''),
      keys,
    )
    t.equal(heard.join(''), keys)
    near.engine.command({ do: 'statistics', id: 4 })
    far.engine.command({ do: 'statistics', id: 5 })
    await clock.advance(0)
    const figures = far.of('statistics')[0]?.streams[0]
    t.ok(figures !== undefined && figures.lostPackets > 5 && figures.receivedPackets > 300)
    t.ok((near.of('statistics')[0]?.streams[0]?.sentPackets ?? 0) > 400)
  })
})

t.test('two telephones on two simulated boxes', async t => {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock, latencyMs: 20 })
  const box = async (address: string, seed: number) => {
    const entropy = new SeededEntropy(seed)
    const sim = createSimBoard({ lines: ['tel1'], clock, entropy, frames: 'virtual' })
    const events: MediaEvent[] = []
    const heard: HandsetEvent[] = []
    const engine = new MediaEngine({
      board: sim.pcm,
      network,
      clock,
      entropy,
      onEvent: event => events.push(event),
    })
    engine.command({ do: 'configure', config: config(address) })
    const handset = sim.handset('tel1')
    handset.onEvent(event => heard.push(event))
    const profile = { impedances: ['600'], loopMa: 22, ringHz: 50, ringVrms: 60 }
    await sim.fxs('tel1').open(profile, () => {})
    void handset.perform({ do: 'offhook' })
    await clock.advance(100)
    await sim.fxs('tel1').setLinefeed('active')
    engine.command({ do: 'wake', line: 'tel1' })
    engine.command({ do: 'open', stream: 's' })
    await clock.advance(1)
    const local = events.find(event => event.type === 'opened')?.local ?? { address: '', port: 0 }
    return { engine, events, heard, handset, local }
  }
  const here = await box('10.0.0.1', 1)
  const there = await box('10.0.0.2', 2)
  const digits = (of: MediaEvent[]) => of.flatMap(e => (e.type === 'digit-start' ? [e.digit] : [])).join('')

  await t.test('keys are recognised under dial tone, through the hybrid', async t => {
    here.engine.command({ do: 'digits', line: 'tel1', mode: 'dialling' })
    here.engine.command({ do: 'tone', line: 'tel1', tone: 'dial' })
    await clock.advance(1000)
    t.ok(here.heard.some(event => event.ev === 'tone' && event.name === 'dial'))
    void here.handset.perform({ do: 'dtmf', digits: '0389*#', onMs: 60, offMs: 60 })
    await clock.advance(1200)
    t.equal(digits(here.events), '0389*#')
    here.engine.command({ do: 'tone', line: 'tel1', tone: null })
    here.engine.command({ do: 'digits', line: 'tel1', mode: 'off' })
  })
  await t.test(
    'keys pressed in a call are heard at the other end once each, and not recognised again there',
    async t => {
      for (const [from, to] of [
        [here, there],
        [there, here],
      ] as const) {
        from.engine.command({ do: 'connect', stream: 's', to: parameters(to.local) })
        from.engine.command({ do: 'talk', line: 'tel1', streams: ['s'] })
        from.engine.command({ do: 'digits', line: 'tel1', mode: 'call' })
        from.engine.command({ do: 'relay-digits', line: 'tel1', on: true })
      }
      await clock.advance(500)
      there.events.length = 0
      void here.handset.perform({ do: 'dtmf', digits: '0123456789*#', onMs: 80, offMs: 80 })
      await clock.advance(4000)
      t.equal(there.heard.flatMap(e => (e.ev === 'dtmf' ? [e.digit] : [])).join(''), '0123456789*#')
      // The regenerated tone comes back through the hybrid of the far telephone: its echo is no key press.
      t.equal(digits(there.events), '')
    },
  )
  await Promise.all([here.engine.close(), there.engine.close()])
})
