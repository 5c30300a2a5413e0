// What the dial plan makes of a string of keys (`voiceport lab dial`): class, how it ends, and the Request-URI.

import { VoiceportError } from '../../firmware/errors.js'
import {
  collectDigit,
  collectTimeout,
  interDigitWait,
  startCollecting,
} from '../../firmware/phone/dialling/collect.js'
import type { Collection, Dialled } from '../../firmware/phone/dialling/dialled.js'
import type { DialPlan } from '../../firmware/phone/dialling/plan.js'
import { type RequestUriOptions, requestUri } from '../../firmware/sip/request-uri.js'

export interface DialOutcome {
  readonly class: Dialled['class'] | 'invalid'
  readonly complete: 'now' | '#' | 'timeout'
  /** From the last key used to the end, ms. */
  readonly afterMs: number
  readonly number?: string
  /** Absent when nothing is sent. */
  readonly uri?: string
  readonly masked?: true
  /** The service of the box itself. */
  readonly service?: string
  /** Keys pressed after the end, a swallowed "#" aside: they go into the call. */
  readonly rest?: string
}

export interface DialOptions extends RequestUriOptions {
  /** ms. */
  readonly interDigit: number
}

/** `keys`: 0-9 * #. @throws VoiceportError VP-7201 for any other, or none */
export const dialOutcome = (keys: string, plan: DialPlan, options: DialOptions): DialOutcome => {
  if (!/^[0-9*#]+$/.test(keys))
    throw new VoiceportError('VP-7201', `"${keys}" is not a string of the keys 0-9 * #`)
  let collection = startCollecting()
  for (let i = 0; i < keys.length; i++) {
    const step = collectDigit(collection, keys.charAt(i), plan)
    const { result } = step
    collection = step.collection
    if (result === 'invalid') return { class: 'invalid', ...endedBy(keys.charAt(i)) }
    if (typeof result === 'object') return told(result.complete, keys.slice(i + 1), options, 0)
  }
  return timedOut(collection, plan, options)
}

type Ending = Pick<DialOutcome, 'complete' | 'afterMs'>

const endedBy = (key: string): Ending => ({ complete: key === '#' ? '#' : 'now', afterMs: 0 })

const timedOut = (collection: Collection, plan: DialPlan, options: DialOptions): DialOutcome => {
  const afterMs = interDigitWait(collection, options.interDigit)
  const result = collectTimeout(collection, plan)
  if (typeof result === 'string') return { class: 'invalid', complete: 'timeout', afterMs }
  return told(result.complete, '', options, afterMs)
}

const endings = { match: 'now', hash: '#', timeout: 'timeout' } as const

const told = (dialled: Dialled, after: string, options: DialOptions, afterMs: number): DialOutcome => {
  const rest = dialled.by === 'match' ? after.replace(/^#/, '') : after
  // Masking on and off stay in the box; the reset of all services is also the network's (guide lines 157-161).
  const sent = dialled.code !== 'mask-on' && dialled.code !== 'mask-off'
  return {
    class: dialled.class,
    complete: endings[dialled.by],
    afterMs,
    ...(dialled.number !== undefined && { number: dialled.number }),
    ...(sent && { uri: requestUri(dialled.target, options) }),
    ...(dialled.masked && { masked: true as const }),
    ...(dialled.code && { service: dialled.code }),
    ...(rest && { rest }),
  }
}
