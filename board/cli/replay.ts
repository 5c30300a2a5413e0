// `voiceport replay TRACE.jsonl`: runs a recorded trace through the machine; exit 1 if any effect differs or the file is
// not as it was written.

import { readFile } from 'node:fs/promises'
import { VoiceportError } from '../../firmware/errors.js'
import { type Replay, replay } from '../../firmware/trace/replay.js'
import { parseTrace } from '../../firmware/trace/trace-file.js'
import type { Command } from './command.js'

export const replayCommand: Command = {
  name: 'replay',
  summary: 'Run a recorded trace through the feature machine and compare every effect',
  usage: '[--json] TRACE.jsonl',
  options: { json: { type: 'boolean' } },
  run: async ({ values, positionals, out }) => {
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0)
      throw new VoiceportError('VP-7101', 'exactly one trace file is needed')
    const trace = parseTrace(await textOf(file))
    const result = replay(trace)
    if (values['json']) out(JSON.stringify(result))
    else for (const line of told(result, trace.version)) out(line)
    return result.same ? 0 : 1
  },
}

const textOf = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new VoiceportError('VP-7101', `${file}: ${(cause as Error).message}`, { cause })
  }
}

/** Differences shown to a person; the rest follow from the first ones. */
const SHOWN = 10

const told = (result: Replay, version: string): readonly string[] => {
  const { steps, lines, differences, altered } = result
  const shown = differences
    .slice(0, SHOWN)
    .flatMap(({ at, line, event, recorded, computed }) => [
      `line ${at}, ${line}, event ${event}`,
      `  recorded ${recorded}`,
      `  computed ${computed}`,
    ])
  const hidden = differences.length - SHOWN
  return [
    ...shown,
    ...(hidden > 0 ? [`… and ${hidden} more`] : []),
    ...altered.map(at => `line ${at} is not as it was written`),
    `${steps} steps of ${lines.join(', ') || 'no telephone'}, recorded by ${version}: ${result.same ? 'the same' : 'DIFFERENT'}`,
  ]
}
