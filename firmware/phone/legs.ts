// Whose call is whose: the one that is spoken to or dialled, the held one, the two of a conference, the one that waits;
// and the same telephone with one of them exchanged or gone.

import type { CallId } from './event.js'
import {
  type Calls,
  change,
  dialTone,
  type Entry,
  type Leg,
  noCalls,
  type OpenLeg,
  type PhoneState,
  type Ringing,
  type Talking,
} from './state.js'

/** Whom the subscriber speaks to, calls, or is called by; undefined where it is nobody or two. */
export const activeLeg = (calls: Calls): Leg | undefined => {
  switch (calls.kind) {
    case 'one':
      return calls.leg
    case 'two':
      return calls.active
    case 'none':
    case 'held':
    case 'conference':
      return undefined
  }
}

/** The party that is held; undefined where there is none. */
export const heldParty = (calls: Calls): CallId | undefined =>
  calls.kind === 'held' || calls.kind === 'two' ? calls.held.id : undefined

export type Role = 'active' | 'held' | 'first' | 'last' | 'waiting'

/** What this call is to the telephone; undefined: it has no such call. */
export const roleOf = ({ calls, waiting }: PhoneState, call: CallId): Role | undefined => {
  if (waiting?.id === call) return 'waiting'
  if (activeLeg(calls)?.id === call) return 'active'
  if (heldParty(calls) === call) return 'held'
  if (calls.kind !== 'conference') return undefined
  return calls.first.id === call ? 'first' : calls.last.id === call ? 'last' : undefined
}

/** Of every call, the one that waits last. */
export const allCalls = ({ calls, waiting }: PhoneState): readonly CallId[] => {
  const ids: CallId[] = []
  const active = activeLeg(calls)
  if (active) ids.push(active.id)
  const held = heldParty(calls)
  if (held !== undefined) ids.push(held)
  if (calls.kind === 'conference') ids.push(calls.first.id, calls.last.id)
  if (waiting) ids.push(waiting.id)
  return ids
}

export const talkingTo = (id: CallId, resuming: Talking['resuming'] = 'no'): Talking => ({
  phase: 'talking',
  id,
  emergency: false,
  resuming,
})

/** The same telephone with this one call. */
export const withOne = (state: PhoneState, leg: Leg, entry: Entry): PhoneState =>
  change(state, { calls: { kind: 'one', leg }, entry })

/** The same telephone, the active call exchanged; whoever is held stays held. */
export const withActive = (state: PhoneState, leg: OpenLeg): PhoneState => {
  const { calls } = state
  if (calls.kind !== 'two') return withOne(state, leg, state.entry)
  const { held, younger } = calls
  return change(state, { calls: { kind: 'two', active: leg, held, younger } })
}

/**
 * The same telephone without the active call; whoever is held stays held, `alone` or in a consultation that goes on.
 * The end of an emergency call opens the half hour of its call-back.
 */
export const withoutActive = (state: PhoneState, entry: Entry, alone: boolean): PhoneState => {
  const { calls } = state
  const rest: Calls = calls.kind === 'two' ? { kind: 'held', held: calls.held, alone } : noCalls
  return change(state, { calls: rest, entry, callBackOf: callBackAfter(state) })
}

/** A call that the subscriber has placed becomes the only one, or the second where a party is held: he stays held. */
export const withPlaced = (state: PhoneState, leg: OpenLeg, entry: Entry): PhoneState => {
  if (state.calls.kind !== 'held') return withOne(state, leg, entry)
  const { held } = state.calls
  return change(state, { calls: { kind: 'two', active: leg, held, younger: 'active' }, entry })
}

/**
 * Nothing came of the call placed. A command window stays open over what is heard of it: the subscriber may be about to
 * fetch the held party back.
 */
export const withoutPlaced = (state: PhoneState, entry: Entry): PhoneState => {
  if (state.entry.kind !== 'command') return withoutActive(state, entry, false)
  const under = entry.kind === 'failed' ? entry : dialTone
  return withoutActive(state, { kind: 'command', under }, false)
}

/** The same telephone without any call. */
export const withoutCalls = (state: PhoneState, entry: Entry): PhoneState =>
  change(state, { calls: noCalls, waiting: null, entry, callBackOf: callBackAfter(state) })

/** The emergency call whose call-back may come, once the active call is over. */
const callBackAfter = (state: PhoneState): PhoneState['callBackOf'] => {
  const leg = activeLeg(state.calls)
  return leg && isEmergency(leg) ? leg.id : state.callBackOf
}

export const isEmergency = (leg: Leg): boolean => leg.phase !== 'ringing' && leg.emergency

/** An emergency call stands. */
export const inEmergency = ({ calls }: PhoneState): boolean => {
  const leg = activeLeg(calls)
  return leg !== undefined && isEmergency(leg)
}

/** Rings on-hook. */
export const ringingCall = ({ calls }: PhoneState): Ringing | undefined =>
  calls.kind === 'one' && calls.leg.phase === 'ringing' ? calls.leg : undefined
