// The operator's own numbers put together: voicemail, numbers to try, star codes; and the call back to a subscriber.

import type { Application } from './application.js'
import { type OperatorCore, telephonesOf } from './operator-core.js'
import { DEFAULT_TIMEZONE, type OperatorDependencies, type OperatorOptions } from './operator-options.js'
import { createServices } from './services.js'
import { openVoicemail, type Voicemail } from './voicemail/voicemail.js'

/** So long does a telephone ring that asked to be called back. */
const RING_BACK_MS = 30_000

/** Its mailboxes; undefined where there is no voicemail, or something else answers at its number. */
export const joinVoicemail = async (
  options: OperatorOptions,
  dependencies: OperatorDependencies,
  { database, profiles }: Pick<OperatorCore, 'database' | 'profiles'>,
  onSummary: (user: string) => void,
): Promise<Voicemail | undefined> => {
  const { voicemail, onFailure } = options
  if (voicemail === undefined || voicemail.application !== undefined) return undefined
  return openVoicemail({
    ...dependencies,
    ...{ database, profiles },
    ...voicemail,
    domain: options.domain,
    timeZone: options.timezone ?? DEFAULT_TIMEZONE,
    onSummary,
    ...(onFailure === undefined ? {} : { onFailure }),
  })
}

export interface OwnNumbers {
  /** What answers at a number; undefined: it is none of the operator's. */
  readonly serviceAt: (number: string) => Application | undefined
  /** Where diverted calls go. */
  readonly voicemail: { readonly number: string; readonly application: Application } | undefined
}

export const createOwnNumbers = (
  options: OperatorOptions,
  { clock }: OperatorDependencies,
  { agent, profiles, registrar }: OperatorCore,
  mailboxes: Voicemail | undefined,
): OwnNumbers => {
  const application = options.voicemail?.application ?? mailboxes?.application
  const voicemail =
    options.voicemail === undefined || application === undefined
      ? undefined
      : { number: options.voicemail.number, application }
  const callBack = (user: string, answering: Application): void => {
    const telephones = telephonesOf(registrar, user)
    if (telephones.length === 0) return
    const party = `<sip:${user}@${options.domain}>`
    agent.call(
      {
        facts: { called: user, caller: { number: user, withheld: false, subscriber: true } },
        ...{ telephones, from: party, to: party },
        ringMs: RING_BACK_MS,
      },
      answering,
    )
  }
  const serviceAt = createServices({
    ...{ clock, profiles, callBack },
    timezone: options.timezone ?? DEFAULT_TIMEZONE,
    gateway: options.gateway !== undefined,
    more: {
      ...(voicemail === undefined ? {} : { [voicemail.number]: voicemail.application }),
      ...options.services,
    },
  })
  return { serviceAt, voicemail }
}
