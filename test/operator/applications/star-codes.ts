// Star codes as the network sees them: an INVITE to `*21*N`, `#21#`, … (3GPP TS 24.238 §4.1; guide lines 53-55, 115-125,
// 151-161). What was stored is confirmed by a spoken answer (200); a refusal is spoken before any answer (183) and stays one.

import type { Application } from '../application.js'
import { clips } from '../clips.js'
import type { Phrase } from '../phrases.js'
import { ProfileError, type ProfileFault, type ProfilePatch, type Profiles } from '../profiles.js'
import { type ClipName, spokenPairs } from '../spoken.js'
import { lastWords } from './numbers-to-try.js'

export interface StarCode {
  readonly patch: ProfilePatch
  readonly confirmation: readonly ClipName[]
}

const say = (...names: readonly Phrase[]): readonly ClipName[] => names

const off = {
  forwardAlways: undefined,
  forwardNoReply: undefined,
  forwardBusy: undefined,
  voicemailAlways: false,
  masking: false,
} as const

const plain: Readonly<Record<string, StarCode>> = {
  '#21': { patch: { forwardAlways: undefined }, confirmation: say('calls-not-forwarded') },
  '#23': { patch: { forwardNoReply: undefined }, confirmation: say('no-reply-not-forwarded') },
  '*75': { patch: { voicemailAlways: true }, confirmation: say('voicemail-always') },
  '#75': { patch: { voicemailAlways: false }, confirmation: say('voicemail-not-always') },
  '*93': { patch: { masking: true }, confirmation: say('masked') },
  '#93': { patch: { masking: false }, confirmation: say('not-masked') },
  '*95': { patch: off, confirmation: say('services-off') },
}

/**
 * `dialled` with its escapes taken out; the last # may be there or not. 'missing': a forward without a number. Undefined:
 * no code of this operator.
 */
export const readStarCode = (dialled: string): StarCode | 'missing' | undefined => {
  const code = dialled.replace(/#$/, '')
  const known = Object.hasOwn(plain, code) ? plain[code] : undefined
  if (known !== undefined) return known
  const [, service, number] = /^\*(2[13])(?:\*(.*))?$/.exec(code) ?? []
  if (service === undefined) return undefined
  if (number === undefined || number === '') return 'missing'
  return service === '21'
    ? {
        patch: { forwardAlways: number },
        confirmation: [...say('calls-forwarded-to'), ...spokenPairs(number)],
      }
    : {
        patch: { forwardNoReply: number },
        confirmation: [...say('no-reply-forwarded-to'), ...spokenPairs(number)],
      }
}

interface Refusal {
  readonly phrase: Phrase
  readonly status: number
  readonly reason: string
}

const unknownCode: Refusal = { phrase: 'code-unknown', status: 404, reason: 'Not Found' }
const missingNumber: Refusal = { phrase: 'number-missing', status: 484, reason: 'Address Incomplete' }
const notStored: Refusal = { phrase: 'not-stored', status: 500, reason: 'Server Internal Error' }

const forbidden = (phrase: Phrase): Refusal => ({ phrase, status: 403, reason: 'Forbidden' })
const refusals: { readonly [F in ProfileFault]?: Refusal } = {
  'not-a-number': { phrase: 'number-wrong', status: 484, reason: 'Address Incomplete' },
  'own-number': forbidden('number-own'),
  'emergency-number': forbidden('number-emergency'),
}

/** Any number that begins with * or #. */
export const starCode =
  (profiles: Profiles): Application =>
  dialogue => {
    const refuse = ({ phrase, status, reason }: Refusal): void =>
      lastWords(dialogue, clips([phrase]), () => dialogue.refuse(status, reason))
    const { number, subscriber } = dialogue.caller
    const code = readStarCode(dialogue.called)
    if (!subscriber || number === undefined) dialogue.refuse(403, 'Forbidden')
    else if (code === undefined) refuse(unknownCode)
    else if (code === 'missing') refuse(missingNumber)
    else
      profiles.change(number, code.patch, 'star-code').then(
        () => {
          dialogue.answer()
          lastWords(dialogue, clips(code.confirmation))
        },
        (error: unknown) =>
          refuse((error instanceof ProfileError ? refusals[error.fault] : undefined) ?? notStored),
      )
    return {}
  }
