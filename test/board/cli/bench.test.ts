// voiceport bench: its names and its output, and a short slice of every benchmark, so that none rots. No figure is judged.
import t from 'tap'
import { run as callSetup } from '../../../board/bench/call-setup.js'
import { run as rtpPacing } from '../../../board/bench/rtp-pacing.js'
import { soundEndUs, toneStartUs } from '../../../board/bench/sound-onset.js'
import { run as startup } from '../../../board/bench/startup.js'
import { summary } from '../../../board/bench/statistics.js'
import { benchCommand, tableOf } from '../../../board/cli/bench.js'
import { VoiceportError } from '../../../firmware/errors.js'

const bench = async (positionals: readonly string[], json = false) => {
  const lines: string[] = []
  const code = await benchCommand.run({
    values: { json },
    positionals,
    stdin: (async function* () {})(),
    out: line => lines.push(line),
  })
  return { code, lines }
}

/** Every number in it, however deep. */
const numbers = (value: unknown): readonly number[] =>
  typeof value === 'number'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(numbers)
      : []
const allFinite = (figures: unknown) => numbers(figures).length > 3 && numbers(figures).every(Number.isFinite)

t.test('a missing, unknown or second name is one line that lists the names', async t => {
  for (const words of [[], ['nonsense'], ['constructor']]) {
    const error: unknown = await bench(words).catch((reason: unknown) => reason)
    t.ok(error instanceof VoiceportError && /call-setup .*startup/.test(error.message), words.join())
    t.notMatch((error as Error).message, /\n/)
  }
  await t.rejects(bench(['startup', 'echo']), { code: 'VP-7301' })
})

t.test('one JSON object, or a table', async t => {
  const { code, lines } = await bench(['feature-machine'], true)
  t.equal(code, 0)
  t.equal(lines.length, 1)
  t.ok(allFinite(JSON.parse(lines[0] as string)))
  t.same(tableOf({ a: 1, longer: { b: 2.5, c: null }, deep: { x: { y: 1 } }, list: [1, 2] }), [
    'a       1',
    'longer  b 2.5  c null',
    'deep.x  y 1',
    'list    1 2',
  ])
})

t.test('percentiles', async t => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n)
  t.same(summary(hundred), { n: 100, medianMs: 51, p95Ms: 96, p99Ms: 100, maxMs: 100 })
  t.throws(() => summary([]), RangeError)
})

t.test('a sound is found in a recording to a millisecond', async t => {
  const samples = new Int16Array(4000)
  for (let n = 1600; n < 3200; n++) samples[n] = 5000 * Math.sin((2 * Math.PI * 1000 * n) / 8000)
  for (let n = 0; n < 1000; n++) samples[n] = 8000 * Math.sin((2 * Math.PI * 440 * n) / 8000)
  const recording = { samples, startUs: 1_000_000 }
  const start = toneStartUs(recording, 1000)
  t.ok(start !== undefined && Math.abs(start - 1_200_000) <= 1000, String(start))
  const end = soundEndUs(recording)
  t.ok(end !== undefined && Math.abs(end - 1_400_000) <= 500, String(end))
  t.equal(toneStartUs({ samples: new Int16Array(4000), startUs: 0 }, 1000), undefined)
  t.equal(soundEndUs({ samples: new Int16Array(4000), startUs: 0 }), undefined)
})

t.test('call setup, start and pacing on a short slice', async t => {
  const calls = await callSetup({ calls: 2 })
  t.ok(allFinite(calls))
  t.equal(calls['ringBurstsInTheEar'], 0)
  t.ok(allFinite(await startup({ starts: 1, settleMs: 200 })))
  const pacing = await rtpPacing({ lines: 1, seconds: 2, load: false })
  t.ok(pacing['worker'] === null ? pacing['reason'] : allFinite(pacing['worker']))
})
