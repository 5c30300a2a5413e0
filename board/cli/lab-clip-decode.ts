// `voiceport lab clip-decode FILE`: what the display of the virtual telephone would show of a recording, one JSON line a
// message. It is the receiver of hal/sim, which shares nothing with the box's sender.

import { VoiceportError } from '../../firmware/errors.js'
import { us } from '../../hal/clock.js'
import { FRAME_SAMPLES } from '../../hal/pcm-port.js'
import type { FskSignal } from '../../hal/sim/display-frame.js'
import { DisplayReceiver } from '../../hal/sim/display-receiver.js'
import { readAudioOrInput } from '../wav.js'
import type { Command } from './command.js'

const sampleUs = 125
/** Silence after the recording, so that what it cut short is told too: 500 ms. */
const afterFrames = 50

const tenth = (value: number): number => Math.round(value * 10) / 10

const rounded = (signal: FskSignal): FskSignal => ({
  ...signal,
  markHz: tenth(signal.markHz),
  spaceHz: tenth(signal.spaceHz),
  baud: tenth(signal.baud),
  dbm0: tenth(signal.dbm0),
})

/** Reads `pcm` as a telephone on the hook would; `out` gets a line a message. Returns how many were displayed. */
export const readDisplay = (pcm: Int16Array, out: (line: string) => void): number => {
  let displayed = 0
  const receiver = new DisplayReceiver((told, at, signal) => {
    if (told.ev !== 'clip-refused') displayed++
    const endSample = Math.min(Math.round(at / sampleUs), pcm.length)
    out(JSON.stringify({ ...told, endSample, ...(signal && { signal: rounded(signal) }) }))
  })
  const frames = Math.ceil(pcm.length / FRAME_SAMPLES) + afterFrames
  const frame = new Int16Array(FRAME_SAMPLES)
  for (let n = 0; n < frames; n++) {
    const part = pcm.subarray(n * FRAME_SAMPLES, (n + 1) * FRAME_SAMPLES)
    frame.fill(0)
    frame.set(part)
    receiver.hear(frame, us((n + 1) * FRAME_SAMPLES * sampleUs))
  }
  return displayed
}

export const labClipDecodeCommand: Command = {
  name: 'lab clip-decode',
  summary: 'Show what a telephone would display of a recording, one JSON line a message',
  usage: 'FILE.wav|FILE.s16|-   (exit 1: nothing to display)',
  options: {},
  run: async ({ positionals, stdin, out }) => {
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0)
      throw new VoiceportError('VP-7205', 'exactly one file is needed')
    return readDisplay(await readAudioOrInput(file, stdin), out) > 0 ? 0 : 1
  },
}
