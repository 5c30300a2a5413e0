// Bytes, frames and messages of the serial line: what is packed is unpacked, what is broken costs itself alone.

import fc from 'fast-check'
import t from 'tap'
import { fromAlaw, toAlaw } from '../../../../hal/chips/serial-slic/alaw.js'
import { stuffed, unstuffed } from '../../../../hal/chips/serial-slic/cobs.js'
import {
  type Command,
  decodeCommand,
  decodeNak,
  encodeCommand,
  encodeNak,
} from '../../../../hal/chips/serial-slic/command.js'
import { crc16 } from '../../../../hal/chips/serial-slic/crc16.js'
import {
  encodeFrame,
  type Frame,
  type FrameFault,
  FrameReader,
} from '../../../../hal/chips/serial-slic/frame.js'
import { decodeHello, encodeHello } from '../../../../hal/chips/serial-slic/hello.js'
import {
  decodeLineMessage,
  encodeLineMessage,
  type LineMessage,
} from '../../../../hal/chips/serial-slic/line-message.js'
import { McuClock } from '../../../../hal/chips/serial-slic/mcu-clock.js'
import { frameType } from '../../../../hal/chips/serial-slic/numbers.js'
import { us } from '../../../../hal/clock.js'
import { simCapabilities } from '../../../../hal/sim/sim-fxs.js'

const payloads = fc.oneof(
  fc.uint8Array({ maxLength: 240 }),
  // Long runs without a zero, around the block length of 254.
  fc.integer({ min: 0, max: 240 }).map(length => new Uint8Array(length).fill(7)),
)
const frames: fc.Arbitrary<Frame> = fc.record({
  type: fc.integer({ min: 0, max: 31 }),
  line: fc.integer({ min: 0, max: 7 }),
  seq: fc.integer({ min: 0, max: 255 }),
  stamp: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  payload: payloads,
})
const read = (pieces: readonly Uint8Array[]) => {
  const got: Frame[] = []
  const faults: FrameFault[] = []
  const reader = new FrameReader(
    frame => got.push({ ...frame, payload: frame.payload.slice() }),
    fault => faults.push(fault),
  )
  for (const piece of pieces) reader.take(piece)
  return { got, faults }
}

t.test('stuffing: no zero but the ones around it, and nothing is lost', async t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), data => {
      const wire = stuffed(data)
      const inner = wire.subarray(1, -1)
      return (
        wire[0] === 0 &&
        wire.at(-1) === 0 &&
        !inner.includes(0) &&
        Buffer.from(unstuffed(inner) ?? [1]).equals(Buffer.from(data))
      )
    }),
  )
  for (const length of [253, 254, 255, 508, 509]) {
    const data = new Uint8Array(length).fill(1)
    t.same(unstuffed(stuffed(data).subarray(1, -1)), data, `${length} bytes without a zero`)
  }
  t.same([...stuffed(Uint8Array.of(0x11, 0x22, 0, 0x33))], [0, 3, 0x11, 0x22, 2, 0x33, 0])
})

t.test('the checksum is CRC-16/CCITT-FALSE', async t => {
  t.equal(crc16(Buffer.from('123456789')), 0x29b1)
})

t.test('frames come out as they went in, however the bytes are cut', async t => {
  fc.assert(
    fc.property(fc.array(frames, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (sent, size) => {
      const wire = Buffer.concat(sent.map(encodeFrame))
      const pieces: Uint8Array[] = []
      for (let at = 0; at < wire.length; at += size) pieces.push(wire.subarray(at, at + size))
      const { got, faults } = read(pieces)
      t.same(
        got.map(one => ({ ...one, payload: [...one.payload] })),
        sent.map(one => ({ ...one, payload: [...one.payload] })),
      )
      return faults.length === 0
    }),
    { numRuns: 60 },
  )
  t.throws(
    () => encodeFrame({ type: 1, line: 0, seq: 0, stamp: 0, payload: new Uint8Array(241) }),
    RangeError,
  )
})

t.test('one changed byte, noise before it or a cut-off frame costs no other frame', async t => {
  const good = encodeFrame({ type: 4, line: 1, seq: 9, stamp: 77, payload: Uint8Array.of(1, 0, 0) })
  fc.assert(
    fc.property(frames, fc.nat(), fc.integer({ min: 1, max: 255 }), (frame, where, change) => {
      const bad = Uint8Array.from(encodeFrame(frame))
      const at = where % bad.length
      bad[at] = (bad[at] as number) ^ change
      const { got } = read([bad, good])
      // A zero between frames may be changed without harm.
      return got.length >= 1 && got.length <= 2 && got.at(-1)?.seq === 9 && got.at(-1)?.stamp === 77
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), noise => {
      const { got } = read([noise, good])
      return got.at(-1)?.stamp === 77
    }),
  )
  fc.assert(
    fc.property(frames, fc.nat(), (frame, where) => {
      const bad = encodeFrame(frame)
      return read([bad.subarray(0, where % bad.length), good]).got.at(-1)?.stamp === 77
    }),
  )
  t.same(read([good.map((byte, at) => (at === 5 ? byte ^ 1 : byte))]).faults, ['checksum'])
  t.same(read([Uint8Array.of(0, 5, 1, 0)]).faults, ['stuffing'])
  t.same(read([new Uint8Array(400).fill(3), Uint8Array.of(0)]).faults, ['length'])
})

const commands: readonly Command[] = [
  { do: 'profile', loopMa: 23, ringHz: 16.7, ringVrms: 50, impedance: 2 },
  { do: 'linefeed', state: 'oht', reversed: true },
  { do: 'linefeed', state: 'open', reversed: false, at: 0 },
  { do: 'ring', on: true, hz: 0, vrms: 0 },
  { do: 'ring', on: false, hz: 25, vrms: 60, at: 2 ** 32 - 1 },
  { do: 'gain', receiveDb: -6.5, transmitDb: 3 },
  { do: 'impedance', index: 4 },
  { do: 'disconnect', ms: 1000 },
  { do: 'sense' },
  { do: 'readHook' },
  { do: 'test', test: 'ringers' },
  { do: 'audio', on: true, law: 'alaw' },
  { do: 'safe' },
]
const messages: readonly LineMessage[] = [
  { type: 'hook', offHook: true, source: 'edge', overrun: false },
  { type: 'hook', offHook: false, source: 'resync', overrun: true },
  { type: 'trip' },
  { type: 'feed', state: 'ringing', reversed: false, cause: 'command' },
  { type: 'feed', state: 'active', reversed: true, cause: 'auto' },
  { type: 'fault', kind: 'thermal', on: true },
  { type: 'tested', test: 'ringers', pass: false, values: { ren: 1.5, farads: 0.25 } },
]

t.test('every command and every message of a line is understood as it was meant', async t => {
  for (const command of commands)
    t.same(decodeCommand(frameType[command.do], encodeCommand(command)), command, command.do)
  const types = { hook: 4, trip: 5, feed: 6, fault: 7, tested: 8 } as const
  for (const message of messages)
    t.same(decodeLineMessage(types[message.type], encodeLineMessage(message)), message, message.type)
  const hello = {
    version: '1.2 über',
    boot: 0xdeadbeef,
    lines: ['tel1', 'tel2'],
    capabilities: simCapabilities,
  }
  t.same(decodeHello(encodeHello(hello)), {
    ...hello,
    capabilities: { ...simCapabilities, ring: { ...simCapabilities.ring, source: 'mcu' } },
  })
  t.match(decodeNak(encodeNak('refused', 'the telephone is off-hook')), {
    kind: 'refused',
    message: /off-hook/,
  })
})

t.test('whatever a payload holds, it is understood or refused, never more', async t => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 31 }), fc.uint8Array({ maxLength: 60 }), (type, payload) => {
      for (const decode of [
        () => decodeCommand(type, payload),
        () => decodeLineMessage(type, payload),
        () => decodeHello(payload),
      ])
        try {
          decode()
        } catch (error) {
          if ((error as { kind?: string }).kind !== 'io') throw error
        }
    }),
  )
  t.throws(() => decodeHello(Uint8Array.of(1, 2)), /too short/)
})

t.test("A-law: every code comes back, and the error stays below a segment's half step", async t => {
  const codes = Uint8Array.from({ length: 256 }, (_, code) => code)
  const samples = new Int16Array(256)
  fromAlaw(codes, samples)
  const again = new Uint8Array(256)
  toAlaw(samples, again)
  t.same(again, codes)
  t.equal(Math.max(...samples), 32256)
  const ramp = Int16Array.from({ length: 65536 }, (_, n) => n - 32768)
  const encoded = new Uint8Array(ramp.length)
  const decoded = new Int16Array(ramp.length)
  toAlaw(ramp, encoded)
  fromAlaw(encoded, decoded)
  t.ok(
    ramp.every(
      (sample, n) => Math.abs(sample - (decoded[n] as number)) <= Math.max(Math.abs(sample) / 32 + 8, 16),
    ),
  )
})

t.test('the two clocks: the fastest ping decides, and 72 minutes are no end', async t => {
  const times = new McuClock()
  const ahead = 2 ** 32 - 3_000_000
  const stampAt = (now: number) => (now + ahead) % 2 ** 32
  times.ping(us(0), stampAt(500), us(1000))
  // Late on the way back, as with a busy event loop.
  times.ping(us(1_000_000), stampAt(1_000_500), us(1_200_000))
  t.equal(times.instant(stampAt(1_100_000), us(1_300_000)), 1_100_000)
  for (let now = 2_000_000; now < 20_000_000; now += 500_000)
    times.ping(us(now), stampAt(now + 500), us(now + 1000))
  t.equal(times.instant(stampAt(15_000_000), us(20_000_000)), 15_000_000, 'behind the wrap')
  t.equal(times.stamp(us(25_000_000), us(20_000_000)), stampAt(25_000_000))
  t.equal(times.instant(stampAt(30_000_000), us(20_000_000)), 20_000_000, 'never in the future')
})
