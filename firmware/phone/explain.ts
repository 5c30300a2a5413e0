// What a key or a code means in a situation, in one sentence, from the tables the machine itself uses:
// the flash table for R, digit collection and the dial plan for everything else.

import { collectDigit, collectTimeout, startCollecting } from './dialling/collect.js'
import type { Dialled } from './dialling/dialled.js'
import type { DialPlan } from './dialling/plan.js'
import { codeMeaning, explainCodeHead, networkMeaning } from './explain-codes.js'
import { type FlashAction, flashTable, isFlashKey } from './flash-keys.js'
import { actionMeaning } from './key-table.js'
import { type Situation, situations } from './situation.js'

export const isSituation = (name: string): name is Situation =>
  (situations as readonly string[]).includes(name)

export interface Explanation {
  readonly input: string
  readonly state: Situation
  /** `ignored`, an action of the flash table, or what becomes of the keys. */
  readonly action: string
  readonly meaning: string
}

/** undefined: `input` is neither R with at most one key nor keys 0-9 * #, with N or … for the number of a code. */
export const explain = (input: string, state: Situation, plan: DialPlan): Explanation | undefined => {
  const keys = input
    .replace(/\s+/g, '')
    .toUpperCase()
    .replace(/^([*#][0-9*#]*)(?:N|…|\.\.\.)$/, '$1')
  const r = /^R([0-9*#]?)$/.exec(keys)
  if (!r && !/^[0-9*#]+$/.test(keys)) return undefined
  const [action, meaning] = r ? explainFlash(r[1] ?? '', state, plan) : explainKeys(keys, state, plan)
  return { input, state, action, meaning }
}

type Told = readonly [action: string, meaning: string]

const explainFlash = (key: string, state: Situation, plan: DialPlan): Told => {
  const alone = flashTable[state].R
  if (key === '') {
    const said =
      alone === 'ignored' ? `R is ignored: ${actionMeaning.ignored}` : sentence(actionMeaning[alone])
    return [alone, alone === 'window' ? `${said}. ${withoutKey(state)}` : `${said}.`]
  }
  if (alone === 'ignored')
    return ['ignored', `R is ignored; ${key} is a key like any other. ${explainKeys(key, state, plan)[1]}`]
  const action = afterFlash(key, state)
  if (alone === 'window') return [action, `${sentence(actionMeaning[action])}.`]
  if (action === 'error')
    return [alone, `R alone already acts: ${actionMeaning[alone]}. ${explainKeys(key, 'active', plan)[1]}`]
  return [action, `R alone already acts: ${actionMeaning[alone]}; ${key} ${actionMeaning[action]}.`]
}

/** What command-window.ts does when no key follows. */
const withoutKey = (state: Situation): string =>
  state === 'consult-dial' || state === 'consult-failed'
    ? 'Without one, it returns to the held party.'
    : 'Without one, everything is as before R.'

/** A key without a column of its own is a digit to dial where R asks for a number. */
const afterFlash = (key: string, state: Situation): FlashAction => {
  const name = `R ${key}`
  if (isFlashKey(name)) return flashTable[state][name]
  return flashTable[state].R === 'consult' ? 'number' : 'error'
}

const relayed = 'Sent to the far end as keys (RFC 4733), once each; the box does nothing with them.'

const explainKeys = (keys: string, state: Situation, plan: DialPlan): Told => {
  switch (state) {
    case 'dial-tone':
      return explainNumber(keys, plan)
    case 'consult-dial':
      return explainNumber(keys, plan)
    case 'dialling':
      return [
        'collected',
        'Added to the number being dialled; ask for the whole of it in the state dial-tone.',
      ]
    case 'idle':
      return ['ignored', 'Ignored: the telephone is on-hook. Lift it and dial at the dial tone.']
    case 'ringing-in':
    case 'recall-ringing':
      return ['ignored', 'Ignored: the telephone rings. Lift it to answer.']
    case 'ringing-out':
    case 'active':
    case 'active+waiting':
    case 'consult-ringing':
    case 'active+held':
    case 'conference':
    case 'emergency':
      return ['relayed', relayed]
    case 'consult-failed':
    case 'held-only':
      return ['ignored', 'Ignored: a party is held. Press R to return, or hang up and lift when it rings.']
    case 'failed':
    case 'left-off-hook':
      return ['ignored', 'Ignored: no keys are heard any more. Hang up and lift again.']
    case 'waiting-only':
      return ['ignored', 'Ignored: a caller waits. Press R, or hang up and lift when it rings.']
  }
}

const explainNumber = (keys: string, plan: DialPlan): Told => {
  let collection = startCollecting()
  for (let i = 0; i < keys.length; i++) {
    const step = collectDigit(collection, keys.charAt(i), plan)
    collection = step.collection
    if (step.result === 'invalid') return wrong
    if (typeof step.result === 'object') {
      const rest = keys.slice(i + 1)
      const [action, meaning] = told(step.result.complete, step.result.complete.by === 'hash' ? '#' : 'now')
      if (rest === '' || rest === '#') return [action, meaning]
      return [action, `${meaning} The keys after it (${rest}) belong to the call.`]
    }
  }
  const ended = collectTimeout(collection, plan)
  if (typeof ended === 'object') return told(ended.complete, 'pause')
  return [
    'incomplete',
    explainCodeHead(keys, plan) ??
      'The beginning of a number or code: more keys are awaited; a pause gives the error tone.',
  ]
}

const wrong: Told = ['error', 'No number and no code: error tone, then dial tone.']

const endings = {
  now: 'at its last key',
  '#': 'at the "#"',
  pause: 'after a pause, or at once with "#"',
} as const

const told = (dialled: Dialled, ending: keyof typeof endings): Told => {
  const when = endings[ending]
  if (dialled.emergency)
    return ['emergency', `Emergency call to ${dialled.target} ${when}: always placed, number never withheld.`]
  if (dialled.code === 'mask-call')
    return ['place', `Calls ${dialled.target} ${when}, number withheld for this call.`]
  if (dialled.code === 'reset-all') return ['place', `${sentence(when)}, ${codeMeaning[dialled.code]}.`]
  if (dialled.code !== undefined) return ['store', `${sentence(when)}, ${codeMeaning[dialled.code]}.`]
  return dialled.class === 'code-network'
    ? ['place', `A code of the network: ${dialled.target} ${networkMeaning} (${when}).`]
    : ['place', `Calls ${dialled.target} (${dialled.class}) ${when}.`]
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)
