// What a key or a code means in a situation, in one sentence, from the tables the machine itself uses:
// the flash table for R, digit collection and the dial plan for everything else.

import { collectDigit, collectTimeout, startCollecting } from './dialling/collect.js'
import type { Dialled } from './dialling/dialled.js'
import type { DialPlan } from './dialling/plan.js'
import { codeMeaning, explainCodeHead, networkMeaning } from './explain-codes.js'
import { type FlashKey, flashKeys, flashTable } from './flash-keys.js'
import { actionMeaning } from './key-table.js'
import { type Situation, situations } from './situation.js'

/** Situations that need a second call. This version never has two, so none of them is reached. */
export const laterSituations = [
  'active+waiting',
  'consult-dial',
  'consult-ringing',
  'consult-failed',
  'active+held',
  'held-only',
  'conference',
] as const

export type ExplainedState = Situation | (typeof laterSituations)[number]

export const explainedStates: readonly ExplainedState[] = [...situations, ...laterSituations]

export const isExplainedState = (name: string): name is ExplainedState =>
  (explainedStates as readonly string[]).includes(name)

export interface Explanation {
  readonly input: string
  readonly state: ExplainedState
  /** `ignored`, an action of the flash table, or what becomes of the keys. */
  readonly action: string
  readonly meaning: string
}

/** undefined: `input` is neither R with at most one key nor keys 0-9 * #, with N or … for the number of a code. */
export const explain = (input: string, state: ExplainedState, plan: DialPlan): Explanation | undefined => {
  const keys = input
    .replace(/\s+/g, '')
    .toUpperCase()
    .replace(/^([*#][0-9*#]*)(?:N|…|\.\.\.)$/, '$1')
  const r = /^R([0-9*#]?)$/.exec(keys)
  if (!r && !/^[0-9*#]+$/.test(keys)) return undefined
  const [action, meaning] = isLater(state)
    ? later(state)
    : r
      ? explainFlash(r[1] ?? '', state, plan)
      : explainKeys(keys, state, plan)
  return { input, state, action, meaning }
}

type Told = readonly [action: string, meaning: string]

const isLater = (state: ExplainedState): state is (typeof laterSituations)[number] =>
  (laterSituations as readonly string[]).includes(state)

const later = (state: ExplainedState): Told => [
  'ignored',
  `Ignored: "${state}" is not reached in this version; a second call is refused as busy (486) and R does not start one.`,
]

const explainFlash = (key: string, state: Situation, plan: DialPlan): Told => {
  const name = key === '' ? 'R' : `R ${key}`
  const action = isFlashKey(name) ? flashTable[state][name] : 'ignored'
  if (action !== 'ignored') return [action, `${sentence(actionMeaning[action])}.`]
  const alone = flashTable[state].R
  if (alone !== 'ignored')
    return [alone, `R alone already acts: ${actionMeaning[alone]}. ${explainKeys(key, 'active', plan)[1]}`]
  if (key === '') return ['ignored', `R is ignored: ${actionMeaning.ignored}.`]
  return ['ignored', `R is ignored; ${key} is a key like any other. ${explainKeys(key, state, plan)[1]}`]
}

const isFlashKey = (name: string): name is FlashKey => (flashKeys as readonly string[]).includes(name)

const explainKeys = (keys: string, state: Situation, plan: DialPlan): Told => {
  switch (state) {
    case 'dial-tone':
      return explainNumber(keys, plan)
    case 'dialling':
      return [
        'collected',
        'Added to the number being dialled; ask for the whole of it in the state dial-tone.',
      ]
    case 'idle':
      return ['ignored', 'Ignored: the telephone is on-hook. Lift it and dial at the dial tone.']
    case 'ringing-in':
      return ['ignored', 'Ignored: the telephone rings. Lift it to answer.']
    case 'ringing-out':
    case 'active':
    case 'emergency':
      return ['relayed', 'Sent to the far end as keys (RFC 4733), once each; the box does nothing with them.']
    case 'failed':
    case 'left-off-hook':
      return ['ignored', 'Ignored: no keys are heard any more. Hang up and lift again.']
    case 'call-back':
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
