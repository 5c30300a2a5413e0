// What can be tried now, for the telephone in hand: R keys and codes as the tables of the feature machine explain them,
// and what the other telephones could do meanwhile. Pure.

import type { DialPlan } from '../../firmware/phone/dialling/plan.js'
import { explain } from '../../firmware/phone/explain.js'
import { flashKeys, flashTable } from '../../firmware/phone/flash-keys.js'
import type { Situation } from '../../firmware/phone/situation.js'
import type { NetworkSettings } from './network-side.js'
import type { Telephone } from './telephone.js'

export interface Suggestion {
  /** Keys of the terminal, one after the other. */
  readonly keys: string
  readonly what: string
}

export interface DemoState {
  readonly telephones: readonly Telephone[]
  /** Index of the telephone in hand. */
  readonly chosen: number
  readonly plan: DialPlan
  isMasked(telephone: Telephone): boolean
  settingsOf(number: string): NetworkSettings
}

/** The most useful first. */
export const suggestionsFor = (state: DemoState): readonly Suggestion[] => {
  const { telephones, chosen } = state
  const telephone = telephones[chosen] as Telephone
  const own = telephone.kind === 'far' ? atFar(state, telephone) : atBox(state, telephone)
  return telephone.situation === 'dial-tone' ? own : [...answering(state), ...own, ...tidying(state)]
}

/** Tab so many times, then these keys. */
const atAnother = ({ telephones, chosen }: DemoState, other: Telephone, keys: string): string => {
  const steps = (telephones.indexOf(other) - chosen + telephones.length) % telephones.length
  return `${'Tab '.repeat(steps)}${keys}`
}

const others = ({ telephones, chosen }: DemoState): readonly Telephone[] =>
  telephones.filter((_, index) => index !== chosen)

const answering = (state: DemoState): readonly Suggestion[] =>
  others(state)
    .filter(({ ringing, situation }) => ringing || situation === 'ringing-in')
    .map(other => ({ keys: atAnother(state, other, 'h'), what: `answer at ${other.name}, which rings` }))

/** Where a busy tone is heard, nothing else can be done. */
const tidying = (state: DemoState): readonly Suggestion[] =>
  others(state)
    .filter(({ tone, offHook }) => tone === 'busy' && offHook)
    .map(other => ({ keys: atAnother(state, other, 'h'), what: `hang up at ${other.name}: busy tone` }))

/** A call from a telephone that has nothing to do to the one in hand. */
const calling = (state: DemoState, what: string): readonly Suggestion[] => {
  const { telephones, chosen } = state
  const free = others(state).findLast(({ situation }) => situation === 'idle')
  const number = telephones[chosen]?.number ?? ''
  return free === undefined
    ? []
    : [{ keys: atAnother(state, free, `h ${number}`), what: what.replaceAll('WHO', free.name) }]
}

const wait = (what: string): Suggestion => ({ keys: 'wait', what })
const hangUp: Suggestion = { keys: 'h', what: 'hang up' }

const atFar = (state: DemoState, telephone: Telephone): readonly Suggestion[] => {
  const numbers = others(state).map(({ number, name }) => ({ keys: number, what: `call ${name}` }))
  switch (telephone.situation) {
    case 'idle':
      return numbers.map(({ keys, what }) => ({ keys: `h ${keys}`, what }))
    case 'ringing-in':
      return [{ keys: 'h', what: 'answer' }]
    case 'dial-tone':
      return [...numbers, { keys: '123', what: 'voicemail' }, hangUp]
    case 'active':
      return [
        { keys: 's', what: 'speak a sentence' },
        { keys: '5', what: 'a key: heard at the other end' },
        hangUp,
      ]
    default:
      return [hangUp]
  }
}

/** Numbers and codes worth dialling, each with what the person may not know yet; what is on can be turned off. */
export const dialTone = (state: DemoState, telephone: Telephone): readonly Suggestion[] => {
  const { profile, new: fresh, archived } = state.settingsOf(telephone.number)
  const [near, far] = others(state) as [Telephone, Telephone]
  const to = far.number
  const list: (readonly [keys: string, what: string])[] = [
    [near.number, `call ${near.name}`],
    ['123', `voicemail: ${fresh} new, ${archived} old`],
    [to, `call ${far.name}`],
    profile.voicemailAlways ? ['#75#', 'ring here again'] : ['*75#', 'all calls to voicemail'],
    [`*92*${to}`, 'number withheld once'],
    state.isMasked(telephone) ? ['#93#', 'show the number again'] : ['*93#', 'withhold it for good'],
    profile.forwardAlways === undefined
      ? [`*21*${to}`, `all calls to ${far.name}`]
      : ['#21#', 'forward no more calls'],
    profile.forwardNoReply === undefined
      ? [`*23*${to}`, `to ${far.name} after 20 s`]
      : ['#23#', 'no forward after 20 s'],
    ['*95#', 'all services off'],
    ['3100', 'hear your own echo'],
    ['3101 to 3105', 'speech, music, time, call back after h, own number'],
  ]
  return list.map(([keys, what]) => ({ keys, what }))
}

/** The menus of the voicemail (guide lines 15-39). */
const menus: Readonly<Record<'reading' | 'main' | 'options', readonly Suggestion[]>> = {
  reading: [
    { keys: '1', what: 'listen, or listen again' },
    { keys: '2', what: 'next message' },
    { keys: '4', what: 'save it' },
    { keys: '5', what: 'erase it' },
    { keys: '*', what: 'main menu' },
    hangUp,
  ],
  main: [{ keys: '1', what: 'options: greeting and password' }, { keys: '*', what: 'quit' }, hangUp],
  options: [
    { keys: '1', what: 'record a greeting: behind the beep s speaks, # ends' },
    { keys: '2', what: 'a new password' },
    { keys: '*', what: 'main menu' },
    hangUp,
  ],
}

/** Behind somebody's greeting (guide lines 43, 87). */
const deposit: readonly Suggestion[] = [
  { keys: 's', what: 'behind the beep: speak the message' },
  { keys: '#', what: 'the message is complete' },
  hangUp,
]

/** The menu that was read out last. */
const voicemailMenu = (caption: string): readonly Suggestion[] => {
  const [last] = [...caption.matchAll(/Menu principal\.|Options\./g)].slice(-1)
  if (last === undefined) return menus.reading
  return last[0] === 'Options.' ? menus.options : menus.main
}

const atBox = (state: DemoState, telephone: Telephone): readonly Suggestion[] => {
  const { situation, pressed } = telephone
  switch (situation) {
    case 'idle':
      return atRest(state, telephone)
    case 'dial-tone':
      return dialTone(state, telephone)
    case 'dialling':
      return [...explained(state, pressed, 'dial-tone'), hangUp]
    case 'ringing-in':
      return [{ keys: 'h', what: 'answer' }, wait('nobody answers: the network takes the call')]
    case 'recall-ringing':
      return [{ keys: 'h', what: 'back to the party who is held' }]
    case 'active+waiting':
      return [...commands(state, situation), wait('20 s, and the caller goes to the voicemail'), hangUp]
    case 'active':
      if (/Laissez votre message/.test(telephone.caption)) return deposit
      if (pressed.startsWith('123')) return voicemailMenu(telephone.caption)
      return [...withOneCall(state, situation), hangUp]
    case 'consult-dial':
      return [...second(state), ...commands(state, situation), hangUp]
    default:
      return [...commands(state, situation), ...(situation === 'conference' ? [key(state)] : []), hangUp]
  }
}

const atRest = (state: DemoState, telephone: Telephone): readonly Suggestion[] => {
  const { profile, new: fresh } = state.settingsOf(telephone.number)
  const rings = profile.forwardAlways !== undefined || profile.voicemailAlways
  return [
    { keys: 'h', what: 'lift the handset: a dial tone' },
    ...(fresh > 0 ? [{ keys: 'h 123', what: `voicemail: ${fresh} new` }] : []),
    ...calling(
      state,
      rings ? 'WHO calls here, and another place takes the call' : 'WHO calls here: it rings',
    ),
  ]
}

/** R and the number of a telephone that is free. */
const second = (state: DemoState): readonly Suggestion[] => {
  const free = others(state).findLast(({ situation }) => situation === 'idle')
  return free ? [{ keys: free.number, what: `call ${free.name}; then R 3 joins, R 1 returns` }] : []
}

const key = (state: DemoState): Suggestion => ({
  keys: '5',
  what: explained(state, '5', 'active')[0]?.what ?? '',
})

const withOneCall = (state: DemoState, situation: Situation): readonly Suggestion[] => [
  ...calling(state, 'WHO calls here too: a beep, then R 2 takes the call'),
  ...explained(state, 'R', situation),
  ...second(state).map(({ keys, what }) => ({ keys: `r ${keys}`, what })),
  { keys: 's', what: 'speak a sentence; behind a greeting it is the message, # ends it' },
  key(state),
]

/** Every R key that does something in this situation, from the flash table. */
const commands = (state: DemoState, situation: Situation): readonly Suggestion[] =>
  flashKeys
    .filter(name => !/^(?:ignored|window|error|swallowed|number)$/.test(flashTable[situation][name]))
    .flatMap(name => explained(state, name, situation))

const explained = (state: DemoState, keys: string, situation: Situation): readonly Suggestion[] => {
  const told = explain(keys, situation, state.plan)
  return told === undefined ? [] : [{ keys: keys.replace('R', 'r'), what: plain(told.meaning) }]
}

/** Without what the machine adds for those who know it. */
const plain = (meaning: string): string =>
  meaning.replace(/^(?:At its last key|R alone already acts)[,:] /, '')
