// What the dialogue wants said as A-law clips: recordings of the operator, of the mailbox, numbers, dates.

import { SILENCE } from '../alaw.js'
import { clip, clips } from '../clips.js'
import { type ClipName, spokenMoment, spokenNumber, spokenPairs } from '../spoken.js'
import type { Mailboxes } from './mailboxes.js'
import type { Speech } from './state.js'

export interface SpeechOptions {
  readonly mailboxes: Mailboxes
  readonly user: string
  /** Wall clock now, ms. */
  readonly now: number
  readonly timeZone: string
}

/** Between sentences and recordings, so that one does not run into the next. */
const pause = (ms: number): Uint8Array => new Uint8Array(ms * 8).fill(SILENCE)
const PAUSE = pause(150)
const BEFORE_BEEP = pause(250)

const words = (...names: readonly ClipName[]): readonly Uint8Array[] => clips(names)

const standardGreeting = (user: string): readonly Uint8Array[] => [
  ...words('vm-welcome-to', ...spokenPairs(user)),
  PAUSE,
  ...words('vm-leave-message'),
]

const ofOne = async (speech: Speech, options: SpeechOptions): Promise<readonly Uint8Array[]> => {
  const { mailboxes, user } = options
  if ('say' in speech) return words(`vm-${speech.say}`)
  if ('number' in speech) return words(...spokenNumber(speech.number))
  if ('digits' in speech) return words(...spokenPairs(speech.digits))
  if ('moment' in speech) return words(...spokenMoment(speech.moment, options.now, options.timeZone))
  if ('beep' in speech) return [BEFORE_BEEP, clip('beep')]
  if ('message' in speech) {
    const recording = await mailboxes.recording(user, speech.message)
    return [PAUSE, ...(recording === undefined ? words('vm-erased') : [recording]), PAUSE]
  }
  const own = speech.greeting === 'own' ? await mailboxes.greeting(user) : undefined
  return own === undefined ? standardGreeting(user) : [own]
}

export const clipsOf = async (
  speech: readonly Speech[],
  options: SpeechOptions,
): Promise<readonly Uint8Array[]> => {
  const all: Uint8Array[] = []
  for (const one of speech) all.push(...(await ofOne(one, options)))
  return all
}
