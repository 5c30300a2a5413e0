// What comes off the network and what the ear gets: play-out buffer, concealment, keys as events (RFC 4733).

import fc from 'fast-check'
import t from 'tap'
import { Concealment } from '../../firmware/media/concealment.js'
import { JitterBuffer } from '../../firmware/media/jitter-buffer.js'
import {
  type FarKeys,
  TelephoneEventReceiver,
  TelephoneEventSender,
} from '../../firmware/media/telephone-event.js'
import { tickAt } from '../../firmware/media/tick.js'

const FRAME = 80
const PACKET = 160

/** A talker whose sample n (from 0) is a known function of n, never 0 and never quiet. */
const voice = (n: number) =>
  Math.round(8000 * Math.sin((n * 2 * Math.PI) / 50) + 1500 * Math.sin(n * 0.37)) | 1

/** Ticks of 1/8000 s; they begin high, so that they pass from positive to negative on the way. */
const tickOf = (ms: number) => tickAt(ms * 1000 + (2 ** 31 / 8) * 1000 - 1_000_000)

interface Arrival {
  readonly packet: number
  readonly ms: number
}

interface Heard {
  /** Frame by frame: all samples present. */
  readonly whole: boolean[]
  /** The timestamp (relative to the talker's first) of each frame's first sample, where present. */
  readonly samples: Int16Array
  readonly present: Uint8Array
  readonly buffer: JitterBuffer
}

/** Plays packets that arrive as told for `ms`; frames are due each 10 ms, at `phase` ms past. */
const listen = (
  arrivals: readonly Arrival[],
  ms: number,
  source: (n: number) => number = voice,
  base = 0xffffff00,
  /** Frame clock error, parts per million. */
  ppm = 0,
  phase = 3,
): Heard => {
  const buffer = new JitterBuffer()
  const queue = [...arrivals].sort((a, b) => a.ms - b.ms)
  const packet = new Int16Array(PACKET)
  const frame = new Int16Array(FRAME)
  const present = new Uint8Array(FRAME)
  const samples = new Int16Array((ms / 10) * FRAME)
  const there = new Uint8Array(samples.length)
  const whole: boolean[] = []
  let next = 0
  for (let f = 0; f < ms / 10; f++) {
    const at = (f * 10 + phase) * (1 + ppm / 1e6)
    while (next < queue.length && (queue[next] as Arrival).ms <= at) {
      const arrival = queue[next++] as Arrival
      for (let i = 0; i < PACKET; i++) packet[i] = source(arrival.packet * PACKET + i)
      buffer.put((base + arrival.packet * PACKET) >>> 0, packet, PACKET, tickOf(arrival.ms))
    }
    buffer.take(frame, present, tickOf(at))
    samples.set(frame, f * FRAME)
    there.set(present, f * FRAME)
    whole.push(present.every(p => p === 1))
  }
  return { whole, samples, present: there, buffer }
}

const steady = (count: number, late: (packet: number) => number = () => 0): Arrival[] =>
  Array.from({ length: count }, (_, packet) => ({ packet, ms: packet * 20 + late(packet) }))

t.test('play-out buffer', async t => {
  t.test('an undisturbed stream comes out bit for bit, at one fixed delay of 20 to 60 ms', async t => {
    const { samples, whole, buffer } = listen(steady(500), 10_000)
    t.ok(whole.slice(10).every(w => w))
    const first = samples.findIndex(s => s !== 0)
    t.ok(first >= 160 && first <= 480, `${first / 8} ms`)
    let wrong = 0
    for (let n = 0; n < samples.length - first; n++) if (samples[first + n] !== voice(n)) wrong++
    t.equal(wrong, 0)
    t.equal(buffer.slipped, 0)
  })
  t.test('the first sound comes 40 ms after its packet, wherever the frames fall', async t => {
    for (const phase of [0.5, 3, 6, 9.5]) {
      const { samples } = listen(steady(20), 400, voice, 0, 0, phase)
      const first = samples.findIndex(s => s !== 0)
      t.equal(first / 8 + phase, 40, `frames at ${phase} ms past`)
    }
  })
  t.test('jitter of 0 to 30 ms, reordering and duplicates within the delay lose nothing', async () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 60, maxLength: 60 }), fc.nat(59), (late, twice) => {
        const arrivals = steady(60, p => (p === 0 ? 0 : (late[p] as number)))
        arrivals.push({ packet: twice, ms: twice * 20 + 25 })
        const { samples, present } = listen(arrivals, 1200)
        const first = samples.findIndex(s => s !== 0)
        for (let n = 0; n < 40 * PACKET; n++)
          if (!present[first + n] || samples[first + n] !== voice(n)) return false
        return true
      }),
      { numRuns: 100 },
    )
  })
  t.test('any arrivals at all: never throws, what is played was sent, delay under the cap', async () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ packet: fc.nat(100), ms: fc.nat(2500) }), { maxLength: 150 }),
        fc.nat(0xffffffff),
        (arrivals, base) => {
          const { buffer, samples } = listen(arrivals, 2600, voice, base)
          return samples.length === 20_800 && buffer.delayMs(tickOf(2600)) < 2800
        },
      ),
      { numRuns: 150 },
    )
  })
  t.test('a lost packet is a gap of its own length and nothing else', async t => {
    const { present, samples } = listen(
      steady(100).filter(a => a.packet !== 50),
      2000,
    )
    const first = samples.findIndex(s => s !== 0)
    const gap = present.indexOf(0)
    t.equal(gap, first + 50 * PACKET)
    t.ok(present.subarray(gap, gap + PACKET).every(p => p === 0))
    t.ok(present.subarray(gap + PACKET, 190 * FRAME).every(p => p === 1))
  })
  t.test('jitter that grows raises the delay; 40 ms of it plays whole after a second', async t => {
    const { whole, buffer } = listen(
      steady(500, p => (p < 100 ? 0 : (p * 7919) % 41)),
      10_000,
    )
    t.ok(buffer.targetMs >= 40 && buffer.targetMs <= 60, `${buffer.targetMs}`)
    t.ok(whole.slice(300, 980).filter(w => !w).length <= 4)
  })
  t.test(
    'packets that overtake each other in sound without a pause: the delay grows all the same',
    async t => {
      for (const phase of [0.5, 3, 6, 9.5]) {
        const { whole, buffer } = listen(
          steady(500, p => (p < 100 ? 0 : (p * 7919) % 61)),
          10_000,
          voice,
          0,
          0,
          phase,
        )
        t.ok(whole.slice(400, 980).filter(w => !w).length <= 1, `${phase}: ${whole.lastIndexOf(false)}`)
        t.ok(buffer.delayMs(tickOf(10_000)) <= 70, `${phase}: ${buffer.delayMs(tickOf(10_000))}`)
      }
    },
  )
  t.test('a hiccup of 200 ms: sound is whole again at once, and the delay is not left raised', async t => {
    const { whole, buffer } = listen(
      steady(300, p => (p >= 100 && p < 110 ? 200 - (p - 100) * 20 : 0)),
      6000,
    )
    t.ok(
      whole.slice(222, 590).every(w => w),
      `${whole.lastIndexOf(false)}`,
    )
    t.ok(buffer.delayMs(tickOf(6000)) <= 60, `${buffer.delayMs(tickOf(6000))}`)
  })
  t.test('a path that becomes 150 ms slower, then quick again, is followed within a second', async t => {
    const slower = listen(
      steady(400, p => (p < 100 ? 0 : 150)),
      8000,
    )
    t.ok(
      slower.whole.slice(310, 790).every(w => w),
      `${slower.whole.lastIndexOf(false, 790)}`,
    )
    const quicker = listen(
      steady(400, p => (p < 100 ? 150 : 0)),
      8000,
    )
    t.ok(quicker.buffer.delayMs(tickOf(8000)) <= 70, `${quicker.buffer.delayMs(tickOf(8000))}`)
  })
  t.test('clocks 200 ppm apart: five minutes of speech with pauses, delay held, nothing lost', async t => {
    const speech = (n: number) => (n % 8000 < 2000 ? (n % 7) - 3 : voice(n))
    for (const ppm of [200, -200]) {
      const minutes = 5
      const { buffer, whole } = listen(steady(minutes * 3000), minutes * 60_000, speech, 0, ppm)
      const end = tickOf(minutes * 60_000 * (1 + ppm / 1e6))
      t.ok(buffer.delayMs(end) > 5 && buffer.delayMs(end) < 80, `${ppm}: ${buffer.delayMs(end)}`)
      t.ok(buffer.slipped !== 0, `${ppm}: ${buffer.slipped}`)
      t.ok(whole.slice(20, -20).filter(w => !w).length <= 2, `${whole.filter(w => !w).length} gaps`)
    }
  })
  t.test(
    'a timestamp from nowhere is passed over; a new time line is followed with its second packet',
    async t => {
      const buffer = new JitterBuffer()
      const packet = new Int16Array(PACKET).fill(1000)
      t.equal(buffer.put(1000, packet, PACKET, 0), 'placed')
      t.equal(buffer.put(900_000, packet, PACKET, 160), 'held')
      t.equal(buffer.put(1160, packet, PACKET, 160), 'placed')
      t.equal(buffer.put(0x90000000, packet, PACKET, 320), 'held')
      t.equal(buffer.put(0x90000000 + PACKET, packet, PACKET, 480), 'placed')
    },
  )
})

t.test('concealment', async t => {
  const tone = (hz: number, n: number) => Math.round(10_000 * Math.sin((2 * Math.PI * hz * n) / 8000))
  /** Runs `frames` of a signal with the given frames lost. */
  const run = (signal: (n: number) => number, frames: number, lost: (f: number) => boolean) => {
    const concealment = new Concealment()
    const out = new Int16Array(frames * FRAME)
    const frame = new Int16Array(FRAME)
    for (let f = 0; f < frames; f++) {
      for (let i = 0; i < FRAME; i++) frame[i] = lost(f) ? 0 : signal(f * FRAME + i)
      if (lost(f)) concealment.lost(frame, 0, FRAME)
      else concealment.received(frame, 0, FRAME)
      out.set(frame, f * FRAME)
    }
    return out
  }
  const snr = (out: Int16Array, signal: (n: number) => number, from: number, to: number) => {
    let power = 0
    let noise = 0
    for (let n = from; n < to; n++) {
      power += signal(n) ** 2
      noise += ((out[n] as number) - signal(n)) ** 2
    }
    return 10 * Math.log10(power / Math.max(1, noise))
  }
  t.test('what was received passes bit for bit', async t => {
    const out = run(voice, 50, () => false)
    t.ok(out.every((s, n) => s === voice(n)))
  })
  t.test('20 ms of a steady tone are made up nearly exactly, without a click at either end', async t => {
    for (const hz of [100, 160, 200, 400]) {
      const signal = (n: number) => tone(hz, n)
      const out = run(signal, 60, f => f === 30 || f === 31)
      t.ok(snr(out, signal, 30 * FRAME, 31 * FRAME) > 20, `${hz} Hz`)
      t.ok(snr(out, signal, 31 * FRAME, 33 * FRAME) > 10, `${hz} Hz with fade and blend`)
      let step = 0
      for (let n = 29 * FRAME; n < 34 * FRAME; n++)
        step = Math.max(step, Math.abs((out[n] as number) - (out[n - 1] as number)))
      t.ok(step < 10_000 * ((2 * Math.PI * hz) / 8000) * 1.5 + 10, `${hz} Hz: step ${step}`)
      t.ok(snr(out, signal, 34 * FRAME, 60 * FRAME) > 90, 'exact again 20 ms later')
    }
  })
  t.test('a long loss fades to silence within 60 ms', async t => {
    const out = run(voice, 60, f => f >= 20)
    t.ok(out.subarray(26 * FRAME).every(s => s === 0))
    t.ok(out.subarray(22 * FRAME, 23 * FRAME).some(s => Math.abs(s) > 2000))
  })
  t.test('any pattern of loss on any signal stays in range and never throws', async () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 5, maxLength: 40 }),
        fc.array(fc.integer({ min: -32768, max: 32767 }), { minLength: 80, maxLength: 200 }),
        (lost, signal) => {
          const out = run(
            n => signal[n % signal.length] as number,
            lost.length,
            f => lost[f] as boolean,
          )
          return out.length === lost.length * FRAME
        },
      ),
      { numRuns: 200 },
    )
  })
})

interface EventPacket {
  readonly timestamp: number
  readonly marker: boolean
  readonly event: number
  readonly end: boolean
  readonly volume: number
  readonly duration: number
}

/** All packets of one key held for `ms`, noticed 30 ms after its onset and 40 ms after its end, one each 20 ms. */
const pressed = (event: number, onset: number, ms: number, dbm0 = -10): EventPacket[] => {
  const sender = new TelephoneEventSender(45)
  const payload = new Uint8Array(4)
  const packets: EventPacket[] = []
  const take = (at: number) => {
    const { timestamp, marker } = sender
    sender.write(payload, 0, (onset + at * 8) >>> 0)
    packets.push({
      timestamp: timestamp >>> 0,
      marker,
      event: payload[0] as number,
      end: ((payload[1] as number) & 0x80) !== 0,
      volume: (payload[1] as number) & 0x3f,
      duration: ((payload[2] as number) << 8) | (payload[3] as number),
    })
  }
  sender.start(event, onset, dbm0)
  for (let at = 30; sender.active; at += 20) {
    if (at >= ms + 40) sender.end(ms * 8)
    take(at)
  }
  return packets
}

t.test('keys sent as events', async t => {
  t.test('one timestamp, one marker, growing durations, three ends with the true length', async () => {
    fc.assert(
      fc.property(fc.nat(15), fc.nat(0xffffffff), fc.integer({ min: 40, max: 3000 }), (event, onset, ms) => {
        const packets = pressed(event, onset, ms)
        const ends = packets.filter(p => p.end)
        return (
          packets.every((p, i) => p.timestamp === onset && p.event === event && p.marker === (i === 0)) &&
          packets.every((p, i) => i === 0 || p.duration >= (packets[i - 1] as EventPacket).duration) &&
          packets.slice(-3).every(p => p.end) &&
          ends.length === 3 &&
          ends.every(p => p.duration === ms * 8) &&
          !(packets[0] as EventPacket).end
        )
      }),
    )
  })
  t.test('a key held 20 s goes out in segments that follow on each other (RFC 4733 §2.5.1.3)', async t => {
    const packets = pressed(5, 1000, 20_000)
    const starts = [...new Set(packets.map(p => p.timestamp))]
    t.same(starts, [1000, 1000 + 0xffff, 1000 + 2 * 0xffff])
    t.equal(packets.filter(p => p.marker).length, 1)
    const last = packets.at(-1) as EventPacket
    t.equal(last.timestamp + last.duration, 1000 + 20_000 * 8)
    t.equal(packets.filter(p => p.end).length, 3)
  })
  t.test('level: 0 to 63 below 0 dBm0', async t => {
    t.equal(pressed(1, 0, 60, -9.6)[0]?.volume, 10)
    t.equal(pressed(1, 0, 60, 3)[0]?.volume, 0)
    t.equal(pressed(1, 0, 60, -80)[0]?.volume, 63)
  })
})

const receiver = () => {
  const heard: string[] = []
  const keys: FarKeys = { down: digit => heard.push(digit), up: () => heard.push('up') }
  const events = new TelephoneEventReceiver()
  const packet = (p: EventPacket, us: number) => {
    const data = Uint8Array.of(0, p.event, (p.end ? 0x80 : 0) | p.volume, p.duration >> 8, p.duration)
    events.packet(data, 1, 4, p.timestamp, tickOf(us / 1000), keys)
  }
  return { heard, keys, events, packet }
}

t.test('keys received as events', async t => {
  const digits = [1, 1, 2, 11, 10, 0]
  const typed = digits.map((event, i) => pressed(event, i * 1600, 90))
  t.test('each key once at 10 % loss, with duplicates and neighbours swapped', async () => {
    // A key of which every packet is lost cannot be told: 8 packets at 10 % are not all lost by chance here.
    fc.assert(
      fc.property(
        fc.array(fc.nat(99), { minLength: 200, maxLength: 200 }),
        fc.array(fc.nat(99), { minLength: 200, maxLength: 200 }),
        (loss, mischief) => {
          const r = receiver()
          let n = 0
          let us = 0
          for (const packets of typed) {
            const arriving = packets.filter((_, i) => i === 2 || (loss[n + i] as number) >= 10)
            for (let i = 0; i + 1 < arriving.length; i++)
              if ((mischief[n + i] as number) < 10)
                [arriving[i], arriving[i + 1]] = [arriving[i + 1] as EventPacket, arriving[i] as EventPacket]
            for (const packet of arriving) {
              us += 20_000
              r.packet(packet, us)
              if ((mischief[n++] as number) > 90) r.packet(packet, us + 1000)
              r.events.tick(tickOf(us / 1000), r.keys)
            }
          }
          r.events.tick(tickOf(us / 1000 + 400), r.keys)
          const downs = r.heard.filter(h => h !== 'up').join('')
          return downs === '112#*0' && r.heard.filter(h => h === 'up').length === 6
        },
      ),
    )
  })
  t.test(
    'a key whose ends are lost is let go after 150 ms, and late copies do not press it again',
    async t => {
      const r = receiver()
      const packets = pressed(7, 0, 100)
      for (const packet of packets.filter(p => !p.end)) r.packet(packet, 0)
      r.events.tick(tickOf(140), r.keys)
      t.same(r.heard, ['7'])
      r.events.tick(tickOf(160), r.keys)
      t.same(r.heard, ['7', 'up'])
      r.packet(packets.at(-1) as EventPacket, 170_000)
      t.same(r.heard, ['7', 'up'])
    },
  )
  t.test('a key held 20 s is one key', async t => {
    const r = receiver()
    for (const packet of pressed(3, 5, 20_000)) r.packet(packet, 0)
    t.same(r.heard, ['3', 'up'])
  })
  t.test('short payloads and events beyond 15 are passed over', async t => {
    const r = receiver()
    r.events.packet(Uint8Array.of(1, 2, 3), 0, 3, 1, 0, r.keys)
    r.events.packet(Uint8Array.of(16, 10, 0, 100), 0, 4, 2, 0, r.keys)
    t.same(r.heard, [])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.nat(0xffffffff), (data, timestamp) => {
        r.events.packet(data, 0, data.length, timestamp, 0, r.keys)
      }),
    )
  })
})
