// A key told as events must not be countable in the sound as well: what leaves of its tone before it is recognised, and
// what that care costs speech and music.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { line, noise, press, random } from '../../board/bench/dtmf-vectors.js'
import { withSpandsp } from '../../board/bench/spandsp-peer.js'
import { DtmfDetector } from '../../firmware/media/dtmf-detector.js'
import { DTMF_DIGITS, HIGH_HZ, LOW_HZ } from '../../firmware/media/dtmf-digits.js'
import { dialling, isPair } from '../../firmware/media/dtmf-gates.js'
import { KeyGuard } from '../../firmware/media/key-guard.js'
import { amplitudeOf } from '../../firmware/media/level.js'
import { TwoToneFit } from '../../firmware/media/two-tone-fit.js'
import { decoded, type Packet, parameters, peerOn, world } from '../support/media-world.js'

t.setTimeout(300_000)

const FRAME = 80
/** Samples from one key's onset to the next one's, about. */
const SPACING = 2400
const ON_MS = 80

const keys = DTMF_DIGITS.slice(0, 12)
const cases = [-4, -8, -12, -16, -20, -25].flatMap(dbm0 =>
  [-6, 0, 4].flatMap(twistDb => [...keys].map(key => ({ key, dbm0, twistDb }))),
)
/** 37 has no common factor with 160: every phase of a 20 ms packet comes to pass. */
const onsets = cases.map((_, n) => (n + 1) * SPACING + ((n * 37) % 160))

const typed = (): Int16Array => {
  const next = random(41)
  const signal = new Float64Array((cases.length + 2) * SPACING)
  for (const [n, { key, dbm0, twistDb }] of cases.entries()) {
    const error = () => (next() * 2 - 1) * 0.015
    const onset = (onsets[n] as number) / 8
    press(signal, onset, { key, onMs: ON_MS, dbm0, twistDb, lowError: error(), highError: error() }, next)
  }
  return line(signal)
}

/** The sound of the packets on their time line; silence where there was none. */
const soundOf = (packets: readonly Packet[], base: number, length: number): Int16Array => {
  const sound = new Int16Array(length)
  for (const { type, timestamp, payload } of packets) {
    const at = (timestamp - base) | 0
    if (type === 8 && at >= 0 && at + payload.length <= length) sound.set(decoded(payload), at)
  }
  return sound
}

/** What a telephone that sends `pcm` makes two far ends hear: one takes events, one may not. */
const call = async (
  pcm: Int16Array,
  { relay = true, listens = true, others = [] as readonly boolean[], ptime = 20 } = {},
) => {
  const { clock, network, box } = world()
  const { board, engine, open, of } = box('10.0.0.1')
  const peers = []
  engine.command({ do: 'wake', line: 'tel1' })
  for (const [i, events] of [true, ...others].entries()) {
    const address = `10.0.0.${i + 2}`
    peers.push(await peerOn(network, clock, address))
    await open(`s${i}`)
    const { eventPayloadType, ...inBand } = parameters({ address, port: 4000 }, { ptime })
    const to = events && eventPayloadType !== undefined ? { ...inBand, eventPayloadType } : inBand
    engine.command({ do: 'connect', stream: `s${i}`, to })
  }
  engine.command({ do: 'talk', line: 'tel1', streams: peers.map((_, i) => `s${i}`) })
  engine.command({ do: 'digits', line: 'tel1', mode: listens ? 'call' : 'off' })
  engine.command({ do: 'relay-digits', line: 'tel1', on: relay })
  let at = 0
  board.capture = (_line, into) => {
    into.set(pcm.subarray(at, at + FRAME))
    at += FRAME
  }
  await clock.advance(pcm.length / 8)
  return { packets: peers.map(peer => peer.packets), keys: of('digit-start').map(s => s.digit) }
}

/** Samples from the first to the last that is no silence, in the surroundings of an onset. */
const fragment = (sound: Int16Array, onset: number, least: number): number => {
  const near = sound.subarray(onset - 160, onset + ON_MS * 8 + 640)
  const loud = (x: number) => Math.abs(x) > least
  const first = near.findIndex(loud)
  return first < 0 ? 0 : near.findLastIndex(loud) + 1 - first
}

const digitsIn = (pcm: Int16Array, mode: 'dialling' | 'call'): string => {
  let digits = ''
  new DtmfDetector(mode).process(pcm, { start: s => (digits += s.digit), end: () => {} })
  return digits
}

/** A receiver that is content with 20 ms of a pair, at the limits of `dialling`. */
const anyPairOf20Ms = (sound: Int16Array, onset: number): string => {
  const fit = new TwoToneFit(160)
  const x = Float64Array.from(sound.subarray(onset - 320, onset + ON_MS * 8 + 960))
  for (let at = 0; at + 160 <= x.length; at += 8)
    for (const [low, lowHz] of LOW_HZ.entries())
      for (const [high, highHz] of HIGH_HZ.entries()) {
        fit.lowHz = lowHz
        fit.highHz = highHz
        fit.solve(x, at, 160)
        if (fit.residual > 0.4 * fit.energy) continue
        for (let round = 0; round < 2; round++) fit.refine(x, at, 160)
        if (isPair(fit, low, high, dialling)) return `${low},${high}`
      }
  return ''
}

t.test('what leaves of a key that is told as an event', async t => {
  const pcm = typed()
  const { packets, keys: told } = await call(pcm)
  const sent = packets[0] as readonly Packet[]
  const base = sent[0]?.timestamp ?? 0
  const sound = soundOf(sent, base, pcm.length)

  await t.test('the keys were told, each once, with onset and length as without the guard', async t => {
    t.equal(told.join(''), cases.map(c => c.key).join(''))
    const events = sent.filter(p => p.type === 101)
    const stamps = [...new Set(events.map(p => p.timestamp))]
    t.equal(stamps.length, cases.length)
    let onsetOff = 0
    let lengthOff = 0
    for (const [n, stamp] of stamps.entries()) {
      const one = events.filter(p => p.timestamp === stamp)
      t.equal(one[0]?.payload[0], DTMF_DIGITS.indexOf(cases[n]?.key ?? '-'))
      const last = one.at(-1)?.payload as Uint8Array
      lengthOff = Math.max(
        lengthOff,
        Math.abs((((last[2] as number) << 8) | (last[3] as number)) - ON_MS * 8),
      )
      onsetOff = Math.max(onsetOff, Math.abs(((stamp - base) | 0) - (onsets[n] as number)))
    }
    t.ok(onsetOff <= 32, `onset within ${onsetOff / 8} ms`)
    t.ok(lengthOff <= 48, `length within ${lengthOff / 8} ms`)
  })
  await t.test('a fragment of 17 ms at the most, at every phase of the packet', async t => {
    const fragments = cases.map(({ dbm0, twistDb }, n) =>
      fragment(sound, onsets[n] as number, 0.05 * amplitudeOf(dbm0 + Math.min(0, twistDb))),
    )
    const longest = Math.max(...fragments)
    t.comment(
      `longest ${longest / 8} ms, mean ${fragments.reduce((a, b) => a + b, 0) / fragments.length / 8} ms`,
    )
    t.ok(longest > 0, 'the beginning of some key was heard, so the ruler works')
    t.ok(longest <= 17 * 8, `${longest / 8} ms`)
  })
  await t.test('no key in it: for our detector in both modes, and for one content with 20 ms', async t => {
    t.equal(digitsIn(sound, 'call'), '')
    t.equal(digitsIn(sound, 'dialling'), '')
    t.same(
      onsets.map(onset => anyPairOf20Ms(sound, onset)).filter(pair => pair !== ''),
      [],
    )
    t.not(anyPairOf20Ms(pcm, onsets[0] as number), '', 'the whole tone would be')
  })
  const spandsp = await withSpandsp(peer => peer.dtmf([sound, pcm]))
  const skip = 'reason' in spandsp ? spandsp.reason : false
  await t.test('no key in it for libspandsp', { skip }, async t => {
    const [left, whole] = 'value' in spandsp ? spandsp.value.heard : []
    t.equal(left, '')
    t.ok((whole ?? '').length > 0.9 * cases.length, 'it knows the whole tones')
  })
})

t.test('whether the beginning of a key is asked for changes nothing of what is detected', async t => {
  const pcm = typed().subarray(0, 61 * SPACING)
  const events = (ask: boolean) => {
    const detector = new DtmfDetector('call')
    const seen: unknown[] = []
    let signs = 0
    for (let at = 0; at < pcm.length; at += FRAME) {
      detector.process(pcm.subarray(at, at + FRAME), { start: s => seen.push(s), end: e => seen.push(e) })
      if (ask && detector.beginning !== '') signs++
    }
    return { seen, signs }
  }
  const asked = events(true)
  t.ok(asked.signs >= 60)
  t.same(asked.seen, events(false).seen)
})

t.test('packets of 10, 30 and 60 ms leave no more', async t => {
  const pcm = typed().subarray(0, 61 * SPACING)
  for (const ptime of [10, 30, 60]) {
    const { packets } = await call(pcm, { ptime })
    const sent = packets[0] as readonly Packet[]
    const sound = soundOf(sent, sent[0]?.timestamp ?? 0, pcm.length)
    const longest = Math.max(...onsets.slice(0, 60).map(onset => fragment(sound, onset, 200)))
    t.ok(longest <= 17 * 8, `${ptime} ms packets: ${longest / 8} ms`)
    t.equal(digitsIn(sound, 'call'), '')
  }
})

t.test('in a conference whoever takes no events hears the whole tone, the other none of it', async t => {
  const pcm = typed().subarray(0, 13 * SPACING)
  const { packets } = await call(pcm, { others: [false] })
  const [told, inBand] = packets.map(sent => soundOf(sent, sent[0]?.timestamp ?? 0, pcm.length))
  t.equal(digitsIn(told as Int16Array, 'dialling'), '')
  t.equal(digitsIn(inBand as Int16Array, 'dialling'), keys)
})

t.test(
  'sound without the sign of a key leaves as it is, and no key is guarded while none is listened for',
  async t => {
    const next = random(12)
    const signal = new Float64Array(8 * 3000)
    noise(signal, -20, next)
    const lively = line(signal)
    const payloads = async (pcm: Int16Array, relay: boolean) =>
      (await call(pcm, { relay })).packets[0]?.map(p => Buffer.from(p.payload).toString('hex'))
    t.same(await payloads(lively, true), await payloads(lively, false))
    const pcm = typed().subarray(0, 13 * SPACING)
    const { packets } = await call(pcm, { relay: false, listens: false })
    const sent = packets[0] as readonly Packet[]
    t.equal(digitsIn(soundOf(sent, sent[0]?.timestamp ?? 0, pcm.length), 'dialling'), keys)
  },
)

t.test(
  'property: suspicion mutes 30 ms at the most, and what is not muted or fading is untouched',
  async () => {
    const heard = new Int16Array(FRAME).fill(1000)
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), signs => {
        const guard = new KeyGuard()
        let silent = 0
        let was = false
        return signs.every(sign => {
          const differs = guard.frame(heard, sign, false)
          const out = differs ? guard.guarded : heard
          const shut = out[FRAME - 1] === 0
          silent = shut ? silent + 1 : 0
          const steady = out.subarray(16).every(x => x === (shut ? 0 : 1000))
          const fades = shut !== was ? (out[0] ?? 0) > 0 && (out[0] ?? 0) < 1000 : out[0] === out[FRAME - 1]
          was = shut
          return silent <= 3 && steady && fades && (sign || !shut)
        })
      }),
    )
  },
)

/** Share of the time muted, and the longest stretch in frames of 10 ms. */
const mutedIn = (recordings: readonly Int16Array[]) => {
  let frames = 0
  let muted = 0
  let longest = 0
  const sink = { start: () => {}, end: () => {} }
  for (const pcm of recordings) {
    const detector = new DtmfDetector('call')
    const guard = new KeyGuard()
    let stretch = 0
    for (let at = 0; at + FRAME <= pcm.length; at += FRAME) {
      const frame = pcm.subarray(at, at + FRAME)
      detector.process(frame, sink)
      const down = detector.digit !== ''
      const differs = guard.frame(frame, !down && detector.beginning !== '', down)
      stretch = differs && guard.guarded[FRAME - 1] === 0 && guard.guarded[FRAME >> 1] === 0 ? stretch + 1 : 0
      frames++
      if (stretch > 0) muted++
      longest = Math.max(longest, stretch)
    }
  }
  return { seconds: frames / 100, percent: (100 * muted) / frames, longestMs: 10 * longest }
}

// Debian's asterisk-core-sounds-fr-wav (CC-BY-SA): read where it is installed, never copied.
const sounds = '/usr/share/asterisk/sounds/fr_CA_f_June'
t.test(
  'French speech: under 0.1 % of the time muted for nothing, never more than 30 ms',
  { skip: existsSync(sounds) ? false : 'package asterisk-core-sounds-fr-wav is not installed' },
  async t => {
    const recordings = readdirSync(sounds, { withFileTypes: true, recursive: true })
      .filter(entry => entry.isFile() && entry.name.endsWith('.wav'))
      .map(entry => {
        const samples = readFileSync(join(entry.parentPath, entry.name)).subarray(44)
        const pcm = new Int16Array(samples.length >> 1)
        Buffer.from(pcm.buffer).set(samples.subarray(0, pcm.byteLength))
        return pcm
      })
    const { seconds, percent, longestMs } = mutedIn(recordings)
    t.comment(`${percent.toFixed(3)} % of ${Math.round(seconds)} s, ${longestMs} ms at a stretch`)
    t.ok(seconds > 1200)
    t.ok(percent < 0.1, `${percent.toFixed(3)} %`)
    t.ok(longestMs <= 30)
  },
)

t.test('music (chords of a keyboard): under 0.3 % of the time muted, never more than 30 ms', async t => {
  const next = random(99)
  const signal = new Float64Array(8000 * 120)
  for (let at = 0; at < signal.length; at += 1600 + Math.floor(next() * 3) * 800)
    for (let voice = 0; voice < 2 + (at % 3); voice++) {
      const hz = 110 * 2 ** (Math.floor(next() * 40) / 12)
      const phase = next() * 2 * Math.PI
      const peak = 3000 + next() * 2000
      const strength = [1, 0.5, 0.3, 0.2, 0.1]
      for (let i = 0; i < 6400 && at + i < signal.length; i++) {
        const decay = peak * Math.exp(-i / 2400) * Math.min(1, i / 40)
        for (const [h, share] of strength.entries())
          signal[at + i] =
            (signal[at + i] as number) +
            share * decay * Math.sin((2 * Math.PI * hz * (h + 1) * i) / 8000 + phase * (h + 1))
      }
    }
  const { percent, longestMs } = mutedIn([line(signal)])
  t.comment(`${percent.toFixed(3)} %, ${longestMs} ms at a stretch`)
  t.ok(percent < 0.3, `${percent.toFixed(3)} %`)
  t.ok(longestMs <= 30)
})
