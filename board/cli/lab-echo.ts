// `voiceport lab echo`: the line echo canceller on two recordings, what went to the telephone and what came back.

import { VoiceportError } from '../../firmware/errors.js'
import { EchoCanceller } from '../../firmware/media/echo-canceller.js'
import { dbm0OfMeanSquare } from '../../firmware/media/level.js'
import { readAudioOrInput, writeAudio } from '../wav.js'
import type { Command } from './command.js'

const FRAME = 80

const powerDbm0 = (pcm: Int16Array): number | null => {
  let sum = 0
  for (const x of pcm) sum += x * x
  return sum === 0 ? null : Math.round(10 * dbm0OfMeanSquare(sum / pcm.length)) / 10
}

/** `near` without the echo of `far`; a far recording that is shorter counts as silence from its end. */
export const cancelEcho = (near: Int16Array, far: Int16Array): Int16Array => {
  const canceller = new EchoCanceller()
  const out = new Int16Array(near.length)
  const sent = new Int16Array(near.length)
  sent.set(far.subarray(0, near.length))
  for (let at = 0; at < near.length; at += FRAME)
    canceller.process(
      near.subarray(at, at + FRAME),
      sent.subarray(at, at + FRAME),
      out.subarray(at, at + FRAME),
    )
  return out
}

export const labEchoCommand: Command = {
  name: 'lab echo',
  summary: 'Run the line echo canceller on recordings',
  usage: '--far FAR.wav --near NEAR.wav --out OUT.wav   (.s16 and - are raw)',
  options: { far: { type: 'string' }, near: { type: 'string' }, out: { type: 'string' } },
  run: async ({ values, positionals, stdin, out }) => {
    if (positionals.length > 0)
      throw new VoiceportError(
        'VP-7205',
        `"${positionals[0]}" is too much: files go behind --far, --near, --out`,
      )
    const fileOf = (flag: 'far' | 'near' | 'out'): string => {
      const file = values[flag]
      if (typeof file === 'string' && file !== '') return file
      throw new VoiceportError('VP-7205', `--${flag} FILE is needed`)
    }
    const [far, near, clean] = [fileOf('far'), fileOf('near'), fileOf('out')]
    if (far === '-' && near === '-')
      throw new VoiceportError('VP-7205', 'only one of --far and --near can be standard input')
    const before = await readAudioOrInput(near, stdin)
    const after = cancelEcho(before, await readAudioOrInput(far, stdin))
    await writeAudio(clean, after)
    // Powers over the whole file as dBm0 of a sine; null for digital silence.
    out(JSON.stringify({ samples: after.length, nearDbm0: powerDbm0(before), outDbm0: powerDbm0(after) }))
    return 0
  },
}
