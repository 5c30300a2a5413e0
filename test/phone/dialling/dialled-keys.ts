// Keys pressed one after the other under a dial plan, and what became of them.

import { collectDigit, collectTimeout, startCollecting } from '../../../firmware/phone/dialling/collect.js'
import type { Dialled, DigitResult, TimeoutResult } from '../../../firmware/phone/dialling/dialled.js'
import type { DialPlan } from '../../../firmware/phone/dialling/plan.js'

export interface Outcome {
  /** How many keys were taken before it was over. */
  readonly keys: number
  readonly result: 'empty' | 'invalid' | Dialled
}

const plain = (result: DigitResult | TimeoutResult): Outcome['result'] | 'more' | 'more-open' =>
  typeof result === 'string' ? result : result.complete

/** Presses keys until the number is over; the time-out ends what the keys do not. */
export const dial = (keys: string, plan: DialPlan): Outcome => {
  let collection = startCollecting()
  for (let i = 0; i < keys.length; i++) {
    const step = collectDigit(collection, keys.charAt(i), plan)
    collection = step.collection
    const result = plain(step.result)
    if (result !== 'more' && result !== 'more-open') return { keys: i + 1, result }
  }
  return { keys: keys.length, result: plain(collectTimeout(collection, plan)) as Outcome['result'] }
}

/** "class by target", with "masked" and "emergency" where set. */
export const told = (keys: string, plan: DialPlan): string => {
  const { result } = dial(keys, plan)
  if (typeof result === 'string') return result
  const marks = `${result.masked ? ' masked' : ''}${result.emergency ? ' emergency' : ''}`
  return `${result.class} ${result.by} ${result.target}${marks}`
}
