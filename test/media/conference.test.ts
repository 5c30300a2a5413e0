// Two calls on one telephone as the audio half has them: swapped, joined and parted to the sample, heard at all three ends.

import t from 'tap'
import { DtmfDetector } from '../../firmware/media/dtmf-detector.js'
import { g711 } from '../../firmware/media/g711.js'
import type { CodecName } from '../../firmware/media/media-contract.js'
import { type Packet, parameters, peerOn, typing, world } from '../support/media-world.js'
import { levelAt, peakOf } from '../support/spectrum.js'

type Sound = (n: number) => number

const sine =
  (hz: number, dbm0: number): Sound =>
  n =>
    Math.round(peakOf(dbm0) * Math.sin((2 * Math.PI * hz * n) / 8000))
const silence: Sound = () => 0

/** A telephone and two far ends, "a" and "b", each with its codec and its way of taking keys. */
const threeParties = async (
  options: { readonly codecs?: readonly CodecName[]; readonly events?: boolean } = {},
) => {
  const { clock, network, box } = world()
  const { board, engine, open, of } = box('10.0.0.1')
  let said: Sound = silence
  let n = 0
  board.capture = (_line, into) => {
    for (let i = 0; i < into.length; i++) into[i] = said(n++)
  }
  engine.command({ do: 'wake', line: 'tel1' })
  const party = async (stream: string, address: string, codec: CodecName, events: boolean) => {
    const peer = await peerOn(network, clock, address)
    const local = await open(stream)
    const payloadType = codec === 'PCMA' ? 8 : 0
    const { eventPayloadType: _, ...plain } = parameters({ address, port: 4000 }, { codec, payloadType })
    engine.command({ do: 'connect', stream, to: events ? { ...plain, eventPayloadType: 101 } : plain })
    const sound = (packets: readonly Packet[]) => {
      const audio = packets.filter(({ type }) => type === payloadType)
      const samples = new Int16Array(audio.length * 160)
      for (const [i, { payload }] of audio.entries())
        g711[codec].decode(payload, samples.subarray(160 * i, 160 * (i + 1)))
      return samples
    }
    let spoken = 0
    return {
      peer,
      local,
      says: silence,
      speak(this: { says: Sound }) {
        const frame = Int16Array.from({ length: 160 }, (_v, i) => this.says(spoken + i))
        const payload = new Uint8Array(160)
        g711[codec].encode(frame, payload)
        peer.send(local, payload, payloadType, spoken)
        spoken += 160
      },
      heard: (from = 0) => sound(peer.packets.slice(from)),
    }
  }
  const [first = 'PCMA', second = 'PCMU'] = options.codecs ?? []
  const a = await party('a', '10.0.0.2', first, true)
  const b = await party('b', '10.0.0.3', second, options.events ?? true)
  return {
    clock,
    board,
    engine,
    of,
    a,
    b,
    say: (sound: Sound) => {
      said = sound
    },
    talk: (...streams: readonly string[]) => engine.command({ do: 'talk', line: 'tel1', streams }),
    /** Both far ends speak for so long, ms. */
    async pass(duration: number) {
      for (let at = 0; at < duration; at += 20) {
        a.speak()
        b.speak()
        await clock.advance(20)
      }
    },
  }
}

t.test('a conference: each hears the two others, each by its own codec, and not itself', async t => {
  for (const codecs of [
    ['PCMA', 'PCMU'],
    ['PCMU', 'PCMA'],
  ] as const) {
    const { a, b, say, talk, pass, board } = await threeParties({ codecs })
    say(sine(500, -16))
    a.says = sine(800, -16)
    b.says = sine(1100, -16)
    talk('a', 'b')
    await pass(1200)
    const ends: readonly (readonly [string, Int16Array, number])[] = [
      ['the telephone', board.heard('tel1').slice(-4000), 500],
      ['a', a.heard().slice(-4000), 800],
      ['b', b.heard().slice(-4000), 1100],
    ]
    for (const [name, sound, own] of ends)
      for (const hz of [500, 800, 1100]) {
        const level = levelAt(sound, hz)
        if (hz === own) t.ok(level < -50, `${name} hears ${level.toFixed(1)} dBm0 of itself`)
        else t.ok(Math.abs(level + 16) < 0.5, `${name} hears ${level.toFixed(1)} dBm0 at ${hz} Hz`)
      }
  }
})

t.test('all three shout: what does not fit is clipped and never wraps round', async t => {
  const { a, b, say, talk, pass } = await threeParties({ codecs: ['PCMA', 'PCMA'] })
  say(sine(500, 3))
  a.says = silence
  b.says = sine(500, 3)
  talk('a', 'b')
  await pass(600)
  const sound = a.heard().slice(-1600)
  let furthest = 0
  for (let i = 1; i < sound.length; i++)
    furthest = Math.max(furthest, Math.abs((sound[i] as number) - (sound[i - 1] as number)))
  // Twice the steepest rise of one sine, and a step of the codec.
  t.ok(furthest < 2 * peakOf(3) * 2 * Math.PI * (500 / 8000) + 2048, `steepest step ${furthest}`)
  t.ok(levelAt(sound, 500) > 3, 'louder than one alone')
})

t.test('joining, parting and swapping make no click at any end', async t => {
  /** Largest bend of the wave. */
  const bend = (sound: Int16Array) => {
    let most = 0
    for (let i = 2; i < sound.length; i++)
      most = Math.max(
        most,
        Math.abs((sound[i] as number) - 2 * (sound[i - 1] as number) + (sound[i - 2] as number)),
      )
    return most
  }
  // Two sines at once, and an offset that dies away within 5 ms.
  const limit = 2 * peakOf(-10) * (2 * Math.PI * (307 / 8000)) ** 2 + peakOf(-10) * 0.25
  t.ok(limit < peakOf(-10) / 2, 'a click of half the wave would show')
  const steps: readonly (readonly string[])[] = [
    [],
    ['b'],
    ['a'],
    ['a', 'b'],
    ['b'],
    [],
    ['a', 'b'],
    ['a'],
    [],
  ]
  // No whole number of periods a frame, so that changes fall on every height of the wave.
  for (const [who, near, ofA, ofB] of [
    ['the telephone speaks', sine(307, -10), silence, silence],
    ['the far ends speak', silence, sine(211, -10), sine(263, -10)],
  ] as const) {
    const { a, b, say, talk, pass, board } = await threeParties()
    say(near)
    a.says = ofA
    b.says = ofB
    talk('a')
    await pass(200)
    for (const streams of [...steps, ...steps, ...steps]) {
      talk(...streams)
      await pass(60)
    }
    for (const [name, sound] of [
      ['the telephone', board.heard('tel1')],
      ['a', a.heard()],
      ['b', b.heard()],
    ] as const)
      t.ok(bend(sound) < limit, `${who}: ${name} ${bend(sound)} of ${limit.toFixed(0)}`)
  }
})

const same = (a: Int16Array, b: Int16Array): boolean =>
  a.length === b.length && a.every((sample, i) => sample === b[i])

t.test(
  'who is out of the talk hears nothing of the others from the very sample on, whatever they say',
  async t => {
    /** Before the change all runs are alike; after it the others say something else in each. */
    const life = async (before: readonly string[], after: readonly string[], seed: number) => {
      const { a, b, say, talk, pass, board } = await threeParties()
      const lively: Sound = n => Math.round(6000 * Math.sin(n * 0.31))
      say(lively)
      a.says = lively
      b.says = lively
      talk(...before)
      await pass(500)
      const other =
        (k: number): Sound =>
        n =>
          Math.round(9000 * Math.sin(n * (0.2 + 0.07 * k * seed)))
      talk(...after)
      const marks = { a: a.peer.packets.length, b: b.peer.packets.length, ear: board.heard('tel1').length }
      say(other(1))
      if (after.includes('a')) a.says = other(2)
      if (after.includes('b')) b.says = other(3)
      await pass(500)
      return {
        a: a.heard(marks.a),
        b: b.heard(marks.b),
        ear: board.heard('tel1').slice(marks.ear),
      }
    }
    const changes: readonly (readonly [readonly string[], readonly string[]])[] = [
      [['a'], []],
      [['a'], ['b']],
      [['b'], ['a']],
      [['a', 'b'], ['a']],
      [['a', 'b'], ['b']],
      [['a', 'b'], []],
    ]
    for (const [before, after] of changes) {
      const once = await life(before, after, 1)
      const twice = await life(before, after, 2)
      for (const end of ['a', 'b'] as const) {
        const name = `${before.join('+')} to ${after.join('+') || 'nobody'}: ${end}`
        if (after.includes(end)) t.notOk(same(once[end], twice[end]), `${name} hears the talk`)
        else {
          t.ok(same(once[end], twice[end]), `${name} cannot tell one talk from another`)
          t.ok(
            once[end].slice(320).every(sample => Math.abs(sample) <= 8),
            `${name} is in silence`,
          )
        }
      }
      if (after.length === 0)
        t.ok(
          once.ear.slice(40).every(sample => sample === 0),
          'and so is the ear',
        )
    }
  },
)

t.test('what a held party says is not heard, nor what it said meanwhile when it is back', async t => {
  const { a, b, talk, pass, board } = await threeParties()
  a.says = sine(800, -10)
  b.says = sine(1100, -10)
  talk('b')
  await pass(500)
  let from = board.heard('tel1').length
  t.ok(levelAt(board.heard('tel1').slice(-2000), 800) < -60)
  t.ok(levelAt(b.heard().slice(-2000), 800) < -60)
  a.says = silence
  await pass(300)
  talk('a')
  from = board.heard('tel1').length
  await pass(500)
  t.ok(levelAt(board.heard('tel1').slice(from), 800) < -60, 'nothing was kept')
})

/** Events a far end was told, by their RTP timestamp: once each. */
const eventsOf = (packets: readonly Packet[]) => {
  const last = new Map<number, { key: string; ms: number; ended: boolean }>()
  for (const { type, payload, timestamp } of packets) {
    if (type !== 101) continue
    const [event = 0, flags = 0, high = 0, low = 0] = payload
    last.set(timestamp, {
      key: '0123456789*#'[event] ?? '?',
      ms: ((high << 8) | low) / 8,
      ended: flags > 127,
    })
  }
  return [...last.values()]
}
const keysIn = (sound: Int16Array): string => {
  const keys: string[] = []
  new DtmfDetector('dialling').process(sound, { start: ({ digit }) => keys.push(digit), end: () => {} })
  return keys.join('')
}
type Parties = Awaited<ReturnType<typeof threeParties>>
/** A far end presses a key, told as events for 80 ms. */
const press = async ({ clock, ...parties }: Parties, who: 'a' | 'b', key: number) => {
  const { peer, local } = parties[who]
  const stamp = 0x100000 + clock.now()
  for (const [i, duration] of [160, 320, 480, 640, 640, 640].entries()) {
    const payload = Uint8Array.of(key, i > 2 ? 0x8a : 0x0a, duration >> 8, duration & 0xff)
    peer.send(local, payload, 101, stamp)
    await clock.advance(i < 3 ? 20 : 1)
  }
}

t.test("keys in a conference: the telephone's go to both, once each", async t => {
  const { a, b, talk, pass, engine, board, clock } = await threeParties()
  engine.command({ do: 'digits', line: 'tel1', mode: 'call' })
  engine.command({ do: 'relay-digits', line: 'tel1', on: true })
  talk('a', 'b')
  await pass(200)
  board.capture = typing('159', clock.now())
  await pass(800)
  for (const [name, far] of Object.entries({ a, b })) {
    const events = eventsOf(far.peer.packets)
    t.equal(events.map(({ key }) => key).join(''), '159', name)
    t.ok(events.every(({ ms, ended }) => ended && ms > 60 && ms < 100))
    t.equal(keysIn(far.heard()), '', `${name} counts none in the sound`)
  }
})

t.test("keys in a conference: a far end's reach the other as events and the ear as a tone", async t => {
  const parties = await threeParties()
  const { a, b, talk, pass, board } = parties
  talk('a', 'b')
  await pass(200)
  await press(parties, 'a', 7)
  await pass(200)
  await press(parties, 'b', 3)
  await pass(300)
  t.match(eventsOf(b.peer.packets), [{ key: '7', ended: true }])
  t.match(eventsOf(a.peer.packets), [{ key: '3', ended: true }])
  for (const far of [a, b]) {
    const [event] = eventsOf(far.peer.packets)
    t.ok((event?.ms ?? 0) >= 65 && (event?.ms ?? 0) <= 130, `${event?.ms} ms`)
    t.equal(keysIn(far.heard()), '', 'and not in the sound besides')
  }
  t.equal(keysIn(board.heard('tel1')), '73')
})

t.test('who takes no events hears the key of the other far end once, as a tone', async t => {
  const parties = await threeParties({ events: false })
  const { b, talk, pass } = parties
  talk('a', 'b')
  await pass(200)
  await press(parties, 'a', 7)
  await pass(300)
  t.same(eventsOf(b.peer.packets), [])
  t.equal(keysIn(b.heard()), '7')
})

t.test('in a call of two, and out of the talk, no far key goes anywhere but to the ear', async t => {
  const parties = await threeParties()
  const { a, b, talk, pass, board } = parties
  talk('a')
  await pass(200)
  await press(parties, 'a', 7)
  await press(parties, 'b', 3)
  await pass(300)
  t.same([...eventsOf(a.peer.packets), ...eventsOf(b.peer.packets)], [])
  t.equal(keysIn(board.heard('tel1')), '7')
})

t.test('a far end leaves with its key down: the other is told that it is up', async t => {
  const parties = await threeParties()
  const { a, b, talk, pass, engine, clock } = parties
  talk('a', 'b')
  await pass(200)
  for (let i = 1; i < 4; i++) {
    a.peer.send(a.local, Uint8Array.of(7, 0x0a, 0, 160 * i), 101, 0x200000)
    await clock.advance(20)
  }
  engine.command({ do: 'close', stream: 'a' })
  await clock.advance(200)
  const [event, ...more] = eventsOf(b.peer.packets)
  t.match(event, { key: '7', ended: true })
  t.same(more, [])
  t.ok((event?.ms ?? 999) < 130, `${event?.ms} ms`)
})
