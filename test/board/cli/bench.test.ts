// voiceport bench: its names and its output, and a short slice of every benchmark, so that none rots. No figure is judged.
import t from 'tap'
import { run as audioLatency } from '../../../board/bench/audio-latency.js'
import { run as callSetup } from '../../../board/bench/call-setup.js'
import { run as hookStorm } from '../../../board/bench/hook-storm.js'
import { continuity, type Packet, undisturbed, windowFigures } from '../../../board/bench/pacing-figures.js'
import { run as rtpPacing } from '../../../board/bench/rtp-pacing.js'
import { soundEndUs, toneStartUs } from '../../../board/bench/sound-onset.js'
import { run as startup } from '../../../board/bench/startup.js'
import { summary } from '../../../board/bench/statistics.js'
import { benchCommand, tableOf } from '../../../board/cli/bench.js'
import { VoiceportError } from '../../../firmware/errors.js'

t.setTimeout(120_000)

const bench = async (positionals: readonly string[], json = false, seconds?: string) => {
  const lines: string[] = []
  const code = await benchCommand.run({
    values: { json, ...(seconds !== undefined && { seconds }) },
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

t.test('--seconds is a whole number, for who measures as long as told', async t => {
  for (const seconds of ['0', '1.5', 'long', ''])
    await t.rejects(bench(['rtp-pacing'], true, seconds), { code: 'VP-7301' })
  await t.rejects(bench(['echo'], true, '5'), { code: 'VP-7301', message: 'echo takes no --seconds' })
})

t.test('a storm of the hook is no event, and an Ag1171 holds most of it back', async t => {
  const { passedOn, ag1171, serialSlic } = await hookStorm()
  t.ok(allFinite({ passedOn, ag1171, serialSlic }))
  t.match(passedOn, { edgesTold: 60_000, phantoms: 0 })
  // One more than the storm's: the level that a session begins with.
  t.match(serialSlic, { edgesTold: 60_001, phantoms: 0 })
  t.match(ag1171, { phantoms: 0 })
  t.ok((ag1171.edgesTold as number) < 600, `${ag1171.edgesTold} told`)
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

t.test('pacing of two senders: lateness by the grid, stalls of both told apart', async t => {
  /** A line of 20 ms packets from `origin` ms on; `late` says by how much each comes late. */
  const line = (origin: number, late: (n: number) => number): Packet[] =>
    Array.from({ length: 1000 }, (_, n) => ({
      sequence: (65_000 + n) & 0xffff,
      timestamp: (0xffff_0000 + n * 160) >>> 0,
      ms: origin + n * 20 + late(n),
    }))
  // The machine stands still from 4000 to 4030 ms; the worker alone is 2 ms late twenty times, the sender never.
  const stall = (origin: number, n: number) => {
    const due = origin + n * 20
    return due >= 4000 && due < 4030 ? 4030 - due : 0
  }
  const worker = [line(0, n => stall(0, n) + (n >= 500 && n < 520 ? 2 : 0)), line(3, n => stall(3, n))]
  const sender = [line(11, n => stall(11, n) + (n % 2) * 0.1)]
  const figures = windowFigures(worker, sender, 0, 20_000)
  t.match(figures.worker, { p50Ms: 0, p99Ms: 2, maxMs: 30, packets: 2000 })
  t.match(figures.sender, { p50Ms: 0.1, p99Ms: 0.1, maxMs: 19 })
  t.match(figures.together, { worker: 4, sender: 1, longestMs: 30 })
  t.equal(figures.p99OverMs, 1.9)
  t.equal(windowFigures(worker, sender, 0, 8000).p99OverMs, -0.1, '4 of 800 are no percentile')
  t.equal(windowFigures(worker, sender, 3900, 4100).p99OverMs, 11)
  t.equal(windowFigures(worker, sender, 3900, 4100).p99OverWithoutStallsMs, -0.1)
  t.same(continuity(worker, 0, 30_000), { packets: 2000, lost: 0, skippedMs: 0, driftMs: 0 })
  const holed = line(0, n => n / 1000).filter((_, n) => n !== 77)
  for (const packet of holed.slice(500)) Object.assign(packet, { timestamp: (packet.timestamp + 240) >>> 0 })
  for (const packet of holed.slice(500)) Object.assign(packet, { ms: packet.ms + 30 })
  const holes = continuity([holed], 0, 30_000)
  t.match(holes, { packets: 999, lost: 1, skippedMs: 30 })
  t.ok(Math.abs(holes.driftMs - 1) < 0.02, String(holes.driftMs))
})

t.test('pacing is judged where the hypervisor left the processors alone', async t => {
  const windows = [
    { p99OverMs: 0.2, stolenMs: 0 },
    { p99OverMs: 0.4, stolenMs: 200 },
    { p99OverMs: -9, stolenMs: 210 },
  ]
  t.same(undisturbed(windows, 200), { medianMs: 0.4, windows: 2, of: 3 })
  t.same(undisturbed(windows.slice(2), 200), { medianMs: null, windows: 0, of: 1 })
})

t.test('call setup, start and pacing on a short slice', async t => {
  const calls = await callSetup({ calls: 2 })
  t.ok(allFinite(calls))
  t.equal(calls['ringBurstsInTheEar'], 0)
  t.ok(allFinite(await startup({ starts: 1, settleMs: 200 })))
  const latency = await audioLatency({ bursts: 4 })
  t.ok(allFinite(latency))
  t.match(latency['mouthToEar'], { n: Number, medianMs: Number })
  const { medianMs } = latency['mouthToEar'] as { medianMs: number }
  // Two packets of 20 ms are on their way whatever the machine does.
  t.ok(medianMs > 40 && medianMs < 390, `${medianMs} ms`)
  const pacing = await rtpPacing({ lines: 1, firstSeconds: 1, seconds: 2, load: false })
  t.ok(
    pacing['worker'] === null
      ? pacing['reason']
      : allFinite(pacing['worker']) && allFinite(pacing['windows']),
  )
})
