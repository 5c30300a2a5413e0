// One telephone of the box, Kamailio as registrar and proxy with digest, baresip at the far end.
// Audio is judged by its content: what each side sends is measured at the other.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { BenchEvent } from '../bench/bench-client.js'
import { type RunningDaemon, startDaemon } from '../support/daemon.js'
import {
  findIn,
  levelAt,
  onsetOf,
  readWav,
  sine,
  speechOf,
  strongestTone,
  writeWav,
} from '../support/wav-file.js'
import { type Baresip, startBaresip } from './baresip.js'
import { startKamailio } from './kamailio.js'

const folder = mkdtempSync(join(tmpdir(), 'voiceport-kamailio-'))
const domain = 'operator.test'
const proxy = '127.0.0.1:5060'
const farTone = join(folder, 'far.wav')
const nearTone = join(folder, 'near.wav')
const heard = join(folder, 'heard.wav')
// 30 s, so that the far end does not hang up by itself: baresip ends the call at the end of its file.
writeWav(farTone, sine(1000, -10, 30))
writeWav(nearTone, sine(700, -12, 3))

t.setTimeout(180_000)

let box: RunningDaemon
let far: Baresip

t.before(async () => {
  const kamailio = await startKamailio({
    address: '127.0.0.1',
    domain,
    subscribers: [
      { user: '0389000001', password: 'secret-1' },
      { user: '0389000002', password: 'secret-2' },
      { user: '0389000003', password: 'secret-3' },
      { user: '0389000004', password: 'secret-4' },
    ],
    folder,
  })
  t.teardown(() => kamailio.stop())
  far = await startBaresip({
    address: '127.0.0.2',
    folder: join(folder, 'far'),
    user: '0389000002',
    password: 'secret-2',
    domain,
    proxy,
    plays: farTone,
    codec: 'PCMA',
    answers: 'auto',
  })
  t.teardown(() => far.stop())
  box = await startDaemon({
    address: '127.0.0.5',
    lines: [{ id: 'tel1', user: '0389000001', password: 'secret-1' }],
    domain,
    proxy,
  })
  t.teardown(() => box.stop())
})

/** The next thing the telephone notices that fits. */
const next = (wanted: (event: BenchEvent) => boolean, withinMs: number): Promise<BenchEvent> =>
  box.bench.waitFor(wanted, withinMs, box.bench.mark())

const seconds = (s: number) => new Promise(resolve => setTimeout(resolve, s * 1000))

/** The middle of what the handset heard: no set-up clicks, no end. */
const middle = (path: string) => {
  const { samples } = readWav(path)
  return samples.subarray(Math.floor(samples.length / 4), Math.floor((samples.length * 3) / 4))
}

const twoWayAudio = async (t: Test) => {
  // The echo canceller hears the far end alone first.
  await seconds(2)
  const recording = box.bench.request({ do: 'record', wav: heard, ms: 3000 })
  await box.bench.request({ do: 'play', wav: nearTone })
  await recording
  const ear = strongestTone(middle(heard))
  t.ok(Math.abs(ear.hz - 1000) <= 1, `the handset hears the far tone: ${ear.hz} Hz`)
  t.ok(Math.abs(ear.dbm0 - -10) <= 1, `at its level: ${ear.dbm0.toFixed(2)} dBm0`)
}

const farSideHeard = (t: Test) => {
  const path = far.recording('dec')
  if (!path) throw new Error('baresip recorded nothing')
  const { samples, rate } = readWav(path)
  const at = onsetOf(samples, 700, -20, rate)
  t.ok(at >= 0, 'the far end heard something')
  const part = samples.subarray(at + rate / 2, at + 2 * rate)
  const tone = strongestTone(part, rate)
  t.ok(Math.abs(tone.hz - 700) <= 1, `the far end hears the near tone: ${tone.hz} Hz`)
  t.ok(Math.abs(tone.dbm0 - -12) <= 1, `at its level: ${tone.dbm0.toFixed(2)} dBm0`)
  // Just before the near end speaks only the echo of the far tone could be heard; -22 dBm0 without cancellation.
  const alone = samples.subarray(at - 0.6 * rate, at - 0.1 * rate)
  const echo = levelAt(alone, rate, 1000)
  t.ok(echo < -42, `its own echo is cancelled: ${echo.toFixed(1)} dBm0`)
}

t.test('registers with digest: dial tone instead of the no-service tone', async t => {
  await box.child.waitFor(/"state":"registered"/, 10_000)
  const tone = next(event => event.ev === 'tone' && event['name'] !== 'none', 3000)
  await box.bench.request({ do: 'offhook' })
  t.equal((await tone)['name'], 'dial')
  await box.bench.request({ do: 'onhook' })
  await seconds(1)
})

t.test('a call out: answered, heard at both ends, every key arrives exactly once', async t => {
  await box.bench.request({ do: 'offhook' })
  await seconds(0.3)
  await box.bench.request({ do: 'dtmf', digits: '0389000002' })
  await far.waitFor('CALL_ESTABLISHED', 8000)
  await seconds(0.5)
  await twoWayAudio(t)
  await box.bench.request({ do: 'dtmf', digits: '0123456789*#', onMs: 80, offMs: 80 })
  await seconds(0.5)
  const keys = far.events.filter(event => event.type === 'CALL_DTMF_START').map(event => event.param)
  t.equal(keys.join(''), '0123456789*#')
  await box.bench.request({ do: 'onhook' })
  await far.waitFor('CALL_CLOSED', 5000)
  farSideHeard(t)
})

t.test('a call in: rings with the French cadence, answered, heard at both ends', async t => {
  far.command('dial', `sip:0389000001@${domain}`)
  const full = (on: boolean) =>
    next(event => event.ev === 'ring' && event['kind'] === 'full' && event['on'] === on, 8000)
  const ring = await full(true)
  t.equal(ring['hz'], 50)
  const off = await full(false)
  t.ok(Math.abs(Number(off.us) - Number(ring.us) - 1_500_000) < 15_000, 'a burst of 1.5 s')
  await box.bench.request({ do: 'offhook' })
  await far.waitFor('CALL_ESTABLISHED', 8000)
  await seconds(0.5)
  await twoWayAudio(t)
  far.command('hangup')
  const busy = await next(event => event.ev === 'tone' && event['name'] === 'busy', 8000)
  t.ok(busy, 'remote hang-up: busy tone')
  await box.bench.request({ do: 'onhook' })
  await seconds(1)
  farSideHeard(t)
})

t.test('keys of the far end are heard in the receiver, exactly once', async t => {
  await box.bench.request({ do: 'offhook' })
  await seconds(0.3)
  await box.bench.request({ do: 'dtmf', digits: '0389000002' })
  await far.waitFor('CALL_ESTABLISHED', 8000)
  await seconds(1)
  const from = box.bench.mark()
  for (const key of '147*#') {
    far.command('sndcode', key)
    await seconds(0.3)
  }
  await seconds(1)
  const keys = box.bench.events.slice(from).filter(event => event.ev === 'dtmf')
  t.equal(keys.map(event => event['digit']).join(''), '147*#')
  await box.bench.request({ do: 'onhook' })
  // Lifting sooner would be R.
  await seconds(1)
})

/** Dials from the box and waits until the call stands. */
const callOut = async (number: string) => {
  const active = box.child.waitFor(/"situation":"active"/, 10_000, box.child.mark())
  await box.bench.do({ do: 'offhook' })
  await seconds(0.3)
  await box.bench.do({ do: 'dtmf', digits: number })
  await active
}

t.test('speech both ways at once: the same words, at their level, at each side', async t => {
  const speech = speechOf(new URL('../../../test/operator/prompts/speaking.al', import.meta.url))
  const said = join(folder, 'said.wav')
  writeWav(said, Int16Array.from([...new Int16Array(12_000), ...speech, ...new Int16Array(80_000)]))
  const speaker = await startBaresip({
    address: '127.0.0.4',
    folder: join(folder, 'speaker'),
    user: '0389000004',
    password: 'secret-4',
    domain,
    proxy,
    plays: said,
    codec: 'PCMU',
    answers: 'auto',
  })
  t.teardown(() => speaker.stop())
  await callOut('0389000004')
  const nearSpeech = join(folder, 'near-speech.wav')
  writeWav(nearSpeech, speech)
  const recording = box.bench.do({ do: 'record', wav: heard, ms: 9000 })
  // The far end speaks 1.5 s after the answer; the near one sets in while it does.
  await seconds(4)
  await box.bench.do({ do: 'play', wav: nearSpeech })
  await recording
  await box.bench.do({ do: 'onhook' })
  await seconds(1)
  const part = speech.subarray(4000, 20_000)
  const dec = speaker.recording('dec')
  if (!dec) throw new Error('baresip recorded nothing')
  for (const [who, path] of [
    ['the handset', heard],
    ['the far end', dec],
  ] as const) {
    const found = findIn(readWav(path).samples, part)
    t.ok(found.correlation > 0.9, `${who} hears the words: correlation ${found.correlation.toFixed(3)}`)
    t.ok(Math.abs(found.gainDb) <= 1, `${who} hears them at their level: ${found.gainDb.toFixed(2)} dB`)
  }
})

t.test('the way to the far end and back, measured through an echo', async t => {
  const echo = await startBaresip({
    address: '127.0.0.3',
    folder: join(folder, 'echo'),
    user: '0389000003',
    password: 'secret-3',
    domain,
    proxy,
    plays: farTone,
    codec: 'PCMA',
    answers: 'echo',
  })
  t.teardown(() => echo.stop())
  await callOut('0389000003')
  await seconds(1)
  const burst = join(folder, 'burst.wav')
  // Silence first: `record` runs beside `play`, and both begin at once.
  writeWav(
    burst,
    Int16Array.from([...new Int16Array(4000), ...sine(1800, -10, 0.3), ...new Int16Array(4000)]),
  )
  const recording = box.bench.do({ do: 'record', wav: heard, ms: 2000 })
  await box.bench.do({ do: 'play', wav: burst })
  await recording
  const { samples, rate } = readWav(heard)
  const ms = (onsetOf(samples, 1800, -20, rate) / rate) * 1000 - 500
  t.comment(`round trip from the mouthpiece to the far end and back to the ear: ${ms.toFixed(0)} ms`)
  t.ok(ms > 0 && ms < 500, 'less than half a second')
  await box.bench.do({ do: 'onhook' })
  await seconds(1)
})

t.test('SIGTERM signs off and exits 0', async t => {
  t.equal(await box.stop(), 0)
  const { exitCode } = box.child.process
  t.equal(exitCode, 0)
})
