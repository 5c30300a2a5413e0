// The DTMF receiver against the limits of ITU-T Q.24 and ETSI ES 201 235-3, and against recorded speech (talk-off).
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { KEYS, line, noise, press, random, sweeps } from '../../board/bench/dtmf-vectors.js'
import {
  DtmfDetector,
  type DtmfEnd,
  type DtmfMode,
  type DtmfStart,
} from '../../firmware/media/dtmf-detector.js'
import { powerOf } from '../support/spectrum.js'

const hear = (pcm: Int16Array, mode: DtmfMode, frame = 80) => {
  const detector = new DtmfDetector(mode)
  const starts: DtmfStart[] = []
  const ends: DtmfEnd[] = []
  const order: string[] = []
  for (let at = 0; at < pcm.length; at += frame)
    detector.process(pcm.subarray(at, at + frame), {
      start: event => {
        starts.push(event)
        order.push(event.digit)
      },
      end: event => {
        ends.push(event)
        order.push(`-${event.digit}`)
      },
    })
  return { starts, ends, order, digits: starts.map(s => s.digit).join('') }
}

// Much arithmetic and no waiting: on a busy machine it may take longer than tap allows by default.
t.setTimeout(300_000)

for (const mode of ['dialling', 'call'] as const)
  t.test(`${mode}: every must-accept and must-reject case of every sweep`, async t => {
    for (const [name, sweep] of Object.entries(sweeps)) {
      const wrong: string[] = []
      let cases = 0
      for (const { pcm, expected } of sweep.cases(random(20261))) {
        cases++
        const { digits } = hear(pcm, mode)
        if (digits !== expected) wrong.push(`${expected || 'nothing'} heard as ${digits || 'nothing'}`)
      }
      t.ok(cases >= 48, `${name} has cases`)
      t.same(wrong, [], `${name}: ${cases} cases`)
    }
  })

t.test(
  'none of 10,000 digits wrong at 40 ms on and 40 ms off, any twist -8..+4, ±1.5 %, SNR 15 dB',
  async t => {
    const next = random(77)
    let wrong = 0
    for (let n = 0; n < 500; n++) {
      const signal = new Float64Array(8 * (60 + 20 * 80 + 60))
      let expected = ''
      const twistDb = -8 + next() * 12
      for (let k = 0; k < 20; k++) {
        const key = KEYS[Math.floor(next() * 16)] as string
        const error = () => (next() * 2 - 1) * 0.015
        press(signal, 60 + k * 80, { key, onMs: 40, twistDb, lowError: error(), highError: error() }, next)
        expected += key
      }
      noise(signal, -10 + 10 * Math.log10(1 + 10 ** (twistDb / 10)) - 15, next)
      const { digits } = hear(line(signal), 'call')
      if (digits !== expected) wrong++
    }
    t.equal(wrong, 0)
  },
)

t.test(
  'what is reported: onset and end within 3 ms, decision within 36 ms, level and twist within 0.5 dB',
  async t => {
    const next = random(5)
    for (const key of KEYS)
      for (const twistDb of [-6, 0, 4]) {
        const signal = new Float64Array(8 * 300)
        const at = 80 + Math.floor(next() * 100) / 8
        press(signal, at, { key, onMs: 100, dbm0: -14, twistDb }, next)
        const { starts, ends } = hear(line(signal), 'dialling')
        const start = starts[0] as DtmfStart
        const what = `${key} at ${twistDb} dB`
        t.ok(
          Math.abs(start.startSample - at * 8) <= 24,
          `${what}: onset off by ${start.startSample - at * 8}`,
        )
        const end = (ends[0]?.endSample ?? 0) - (at + 100) * 8
        t.ok(Math.abs(end) <= 24, `${what}: end off by ${end}`)
        t.ok(
          start.detectedSample - at * 8 <= 36 * 8,
          `${what}: ${start.detectedSample - at * 8} samples late`,
        )
        t.ok(Math.abs(start.dbm0 + 14) < 0.5, `${what}: level ${start.dbm0}`)
        t.ok(Math.abs(start.twistDb - twistDb) < 0.5, `${what}: twist ${start.twistDb}`)
      }
  },
)

t.test('each start has its end, in order, and the key that is down can be asked', async t => {
  const next = random(6)
  const signal = new Float64Array(8 * 1000)
  press(signal, 50, { key: '1', onMs: 60 }, next)
  press(signal, 160, { key: '1', onMs: 60 }, next)
  press(signal, 270, { key: 'D', onMs: 400 }, next)
  const pcm = line(signal)
  t.same(hear(pcm, 'dialling').order, ['1', '-1', '1', '-1', 'D', '-D'])
  const detector = new DtmfDetector('dialling')
  const sink = { start: () => {}, end: () => {} }
  detector.process(pcm.subarray(0, 8 * 400), sink)
  t.equal(detector.digit, 'D')
  detector.mode = 'call'
  t.equal(detector.digit, 'D')
  detector.reset()
  t.equal(detector.digit, '')
  t.equal(detector.samples, 0)
})

t.test('property: the events do not depend on how the samples are cut into frames', async () => {
  const next = random(8)
  const signal = new Float64Array(8 * 400)
  press(signal, 33.3, { key: '4', onMs: 50 }, next)
  press(signal, 133.1, { key: '#', onMs: 50 }, next)
  noise(signal, -30, next)
  const pcm = line(signal)
  const whole = JSON.stringify(hear(pcm, 'call'))
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      frame => JSON.stringify(hear(pcm, 'call', frame)) === whole,
    ),
    { numRuns: 40 },
  )
})

t.test(
  'silence, full-scale noise and clipping give no key and no NaN; a key after them is heard',
  async t => {
    const next = random(9)
    const loud = new Float64Array(16000)
    noise(loud, 6, next)
    press(loud, 1500, { key: '7', onMs: 60 }, next)
    loud.fill(0, 8000, 11000)
    t.equal(
      hear(
        Int16Array.from(loud, x => Math.max(-32768, Math.min(32767, x))),
        'call',
      ).digits,
      '',
    )
    const after = new Float64Array(16000)
    noise(after.subarray(0, 8000), 3, next)
    press(after, 1500, { key: '7', onMs: 60 }, next)
    t.equal(hear(line(after), 'call').digits, '7')
  },
)

t.test('an overdriven key (clipped 4 dB above full scale) is still one key', async t => {
  const next = random(10)
  for (const key of KEYS) {
    const signal = new Float64Array(2400)
    press(signal, 60, { key, onMs: 80, dbm0: 1 }, next)
    t.equal(hear(line(signal), 'dialling').digits, key)
  }
})

// Debian's asterisk-core-sounds-fr-wav (CC-BY-SA): read where it is installed, never copied.
const sounds = '/usr/share/asterisk/sounds/fr_CA_f_June'
const wavFiles = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.wav'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()

t.test(
  'talk-off: no key in 26 minutes of French speech',
  { skip: existsSync(sounds) ? false : 'package asterisk-core-sounds-fr-wav is not installed' },
  async t => {
    let seconds = 0
    let level = Number.NEGATIVE_INFINITY
    const detector = new DtmfDetector('call')
    const heard: string[] = []
    const sink = { start: (s: DtmfStart) => heard.push(`${s.digit} at ${s.startSample}`), end: () => {} }
    for (const file of wavFiles(sounds)) {
      const samples = readFileSync(file).subarray(44)
      const pcm = new Int16Array(samples.length >> 1)
      Buffer.from(pcm.buffer).set(samples.subarray(0, pcm.byteLength))
      seconds += pcm.length / 8000
      if (pcm.length > 8000) level = Math.max(level, powerOf(pcm))
      detector.process(pcm, sink)
    }
    t.same(heard, [])
    t.ok(seconds > 1200, `${Math.round(seconds)} s of speech`)
    t.ok(level > -25, 'it is speech, not silence')
  },
)
