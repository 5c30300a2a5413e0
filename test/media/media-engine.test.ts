// The audio half as the rest of the firmware sees it: commands in, events out, RTP on one side, a telephone on the other.

import t from 'tap'
import { g711 } from '../../firmware/media/g711.js'
import { ms, us } from '../../hal/clock.js'
import { lively, type Packet, parameters, peerOn, rms, world } from '../support/media-world.js'

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
  t.test(
    'a far end that speaks before its answer has gone through the box is heard from its first sample',
    async t => {
      for (const late of [0, 5, 45]) {
        const { clock, network, box } = world()
        const { board, engine, open } = box('10.0.0.1')
        const peer = await peerOn(network, clock, '10.0.0.2')
        engine.command({ do: 'wake', line: 'tel1' })
        engine.command({ do: 'talk', line: 'tel1', streams: ['a'] })
        const local = await open('a')
        await clock.advance(3)
        const to = parameters({ address: '10.0.0.2', port: 4000 })
        clock.timer('answer', ms(1 + late), () => engine.command({ do: 'connect', stream: 'a', to }))
        await peer.talk(local, 20, lively)
        const sent = new Int16Array(20 * 160)
        g711.PCMA.decode(
          Uint8Array.from({ length: sent.length }, (_, n) => lively(n)),
          sent,
        )
        const heard = board.heard('tel1')
        const first = heard.findIndex(s => s !== 0)
        // Sent at 3 ms, 1 ms on the way, 40 ms in the buffer; the first frame played is that of 0-10 ms, played at 10 ms.
        const skipped = Math.max(0, first / 8 + 10 - 44) * 8
        t.equal(skipped, late < 40 ? 0 : 6 * 8, `connected ${late} ms late`)
        t.same(heard.subarray(first), sent.subarray(skipped, skipped + heard.length - first))
      }
    },
  )
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
        // The first 5 ms of a call rise out of silence.
        const whole = i === 0 ? 40 : 0
        if (codec === 'PCMA') t.same(p.payload.slice(whole), want.slice(whole))
        else t.ok(p.payload.every((code, k) => k < whole || code === want[k] || (code | 0x80) === 0xff))
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
    'ring bursts: told a second ahead, the first at once though the line slept, 1.5 s and 3.5 s to the sample',
    async t => {
      const { clock, box } = world()
      const { board, engine, of } = box('10.0.0.1')
      await clock.advance(7.25)
      const start = clock.now()
      engine.command({ do: 'ring', line: 'tel1', id: 7, cadence: 'normal' })
      t.same(of('ring-burst'), [], 'not from inside the command')
      await clock.advance(0)
      t.same(of('ring-burst'), [{ type: 'ring-burst', line: 'tel1', id: 7, on: true, us: start }])
      await clock.advance(20_000)
      const bursts = of('ring-burst')
      t.same(
        bursts.map(b => (b.us - start) / 1000),
        [0, 1500, 5000, 6500, 10_000, 11_500, 15_000, 16_500, 20_000],
      )
      t.ok(bursts.every((b, i) => b.on === (i % 2 === 0)))
      await clock.advance(500)
      t.equal(of('ring-burst').length, 10, 'the end of the burst is a second away')
      engine.command({ do: 'ring', line: 'tel1', cadence: null })
      await clock.advance(10)
      const frames = board.frames
      await clock.advance(5000)
      t.equal(board.frames, frames, 'no frame flows afterwards')
      t.equal(of('ring-burst').length, 10, 'and no burst is told')
    },
  )
  t.test('a cadence that fits no frame keeps its instants; sleep ends it', async t => {
    const { clock, box } = world()
    const { engine, of } = box('10.0.0.1')
    engine.command({ do: 'wake', line: 'tel1' })
    engine.command({ do: 'ring', line: 'tel1', id: 1, cadence: 'odd' })
    await clock.advance(995)
    t.same(
      of('ring-burst').map(b => b.us / 1000),
      Array.from({ length: 40 }, (_, i) => Math.floor(i / 2) * 100 + (i % 2) * 33.5),
    )
    engine.command({ do: 'ring', line: 'tel1', id: 1, cadence: 'odd' })
    engine.command({ do: 'sleep', line: 'tel1' })
    await clock.advance(500)
    t.equal(of('ring-burst').length, 61, 'what was told with the command')
  })
})

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
    engine.command({ do: 'ring', line: 'tel1', id: 1, cadence: 'nonsense' })
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
