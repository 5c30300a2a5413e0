// What the network says of a party who is held, or is to be held or resumed, and the end of a party who is held.

import { resumeRefusedInConference } from './conference.js'
import type { PhoneConfig } from './config.js'
import { holdKnown, holdRefused } from './consultation.js'
import type { CallId } from './event.js'
import { exchange, fetchBack, notExchanged, resumeRefusedInTwo } from './exchange.js'
import { activeLeg, roleOf, withActive, withOne } from './legs.js'
import { type Move, move, moveSilently } from './move.js'
import { sendDialled } from './number-entry.js'
import { ringing } from './recall.js'
import {
  backWithBeep,
  type Conference,
  change,
  noCalls,
  type PhoneState,
  type Talking,
  type TwoCalls,
} from './state.js'

/** The answer to `hold`. */
export const holdAnswered = (state: PhoneState, call: CallId, ok: boolean, config: PhoneConfig): Move => {
  const { calls, entry } = state
  const role = roleOf(state, call)
  if (role === 'active' && entry.kind === 'holding') return ok ? exchange(state) : notExchanged(state)
  if (role === 'active' || role === 'first' || role === 'last') return ok ? notMeant(state, role) : null
  if (role !== 'held' || (calls.kind !== 'held' && calls.kind !== 'two') || !calls.held.asked) return null
  if (!ok) return holdRefused(state)
  return sendIfDialled(holdKnown(state), config)
}

const sendIfDialled = (known: Move, config: PhoneConfig): Move =>
  known !== null && known.state.entry.kind === 'dialled' ? sendDialled(known.state, config) : known

/** The hold is not answered in time. */
export const holdTimeout = (state: PhoneState, config: PhoneConfig): Move =>
  state.entry.kind === 'dialled' ? sendDialled(state, config) : fetchBack(state)

/** The answer to `resume`. */
export const resumeAnswered = (state: PhoneState, call: CallId, ok: boolean): Move => {
  const { calls } = state
  const role = roleOf(state, call)
  if (calls.kind === 'conference' && (role === 'first' || role === 'last'))
    return answeredInConference(state, calls, role, ok)
  if ((calls.kind !== 'one' && calls.kind !== 'two') || role !== 'active') return null
  const leg = calls.kind === 'one' ? calls.leg : calls.active
  if (leg.phase !== 'talking' || leg.resuming === 'no') return null
  // The wish to hold him again has overtaken the one that is refused.
  if (ok || state.entry.kind === 'holding') return moveSilently(withActive(state, { ...leg, resuming: 'no' }))
  return calls.kind === 'one' ? stillHeld(state, leg.id) : resumeRefusedInTwo(state, calls)
}

const answeredInConference = (
  state: PhoneState,
  calls: Conference,
  role: 'first' | 'last',
  ok: boolean,
): Move => {
  if (calls[role].resuming === 'no') return null
  if (!ok) return resumeRefusedInConference(state, role, calls)
  return moveSilently(withTalking(state, role, { ...calls[role], resuming: 'no' }))
}

/** He is held although he is spoken to: the network came late with a hold that was given up. */
const notMeant = (state: PhoneState, role: 'active' | 'first' | 'last'): Move => {
  const { calls } = state
  const leg = calls.kind === 'conference' && role !== 'active' ? calls[role] : activeLeg(calls)
  // Where a resume is under way, it comes after that hold; an emergency call is never asked to hold.
  if (leg?.phase !== 'talking' || leg.resuming !== 'no' || leg.emergency) return null
  return move(withTalking(state, role, { ...leg, resuming: 'asked' }), { type: 'resume', call: leg.id })
}

const withTalking = (state: PhoneState, role: 'active' | 'first' | 'last', leg: Talking): PhoneState => {
  const { calls } = state
  if (calls.kind !== 'conference') return withActive(state, leg)
  const first = role === 'first' ? leg : calls.first
  const last = role === 'last' ? leg : calls.last
  return change(state, { calls: { kind: 'conference', first, last } })
}

/** The only party cannot be resumed: he stays held, and R asks again. */
const stillHeld = (state: PhoneState, id: CallId): Move => {
  const calls = { kind: 'held', held: { id, asked: false }, alone: true } as const
  return moveSilently(change(state, { calls, entry: { kind: 'failed', tone: 'congestion' } }))
}

/** The held party has hung up: what the subscriber does goes on. */
export const heldGone = (state: PhoneState, config: PhoneConfig): Move => {
  const { calls, entry } = state
  if (calls.kind === 'two') return leftByHeld(state, calls)
  const without = change(state, { calls: noCalls })
  if (state.hook === 'on') return moveSilently(ringing(without))
  if (entry.kind === 'dialled') return sendDialled(without, config)
  return moveSilently(entry.kind === 'command' ? change(without, { entry: entry.under }) : without)
}

const leftByHeld = (state: PhoneState, { active }: TwoCalls): Move => {
  const { entry } = state
  const alone = withOne(state, active, entry)
  if (entry.kind === 'holding') return fetchBack(alone)
  // A command on its way was meant for two.
  if (entry.kind === 'command') return moveSilently(change(alone, { entry: backWithBeep }))
  const swallow = entry.kind === 'relay' ? entry.swallow : ''
  return moveSilently(change(alone, { entry: { kind: 'relay', swallow, beep: true } }))
}
