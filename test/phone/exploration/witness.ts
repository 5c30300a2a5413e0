// What somebody beside the telephone, the box's clock and the network know of it, from events and effects alone: no
// look inside the machine. What the machine believes of itself is held against this after every step.

import type { PhoneEffect } from '../../../firmware/phone/effect.js'
import { type CallId, type PhoneEvent, type TimerName, timerNames } from '../../../firmware/phone/event.js'
import { violated } from './violation.js'

/**
 * By the last of `hold` and `resume`, and its answer. never: neither was asked yet, and no answer can come. refused: the
 * network would not hold him; where something else has begun meanwhile, he stays muted in the box alone. kept: it would not resume him.
 */
export type Hold = 'never' | 'open' | 'holding' | 'held' | 'refused' | 'resuming' | 'kept'

export interface WitnessedCall {
  readonly id: CallId
  readonly phase: 'calling' | 'ringing' | 'answered'
  readonly emergency: boolean
  readonly hold: Hold
}

export interface WitnessedStore {
  readonly id: string
  readonly failed: boolean
}

/** In the order of `timerNames`. */
const bitOf: Readonly<Record<string, number>> = Object.fromEntries(
  timerNames.map((name, i) => [name, 1 << i]),
)

/** Copied at every step of millions: short, and cheap to compare. */
export interface Witness {
  offHook: boolean
  fault: boolean
  line: string
  context: string
  ring: string | null
  tone: string | null
  keys: string
  talk: readonly CallId[]
  /** The number dialled last was dialled behind the code that withholds ours for one call. */
  withhold: boolean
  /** The number is withheld for good. */
  withheld: boolean
  /** The last setting to be stored whose outcome the subscriber waits for, or has yet to hear of. */
  store: WitnessedStore | null
  /** One bit a timer that runs. */
  timers: number
  calls: readonly WitnessedCall[]
}

export const initialWitness: Witness = {
  offHook: false,
  fault: false,
  line: 'idle',
  context: 'collecting',
  ring: null,
  tone: null,
  keys: 'off',
  talk: [],
  withhold: false,
  withheld: true,
  store: null,
  timers: 0,
  calls: [],
}

/** Written out: a spread takes many times as long on Node 20. */
export const copyOf = (seen: Witness): Witness => ({
  offHook: seen.offHook,
  fault: seen.fault,
  line: seen.line,
  context: seen.context,
  ring: seen.ring,
  tone: seen.tone,
  keys: seen.keys,
  talk: seen.talk,
  withhold: seen.withhold,
  withheld: seen.withheld,
  store: seen.store,
  timers: seen.timers,
  calls: seen.calls,
})

const bit = (name: TimerName): number => bitOf[name] ?? 0

/** A timer that is named twice is a bit that no witness has. */
export const bitsOf = (names: readonly TimerName[]): number => {
  let bits = 0
  for (const name of names) bits = (bits & bit(name)) === 0 ? bits | bit(name) : -1
  return bits
}

export const runs = (seen: Witness, name: TimerName): boolean => (seen.timers & bit(name)) !== 0

export const running = (seen: Witness): readonly TimerName[] => timerNames.filter(name => runs(seen, name))

/** What is known by yes and no, as one number. */
export const flagsOf = ({ offHook, fault, withhold, withheld }: Witness): number =>
  (offHook ? 1 : 0) + (fault ? 2 : 0) + (withhold ? 4 : 0) + (withheld ? 8 : 0)

export const callOf = (seen: Witness, call: CallId): WitnessedCall | undefined => {
  for (const known of seen.calls) if (known.id === call) return known
  return undefined
}

const without = (seen: Witness, call: CallId): readonly WitnessedCall[] =>
  callOf(seen, call) === undefined ? seen.calls : seen.calls.filter(({ id }) => id !== call)

const become = (seen: Witness, call: CallId, now: Partial<WitnessedCall>): void => {
  seen.calls = seen.calls.map(known => (known.id === call ? { ...known, ...now } : known))
}

/** A late word about a hold is still true where nothing was asked after it; of a resume it changes nothing. */
const holdAnswered = (
  seen: Witness,
  { type, call, ok }: Extract<PhoneEvent, { ok: boolean; call: CallId }>,
): void => {
  const hold = callOf(seen, call)?.hold
  if (type === 'held' && hold === 'holding') become(seen, call, { hold: ok ? 'held' : 'refused' })
  if (type === 'held' && hold === 'open' && ok) become(seen, call, { hold: 'held' })
  if (type === 'resumed' && hold === 'resuming') become(seen, call, { hold: ok ? 'open' : 'kept' })
}

const begun = (seen: Witness, call: WitnessedCall): void => {
  if (callOf(seen, call.id) !== undefined) violated('legs', `${call.id} begins although it stands`)
  seen.calls = [...seen.calls, call]
}

/** Takes note of a fact. A call that ends by the network's word is gone whatever the machine makes of it. */
export const notice = (seen: Witness, event: PhoneEvent): void => {
  switch (event.type) {
    case 'off-hook':
    case 'on-hook':
      if (seen.offHook === (event.type === 'off-hook')) return
      seen.offHook = !seen.offHook
      seen.store = null
      return
    case 'masking':
      seen.withheld = event.masked
      return
    case 'stored':
      // A failure is heard of when the call is over that it belongs to.
      if (seen.store?.id === event.id)
        seen.store = !event.ok && callOf(seen, event.id) ? { id: event.id, failed: true } : null
      return
    case 'line-fault':
      seen.fault = event.on
      return
    case 'timer':
      seen.timers &= ~bit(event.name)
      return
    case 'incoming':
      if (callOf(seen, event.call) === undefined)
        begun(seen, { id: event.call, phase: 'ringing', emergency: false, hold: 'never' })
      return
    case 'answered':
      if (callOf(seen, event.call)?.phase === 'calling') become(seen, event.call, { phase: 'answered' })
      return
    case 'held':
    case 'resumed':
      holdAnswered(seen, event)
      return
    case 'abandoned':
    case 'failed':
    case 'ended':
      seen.calls = without(seen, event.call)
      if (seen.store?.id === event.call && seen.store.failed) seen.store = null
      return
  }
}

/** What becomes of keys, and which of them are swallowed. */
export const keysText = (mode: string, swallow = ''): string =>
  swallow === '' ? mode : `${mode} but ${swallow}`

/** Takes note of what the machine does. */
export const observe = (seen: Witness, effect: PhoneEffect): void => {
  switch (effect.type) {
    case 'line':
      seen.line = effect.state
      return
    case 'hook-context':
      seen.context = effect.context
      return
    case 'ring':
      seen.ring = effect.cadence
      return
    case 'tone':
      seen.tone = effect.tone
      return
    case 'keys':
      seen.keys = keysText(effect.mode, effect.swallow)
      return
    case 'talk':
      seen.talk = effect.calls
      return
    case 'start-timer':
      if (!(effect.ms > 0)) violated('timers', `${effect.name} without a length`)
      seen.timers |= bit(effect.name)
      return
    case 'cancel-timer':
      if (!runs(seen, effect.name)) violated('timers', `cancelled ${effect.name}, which did not run`)
      seen.timers &= ~bit(effect.name)
      return
    case 'place':
      begun(seen, { id: effect.call, phase: 'calling', emergency: effect.emergency, hold: 'never' })
      return
    case 'alert':
      if (callOf(seen, effect.call)?.phase !== 'ringing') violated('legs', `180 to ${effect.call}, no caller`)
      return
    case 'answer':
      if (callOf(seen, effect.call)?.phase !== 'ringing') violated('answer', `${effect.call} does not ring`)
      if (!seen.offHook) violated('answer', `${effect.call} is answered on-hook`)
      become(seen, effect.call, { phase: 'answered' })
      return
    case 'reject':
      if (callOf(seen, effect.call)?.phase !== 'ringing')
        violated('legs', `${effect.call} refused, no caller`)
      if (effect.status < 300) violated('final', `${effect.status} is no final refusal`)
      seen.calls = without(seen, effect.call)
      return
    case 'store':
      seen.store = { id: effect.id, failed: false }
      return
    case 'hang-up':
      if (seen.store?.id === effect.call && seen.store.failed) seen.store = null
      if (callOf(seen, effect.call) === undefined) violated('legs', `${effect.call} released, is not there`)
      seen.calls = without(seen, effect.call)
      return
    case 'hold':
    case 'resume':
      if (callOf(seen, effect.call)?.phase !== 'answered')
        violated('legs', `${effect.type} of ${effect.call}`)
      become(seen, effect.call, { hold: effect.type === 'hold' ? 'holding' : 'resuming' })
      return
    case 'ignored':
      return
  }
}
