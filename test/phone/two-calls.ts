// One telephone with two calls in every stage of them, and what its tests look at.

import type { Test } from 'tap'
import { situationOf } from '../../firmware/phone/situation.js'
import { ringing } from './one-call.js'
import type { Telephone } from './telephone.js'

export const first = 'out-1'
export const second = 'out-2'
/** In a call that we placed, all keys relayed. */
export const talking = () => ringing().answered().expire('hash-swallow')
export const waiting = () => talking().incoming('in-1')
export const consulting = () => talking().flash().hold(first)
export const calling = () => consulting().dial('0389000003')
/** The second party has answered, the first is held. */
export const two = () => calling().answered(second).expire('hash-swallow')
/** The same by call waiting: the one who called second is spoken to. */
export const taken = () => waiting().flash().dial('2').hold(first)
export const conference = () => two().flash().dial('3').resumed(first)

/** Effects toward the network of the last event, in short. */
export const told = (phone: Telephone): readonly string[] =>
  phone.last.flatMap(effect =>
    effect.type === 'talk'
      ? [`talk ${effect.calls}`]
      : 'call' in effect
        ? [
            effect.type === 'reject'
              ? `reject ${effect.call} ${effect.status}${effect.q850 ? ` ${effect.q850}` : ''}`
              : `${effect.type} ${effect.call}`,
          ]
        : [],
  )

/** The last key's effects: the end of the key means nothing. */
export const press = (phone: Telephone, keys: string): Telephone => {
  for (const digit of keys) phone.on({ type: 'digit', digit, source: 'dtmf' })
  return phone
}

export const stands = (
  t: Test,
  phone: Telephone,
  situation: string,
  talk: readonly string[],
  tone: string | null = null,
) => {
  t.equal(situationOf(phone.state), situation)
  t.same(phone.talk, talk)
  t.equal(phone.tone, tone)
}
