// What the virtual telephone hears: names of French and German tones, when they are told, and DTMF.
import t from 'tap'
import type { HandsetEvent } from '../../../hal/sim/handset-contract.js'
import { repeat, type Segment, samplesOf, soundingLine } from '../../support/sounding-line.js'

const burst = (hz: number | readonly number[], on: number, off: number): Segment[] => [
  [typeof hz === 'number' ? [hz] : hz, on],
  [[], off],
]
const wait = (length: number): Segment[] => [[[], length]]

type Tone = Extract<HandsetEvent, { ev: 'tone' }>
interface Case {
  readonly what: string
  readonly segments: readonly Segment[]
  /** Names in the order told, without 'none'. */
  readonly names: readonly string[]
  /** What the telephone dials first; nothing: the receiver was just lifted. */
  readonly dialled?: string
  readonly dbm0?: number
  /** Longest time from the onset of the last name to its telling, ms. */
  readonly within?: number
}

const cases: readonly Case[] = [
  { what: 'French dial tone', segments: [[[440], 2000]], names: ['dial'], within: 300 },
  { what: 'German dial tone', segments: [[[425], 2000]], names: ['dial'], within: 300 },
  {
    what: 'French stutter dial tone',
    segments: [...repeat(burst(440, 100, 100), 6), [[440], 2000]],
    names: ['stutter'],
    within: 300,
  },
  {
    what: 'French special dial tone: steady until its first gap',
    segments: repeat(burst(440, 400, 40), 5),
    names: ['dial', 'special'],
    within: 880,
  },
  {
    what: 'French recall dial tone',
    segments: [[[330, 440], 2000]],
    dbm0: -18,
    names: ['recall'],
    within: 300,
  },
  {
    what: 'recall dial tone without a pause behind a voice, and that behind a long tone',
    segments: [
      [[440], 6000],
      [[800], 5300],
      [[330, 440], 900],
    ],
    names: ['dial', 'unknown', 'recall'],
    within: 600,
  },
  { what: 'German special dial tone', segments: [[[400, 425], 2000]], names: ['special'], within: 300 },
  {
    what: 'French ringback',
    segments: repeat(burst(440, 1500, 3500), 2),
    dialled: '5',
    names: ['ringback'],
    within: 5000,
  },
  {
    what: 'German ringback',
    segments: repeat(burst(425, 1000, 4000), 2),
    dialled: '5',
    names: ['ringback'],
    within: 5000,
  },
  {
    what: 'French busy',
    segments: repeat(burst(440, 500, 500), 5),
    dialled: '5',
    names: ['busy'],
    within: 2100,
  },
  {
    what: 'German busy',
    segments: repeat(burst(425, 480, 480), 5),
    dialled: '5',
    names: ['busy'],
    within: 2100,
  },
  {
    what: 'congestion after lifting the receiver',
    segments: repeat(burst(440, 250, 250), 10),
    names: ['congestion'],
    within: 1100,
  },
  {
    what: 'busy tone right behind a voice-like tone, without a pause',
    segments: [[[1000], 2130], ...repeat(burst(440, 500, 500), 4)],
    dialled: '5',
    names: ['unknown', 'busy'],
    within: 2200,
  },
  {
    what: 'busy tone whose first burst was cut short',
    segments: [[[440], 200], [[], 500], ...repeat(burst(440, 500, 500), 4)],
    dialled: '5',
    names: ['busy'],
    within: 3000,
  },
  {
    what: 'congestion after a number',
    segments: repeat(burst(440, 250, 250), 10),
    dialled: '5',
    names: ['congestion'],
    within: 1100,
  },
  {
    what: 'error tone after a code, then dial tone',
    segments: [...repeat(burst(440, 250, 250), 4), [[440], 2000]],
    dialled: '*5',
    names: ['error', 'dial'],
    within: 300,
  },
  {
    what: 'error tone after a code, then nothing',
    segments: repeat(burst(440, 250, 250), 4),
    dialled: '#',
    names: ['error'],
    within: 2500,
  },
  {
    what: 'confirmation, then dial tone',
    segments: [...repeat(burst(440, 100, 100), 3), [[440], 2000]],
    dialled: '*',
    names: ['confirmation', 'dial'],
    within: 300,
  },
  {
    what: 'confirmation, then nothing',
    segments: repeat(burst(440, 100, 100), 3),
    dialled: '*',
    names: ['confirmation'],
    within: 800,
  },
  {
    what: 'French call waiting, twice, told once',
    segments: repeat(burst(440, 300, 10000), 2),
    dialled: '5',
    names: ['waiting'],
    within: 500,
  },
  {
    what: 'German call waiting',
    segments: repeat([...burst(425, 200, 200), ...burst(425, 200, 5000)], 2),
    dialled: '5',
    names: ['waiting'],
    within: 1000,
  },
  {
    what: 'special information tone',
    segments: repeat([...burst(950, 300, 30), ...burst(1400, 300, 30), ...burst(1800, 300, 1000)], 3),
    dialled: '5',
    names: ['sit'],
    within: 1000,
  },
  {
    what: 'howler',
    segments: repeat(burst([1400, 2060, 2450, 2600], 100, 100), 20),
    dbm0: -10,
    names: ['howler'],
    within: 400,
  },
  { what: 'a tone no country has', segments: [[[600], 2000]], names: ['unknown'], within: 600 },
  { what: 'far below the threshold of hearing', segments: [[[440], 2000]], dbm0: -50, names: [] },
]

t.test('tones by name', async t => {
  for (const { what, segments, names, dialled, dbm0, within } of cases)
    await t.test(what, async t => {
      const line = await soundingLine()
      await line.fxs.setLinefeed('active')
      await line.act({ do: 'offhook' })
      if (dialled !== undefined) await line.act({ do: 'dtmf', digits: dialled })
      const toldAt = new Map<Tone, number>()
      line.play(samplesOf([...wait(50), ...segments], dbm0))
      const length = segments.reduce((sum, [, ms]) => sum + ms, names.includes('waiting') ? 2000 : 5000)
      for (let at = 0; at < length; at += 10) {
        await line.clock.advance(10)
        for (const event of line.heard)
          if (event.ev === 'tone' && !toldAt.has(event)) toldAt.set(event, line.clock.now())
      }
      const tones = [...toldAt.keys()].filter(tone => tone.name !== 'none')
      t.strictSame(
        tones.map(tone => tone.name),
        names,
      )
      const last = tones.at(-1)
      if (last === undefined) return
      t.equal([...toldAt.keys()].at(-1)!.name, 'none', 'its end is told')
      const late = (toldAt.get(last)! - last.us) / 1000
      t.comment(`told after ${late} ms`)
      t.ok(late <= within!, `told after ${late} ms, at most ${within}`)
      const wanted = new Set(segments.flatMap(([hz]) => hz))
      for (const hz of last.hz)
        t.ok(
          [...wanted].some(w => Math.abs(w - hz) < 1),
          `${hz} Hz is sent`,
        )
    })
})

t.test('an instant is that of the onset and the end, to the millisecond', async t => {
  const line = await soundingLine()
  await line.fxs.setLinefeed('active')
  await line.act({ do: 'offhook' })
  await line.clock.advance(500)
  const start = Math.ceil(line.clock.now() / 10_000) * 10_000
  line.play(samplesOf([...wait(33), [[440], 700]]))
  await line.clock.advance(2000)
  const [dial, none] = line.heard.filter((event): event is Tone => event.ev === 'tone')
  t.ok(Math.abs(dial!.us - (start + 33_000)) <= 1000, `onset ${dial!.us - start} µs after the start`)
  t.ok(Math.abs(none!.us - (start + 733_000)) <= 1500, `end ${none!.us - start} µs after the start`)
})

t.test('speech is unknown, and keys are heard as digits', async t => {
  const line = await soundingLine()
  await line.fxs.setLinefeed('active')
  await line.act({ do: 'offhook' })
  const noise = Int16Array.from({ length: 8000 }, (_, n) => Math.round(3000 * Math.sin(n * n * 0.37)))
  line.play(noise)
  await line.clock.advance(3000)
  t.strictSame(line.tones(), ['unknown', 'none'])
  const keys: Segment[] = [
    [[697, 1209], 65],
    [[], 65],
    [[941, 1336], 100],
    [[], 65],
    [[770, 1477], 65],
    [[], 10],
  ]
  line.play(samplesOf(keys, -9))
  await line.clock.advance(1000)
  const digits = line.heard.flatMap(event => (event.ev === 'dtmf' ? [event] : []))
  t.equal(digits.map(event => event.digit).join(''), '106')
  for (const [n, length] of [65, 100, 65].entries())
    t.ok(Math.abs(digits[n]!.ms - length) <= 10, `${digits[n]!.ms} ms for ${length}`)
  t.equal(line.tones().length, 2, 'keys are no tone')
})

t.test('cadences are recognised on a noisy line too', async t => {
  const noisy = (samples: Int16Array): Int16Array => {
    let seed = 1
    return samples.map(sample => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      // Uniform noise of -40 dBm0, 28 dB below the tone.
      return sample + Math.round((seed / 2 ** 31 - 1) * 280)
    })
  }
  const tones: readonly [string, readonly Segment[]][] = [
    ['busy', repeat(burst(440, 500, 500), 5)],
    ['congestion', repeat(burst(425, 240, 240), 8)],
    ['ringback', repeat(burst(440, 1500, 3500), 2)],
    ['sit', repeat([...burst(950, 330, 0), ...burst(1400, 330, 0), ...burst(1800, 330, 1000)], 2)],
  ]
  for (const [name, segments] of tones) {
    const line = await soundingLine()
    await line.fxs.setLinefeed('active')
    await line.act({ do: 'offhook' })
    await line.act({ do: 'dtmf', digits: '1' })
    line.play(noisy(samplesOf(segments)))
    await line.clock.advance(4000)
    t.ok(line.tones().includes(name), `${name}: ${line.tones()}`)
  }
})

t.test('call waiting is heard through a voice, and a voice alone is no call waiting', async t => {
  // A voice: harmonics of a gliding pitch, syllables of 180 ms, about -20 dBm0.
  const voice = (ms: number): Int16Array => {
    let phase = 0
    return Int16Array.from({ length: ms * 8 }, (_, n) => {
      const seconds = n / 8000
      phase += (2 * Math.PI * (130 + 40 * Math.sin(2.1 * seconds) + 25 * Math.sin(7.3 * seconds))) / 8000
      let sample = 0
      for (let h = 1; h < 14; h++) sample += Math.sin(h * phase) / h ** 0.7
      return Math.round(900 * sample * Math.max(0, Math.sin(17 * seconds)) ** 0.5)
    })
  }
  for (const [what, beeps, names] of [
    ['French', [[[], 2000], ...repeat(burst(440, 300, 10_000), 2)], ['unknown', 'waiting', 'unknown']],
    [
      'German',
      [[[], 3000], ...repeat([...burst(425, 200, 200), ...burst(425, 200, 5000)], 2)],
      ['unknown', 'waiting', 'unknown'],
    ],
    ['none', [], ['unknown']],
  ] as const) {
    const line = await soundingLine()
    await line.fxs.setLinefeed('active')
    await line.act({ do: 'offhook' })
    await line.act({ do: 'dtmf', digits: '1' })
    const speech = voice(26_000)
    samplesOf(beeps as readonly Segment[]).forEach((sample, n) => {
      speech[n] = speech[n]! + sample
    })
    line.play(speech)
    await line.clock.advance(25_000)
    t.strictSame(line.tones(), names, what)
    const waiting = line.heard.find(event => event.ev === 'tone' && event.name === 'waiting')
    if (waiting?.ev === 'tone') t.ok(Math.abs(waiting.onMs - (what === 'French' ? 300 : 200)) <= 30)
  }
})

t.test('a steady tone is no dial tone at once when a call was answered, nor after the bell', async t => {
  const line = await soundingLine()
  await line.act({ do: 'offhook' })
  await line.act({ do: 'onhook' })
  await line.fxs.ringBurst(true)
  await line.clock.advance(1000)
  await line.act({ do: 'offhook' })
  await line.clock.advance(100)
  await line.fxs.setLinefeed('active')
  line.play(samplesOf([[[440], 1000]]))
  await line.clock.advance(1500)
  t.strictSame(line.tones(), [])
  line.play(samplesOf([[[440], 3000]]))
  await line.clock.advance(2500)
  t.strictSame(line.tones(), ['dial'], 'but after 1.8 s it can be nothing else')
})

t.test('a port that sleeps and wakes while the receiver is up still gives dial tone', async t => {
  const line = await soundingLine()
  line.sleep()
  await line.act({ do: 'offhook' })
  await line.fxs.setLinefeed('active')
  line.wake()
  line.sleep()
  line.wake()
  line.play(samplesOf([[[440], 1000]]))
  await line.clock.advance(400)
  t.strictSame(line.tones(), ['dial'])
})
