// One step of the machine beside its witness, with everything checked that one step can show. What needs more than a
// step (that silence is reached, that every caller is answered) is in settling.ts.

import type { PhoneConfig } from '../../../firmware/phone/config.js'
import type { PhoneEffect } from '../../../firmware/phone/effect.js'
import type { CallId, PhoneEvent } from '../../../firmware/phone/event.js'
import { activeLeg, heldParty } from '../../../firmware/phone/legs.js'
import { presentationOf, talkersOf } from '../../../firmware/phone/presentation.js'
import { reduce as machine, type Step } from '../../../firmware/phone/reduce.js'
import { runningTimers } from '../../../firmware/phone/running-timers.js'
import { initialState, type PhoneState } from '../../../firmware/phone/state.js'
import { demand, Violation, violated } from './violation.js'
import {
  bitsOf,
  callOf,
  copyOf,
  type Hold,
  initialWitness,
  keysText,
  notice,
  observe,
  running,
  runs,
  type Witness,
} from './witness.js'

/** The machine, or one broken on purpose. */
export type Reduce = (state: PhoneState, event: PhoneEvent, config: PhoneConfig) => Step

/** The machine and what is known of it from outside. */
export interface Watched {
  readonly state: PhoneState
  readonly seen: Witness
}

export const atStart: Watched = { state: initialState, seen: initialWitness }

/** The same object when the event was ignored. Throws a Violation. */
export const checkedStep = (
  before: Watched,
  event: PhoneEvent,
  config: PhoneConfig,
  reduce: Reduce = machine,
): Watched => {
  try {
    return step(before, event, config, reduce)
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    error.message += ` at ${JSON.stringify(event)} in ${JSON.stringify(before.state)}`
    throw error
  }
}

const step = (before: Watched, event: PhoneEvent, config: PhoneConfig, reduce: Reduce): Watched => {
  const [state, effects] = attempt(before.state, event, config, reduce)
  const ignored = effects.length === 1 && effects[0]?.type === 'ignored'
  if (ignored) {
    demand(state === before.state, 'ignored', 'another state')
    if (saysNothing.has(event.type)) return before
  }
  const seen = copyOf(before.seen)
  notice(seen, event)
  if (ignored) {
    checkUnheard(before.seen, seen, event)
    return sameCalls(before.seen, seen) ? before : { state, seen }
  }
  // Who dials on hears no more of what is being stored.
  if (seen.store !== null && seen.keys === 'collect' && event.type.startsWith('digit')) seen.store = null
  // A whole number that waits for a hold is the number that was dialled.
  if (before.state.entry.kind !== 'dialled') seen.withhold = withholds(before.state, event, config)
  for (const effect of effects) {
    demand(effect.type !== 'ignored', 'ignored', 'ignored together with something else')
    checkEffect(effect, before, seen, event)
    checkParties(effect, before, seen, state, event)
    if (effect.type === 'tone' && effect.tone === 'confirmation' && !mayConfirm(before.seen, event, config))
      violated('confirmed', `confirmed at ${event.type}`)
    observe(seen, effect)
  }
  // Only a number that waits for a hold is still to be placed.
  if (state.entry.kind !== 'dialled') seen.withhold = false
  checkHeard(seen, state)
  checkTold(seen, state, config)
  checkHeld(seen, state)
  return { state, seen }
}

/** Whatever the machine makes of these, nobody outside knows anything new by them. */
const saysNothing: ReadonlySet<PhoneEvent['type']> = new Set([
  'flash',
  'digit',
  'digit-begun',
  'digit-lost',
  'digit-end',
  'tone-end',
  'registration',
  'progress',
  'early-media',
  'audio',
  'configured',
  'media-lost',
])

const attempt = (state: PhoneState, event: PhoneEvent, config: PhoneConfig, reduce: Reduce): Step => {
  try {
    return reduce(state, event, config)
  } catch (error) {
    throw new Violation('total', String(error))
  }
}

const sameCalls = (a: Witness, b: Witness): boolean =>
  a.calls === b.calls &&
  a.offHook === b.offHook &&
  a.fault === b.fault &&
  a.timers === b.timers &&
  a.store === b.store &&
  a.withheld === b.withheld

/** Nothing may be passed over that changes what the network, the clock or the hook are known to be. */
const checkUnheard = (before: Witness, after: Witness, event: PhoneEvent): void => {
  if (after.calls.length !== before.calls.length) violated('legs', `${event.type} passed over`)
  demand(after.timers === before.timers, 'timers', 'a timer that ran has fired for nothing')
}

/** Whether the keys pressed until now begin with the code that withholds the number. */
const withholds = ({ entry }: PhoneState, event: PhoneEvent, { plan }: PhoneConfig): boolean => {
  if (entry.kind !== 'collecting') return false
  const keys = entry.collection.digits + (event.type === 'digit' ? event.digit : '')
  return plan.codes.some(({ code, does }) => does === 'mask-call' && keys.startsWith(code.slice(0, -1)))
}

/** What may be done at all, seen from where the telephone stood. */
const checkEffect = (
  effect: PhoneEffect,
  { seen, state }: Watched,
  now: Witness,
  event: PhoneEvent,
): void => {
  checkFresh(effect, seen, event)
  if (effect.type === 'place') {
    demand(!seen.fault, 'fault', 'placed on a broken line')
    demand(
      seen.keys === 'collect' || state.entry.kind === 'dialled',
      'legs',
      'placed without having collected keys',
    )
    const needed = !effect.emergency && (now.withhold || seen.withheld)
    if (effect.masked !== needed) violated('masking', `${effect.target} ${needed ? 'shown' : 'masked'}`)
  }
  if (effect.type === 'hang-up' && callOf(seen, effect.call)?.emergency && !givesUp.has(event.type))
    violated('emergencyStands', `given up at ${event.type}`)
}

/** A word about what is over changes nothing. */
const checkFresh = (effect: PhoneEffect, seen: Witness, event: PhoneEvent): void => {
  if (event.type === 'timer') {
    if (!runs(seen, event.name)) violated('timers', `${event.name} did not run`)
  } else if (event.type === 'stored') {
    if (seen.store?.id !== event.id)
      violated('stale', `${effect.type} for ${event.id}, which nobody waits for`)
  } else if (event.type !== 'incoming' && 'call' in event && callOf(seen, event.call) === undefined)
    violated('stale', `${effect.type} for ${event.call}, which is gone`)
}

/** What is done to one party must not lose or expose another. `now`: the effects before this one are done. */
const checkParties = (
  effect: PhoneEffect,
  before: Watched,
  now: Witness,
  after: PhoneState,
  event: PhoneEvent,
): void => {
  if (effect.type === 'place' && event.type === 'timer' && before.state.entry.kind === 'collecting')
    demand(effect.target.length > 1, 'stray', `${effect.target} placed`)
  if (effect.type === 'hang-up' && isHeld(effect.call, before) && !letsGo(event))
    violated('heldLost', `${effect.call} released at ${event.type}`)
  if ((effect.type === 'answer' || effect.type === 'resume') && joins(effect.call, before, event))
    for (const { id, phase, hold } of now.calls)
      if (id !== effect.call && phase === 'answered' && after.calls.kind !== 'conference' && !isSettled(hold))
        violated('swap', `${effect.type} ${effect.call}, ${id} ${hold}`)
}

/**
 * Somebody else comes to be spoken with. Lifting for the call-back of an emergency call waits for no hold that is under
 * way.
 */
const joins = (call: CallId, { state }: Watched, event: PhoneEvent): boolean =>
  activeLeg(state.calls)?.id !== call && event.type !== 'off-hook'

const isHeld = (call: CallId, { seen, state }: Watched): boolean =>
  callOf(seen, call)?.hold === 'held' || heldParty(state.calls) === call

const letsGo = (event: PhoneEvent): boolean =>
  (event.type === 'digit' && event.digit === '0') ||
  (event.type === 'on-hook' && event.afterFlashMs !== undefined) ||
  (event.type === 'timer' && event.name === 'recall-ring') ||
  event.type === 'line-fault'

/**
 * Who is spoken with is not held, everybody else who has answered is; but while a command or the answer to a hold is
 * awaited nobody is spoken with, and nobody has been asked yet.
 */
const checkHeld = (seen: Witness, { entry }: PhoneState): void => {
  const undecided = entry.kind === 'command' || entry.kind === 'holding'
  for (const { id, phase, hold } of seen.calls) {
    if (phase !== 'answered') continue
    if (seen.talk.includes(id)) {
      if (hold === 'held' || hold === 'holding') violated('hold', `${id} speaks, ${hold}`)
    } else if (!undecided && !isAside(hold)) violated('hold', `${id} is left out, ${hold}`)
  }
}

const isAside = (hold: Hold): boolean => hold === 'holding' || isSettled(hold)

const isSettled = (hold: Hold): boolean => hold === 'held' || hold === 'refused' || hold === 'kept'

/** Stored just now; or a call that the network said yes to is over, with nothing of ours left to store. */
const mayConfirm = (seen: Witness, event: PhoneEvent, { okFinals }: PhoneConfig): boolean => {
  // Said again for a port or a configuration that is new.
  if (event.type === 'configured' || event.type === 'line-fault') return seen.tone === 'confirmation'
  if (event.type === 'stored') return event.ok && seen.store?.id === event.id
  const call = 'call' in event ? callOf(seen, event.call) : seen.calls[0]
  if (!call || seen.store?.id === call.id) return false
  return call.phase === 'answered' || (event.type === 'failed' && okFinals.includes(event.status))
}

const givesUp: ReadonlySet<PhoneEvent['type']> = new Set(['on-hook', 'line-fault', 'media-lost'])

/** The machine's picture of itself is what was seen of it. */
const checkTold = (seen: Witness, state: PhoneState, config: PhoneConfig): void => {
  const row = presentationOf(state, config)
  const same =
    seen.line === row.line &&
    seen.context === row.context &&
    seen.ring === row.ring &&
    seen.tone === row.tone &&
    seen.keys === keysText(row.keys, row.swallow) &&
    sameList(seen.talk, talkersOf(state))
  if (!same) violated('presentation', `${JSON.stringify(seen)}, not ${JSON.stringify(row)}`)
  const timers = runningTimers(state)
  if (bitsOf(timers) !== seen.timers) violated('timers', `${running(seen)} run, not ${timers}`)
  const calls = callsIn(state)
  if (calls.length !== seen.calls.length || calls.some(call => callOf(seen, call) === undefined))
    violated('legs', `${seen.calls.map(({ id }) => id)} stand, not ${calls}`)
}

const callsIn = ({ calls, waiting }: PhoneState): readonly string[] => {
  const waits = waiting === null ? [] : [waiting.id]
  switch (calls.kind) {
    case 'none':
      return waits
    case 'one':
      return [calls.leg.id, ...waits]
    case 'held':
      return [calls.held.id, ...waits]
    case 'two':
      return [calls.active.id, calls.held.id, ...waits]
    case 'conference':
      return [calls.first.id, calls.last.id, ...waits]
  }
}

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i])

/** What no ear may hear, whatever the machine believes. */
const checkHeard = (seen: Witness, state: PhoneState): void => {
  demand((state.hook === 'off') === seen.offHook, 'total', 'the hook is not believed')
  if (seen.offHook) demand(seen.ring === null, 'ring', 'rings into a lifted telephone')
  else
    demand(
      seen.tone === null && seen.talk.length === 0 && seen.keys === 'off' && seen.line === 'idle',
      'ring',
      'something heard on a telephone that is hung up',
    )
  if (seen.talk.length > (state.calls.kind === 'conference' ? 2 : 1))
    violated('active', `${seen.talk} hear each other`)
  for (const call of seen.talk)
    if (callOf(seen, call) === undefined) violated('legs', `${call} speaks, is gone`)
  if (seen.fault)
    demand(seen.calls.length === 0 && seen.tone === null, 'fault', 'a call or a tone on a broken line')
}
