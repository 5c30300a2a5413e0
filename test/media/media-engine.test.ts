// The audio half as the rest of the firmware sees it: commands in, events out, RTP on one side, a telephone on the other.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { DtmfDetector } from '../../firmware/media/dtmf-detector.js'
import { g711 } from '../../firmware/media/g711.js'
import type { MediaConfig, MediaEvent, StreamParameters } from '../../firmware/media/media-contract.js'
import { MediaEngine } from '../../firmware/media/media-engine.js'
import { us } from '../../hal/clock.js'
import type { Network, UdpOptions, UdpSocket } from '../../hal/network.js'
import { FRAME_SAMPLES } from '../../hal/pcm-port.js'
import type { HandsetEvent } from '../../hal/sim/handset-contract.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { FrameBoard } from '../support/frame-board.js'

const config = (address: string): MediaConfig => ({
  address,
  ports: [16384, 16399],
  dscp: 46,
  tones: {
    dial: { cadence: [{ hz: [440] }], dbm0: -10 },
    error: {
      cadence: [
        { hz: [440], ms: 250 },
        { hz: [], ms: 250 },
      ],
      repeat: 4,
      dbm0: -10,
    },
  },
  rings: { normal: [1500, 3500], odd: [33.5, 66.5] },
})

const world = (seed = 5, loss = 0) => {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock, latencyMs: 1, loss, entropy: new SeededEntropy(seed) })
  /** One box: its board, engine and events. */
  const box = (address: string, lines: readonly string[] = ['tel1']) => {
    const board = new FrameBoard(lines, clock)
    const events: MediaEvent[] = []
    const engine = new MediaEngine({
      board,
      network,
      clock,
      entropy: new SeededEntropy(seed + address.length),
      onEvent: event => events.push(event),
    })
    engine.command({ do: 'configure', config: config(address) })
    const of = <T extends MediaEvent['type']>(type: T) =>
      events.filter((event): event is Extract<MediaEvent, { type: T }> => event.type === type)
    const open = async (stream: string) => {
      engine.command({ do: 'open', stream })
      await clock.advance(0)
      return of('opened').find(event => event.stream === stream)?.local ?? { address: '', port: 0 }
    }
    return { board, engine, events, of, open }
  }
  return { clock, network, box }
}

const parameters = (
  remote: { address: string; port: number },
  more: Partial<StreamParameters> = {},
): StreamParameters => ({
  remote,
  codec: 'PCMA',
  payloadType: 8,
  eventPayloadType: 101,
  ptime: 20,
  direction: 'sendrecv',
  ...more,
})

interface Packet {
  readonly type: number
  readonly marker: boolean
  readonly sequence: number
  readonly timestamp: number
  readonly payload: Uint8Array
  readonly us: number
}

/** A far end that parses by itself. */
const peerOn = async (network: MemoryNetwork, clock: VirtualClock, address: string, port = 4000) => {
  const packets: Packet[] = []
  const socket: UdpSocket = await network.openUdp({
    address,
    port,
    onDatagram: data => {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
      packets.push({
        type: view.getUint8(1) & 0x7f,
        marker: view.getUint8(1) > 127,
        sequence: view.getUint16(2),
        timestamp: view.getUint32(4),
        payload: data.slice(12),
        us: clock.now(),
      })
    },
    onError: () => {},
  })
  let sequence = 65_500
  let timestamp = 0xfffff000
  const send = (to: { address: string; port: number }, payload: Uint8Array, type = 8, at = timestamp) => {
    const data = new Uint8Array(12 + payload.length)
    const view = new DataView(data.buffer)
    view.setUint8(0, 0x80)
    view.setUint8(1, type)
    view.setUint16(2, sequence++ & 0xffff)
    view.setUint32(4, at >>> 0)
    view.setUint32(8, 0x5eed)
    data.set(payload, 12)
    socket.send(data, to)
  }
  /** Talks `count` packets of 20 ms; `codes` gives the octets. */
  const talk = async (
    to: { address: string; port: number },
    count: number,
    codes: (n: number) => number = () => 0xd5,
  ) => {
    for (let p = 0; p < count; p++) {
      const start = p * 160
      send(
        to,
        Uint8Array.from({ length: 160 }, (_, i) => codes(start + i)),
      )
      timestamp = (timestamp + 160) >>> 0
      await clock.advance(20)
    }
  }
  return { packets, send, talk, now: () => timestamp }
}

/** A-law octets that decode to loud, lively samples. */
const lively = (n: number) => (Math.imul(n + 7, 2654435761) >>> 24) & 0xff

const keyHz: Record<string, readonly [number, number]> = {
  '1': [697, 1209],
  '2': [697, 1336],
  '5': [770, 1336],
  '9': [852, 1477],
  '0': [941, 1336],
  '#': [941, 1477],
}
/** The telephone sends `keys`, each `onMs` on and `offMs` off, from `from` µs. */
const typing =
  (keys: string, from: number, onMs = 80, offMs = 80) =>
  (_line: string, into: Int16Array, at: number) => {
    for (let i = 0; i < into.length; i++) {
      const time = (at - from) / 1000 + i / 8
      const n = Math.floor(time / (onMs + offMs))
      if (time < 0 || n >= keys.length || time - n * (onMs + offMs) >= onMs) continue
      const [low, high] = keyHz[keys[n] as string] as readonly [number, number]
      const s = time / 1000
      into[i] = Math.round(6000 * Math.sin(2 * Math.PI * low * s) + 7500 * Math.sin(2 * Math.PI * high * s))
    }
  }

const rms = (samples: Int16Array) => Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length)

t.test('sound', async t => {
  t.test('what the far end says reaches the telephone bit for bit', async t => {
    const { clock, network, box } = world()
    const { board, engine, open, of } = box('10.0.0.1')
    const peer = await peerOn(network, clock, '10.0.0.2')
    engine.command({ do: 'wake', line: 'tel1' })
    const local = await open('a')
    t.equal(local.port % 2, 0)
    engine.command({ do: 'connect', stream: 'a', to: parameters({ address: '10.0.0.2', port: 4000 }) })
    engine.command({ do: 'talk', line: 'tel1', streams: ['a'] })
    await peer.talk(local, 100, lively)
    const sent = new Int16Array(100 * 160)
    g711.PCMA.decode(
      Uint8Array.from({ length: sent.length }, (_, n) => lively(n)),
      sent,
    )
    const heard = board.heard('tel1')
    const first = heard.findIndex(s => s !== 0)
    t.ok(first > 0 && first < 800, `first sound after ${first / 8} ms`)
    t.same(heard.subarray(first), sent.subarray(0, heard.length - first))
    t.match(of('rtp-started'), [{ stream: 'a', from: { address: '10.0.0.2', port: 4000 } }])
    t.equal(network.captured.find(d => d.from.address === '10.0.0.1')?.dscp, 46)
  })
  t.test('what the telephone sends leaves bit for bit, 20 ms a packet, on time', async t => {
    for (const codec of ['PCMA', 'PCMU'] as const) {
      const { clock, network, box } = world()
      const { board, engine, open } = box('10.0.0.1')
      const peer = await peerOn(network, clock, '10.0.0.2')
      let n = 0
      board.capture = (_line, into) => {
        const codes = Uint8Array.from({ length: into.length }, () => lively(n++) | (codec === 'PCMU' ? 1 : 0))
        g711[codec].decode(codes, into)
      }
      engine.command({ do: 'wake', line: 'tel1' })
      await open('a')
      const payloadType = codec === 'PCMA' ? 8 : 0
      const to = parameters({ address: '10.0.0.2', port: 4000 }, { codec, payloadType })
      engine.command({ do: 'connect', stream: 'a', to })
      engine.command({ do: 'talk', line: 'tel1', streams: ['a'] })
      await clock.advance(1005)
      t.equal(peer.packets.length, 50)
      t.ok(peer.packets.every((p, i) => p.type === payloadType && p.marker === (i === 0)))
      const first = peer.packets[0] as Packet
      for (const [i, p] of peer.packets.entries()) {
        t.equal(p.us, first.us + i * 20_000)
        t.equal(p.sequence, (first.sequence + i) & 0xffff)
        t.equal(p.timestamp, (first.timestamp + i * 160) >>> 0)
        const want = Uint8Array.from(
          { length: 160 },
          (_, k) => lively(i * 160 + k) | (codec === 'PCMU' ? 1 : 0),
        )
        // The two codes of zero in µ-law are one sample.
        if (codec === 'PCMA') t.same(p.payload, want)
        else t.ok(p.payload.every((code, k) => code === want[k] || (code | 0x80) === 0xff))
      }
      await engine.close()
    }
  })
  t.test(
    'a line taken out of the call: silence goes out, nothing is heard; held: nothing at all goes out',
    async t => {
      const { clock, network, box } = world()
      const { board, engine, open } = box('10.0.0.1')
      const peer = await peerOn(network, clock, '10.0.0.2')
      board.capture = (_line, into) => into.fill(5000)
      engine.command({ do: 'wake', line: 'tel1' })
      const local = await open('a')
      const to = parameters({ address: '10.0.0.2', port: 4000 })
      engine.command({ do: 'connect', stream: 'a', to })
      engine.command({ do: 'talk', line: 'tel1', streams: [] })
      await peer.talk(local, 20, lively)
      await clock.advance(2)
      t.equal(peer.packets.length, 20)
      t.ok(peer.packets.every(p => p.payload.every(code => code === 0xd5)))
      t.ok(board.heard('tel1').every(s => s === 0))
      engine.command({ do: 'connect', stream: 'a', to: { ...to, direction: 'inactive' } })
      engine.command({ do: 'talk', line: 'tel1', streams: ['a'] })
      await peer.talk(local, 20, lively)
      await clock.advance(2)
      t.equal(peer.packets.length, 20)
      t.ok(board.heard('tel1').every(s => s === 0))
      engine.command({ do: 'connect', stream: 'a', to: { ...to, direction: 'recvonly' } })
      await peer.talk(local, 20, lively)
      await clock.advance(2)
      t.equal(peer.packets.length, 20)
      t.ok(rms(board.heard('tel1').slice(-800)) > 1000)
    },
  )
  t.test('three in a conference: each hears the others and not itself', async t => {
    const { clock, network, box } = world()
    const { board, engine, open } = box('10.0.0.1')
    const peers = [
      await peerOn(network, clock, '10.0.0.2'),
      await peerOn(network, clock, '10.0.0.3'),
    ] as const
    board.capture = (_line, into) => into.fill(0)
    engine.command({ do: 'wake', line: 'tel1' })
    const locals = [await open('a'), await open('b')] as const
    for (const [i, stream] of ['a', 'b'].entries())
      engine.command({ do: 'connect', stream, to: parameters({ address: `10.0.0.${i + 2}`, port: 4000 }) })
    engine.command({ do: 'talk', line: 'tel1', streams: ['a', 'b'] })
    const high = new Uint8Array(1)
    g711.PCMA.encode(Int16Array.of(4000), high)
    const low = new Uint8Array(1)
    g711.PCMA.encode(Int16Array.of(-9000), low)
    const level = (code: Uint8Array) => {
      const into = new Int16Array(1)
      g711.PCMA.decode(code, into)
      return into[0] as number
    }
    for (let i = 0; i < 30; i++) {
      const both = peers[1].talk(locals[1], 0)
      peers[0].send(locals[0], new Uint8Array(160).fill(high[0] as number), 8, i * 160)
      peers[1].send(locals[1], new Uint8Array(160).fill(low[0] as number), 8, i * 160)
      await both
      await clock.advance(20)
    }
    t.equal(board.heard('tel1').at(-1), level(high) + level(low))
    t.same(peers[0].packets.at(-1)?.payload.slice(0, 1), low, 'a hears b')
    t.same(peers[1].packets.at(-1)?.payload.slice(0, 1), high, 'b hears a')
  })
})

t.test('tones and ringing count samples', async t => {
  t.test(
    'a tone of four repeats lasts 2 s to the sample and says when it ended; one for ever goes on',
    async t => {
      const { clock, box } = world()
      const { board, engine, of } = box('10.0.0.1')
      engine.command({ do: 'wake', line: 'tel1' })
      engine.command({ do: 'tone', line: 'tel1', tone: 'error' })
      await clock.advance(3000)
      const heard = board.heard('tel1')
      for (let n = 0; n < 8; n++) {
        const part = heard.subarray(n * 2000 + 10, (n + 1) * 2000 - 10)
        if (n % 2 === 0) t.ok(rms(part) > 5000, `burst ${n / 2}`)
        else
          t.ok(
            part.every(s => s === 0),
            `pause ${n / 2}`,
          )
      }
      t.ok(heard.subarray(16_000).every(s => s === 0))
      t.same(of('tone-end'), [{ type: 'tone-end', line: 'tel1', tone: 'error' }])
      engine.command({ do: 'tone', line: 'tel1', tone: 'dial' })
      await clock.advance(60_000)
      t.ok(rms(board.heard('tel1').slice(-800)) > 5000)
      engine.command({ do: 'tone', line: 'tel1', tone: null })
      await clock.advance(20)
      t.ok(
        board
          .heard('tel1')
          .slice(-80)
          .every(s => s === 0),
      )
      t.equal(of('tone-end').length, 1)
    },
  )
  t.test(
    'ring bursts: the first at once though the line slept, then 1.5 s and 3.5 s to the sample',
    async t => {
      const { clock, box } = world()
      const { board, engine, of } = box('10.0.0.1')
      await clock.advance(7.25)
      const start = clock.now()
      engine.command({ do: 'ring', line: 'tel1', cadence: 'normal' })
      t.same(of('ring-burst'), [], 'not from inside the command')
      await clock.advance(0)
      t.same(of('ring-burst'), [{ type: 'ring-burst', line: 'tel1', on: true, us: start }])
      await clock.advance(20_000)
      const bursts = of('ring-burst')
      t.same(
        bursts.map(b => (b.us - start) / 1000),
        [0, 1500, 5000, 6500, 10_000, 11_500, 15_000, 16_500, 20_000],
      )
      t.ok(bursts.every((b, i) => b.on === (i % 2 === 0)))
      engine.command({ do: 'ring', line: 'tel1', cadence: null })
      await clock.advance(10)
      t.match(of('ring-burst').at(-1), { on: false })
      const frames = board.frames
      await clock.advance(5000)
      t.equal(board.frames, frames, 'no frame flows afterwards')
    },
  )
  t.test('a cadence that fits no frame keeps its instants; sleep ends it', async t => {
    const { clock, box } = world()
    const { engine, of } = box('10.0.0.1')
    engine.command({ do: 'wake', line: 'tel1' })
    engine.command({ do: 'ring', line: 'tel1', cadence: 'odd' })
    await clock.advance(995)
    t.same(
      of('ring-burst').map(b => b.us / 1000),
      Array.from({ length: 20 }, (_, i) => Math.floor(i / 2) * 100 + (i % 2) * 33.5),
    )
    engine.command({ do: 'ring', line: 'tel1', cadence: 'odd' })
    engine.command({ do: 'sleep', line: 'tel1' })
    await clock.advance(500)
    t.match(of('ring-burst').slice(-2), [{ on: true }, { on: false }])
  })
})

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

const decoded = (payload: Uint8Array) => {
  const into = new Int16Array(payload.length)
  g711.PCMA.decode(payload, into)
  return into
}

t.test('streams', async t => {
  t.test('a silent far end is told every 10 s, but not while nothing may come', async t => {
    const { clock, network, box } = world()
    const { engine, open, of } = box('10.0.0.1')
    const peer = await peerOn(network, clock, '10.0.0.2')
    engine.command({ do: 'wake', line: 'tel1' })
    const local = await open('a')
    const to = parameters({ address: '10.0.0.2', port: 4000 })
    engine.command({ do: 'connect', stream: 'a', to })
    await peer.talk(local, 10)
    await clock.advance(31_000)
    t.same(
      of('rtp-silent').map(e => Math.round(e.ms / 1000)),
      [10, 20, 30],
    )
    engine.command({ do: 'connect', stream: 'a', to: { ...to, direction: 'sendonly' } })
    await clock.advance(31_000)
    t.equal(of('rtp-silent').length, 3)
  })
  t.test('what cannot be opened says why; commands that run ahead or behind do no harm', async t => {
    const { clock, box } = world()
    const { engine, of } = box('10.0.0.1')
    for (let i = 0; i < 9; i++) engine.command({ do: 'open', stream: `s${i}` })
    engine.command({ do: 'open', stream: 's0' })
    engine.command({ do: 'connect', stream: 's1', to: parameters({ address: '10.0.0.2', port: 4000 }) })
    engine.command({ do: 'close', stream: 's2' })
    engine.command({ do: 'close', stream: 'nobody' })
    engine.command({ do: 'connect', stream: 'nobody', to: parameters({ address: '10.0.0.2', port: 4000 }) })
    engine.command({ do: 'tone', line: 'nobody', tone: 'dial' })
    engine.command({ do: 'tone', line: 'tel1', tone: 'nonsense' })
    engine.command({ do: 'ring', line: 'tel1', cadence: 'nonsense' })
    engine.command({ do: 'talk', line: 'tel1', streams: ['s1', 'nobody'] })
    await clock.advance(10)
    t.equal(of('opened').length, 7, 's2 was closed while it opened')
    const failed = of('open-failed')
    t.equal(failed.length, 2)
    t.match(failed[0], { stream: 's0', reason: /already/ })
    t.match(failed[1]?.reason, /in use/)
    const ports = of('opened').map(e => e.local.port)
    t.equal(new Set(ports).size, 7)
    t.ok(ports.every(port => port % 2 === 0 && port >= 16384 && port < 16399))
    engine.command({ do: 'open', stream: 'later' })
    await clock.advance(0)
    t.equal(of('opened').length, 8, 'the port of s2 is free again')
    await engine.close()
    await engine.close()
  })
  t.test('frames missed or not wanted move the RTP time line', async t => {
    const { clock, network, box } = world()
    const { board, engine, open, of } = box('10.0.0.1')
    const peer = await peerOn(network, clock, '10.0.0.2')
    engine.command({ do: 'wake', line: 'tel1' })
    await open('a')
    engine.command({ do: 'connect', stream: 'a', to: parameters({ address: '10.0.0.2', port: 4000 }) })
    await clock.advance(101)
    engine.command({ do: 'sleep', line: 'tel1' })
    const before = peer.packets.at(-1) as Packet
    const count = peer.packets.length
    await clock.advance(2000)
    t.equal(peer.packets.length, count)
    engine.command({ do: 'wake', line: 'tel1' })
    await clock.advance(100)
    const after = peer.packets[count] as Packet
    const passed = ((after.timestamp - before.timestamp) >>> 0) / 8
    t.ok(Math.abs(passed - (after.us - before.us) / 1000) <= 10, `${passed} ms`)
    t.equal(after.marker, true)
    t.equal(after.sequence, (before.sequence + 1) & 0xffff)
    board.fault({ port: 'tel1', kind: 'pcm-xrun', lostFrames: 3, us: us(0) })
    await clock.advance(0)
    t.same(of('pcm-fault'), [{ type: 'pcm-fault', line: 'tel1', lostFrames: 3 }])
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

t.test('in steady state a frame allocates nothing that stays, and hardly anything at all', async t => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const sockets: UdpOptions[] = []
  let sent = 0
  const network = {
    openUdp: async (options: UdpOptions) => {
      sockets.push(options)
      return {
        local: { address: options.address, port: options.port },
        send: () => {
          sent++
        },
        close: async () => {},
      }
    },
  } as unknown as Network
  const board = new FrameBoard(['tel1'])
  board.keep = false
  let now = 0
  const clock = new VirtualClock()
  Object.assign(clock, { now: () => us(now) })
  const tone = typing('', 0)
  board.capture = tone
  const engine = new MediaEngine({ board, network, clock, entropy: new SeededEntropy(1), onEvent: () => {} })
  engine.command({ do: 'configure', config: config('10.0.0.1') })
  engine.command({ do: 'open', stream: 'a' })
  await clock.advance(1)
  engine.command({ do: 'wake', line: 'tel1' })
  engine.command({ do: 'connect', stream: 'a', to: parameters({ address: '10.0.0.2', port: 4000 }) })
  engine.command({ do: 'talk', line: 'tel1', streams: ['a'] })
  engine.command({ do: 'digits', line: 'tel1', mode: 'call' })
  const datagram = new Uint8Array(172)
  for (let i = 12; i < 172; i++) datagram[i] = lively(i)
  datagram[0] = 0x80
  datagram[1] = 8
  const from = { address: '10.0.0.2', port: 4000 }
  let packet = 0
  const run = (frames: number) => {
    for (let f = 0; f < frames; f++) {
      if (f % 2 === 0) {
        packet++
        datagram[2] = packet >> 8
        datagram[3] = packet
        const stamp = packet * 160
        datagram[4] = stamp >> 24
        datagram[5] = stamp >> 16
        datagram[6] = stamp >> 8
        datagram[7] = stamp
        // One in twenty is lost, so that concealment runs too.
        if (packet % 20 !== 0) sockets[0]?.onDatagram(datagram, from)
      }
      board.tick(now)
      now += 10_000
    }
  }
  run(3000)
  gc()
  const before = process.memoryUsage().heapUsed
  run(2000)
  const used = (process.memoryUsage().heapUsed - before) / 2000
  gc()
  const kept = process.memoryUsage().heapUsed - before
  t.ok(sent > 2400, 'packets went out')
  t.ok(kept < 50_000, `${kept} bytes stayed after 2000 frames`)
  t.ok(used < 1500, `${Math.round(used)} bytes a frame passed through the heap`)
  t.comment(`${Math.round(used)} bytes a frame, ${kept} stayed; a frame has ${FRAME_SAMPLES} samples`)
})
