// Whatever state the telephone is in, an emergency number goes out, unmasked: at once where an empty dial tone waits,
// after hanging up and lifting everywhere else (a caller or held party that then rings is answered and released first).

import type { PhoneConfig } from '../../../firmware/phone/config.js'
import { reduce as machine } from '../../../firmware/phone/reduce.js'
import type { PhoneState } from '../../../firmware/phone/state.js'
import type { Reduce } from './checked-step.js'
import type { Closure } from './closure.js'
import { demand } from './violation.js'

/** Throws the first Violation. */
export const checkEmergency = ({ places, config }: Closure, reduce: Reduce = machine): void => {
  for (const { state, seen } of places.values()) {
    if (seen.keys === 'collect' && collected(state) === '')
      for (const number of config.plan.emergency) reaches(state, number, config, reduce)
    reaches(atDialTone(state, config, reduce), '112', config, reduce)
  }
}

/**
 * In the command window a key is a command: there the subscriber hangs up first. While a hold is answered
 * keys mean nothing, for 2 s at most where a number waits for it.
 */
const collected = ({ entry }: PhoneState): string | undefined => {
  switch (entry.kind) {
    case 'collecting':
      return entry.collection.digits
    case 'command':
    case 'holding':
    case 'dialled':
      return undefined
    default:
      return ''
  }
}

const reaches = (from: PhoneState, number: string, config: PhoneConfig, reduce: Reduce): void => {
  let state = from
  for (const digit of number) {
    const [next, effects] = reduce(state, { type: 'digit', digit, source: 'dtmf' }, config)
    state = next
    for (const effect of effects)
      if (effect.type === 'place') {
        demand(effect.target === number && effect.emergency, 'emergencyOut', `${effect.target} for ${number}`)
        demand(!effect.masked, 'masking', `${number} is masked`)
        return
      }
  }
  demand(false, 'emergencyOut', `${number} goes nowhere from ${JSON.stringify(from)}`)
}

/** What a person in need does: hangs up, and lifts until there is a dial tone. */
const atDialTone = (from: PhoneState, config: PhoneConfig, reduce: Reduce): PhoneState => {
  let [state] = reduce(from, { type: 'line-fault', on: false }, config)
  // A caller may ring and a held party recall: each is lifted for and hung up on.
  for (let times = 0; times < 3; times++) {
    ;[state] = reduce(state, { type: 'on-hook' }, config)
    ;[state] = reduce(state, { type: 'off-hook' }, config)
    if (state.entry.kind === 'dial-tone') break
  }
  return state
}
