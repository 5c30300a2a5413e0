// `voiceport bench NAME`: one benchmark, a table for people or one JSON object. Figures only, never a verdict: what is
// fast enough depends on the box and on what else it does.

import { VoiceportError } from '../../firmware/errors.js'
import type { Command } from './command.js'

type Benchmark = (seconds?: number) => Promise<Record<string, unknown>>

/** Loaded only when asked for. */
const benchmarks: Readonly<Record<string, Benchmark>> = {
  'audio-latency': async () => (await import('../bench/audio-latency.js')).run(),
  'call-setup': async () => (await import('../bench/call-setup.js')).run(),
  dtmf: async () => (await import('../bench/dtmf.js')).run(),
  echo: async () => (await import('../bench/echo.js')).run(),
  'feature-machine': async () => (await import('../bench/feature-machine.js')).run(),
  'hook-storm': async () => (await import('../bench/hook-storm.js')).run(),
  'media-frame': async () => (await import('../bench/media-frame.js')).run(),
  'rtp-pacing': async seconds =>
    (await import('../bench/rtp-pacing.js')).run(seconds === undefined ? {} : { seconds }),
  'sip-parse': async () => (await import('../bench/sip-parse.js')).run(),
  startup: async () => (await import('../bench/startup.js')).run(),
}
const names = Object.keys(benchmarks).join(' ')
/** Those that measure for as long as they are told. */
const timed: ReadonlySet<string> = new Set(['rtp-pacing'])
const longestSeconds = 86_400

export const benchCommand: Command = {
  name: 'bench',
  summary: 'Run a benchmark and print its figures',
  usage: `NAME [--json] [--seconds N]   NAME: ${names}\n  --seconds: how long to measure (${[...timed].join(' ')} only)`,
  options: { json: { type: 'boolean', default: false }, seconds: { type: 'string' } },
  run: async ({ values, positionals, out }) => {
    const [name, ...more] = positionals
    if (name === undefined) throw new VoiceportError('VP-7301', `a benchmark is missing: ${names}`)
    if (more.length > 0) throw new VoiceportError('VP-7301', `one benchmark at a time, not also "${more[0]}"`)
    if (!Object.hasOwn(benchmarks, name))
      throw new VoiceportError('VP-7301', `there is no benchmark "${name}", only ${names}`)
    const figures = await (benchmarks[name] as Benchmark)(secondsOf(name, values['seconds']))
    if (values['json'] === true) out(JSON.stringify(figures))
    else for (const line of tableOf(figures)) out(line)
    return 0
  },
}

const secondsOf = (name: string, seconds: unknown): number | undefined => {
  if (seconds === undefined) return undefined
  if (!timed.has(name)) throw new VoiceportError('VP-7301', `${name} takes no --seconds`)
  const value = Number(seconds)
  if (!Number.isInteger(value) || value < 1 || value > longestSeconds)
    throw new VoiceportError('VP-7301', `--seconds ${seconds}: a whole number from 1 to ${longestSeconds}`)
  return value
}

/** One line a figure; objects of plain values in one row, deeper ones by their path. */
export const tableOf = (figures: Readonly<Record<string, unknown>>): readonly string[] => {
  const rows = rowsOf(figures, '')
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`)
}

const rowsOf = (figures: object, path: string): readonly (readonly [string, string])[] =>
  Object.entries(figures).flatMap(([name, value]): readonly (readonly [string, string])[] => {
    const full = path === '' ? name : `${path}.${name}`
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return [[full, plainText(value)] as const]
    const inner = Object.entries(value)
    const deep = inner.some(([, v]) => typeof v === 'object' && v !== null && !Array.isArray(v))
    return deep ? rowsOf(value, full) : [[full, inner.map(([k, v]) => `${k} ${plainText(v)}`).join('  ')]]
  })

const plainText = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(plainText).join(' ')
    : typeof value === 'string'
      ? value
      : (JSON.stringify(value) ?? '-')
