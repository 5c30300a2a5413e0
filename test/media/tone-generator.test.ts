// Tones toward the telephone: frequency, level and cadence, judged by a DFT that is not the firmware's.
import fc from 'fast-check'
import t from 'tap'
import { DtmfSender } from '../../firmware/media/dtmf-sender.js'
import type { ToneSpec } from '../../firmware/media/media-contract.js'
import { gain, Mixer, mixInto } from '../../firmware/media/mixer.js'
import { ToneGenerator } from '../../firmware/media/tone-generator.js'
import { levelAt, powerOf, strongestNear } from '../support/spectrum.js'

const play = (spec: ToneSpec, ms: number) => {
  const generator = new ToneGenerator()
  generator.start(spec)
  return run(generator, ms)
}
const run = (generator: ToneGenerator, ms: number) => {
  const pcm = new Int16Array(ms * 8)
  let endedAtMs = -1
  for (let at = 0; at < pcm.length; at += 80)
    if (generator.fill(pcm.subarray(at, at + 80)) && endedAtMs < 0) endedAtMs = at / 8
  return { pcm, endedAtMs }
}
/** Half-open sample ranges in which something sounds (gaps of less than 5 samples are crossings of zero). */
const bursts = (pcm: Int16Array) => {
  const found: [number, number][] = []
  for (let i = 0; i < pcm.length; i++) {
    if (pcm[i] === 0) continue
    const last = found.at(-1)
    if (last && i - last[1] < 5) last[1] = i + 1
    else found.push([i, i + 1])
  }
  return found
}

t.test('frequency within 2 Hz and level within 0.2 dB of the profile, for every tone set in use', async t => {
  for (const hz of [[440], [330, 440], [425], [350, 440], [480, 620], [950], [1400], [1800]]) {
    const { pcm } = play({ cadence: [{ hz }], dbm0: -12 }, 1000)
    for (const f of hz) {
      t.ok(Math.abs(strongestNear(pcm, f, 20) - f) < 0.1, `${f} Hz of ${hz}`)
      t.ok(Math.abs(levelAt(pcm, f) + 12) < 0.2, `level of ${f} Hz`)
    }
  }
})

t.test('cadence is exact to the sample and lead-in is played once', async t => {
  const { pcm } = play(
    {
      lead: [
        { hz: [440], ms: 100 },
        { hz: [], ms: 60 },
      ],
      cadence: [
        { hz: [440], ms: 500 },
        { hz: [], ms: 500 },
      ],
      dbm0: -10,
    },
    3160,
  )
  const edges = bursts(pcm)
  const wanted = [
    [0, 800],
    [1280, 5280],
    [9280, 13280],
    [17280, 21280],
  ]
  t.equal(edges.length, wanted.length)
  // The first and last samples of a burst are under the edge window and may round to zero.
  edges.forEach(([on, off], i) => {
    t.ok(Math.abs(on - (wanted[i]?.[0] as number)) <= 2, `burst ${i} begins at ${on}`)
    t.ok(Math.abs(off - (wanted[i]?.[1] as number)) <= 2, `burst ${i} ends at ${off}`)
  })
})

t.test('a finite tone says once that it has ended, in the frame of its last sample', async t => {
  const spec = {
    cadence: [
      { hz: [440], ms: 250 },
      { hz: [], ms: 250 },
    ],
    repeat: 4,
    dbm0: -12,
  } as const
  const generator = new ToneGenerator()
  generator.start(spec)
  const frame = new Int16Array(80)
  const ends: number[] = []
  for (let n = 0; n < 260; n++) if (generator.fill(frame)) ends.push(n)
  t.same(ends, [199])
  t.notOk(generator.playing)
  t.ok(frame.every(x => x === 0))
})

t.test('a tone that goes on through a segment boundary does not click', async t => {
  const { pcm } = play({ lead: [{ hz: [440], ms: 137 }], cadence: [{ hz: [440] }], dbm0: -10 }, 300)
  const around = pcm.subarray(1000, 1200)
  t.ok(Math.abs(powerOf(around) + 10) < 0.1)
  for (const far of [1000, 2000, 3000]) t.ok(levelAt(pcm, far, 900, 1300) < -75)
})

t.test('SIT runs through its three frequencies', async t => {
  const ms = 330
  const { pcm } = play(
    {
      cadence: [
        { hz: [950], ms },
        { hz: [1400], ms },
        { hz: [1800], ms },
        { hz: [], ms: 1000 },
      ],
      dbm0: -12,
    },
    1990,
  )
  for (const [i, f] of [950, 1400, 1800].entries())
    t.ok(Math.abs(levelAt(pcm, f, i * 2640 + 80, i * 2640 + 2560) + 12) < 0.2, `${f} Hz`)
  t.ok(powerOf(pcm, 7930, 15900) < -90)
})

t.test('stop fades within 1 ms; start replaces; mixing adds and saturates', async t => {
  const generator = new ToneGenerator()
  generator.start({ cadence: [{ hz: [1000] }], dbm0: 0 })
  const frame = new Int16Array(80)
  for (let n = 0; n < 5; n++) generator.fill(frame)
  generator.stop()
  generator.fill(frame)
  t.ok(frame.subarray(0, 8).some(x => Math.abs(x) > 1000))
  t.ok(frame.subarray(8).every(x => x === 0))
  generator.start({ cadence: [{ hz: [440] }], dbm0: 3 })
  generator.start({ cadence: [{ hz: [1000] }], dbm0: 0 })
  const { pcm } = run(generator, 200)
  t.ok(levelAt(pcm, 440) < -60)
  t.ok(Math.abs(levelAt(pcm, 1000)) < 0.2)
  const loud = new Int16Array(80).fill(32767)
  generator.mix(loud)
  t.ok(loud.every(x => x <= 32767 && x > -32768))
  t.ok(loud.some(x => x === 32767))
})

t.test('property: bursts of any cadence add up to the sample, whatever the frame', async () => {
  const segment = fc.record({ on: fc.integer({ min: 10, max: 200 }), off: fc.integer({ min: 10, max: 200 }) })
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 3 }),
      (list, repeat) => {
        const cadence = list.flatMap(({ on, off }) => [
          { hz: [1333], ms: on },
          { hz: [], ms: off },
        ])
        const total = cadence.reduce((sum, s) => sum + s.ms, 0) * repeat
        const { pcm, endedAtMs } = play({ cadence, repeat, dbm0: 0 }, Math.ceil(total / 10) * 10 + 20)
        const edges = bursts(pcm)
        let at = 0
        const wanted = Array.from({ length: repeat }, () => list)
          .flat()
          .map(({ on, off }) => {
            const range = [at * 8, (at + on) * 8] as const
            at += on + off
            return range
          })
        return (
          edges.length === wanted.length &&
          edges.every(([a, b], i) => a - (wanted[i]?.[0] ?? 0) <= 2 && (wanted[i]?.[1] ?? 0) - b <= 2) &&
          endedAtMs === Math.floor((total - 0.125) / 10) * 10
        )
      },
    ),
    { numRuns: 60 },
  )
})

t.test('an empty cadence or one of no length ends at once instead of hanging', async t => {
  for (const cadence of [[], [{ hz: [440], ms: 0 }]]) {
    const { pcm } = play({ cadence, dbm0: 0 }, 50)
    t.ok(pcm.every(x => x === 0))
  }
})

t.test('regenerated digits: level, order, never less than 65 ms on and 65 ms off', async t => {
  const sender = new DtmfSender({ dbm0: -10, twistDb: 2 })
  t.ok(sender.send('5', 20))
  t.ok(sender.send('D', 100))
  t.notOk(sender.send('x', 100))
  t.notOk(sender.send('', 100))
  const pcm = new Int16Array(3200)
  for (let at = 0; at < pcm.length; at += 80) sender.fill(pcm.subarray(at, at + 80))
  const edges = bursts(pcm)
  t.equal(edges.length, 2)
  t.ok(Math.abs((edges[0]?.[1] ?? 0) - 520) <= 2)
  t.ok(Math.abs((edges[1]?.[0] ?? 0) - 1040) <= 2)
  t.ok(Math.abs((edges[1]?.[1] ?? 0) - 1840) <= 2)
  t.ok(Math.abs(levelAt(pcm, 770, 20, 500) + 10) < 0.3)
  t.ok(Math.abs(levelAt(pcm, 1336, 20, 500) + 8) < 0.3)
  t.ok(Math.abs(levelAt(pcm, 1633, 1060, 1820) + 8) < 0.3)
  t.notOk(sender.busy)
})

t.test('a key held down sounds until released, and 65 ms at least', async t => {
  const sender = new DtmfSender()
  const frame = new Int16Array(80)
  const record = (frames: number) => {
    let sounding = 0
    for (let n = 0; n < frames; n++) {
      sender.fill(frame)
      if (frame.some(x => x !== 0)) sounding++
    }
    return sounding
  }
  sender.press('1')
  t.equal(record(30), 30)
  sender.release()
  t.equal(record(20), 1)
  sender.press('2')
  t.equal(record(1), 1)
  sender.release()
  t.equal(record(20), 6, '65 ms end inside the seventh frame')
  for (let n = 0; n < 64; n++) t.ok(sender.send('3', 65))
  t.notOk(sender.send('3', 65), 'the queue is bounded')
  sender.clear()
  t.equal(record(10), 0)
})

t.test('mixer: a sum is clipped, not wrapped, and 0 dB is bit-exact', async t => {
  const a = Int16Array.from({ length: 80 }, (_, i) => i * 300)
  const b = Int16Array.from({ length: 80 }, (_, i) => 20000 - i)
  const c = new Int16Array(80).fill(5000)
  const mixer = new Mixer(80)
  const out = new Int16Array(80)
  for (const frame of [a, b, c]) mixer.add(frame)
  mixer.all(out)
  t.ok(out.every((x, i) => x === Math.min(32767, (a[i] as number) + (b[i] as number) + 5000)))
  mixer.clear()
  mixer.all(out)
  t.ok(out.every(x => x === 0))
  const low = new Int16Array(80).fill(-30000)
  mixInto(low, low.slice())
  t.ok(low.every(x => x === -32768))
  const same = a.slice()
  gain(0)(same)
  t.same(same, a)
  gain(-6.0206)(same)
  t.ok(same.every((x, i) => Math.abs(x - (a[i] as number) / 2) <= 0.51))
})
