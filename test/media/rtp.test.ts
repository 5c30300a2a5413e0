// RTP and RTCP on the wire (RFC 3550): headers, reports, whom to believe, and what garbage does (nothing).

import fc from 'fast-check'
import t from 'tap'
import type { StreamParameters } from '../../firmware/media/media-contract.js'
import { openPortPair } from '../../firmware/media/port-pair.js'
import { emptyRtcpReport, type OwnReport, readRtcp, writeRtcp } from '../../firmware/media/rtcp.js'
import { emptyRtpHeader, readRtp, writeRtpHeader } from '../../firmware/media/rtp-packet.js'
import { RtpSession } from '../../firmware/media/rtp-session.js'
import { RtpSource } from '../../firmware/media/rtp-source.js'
import { mayReceiveRtp } from '../../firmware/media/rtp-target.js'
import { tickAt } from '../../firmware/media/tick.js'
import { HalError } from '../../hal/errors.js'
import type { UdpSocket } from '../../hal/network.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

const rtp = (sequence: number, timestamp: number, ssrc: number, payloadType = 8, bytes = 160) => {
  const data = new Uint8Array(12 + bytes).fill(0xd5)
  writeRtpHeader(data, payloadType, false, sequence, timestamp, ssrc)
  return data
}

t.test('headers', async t => {
  t.test('what is written is read back, whatever the numbers', async () => {
    fc.assert(
      fc.property(
        fc.nat(127),
        fc.boolean(),
        fc.nat(0xffff),
        fc.nat(0xffffffff),
        fc.nat(0xffffffff),
        (type, marker, sequence, timestamp, ssrc) => {
          const data = new Uint8Array(20)
          writeRtpHeader(data, type, marker, sequence, timestamp, ssrc)
          const header = emptyRtpHeader()
          const rtcpLike = marker && type >= 72 && type <= 76
          if (readRtp(data, header) === rtcpLike) return false
          if (rtcpLike) return true
          return (
            header.payloadType === type &&
            header.marker === marker &&
            header.sequence === sequence &&
            header.timestamp >>> 0 === timestamp &&
            header.ssrc >>> 0 === ssrc &&
            header.payloadOffset === 12 &&
            header.payloadLength === 8
          )
        },
      ),
    )
  })
  t.test('garbage never throws, and what is accepted lies inside the datagram', async () => {
    const header = emptyRtpHeader()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (data, plausible) => {
        if (plausible && data.length > 0) data[0] = 0x80 | ((data[0] as number) & 0x3f)
        if (!readRtp(data, header)) return true
        return header.payloadOffset >= 12 && header.payloadOffset + header.payloadLength <= data.length
      }),
      { numRuns: 3000 },
    )
  })
  t.test('extension, contributing sources and padding are left out; lies are refused', async t => {
    const header = emptyRtpHeader()
    const full = new Uint8Array(12 + 4 + 8 + 3 + 2)
    writeRtpHeader(full, 0, false, 1, 2, 3)
    full[0] = 0x80 | 0x20 | 0x10 | 1
    full[19] = 1 // extension of one word, after the CSRC
    full[full.length - 1] = 2
    t.ok(readRtp(full, header))
    t.match(header, { payloadOffset: 24, payloadLength: 3 })
    full[full.length - 1] = 255
    t.notOk(readRtp(full, header), 'padding longer than the packet')
    full[full.length - 1] = 0
    t.notOk(readRtp(full, header), 'padding of nothing')
    full[18] = 0xff
    t.notOk(readRtp(full, header), 'extension longer than the packet')
    const sources = new Uint8Array(40)
    sources[0] = 0x8f
    t.notOk(readRtp(sources, header), 'fifteen sources in 40 bytes')
    const old = new Uint8Array(40)
    old[0] = 0x40
    t.notOk(readRtp(old, header), 'version 1')
  })
})

const ownReport = (): OwnReport => ({
  ssrc: 0xa1b2c3d4,
  ntpSeconds: 3_900_000_000,
  ntpFraction: 0x80000000,
  timestamp: 16000,
  packets: 100,
  octets: 16000,
  sender: true,
  heard: true,
  farSsrc: 0x01020304,
  fractionLost: 12,
  lost: -3,
  highest: 0x10005,
  jitter: 44,
  lastSr: 0x11223344,
  delaySinceLastSr: 65536,
})

t.test('reports', async t => {
  const cname = new TextEncoder().encode('0123456789abcdef01234567')
  t.test('a compound of SR, SDES and BYE is read back by the one it is about', async t => {
    const into = new Uint8Array(256)
    const length = writeRtcp(into, ownReport(), cname, true)
    t.equal(length % 4, 0)
    const report = emptyRtcpReport()
    t.ok(readRtcp(into.subarray(0, length), 0x01020304, report))
    t.match(report, {
      ssrc: 0xa1b2c3d4,
      senderNtp: ((3_900_000_000 & 0xffff) * 0x10000 + 0x8000) >>> 0,
      aboutUs: true,
      fractionLost: 12,
      lost: -3,
      jitter: 44,
      lastSr: 0x11223344,
      delaySinceLastSr: 65536,
      bye: true,
    })
    t.ok(readRtcp(into.subarray(0, length), 0x01020305, report))
    t.notOk(report.aboutUs, 'a block about somebody else is passed over')
    t.equal(Buffer.from(into.subarray(52 + 10, 52 + 34)).toString(), '0123456789abcdef01234567')
  })
  t.test('every cut of a compound is refused or whole, and garbage never throws', async t => {
    const into = new Uint8Array(256)
    const length = writeRtcp(into, ownReport(), cname, true)
    const report = emptyRtcpReport()
    const whole = []
    for (let cut = 0; cut <= length; cut++) if (readRtcp(into.subarray(0, cut), 1, report)) whole.push(cut)
    t.same(whole, [52, 88, 96], 'after SR, after SDES, after BYE')
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 120 }), data => {
        data[0] = 0x80 | ((data[0] as number) & 0x3f)
        data[1] = 200 + ((data[1] as number) % 5)
        data[2] = 0
        readRtcp(data, 1, report)
      }),
      { numRuns: 3000 },
    )
  })
})

t.test('sequence, loss and jitter of a source', async t => {
  t.test('loss counts across the wrap of sequence numbers; duplicates lower it', async t => {
    const source = new RtpSource()
    source.begin(7, 65530)
    for (let i = 0; i < 20; i++) if (i !== 9 && i !== 10) source.accept((65530 + i) & 0xffff)
    t.equal(source.totalLost, 2)
    t.equal(source.extendedHighest, 65536 + 13)
    t.equal(source.takeFractionLost(), Math.floor((2 * 256) / 20))
    t.equal(source.takeFractionLost(), 0, 'nothing new since the last report')
    source.accept(13)
    t.equal(source.totalLost, 1)
  })
  t.test('a jump is believed with its second packet', async t => {
    const source = new RtpSource()
    source.begin(7, 100)
    t.ok(source.accept(100))
    t.notOk(source.accept(20_000))
    t.ok(source.accept(101))
    t.notOk(source.accept(30_000))
    t.ok(source.accept(30_001))
    t.equal(source.totalLost, 0)
  })
  t.test('jitter of packets alternately 0 and 10 ms late goes to 80 units', async t => {
    const source = new RtpSource()
    source.begin(7, 0)
    for (let i = 0; i < 200; i++) source.arrived(i * 160, i * 160 + (i % 2) * 80)
    t.ok(Math.abs(source.jitter - 80) < 1, `${source.jitter}`)
  })
})

t.test('no audio to groups, broadcasts and nowhere', async t => {
  for (const address of ['0.0.0.0', '224.0.0.1', '239.1.2.3', '255.255.255.255', '::', 'ff02::1', 'FF05::2'])
    t.notOk(mayReceiveRtp({ address, port: 4000 }), address)
  t.notOk(mayReceiveRtp({ address: '10.0.0.1', port: 0 }), 'port 0')
  for (const address of ['10.0.0.1', '127.0.0.2', '2001:db8::1'])
    t.ok(mayReceiveRtp({ address, port: 4000 }), address)
})

const world = async () => {
  const clock = new VirtualClock()
  const entropy = new SeededEntropy(3)
  const network = new MemoryNetwork({ clock })
  const played: { sequence: number; from: string }[] = []
  let sources = 0
  const session = new RtpSession(clock, entropy, {
    takes: type => type === 8,
    packet: (header, _data, _us, from) =>
      played.push({ sequence: header.sequence, from: `${from.address}:${from.port}` }),
    newSource: () => sources++,
  })
  const pair = await openPortPair({
    network,
    entropy,
    address: '10.0.0.1',
    ports: [16384, 16399],
    onRtp: (data, from) => session.rtpDatagram(data, from),
    onRtcp: (data, from) => session.rtcpDatagram(data, from),
  })
  session.attach(pair)
  const rtcpHeard: Uint8Array[] = []
  const at = (address: string, port: number): Promise<UdpSocket> =>
    network.openUdp({ address, port, onDatagram: data => rtcpHeard.push(data), onError: () => {} })
  const to = (address: string, port: number): StreamParameters => ({
    remote: { address, port },
    codec: 'PCMA',
    payloadType: 8,
    ptime: 20,
    direction: 'sendrecv',
  })
  const talk = async (socket: UdpSocket, ssrc: number, first: number, count: number) => {
    for (let i = 0; i < count; i++) {
      socket.send(rtp((first + i) & 0xffff, (first + i) * 160, ssrc), pair.rtp.local)
      await clock.advance(20)
    }
  }
  const sendsTo = () => {
    session.send(8, false, 0, 160)
    const last = network.captured.at(-1)
    return `${last?.to.address}:${last?.to.port}`
  }
  return { clock, network, session, pair, played, at, to, talk, sendsTo, rtcpHeard, sources: () => sources }
}

t.test('port pairs', async t => {
  t.test('even and odd, all of the range once, then a clear refusal', async t => {
    const clock = new VirtualClock()
    const network = new MemoryNetwork({ clock })
    const open = (anyPort = false) =>
      openPortPair({
        network,
        anyPort,
        entropy: new SeededEntropy(9),
        address: '10.0.0.1',
        ports: [16383, 16389],
        onRtp: () => {},
        onRtcp: () => {},
      })
    const ports: number[] = []
    for (let i = 0; i < 3; i++) {
      const pair = await open()
      t.equal(pair.rtcp.local.port, pair.rtp.local.port + 1)
      ports.push(pair.rtp.local.port)
    }
    t.same(ports.sort(), [16384, 16386, 16388])
    await t.rejects(open(), new HalError('in-use', 'all RTP ports 16383-16389 are in use'))
    const { rtp, rtcp } = await open(true)
    t.ok(rtp.local.port % 2 === 0 && rtcp.local.port === rtp.local.port + 1, 'a pair outside the range')
    t.ok(rtp.local.port < 16383 || rtp.local.port > 16389)
  })
})

t.test('whom a session believes', async t => {
  t.test(
    'nobody before connect; then the signalled address, and what it sent in the last 0.12 s',
    async t => {
      const w = await world()
      const peer = await w.at('10.0.0.2', 4000)
      const stranger = await w.at('10.6.6.6', 4000)
      await w.talk(peer, 77, 1, 10)
      for (let i = 0; i < 4; i++) stranger.send(rtp(i, i * 160, 99), w.pair.rtp.local)
      await w.clock.advance(1)
      t.equal(w.played.length, 0)
      w.session.connect(w.to('10.0.0.2', 4000))
      t.same(
        w.played.map(({ sequence }) => sequence),
        [7, 8, 9, 10],
        'the newest ones, in order; older ones had to make room for those of the stranger',
      )
      await w.talk(peer, 77, 11, 3)
      t.equal(w.played.length, 7)
      t.ok(w.played.every(({ from }) => from === '10.0.0.2:4000'))
      w.session.connect(w.to('10.0.0.2', 4000))
      t.equal(w.played.length, 7, 'said again: nothing is played twice')
    },
  )
  t.test(
    'old packets are not brought back, and a call that moves elsewhere is heard from its first',
    async t => {
      const w = await world()
      const peer = await w.at('10.0.0.2', 4000)
      await w.talk(peer, 77, 1, 3)
      await w.clock.advance(200)
      w.session.connect(w.to('10.0.0.2', 4000))
      t.equal(w.played.length, 0)
      await w.talk(peer, 77, 14, 5)
      const next = await w.at('10.0.0.3', 4000)
      await w.talk(next, 88, 500, 2)
      t.equal(w.played.length, 5)
      w.session.connect(w.to('10.0.0.3', 4000))
      t.same(
        w.played.slice(5).map(({ sequence }) => sequence),
        [500, 501],
      )
    },
  )
  t.test('an attacker beside a talking peer is not played and not sent to', async t => {
    const w = await world()
    const peer = await w.at('10.0.0.2', 4000)
    const attackers = [await w.at('10.6.6.6', 4000), await w.at('10.0.0.2', 4002)]
    w.session.connect(w.to('10.0.0.2', 4000))
    for (let i = 0; i < 50; i++) {
      for (const attacker of attackers)
        for (let n = 0; n < 5; n++) attacker.send(rtp(i * 5 + n, i * 800 + n * 160, 99), w.pair.rtp.local)
      await w.talk(peer, 77, 100 + i, 1)
    }
    t.equal(w.played.length, 50)
    t.ok(w.played.every(({ from }) => from === '10.0.0.2:4000'))
    t.equal(w.session.strangers, 500)
    t.equal(w.sendsTo(), '10.0.0.2:4000')
  })
  t.test(
    'a stranger who knows the SSRC but not the sequence is not let in when the peer falls silent',
    async t => {
      const w = await world()
      const peer = await w.at('10.0.0.2', 4000)
      const attacker = await w.at('10.6.6.6', 9000)
      w.session.connect(w.to('10.0.0.2', 4000))
      await w.talk(peer, 77, 1000, 5)
      await w.clock.advance(2000)
      await w.talk(attacker, 77, 40_000, 20)
      await w.talk(attacker, 78, 1005, 20)
      t.equal(w.played.length, 5)
      t.equal(w.sendsTo(), '10.0.0.2:4000')
    },
  )
  t.test(
    'the same stream from a new port (address translation changed) is followed after two packets',
    async t => {
      const w = await world()
      const peer = await w.at('10.0.0.2', 4000)
      const moved = await w.at('10.0.0.3', 5555)
      w.session.connect(w.to('10.0.0.2', 4000))
      await w.talk(peer, 77, 1000, 5)
      await w.clock.advance(600)
      await w.talk(moved, 77, 1030, 10)
      t.equal(w.played.length, 5 + 9)
      t.equal(w.sendsTo(), '10.0.0.3:5555')
      t.equal(w.sources(), 1, 'the same source goes on')
    },
  )
  t.test(
    'a peer behind a translated port is latched after four packets; the signalled address is preferred',
    async t => {
      const w = await world()
      const translated = await w.at('10.0.0.2', 33333)
      w.session.connect(w.to('10.0.0.2', 4000))
      await w.clock.advance(200)
      await w.talk(translated, 77, 1, 10)
      t.equal(w.played.length, 7)
      t.equal(w.sendsTo(), '10.0.0.2:33333')
      const peer = await w.at('10.0.0.2', 4000)
      await w.talk(peer, 88, 500, 20)
      t.equal(w.sendsTo(), '10.0.0.2:4000')
      const before = w.played.length
      await w.talk(translated, 77, 11, 10)
      t.equal(w.played.length, before, 'the other port is a stranger again')
    },
  )
  t.test('another host is listened to only after 0.4 s without the signalled one', async t => {
    const w = await world()
    const other = await w.at('10.9.9.9', 4000)
    w.session.connect(w.to('10.0.0.2', 4000))
    await w.talk(other, 77, 1, 18)
    t.equal(w.played.length, 0)
    await w.talk(other, 77, 19, 20)
    t.ok(w.played.length > 10)
  })
  t.test(
    'a new SSRC at the same address is followed: after a pause at once, amid the old one late',
    async t => {
      const w = await world()
      const peer = await w.at('10.0.0.2', 4000)
      w.session.connect(w.to('10.0.0.2', 4000))
      await w.talk(peer, 77, 1000, 5)
      await w.clock.advance(60)
      await w.talk(peer, 78, 30_000, 5)
      t.equal(w.played.length, 5 + 4)
      t.equal(w.sources(), 2)
      for (let i = 0; i < 5; i++) {
        await w.talk(peer, 78, 30_005 + i, 1)
        peer.send(rtp(i * 7, i, 55), w.pair.rtp.local)
      }
      t.equal(w.played.length, 14, 'stray SSRCs are passed over')
    },
  )
})

t.test('RTCP of a session', async t => {
  t.test('reports come within 7.5 s, name nobody, and measure the round trip', async t => {
    const w = await world()
    const peer = await w.at('10.0.0.2', 4000)
    await w.at('10.0.0.2', 4001)
    w.session.connect(w.to('10.0.0.2', 4000))
    await w.talk(peer, 77, 1, 10)
    w.session.send(8, true, 0, 160)
    for (let i = 0; i < 750 && !w.rtcpHeard.some(data => data[1] === 200); i++) {
      await w.clock.advance(10)
      w.session.tick(tickAt(w.clock.now()), 0)
    }
    const sent = w.rtcpHeard.find(data => data[1] === 200)
    t.ok(sent, 'a sender report')
    if (sent === undefined) return
    t.match(Buffer.from(sent).toString('latin1'), /[0-9a-f]{24}/)
    // The far end answers 100 ms after it got the report.
    const report = emptyRtcpReport()
    readRtcp(sent, 77, report)
    t.ok(report.aboutUs)
    const answer = new Uint8Array(256)
    const length = writeRtcp(
      answer,
      {
        ...ownReport(),
        ssrc: 77,
        farSsrc: w.session.ssrc,
        lastSr: report.senderNtp,
        delaySinceLastSr: Math.round(0.1 * 65536),
      },
      new TextEncoder().encode('peer'),
      true,
    )
    const sentAt = w.network.captured.filter(d => d.to.port === 4001).at(-1)?.us as number
    await w.clock.advance(150 - (w.clock.now() - sentAt) / 1000 - 1)
    w.session.rtcpDatagram(answer.subarray(0, length), { address: '10.0.0.2', port: 4001 })
    t.ok(Math.abs((w.session.roundTripMs ?? 0) - 49) < 2, `${w.session.roundTripMs}`)
    const before = w.played.length
    await w.talk(peer, 77, 11, 5)
    t.equal(w.played.length, before + 5, 'its BYE ended nothing')
    w.session.rtcpDatagram(answer.subarray(0, length), { address: '10.6.6.6', port: 4001 })
  })
  t.test('closing says BYE and frees the ports', async t => {
    const w = await world()
    await w.at('10.0.0.2', 4001)
    w.session.connect(w.to('10.0.0.2', 4000))
    w.session.send(8, true, 0, 160)
    await w.session.close(0)
    await w.clock.advance(5)
    const last = w.rtcpHeard.at(-1)
    t.ok(last !== undefined && readRtcp(last, 1, emptyRtcpReport()))
    t.equal(last?.at(-7), 203)
    const again = await w.network.openUdp({
      ...w.pair.rtp.local,
      onDatagram: () => {},
      onError: () => {},
    })
    t.ok(again)
  })
})
