// `voiceport lab tone NAME`: a tone of a profile as the subscriber hears it, into a file.

import { VoiceportError } from '../../firmware/errors.js'
import type { ToneSpec } from '../../firmware/media/media-contract.js'
import { ToneGenerator } from '../../firmware/media/tone-generator.js'
import { writeAudio } from '../wav.js'
import type { Command } from './command.js'

const FRAME = 80
const SAMPLES_PER_MS = 8
const LONGEST_MS = 3_600_000

/** The first `ms` of a tone; silence after its end. */
export const renderTone = (tone: ToneSpec, ms: number): Int16Array => {
  const pcm = new Int16Array(ms * SAMPLES_PER_MS)
  const generator = new ToneGenerator()
  generator.start(tone)
  for (let at = 0; at < pcm.length; at += FRAME) generator.fill(pcm.subarray(at, at + FRAME))
  return pcm
}

/** `tonesOf`: the tones of a profile by name or path; rejects with VoiceportError when there is none. */
export const labToneCommand = (
  tonesOf: (profile: string) => Promise<Readonly<Record<string, ToneSpec>>>,
): Command => ({
  name: 'lab tone',
  summary: 'Write a tone of a profile into an audio file',
  usage: 'NAME [--profile fr] --ms N --out FILE.wav|FILE.s16',
  options: {
    profile: { type: 'string', default: 'fr' },
    ms: { type: 'string' },
    out: { type: 'string' },
  },
  run: async ({ values, positionals }) => {
    const [name, ...more] = positionals
    if (name === undefined || more.length > 0)
      throw new VoiceportError('VP-7205', 'exactly one name of a tone is needed')
    const ms = Number(values['ms'])
    if (values['ms'] === '' || !Number.isInteger(ms) || ms < 1 || ms > LONGEST_MS)
      throw new VoiceportError('VP-7205', `--ms is a whole number from 1 to ${LONGEST_MS}`)
    const file = values['out']
    if (typeof file !== 'string' || file === '') throw new VoiceportError('VP-7205', '--out FILE is needed')
    const tones = await tonesOf(String(values['profile']))
    const tone = Object.hasOwn(tones, name) ? tones[name] : undefined
    if (!tone)
      throw new VoiceportError(
        'VP-7206',
        `profile ${values['profile']} has no tone "${name}", only ${Object.keys(tones).join(' ')}`,
      )
    await writeAudio(file, renderTone(tone, ms))
    return 0
  },
})
