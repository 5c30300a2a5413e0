// The line echo canceller on speech-like signals through hybrids it has never seen: convergence, double talk, change of
// line, tones, and that it never makes anything worse.
import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { line, press, random } from '../../board/bench/dtmf-vectors.js'
import { echoOf, hybrid, meanSquare, speechLike } from '../../board/bench/echo-vectors.js'
import { DtmfDetector } from '../../firmware/media/dtmf-detector.js'
import { EchoCanceller } from '../../firmware/media/echo-canceller.js'
import { levelAt, peakOf, powerOf } from '../support/spectrum.js'

// Much arithmetic and no waiting: on a busy machine it may take longer than tap allows by default.
t.setTimeout(300_000)

const db = (ratio: number) => 10 * Math.log10(ratio)
const cancel = (near: ArrayLike<number>, far: Int16Array, canceller = new EchoCanceller()) => {
  const frame = new Int16Array(80)
  const out = new Int16Array(far.length)
  const pcm = Int16Array.from(near, x => Math.max(-32768, Math.min(32767, Math.round(x))))
  for (let at = 0; at + 80 <= far.length; at += 80) {
    canceller.process(pcm.subarray(at, at + 80), far.subarray(at, at + 80), frame)
    out.set(frame, at)
  }
  return out
}
const withNoise = (x: Float64Array, rms: number, seed: number) => {
  const next = random(seed)
  return x.map(v => v + (next() + next() + next() - 1.5) * 2 * rms)
}

t.test('ERLE is 20 dB and more after 4 s of speech, for hybrids from 3 to 30 ms', async t => {
  const shapes = [
    [0, 4, 6, 1],
    [6, 8, 6.7, 2],
    [3, 10, 9, 3],
    [12, 16, 12, 4],
    [20, 10, 3, 5],
  ] as const
  for (const [delay, ring, erl, seed] of shapes) {
    const far = speechLike(6, 2500, seed)
    const echo = echoOf(far, hybrid(delay, ring, erl, seed + 10))
    const out = cancel(withNoise(echo, 4, seed), far)
    const erle = db(meanSquare(echo, 4, 6) / meanSquare(out, 4, 6))
    t.ok(erle >= 20, `${delay}+${ring} ms, ERL ${erl} dB: ERLE ${erle.toFixed(1)} dB`)
  }
})

t.test('double talk: near speech keeps its level within 3 dB and the echo stays cancelled', async t => {
  for (const [seed, talkRms] of [
    [1, 2500],
    [2, 800],
    [3, 4000],
    [4, 1500],
  ] as const) {
    const far = speechLike(13, 2500, seed)
    const talk = speechLike(13, talkRms, seed + 100)
    talk.fill(0, 0, 5 * 8000)
    talk.fill(0, 9 * 8000)
    const echo = echoOf(far, hybrid(5, 8, 8, seed + 20))
    const near = withNoise(echo, 4, seed).map((v, i) => v + (talk[i] as number))
    const out = cancel(near, far)
    const kept = db(meanSquare(out, 5, 9) / meanSquare(talk, 5, 9))
    t.ok(Math.abs(kept) <= 3, `near speech at ${kept.toFixed(2)} dB`)
    const rest = out.map((v, i) => v - (talk[i] as number))
    const during = db(meanSquare(echo, 5, 9) / meanSquare(rest, 5, 9))
    t.ok(during >= 10, `echo in double talk lower by ${during.toFixed(1)} dB`)
    const after = db(meanSquare(echo, 9, 10) / meanSquare(out, 9, 10))
    t.ok(after >= 15, `first second after: ${after.toFixed(1)} dB`)
  }
})

t.test('a changed line is learnt anew within 2 s', async t => {
  for (const seed of [1, 2, 3]) {
    const far = speechLike(10, 2500, seed)
    const before = echoOf(far, hybrid(6, 8, 7, seed))
    const after = echoOf(far, hybrid(3, 10, 9, seed + 40))
    const echo = before.map((v, i) => (i < 5 * 8000 ? v : (after[i] as number)))
    const out = cancel(withNoise(echo, 4, seed), far)
    const erle = db(meanSquare(echo, 7, 10) / meanSquare(out, 7, 10))
    t.ok(erle >= 18, `ERLE ${erle.toFixed(1)} dB from 2 to 5 s after the change`)
    const worst = db(meanSquare(out, 5, 6) / meanSquare(echo, 5, 6))
    t.ok(worst < 3, `meanwhile no louder than the echo by ${worst.toFixed(1)} dB`)
  }
})

t.test('what was learnt of the line serves the next call after restart, and is gone after reset', async t => {
  const h = hybrid(6, 8, 7, 21)
  const canceller = new EchoCanceller()
  const first = speechLike(5, 2500, 21)
  cancel(echoOf(first, h), first, canceller)
  const far = speechLike(1, 2500, 22)
  const echo = echoOf(far, h)
  canceller.restart()
  t.equal(canceller.erleDb, 0)
  const known = cancel(echo, far, canceller)
  t.ok(db(meanSquare(echo, 0, 1) / meanSquare(known, 0, 1)) > 20, 'no echo from the first word on')
  canceller.reset()
  const fresh = cancel(echo, far, canceller)
  t.same(fresh, cancel(echo, far), 'as new')
  t.ok(db(meanSquare(echo, 0, 1) / meanSquare(fresh, 0, 1)) < 20)
})

t.test('without far signal the near end passes bit for bit', async t => {
  const talk = speechLike(2, 3000, 7)
  const out = cancel(talk, new Int16Array(talk.length))
  t.same(out, talk)
})

t.test('speech of the near end alone, after convergence, passes untouched', async t => {
  const far = speechLike(6, 2500, 8)
  far.fill(0, 4 * 8000)
  const talk = speechLike(6, 2500, 9)
  talk.fill(0, 0, 4 * 8000 + 400)
  const echo = echoOf(far, hybrid(6, 8, 7, 8))
  const out = cancel(
    echo.map((v, i) => v + (talk[i] as number)),
    far,
  )
  t.same(out.subarray(5 * 8000), talk.subarray(5 * 8000))
})

t.test(
  'dial tone comes back from the hybrid at -6 dB: it is removed, and the key pressed over it is heard',
  async t => {
    const next = random(11)
    const far = Int16Array.from({ length: 24000 }, (_, i) =>
      Math.round(
        peakOf(-10) * (Math.sin((2 * Math.PI * 330 * i) / 8000) + Math.sin((2 * Math.PI * 440 * i) / 8000)),
      ),
    )
    const near = echoOf(far, hybrid(4, 6, 6, 11))
    press(near, 2000, { key: '6', onMs: 60, dbm0: -14 }, next)
    const out = cancel(line(near), far)
    for (const hz of [330, 440])
      t.ok(levelAt(out, hz, 8000, 15000) < levelAt(near, hz, 8000, 15000) - 20, `${hz} Hz is gone`)
    let digits = ''
    new DtmfDetector('dialling').process(out, { start: s => (digits += s.digit), end: () => {} })
    t.equal(digits, '6')
  },
)

t.test('keys pressed while the far end speaks are heard through the canceller', async t => {
  const far = speechLike(10, 2500, 12)
  const near = echoOf(far, hybrid(5, 8, 8, 12))
  const next = random(12)
  const keys = '0123456789*#ABCD'
  for (const [n, key] of [...keys].entries()) press(near, 5000 + n * 300, { key, onMs: 70, dbm0: -12 }, next)
  let digits = ''
  new DtmfDetector('call').process(cancel(line(near), far), {
    start: s => (digits += s.digit),
    end: () => {},
  })
  t.equal(digits, keys)
})

t.test('what a key under a click of the far end taught does not keep the echo of the next sound', async t => {
  const levels: number[] = []
  for (let seed = 1; seed <= 24; seed++) {
    const next = random(seed)
    // Fades in, over some noise of the far line.
    const tone = (hz: number) =>
      Int16Array.from({ length: 24_000 }, (_, i) =>
        Math.round(
          Math.min(1, i / 240) * peakOf(-16) * Math.sin((2 * Math.PI * hz * i) / 8000 + seed) +
            60 * (next() - 0.5),
        ),
      )
    const line = hybrid(0, 5, 9, 7)
    const canceller = new EchoCanceller()
    const first = tone(800)
    cancel(echoOf(first, line), first, canceller)
    // As of a party that is parted with: a few samples, and nothing after them.
    const click = new Int16Array(8000)
    click.set([1779, 2843, 2949, 2267, 1258, 423, 36], 4100 + 20 * seed)
    const near = echoOf(click, line)
    press(near, 500, { key: '3', onMs: 100, dbm0: -7 }, next)
    cancel(near, click, canceller)
    const second = tone(1100)
    const out = cancel(echoOf(second, line), second, canceller)
    levels.push(levelAt(out, 1100, 8000, 16_000))
  }
  t.ok(Math.max(...levels) < -45, levels.map(level => level.toFixed(0)).join(' '))
})

t.test('two tones at once are learnt wrongly, and no 10 ms of it are louder than what was said', async t => {
  const tone = (hz: number, dbm0: number) => (n: number) =>
    peakOf(dbm0) * Math.sin((2 * Math.PI * hz * n) / 8000)
  const ringback = (n: number) => (n % 16_000 < 8000 ? tone(440, -10)(n) : 0)
  const key = (n: number) => (n % 2000 < 800 ? tone(770, -12)(n) + tone(1336, -10)(n) : 0)
  const swap = (n: number) => tone(Math.floor(n / 480) % 2 === 0 ? 211 : 263, -10)(n)
  for (const [name, near, far] of [
    ['a whistle under ringback', tone(700, -12), ringback],
    ['a whistle under keys', tone(700, -12), key],
    ['a hum while the far ends take turns', tone(307, -10), swap],
  ] as const) {
    const canceller = new EchoCanceller()
    let loudest = Number.NEGATIVE_INFINITY
    for (let at = 0; at < 80_000; at += 80) {
      const given = Int16Array.from({ length: 80 }, (_, i) => near(at + i))
      const there = Int16Array.from({ length: 80 }, (_, i) => far(at + i))
      const out = cancel(given, there, canceller)
      loudest = Math.max(loudest, powerOf(out) - Math.max(powerOf(given), -45))
    }
    t.ok(loudest < 4, `${name}: ${loudest.toFixed(1)} dB more`)
  }
})

t.test(
  'property: it never diverges, whatever is near and far, and never adds more than it is given',
  async () => {
    const kinds = ['speech', 'noise', 'tone', 'clip', 'silence'] as const
    const make = (kind: (typeof kinds)[number], seed: number) => {
      const next = random(seed)
      if (kind === 'speech') return speechLike(1, 4000, seed)
      return Int16Array.from({ length: 8000 }, (_, i) => {
        if (kind === 'noise') return Math.round((next() * 2 - 1) * 8000)
        if (kind === 'tone')
          return Math.round(9000 * Math.sin((2 * Math.PI * (200 + (seed % 3000)) * i) / 8000))
        if (kind === 'clip') return next() < 0.5 ? 32767 : -32768
        return 0
      })
    }
    const piece = fc.record({
      near: fc.constantFrom(...kinds),
      far: fc.constantFrom(...kinds),
      seed: fc.integer({ min: 1, max: 1e6 }),
      echo: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), pieces => {
        const canceller = new EchoCanceller()
        return pieces.every(({ near, far, seed, echo }) => {
          const there = make(far, seed)
          const here = make(near, seed + 1)
          const back = echo ? echoOf(there, hybrid(seed % 15, 8, 6, seed)) : new Float64Array(8000)
          const given = here.map((v, i) => Math.max(-32768, Math.min(32767, v + (back[i] as number))))
          const out = cancel(given, there, canceller)
          // From half a second on: a wrong estimate of the piece before has been thrown away by then.
          return powerOf(out, 4000) <= Math.max(powerOf(given, 4000) + 2.5, -45)
        })
      }),
      { numRuns: 25, seed: 4242 },
    )
  },
)

const speech = '/usr/share/asterisk/sounds/fr_CA_f_June/demo-congrats.wav'
t.test(
  'recorded French speech: ERLE 20 dB after 4 s',
  { skip: existsSync(speech) ? false : 'package asterisk-core-sounds-fr-wav is not installed' },
  async t => {
    const bytes = readFileSync(speech)
    const far = Int16Array.from({ length: Math.floor((bytes.length - 44) / 160) * 80 }, (_, i) =>
      bytes.readInt16LE(44 + 2 * i),
    )
    const seconds = Math.floor(far.length / 8000)
    t.ok(seconds >= 8, `${seconds} s`)
    const echo = echoOf(far, hybrid(6, 8, 6.7, 3))
    const out = cancel(withNoise(echo, 4, 3), far)
    const erle = db(meanSquare(echo, 4, seconds) / meanSquare(out, 4, seconds))
    t.ok(erle >= 20, `ERLE ${erle.toFixed(1)} dB`)
  },
)
