// The line echo canceller: how fast it learns, what double talk and a changed line do to it, and CPU a sample, with
// libspandsp's (256 taps, no non-linear processor) on the same signals in the same run where it is installed.

import { EchoCanceller } from '../../firmware/media/echo-canceller.js'
import { random } from './dtmf-vectors.js'
import { echoOf, hybrid, meanSquare, speechLike } from './echo-vectors.js'
import { withSpandsp } from './spandsp-peer.js'

const FRAME = 80
const RATE = 8000
const SEEDS = [1, 2, 3, 4]
const NOISE_RMS = 4
/** s: far speech all the time, near speech too from 8 to 12, another hybrid from 16. */
const SECONDS = 24
const TALK = [8, 12] as const
const CHANGE = 16

interface Scene {
  readonly near: Int16Array
  readonly far: Int16Array
  readonly echo: Float64Array
  readonly talk: Int16Array
}

const scene = (seed: number): Scene => {
  const far = speechLike(SECONDS, 2500, seed)
  const talk = speechLike(SECONDS, 2500, seed + 100)
  talk.fill(0, 0, TALK[0] * RATE)
  talk.fill(0, TALK[1] * RATE)
  const before = echoOf(far, hybrid(6, 8, 6.7, seed))
  const after = echoOf(far, hybrid(3, 10, 9, seed + 50))
  const echo = before.map((v, i) => (i < CHANGE * RATE ? v : (after[i] as number)))
  const next = random(seed + 9)
  const noise = () => (next() + next() + next() - 1.5) * 2 * NOISE_RMS
  const near = Int16Array.from(echo, (v, i) =>
    Math.max(-32768, Math.min(32767, Math.round(v + (talk[i] as number) + noise()))),
  )
  return { near, far, echo, talk }
}

const ours = ({ near, far }: Scene): { clean: Int16Array; nsPerSample: number } => {
  const canceller = new EchoCanceller()
  const clean = new Int16Array(near.length)
  const before = process.cpuUsage()
  for (let at = 0; at < near.length; at += FRAME)
    canceller.process(
      near.subarray(at, at + FRAME),
      far.subarray(at, at + FRAME),
      clean.subarray(at, at + FRAME),
    )
  const { user, system } = process.cpuUsage(before)
  return { clean, nsPerSample: ((user + system) * 1000) / near.length }
}

const db = (ratio: number): number => Math.round(100 * Math.log10(ratio)) / 10

const judge = ({ echo, talk }: Scene, clean: Int16Array): Record<string, number> => {
  const rest = clean.map((v, i) => v - (talk[i] as number))
  const erle = (from: number, to: number) => db(meanSquare(echo, from, to) / meanSquare(rest, from, to))
  return {
    'erle 0.5-1 s': erle(0.5, 1),
    'erle 1-2 s': erle(1, 2),
    'erle 2-4 s': erle(2, 4),
    'erle 4-8 s': erle(4, 8),
    'erle in double talk': erle(...TALK),
    'near level in double talk': db(meanSquare(clean, ...TALK) / meanSquare(talk, ...TALK)),
    'erle first second after': erle(TALK[1], TALK[1] + 1),
    'erle 1-2 s after change': erle(CHANGE + 1, CHANGE + 2),
    'erle 2-8 s after change': erle(CHANGE + 2, SECONDS),
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const summary = (
  runs: readonly { readonly figures: Record<string, number>; readonly nsPerSample: number }[],
) => ({
  ...Object.fromEntries(
    Object.keys(runs[0]?.figures ?? {}).map(key => [
      key,
      {
        median: median(runs.map(r => r.figures[key] as number)),
        worst: Math.min(...runs.map(r => r.figures[key] as number)),
      },
    ]),
  ),
  nsPerSample: Math.round(Math.min(...runs.map(r => r.nsPerSample))),
})

/** dB, median and worst of the scenes; ns of CPU a sample (best scene). */
export const run = async (): Promise<Record<string, unknown>> => {
  const scenes = SEEDS.map(scene)
  ours(scenes[0] as Scene)
  const own = scenes.map(s => {
    const { clean, nsPerSample } = ours(s)
    return { figures: judge(s, clean), nsPerSample }
  })
  const peer = await withSpandsp(async spandsp => {
    const runs = []
    for (const s of scenes) {
      const { clean, nsPerSample } = await spandsp.echo(s.near, s.far)
      runs.push({ figures: judge(s, clean), nsPerSample })
    }
    return runs
  })
  const figures = summary(own)
  if ('reason' in peer) return { voiceport: figures, peer: null, reason: peer.reason }
  const theirs = summary(peer.value)
  return {
    voiceport: figures,
    peer: { name: 'libspandsp', ...theirs },
    cpuRatio: Math.round((100 * figures.nsPerSample) / theirs.nsPerSample) / 100,
  }
}
