// A trace as JSON lines: a header (version, configurations), then one step a line, oldest first. The first step of each
// telephone carries the state it starts from. Every line ends in a digest over itself and all before it, so that a
// trace that was altered, shortened or glued together is told from one that was recorded.

import { createHash } from 'node:crypto'
import { VoiceportError } from '../errors.js'
import type { PhoneConfig } from '../phone/config.js'
import type { PhoneEffect } from '../phone/effect.js'
import type { PhoneEvent } from '../phone/event.js'
import { type Situation, situationOf } from '../phone/situation.js'
import type { PhoneState } from '../phone/state.js'
import type { TraceStep } from './trace-ring.js'

export const TRACE_FORMAT = 2

interface Header {
  readonly trace: 'voiceport'
  readonly format: typeof TRACE_FORMAT
  /** Of the firmware that recorded it. */
  readonly version: string
  readonly steps: number
  readonly configs: readonly PhoneConfig[]
}

export interface RecordedStep {
  readonly us: number
  readonly line: string
  /** Index into the header's configurations. */
  readonly config: number
  /** Of the first step of its telephone. */
  readonly before?: PhoneState
  readonly event: PhoneEvent
  /** The situation after it. */
  readonly to: Situation
  readonly effects: readonly PhoneEffect[]
}

export interface Trace extends Header {
  readonly recorded: readonly RecordedStep[]
  /** Lines of the file (1 = header) whose digest does not fit. */
  readonly altered: readonly number[]
}

/** The text of a trace file. `version`: of this firmware. */
export const formatTrace = (steps: readonly TraceStep[], version: string): string => {
  const configs: PhoneConfig[] = []
  const begun = new Set<string>()
  const recorded = steps.map(({ us, line, before, event, after, effects, config }): RecordedStep => {
    if (!configs.includes(config)) configs.push(config)
    const first = !begun.has(line)
    begun.add(line)
    return {
      us,
      line,
      config: configs.indexOf(config),
      ...(first && { before }),
      event,
      to: situationOf(after),
      effects,
    }
  })
  const header: Header = {
    trace: 'voiceport',
    format: TRACE_FORMAT,
    version,
    steps: recorded.length,
    configs,
  }
  let sum = ''
  const lines = [header, ...recorded].map(content => {
    sum = digest(sum, content)
    return JSON.stringify({ ...content, sum })
  })
  return `${lines.join('\n')}\n`
}

/** Reads a trace file. Throws VoiceportError VP-7101 with the line when it is none; an altered one is read all the same. */
export const parseTrace = (text: string): Trace => {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const altered: number[] = []
  let sum = ''
  const contents = lines.map((line, i) => {
    const { sum: claimed, ...content } = objectOn(line, i + 1)
    sum = digest(sum, content)
    if (claimed !== sum) altered.push(i + 1)
    // One altered line is one finding, not one a line from there on.
    if (typeof claimed === 'string') sum = claimed
    return content
  })
  const header = asHeader(contents[0])
  const recorded = contents.slice(1).map((content, i) => asStep(content, i + 2, header))
  if (recorded.length !== header.steps && !altered.includes(1)) altered.push(lines.length)
  return { ...header, recorded, altered }
}

const digest = (before: string, content: object): string =>
  createHash('sha256')
    .update(before + JSON.stringify(content))
    .digest('hex')
    .slice(0, 16)

type Content = Readonly<Record<string, unknown>>

const objectOn = (text: string, line: number): Content => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Content
  } catch {
    // Falls through: broken JSON and JSON of another kind are the same mistake to the reader.
  }
  throw new VoiceportError('VP-7101', `line ${line} is no JSON object`)
}

const asHeader = (content: Content | undefined): Header => {
  const { trace, format, configs, version, steps } = content ?? {}
  if (trace !== 'voiceport') throw new VoiceportError('VP-7101', 'line 1 is no header of a voiceport trace')
  if (format !== TRACE_FORMAT)
    throw new VoiceportError('VP-7101', `line 1: format ${JSON.stringify(format)}, this is ${TRACE_FORMAT}`)
  if (!Array.isArray(configs) || typeof version !== 'string' || typeof steps !== 'number')
    throw new VoiceportError('VP-7101', 'line 1: version, steps and configs are needed')
  return content as unknown as Header
}

const asStep = (content: Content, line: number, header: Header): RecordedStep => {
  const { line: telephone, config, event, effects, to } = content
  const typed = typeof event === 'object' && event !== null && 'type' in event
  if (typeof telephone !== 'string' || !typed || !Array.isArray(effects) || typeof to !== 'string')
    throw new VoiceportError('VP-7101', `line ${line}: line, event, to and effects are needed`)
  if (typeof config !== 'number' || header.configs[config] === undefined)
    throw new VoiceportError('VP-7101', `line ${line}: config ${JSON.stringify(config)} is not in the header`)
  return content as unknown as RecordedStep
}
