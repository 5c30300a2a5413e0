// `voiceport lab dtmf FILE`: the keys that the receiver of the box hears in a recording, one JSON line a key.

import { VoiceportError } from '../../firmware/errors.js'
import {
  DtmfDetector,
  type DtmfEnd,
  type DtmfMode,
  type DtmfStart,
} from '../../firmware/media/dtmf-detector.js'
import { rawSamples, readAudio } from '../wav.js'
import type { Command } from './command.js'

const modes = ['dialling', 'call'] as const
/** Silence after the recording, so that a key held to its end is told too: 100 ms. */
const AFTER = new Int16Array(800)

const tenth = (value: number): number => Math.round(value * 10) / 10

const lineOf = (start: DtmfStart, endSample: number): string =>
  JSON.stringify({
    digit: start.digit,
    startSample: start.startSample,
    endSample,
    detectedSample: start.detectedSample,
    dbm0: tenth(start.dbm0),
    twistDb: tenth(start.twistDb),
  })

async function* audioFile(name: string): AsyncGenerator<Int16Array> {
  yield await readAudio(name)
}

/** Feeds `audio` to a receiver; `out` gets a line as soon as a key has ended. */
export const hearKeys = async (
  audio: AsyncIterable<Int16Array>,
  mode: DtmfMode,
  out: (line: string) => void,
): Promise<void> => {
  const detector = new DtmfDetector(mode)
  let down: DtmfStart | undefined
  let length = Number.POSITIVE_INFINITY
  const sink = {
    start: (start: DtmfStart) => {
      down = start
    },
    end: ({ endSample }: DtmfEnd) => {
      if (down) out(lineOf(down, Math.min(endSample, length)))
      down = undefined
    },
  }
  for await (const samples of audio) detector.process(samples, sink)
  length = detector.samples
  detector.process(AFTER, sink)
}

export const labDtmfCommand: Command = {
  name: 'lab dtmf',
  summary: 'List the keys heard in a recording, one JSON line each',
  usage: `FILE.wav|FILE.s16|- [--mode ${modes.join('|')}]`,
  options: { mode: { type: 'string', default: 'dialling' } },
  run: async ({ values, positionals, stdin, out }) => {
    const mode = modes.find(name => name === values['mode'])
    if (!mode)
      throw new VoiceportError('VP-7205', `--mode is one of ${modes.join(', ')}, not "${values['mode']}"`)
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0)
      throw new VoiceportError('VP-7205', 'exactly one file is needed')
    await hearKeys(file === '-' ? rawSamples(stdin) : audioFile(file), mode, out)
    return 0
  },
}
