// `voiceport bench NAME`: one benchmark, a table for people or one JSON object. Figures only, never a verdict: what is
// fast enough depends on the box and on what else it does.

import { VoiceportError } from '../../firmware/errors.js'
import type { Command } from './command.js'

type Benchmark = () => Promise<Record<string, unknown>>

/** Loaded only when asked for. */
const benchmarks: Readonly<Record<string, () => Promise<{ readonly run: Benchmark }>>> = {
  'call-setup': () => import('../bench/call-setup.js'),
  dtmf: () => import('../bench/dtmf.js'),
  echo: () => import('../bench/echo.js'),
  'feature-machine': () => import('../bench/feature-machine.js'),
  'media-frame': () => import('../bench/media-frame.js'),
  'rtp-pacing': () => import('../bench/rtp-pacing.js'),
  'sip-parse': () => import('../bench/sip-parse.js'),
  startup: () => import('../bench/startup.js'),
}
const names = Object.keys(benchmarks).join(' ')

export const benchCommand: Command = {
  name: 'bench',
  summary: 'Run a benchmark and print its figures',
  usage: `NAME [--json]   NAME: ${names}`,
  options: { json: { type: 'boolean', default: false } },
  run: async ({ values, positionals, out }) => {
    const [name, ...more] = positionals
    if (name === undefined) throw new VoiceportError('VP-7301', `a benchmark is missing: ${names}`)
    if (more.length > 0) throw new VoiceportError('VP-7301', `one benchmark at a time, not also "${more[0]}"`)
    if (!Object.hasOwn(benchmarks, name))
      throw new VoiceportError('VP-7301', `there is no benchmark "${name}", only ${names}`)
    const { run } = await (benchmarks[name] as NonNullable<(typeof benchmarks)[string]>)()
    const figures = await run()
    if (values['json'] === true) out(JSON.stringify(figures))
    else for (const line of tableOf(figures)) out(line)
    return 0
  },
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
