// A call that ends by the other side or by itself, and the telephone left off the hook after it: busy tone, then howler
// or silence, then parked. Hanging up makes it usable at once from any of them. Whoever else is held or waits stays.

import { takeLast, waitingGone } from './call-waiting.js'
import { codeEnded, codeWithoutWord } from './code-call.js'
import { leftConference } from './conference.js'
import type { PhoneConfig } from './config.js'
import { resumeLast } from './consultation.js'
import type { CallId } from './event.js'
import { heldGone } from './held-party.js'
import { stoppedRinging } from './incoming-call.js'
import { activeLeg, roleOf, withoutActive } from './legs.js'
import { type Move, moveSilently } from './move.js'
import { callFailed } from './outgoing-call.js'
import { busyTone, change, howler, type PhoneState, parked } from './state.js'

interface Gone {
  readonly call: CallId
  readonly status: number
  readonly q850?: number
}

/** The network says the call is no more, by whichever word; what it means depends on whose it was and how far it had come. */
export const callGone = (state: PhoneState, config: PhoneConfig, gone: Gone): Move => {
  const role = roleOf(state, gone.call)
  switch (role) {
    case undefined:
      return null
    case 'waiting':
      return waitingGone(state)
    case 'held':
      return heldGone(state, config)
    case 'first':
    case 'last':
      return leftConference(state, role)
    case 'active':
      return activeGone(state, config, gone)
  }
}

const activeGone = (state: PhoneState, config: PhoneConfig, { status, q850 }: Gone): Move => {
  const leg = activeLeg(state.calls)
  switch (leg?.phase) {
    case undefined:
      return null
    case 'code':
      return codeEnded(state, leg, config, status)
    case 'ringing':
      return stoppedRinging(state)
    case 'calling':
      return callFailed(state, status, q850)
    case 'talking':
      return partyGone(state)
  }
}

/** The other side hung up. Where R was pressed or a change of places is under way, the one who is left is taken at once. */
const partyGone = (state: PhoneState): Move => {
  const { calls, entry } = state
  if (calls.kind === 'two')
    return entry.kind === 'command' || entry.kind === 'holding'
      ? resumeLast(withoutActive(state, busyTone, true))
      : moveSilently(withoutActive(state, busyTone, true))
  if (entry.kind === 'holding') return takeLast(state)
  // Over two callers the window stays open: only its key says whether the other is wanted.
  return moveSilently(withoutActive(state, entry.kind === 'command' ? entry : busyTone, true))
}

/** Both directions silent: nobody is there any more, so the call is ended from here. */
export const mediaLost = (state: PhoneState, call: CallId, config: PhoneConfig): Move => {
  const role = roleOf(state, call)
  // A held party is silent for as long as he is held.
  if (role === undefined || role === 'waiting' || role === 'held') return null
  const phase = role === 'active' ? activeLeg(state.calls)?.phase : 'talking'
  if (phase === 'ringing') return null
  if (phase === 'code') return codeWithoutWord(state)
  const gone = callGone(state, config, { call, status: 486 })
  return gone && { state: gone.state, acts: [{ type: 'hang-up', call }, ...gone.acts] }
}

/** A special information tone that the profile plays only so often gives way to the busy tone. */
export const failureToneEnd = (state: PhoneState, tone: string): Move =>
  state.entry.kind === 'failed' && state.entry.tone === tone && tone !== 'busy'
    ? moveSilently(change(state, { entry: busyTone }))
    : null

export const busyToneTimeout = (state: PhoneState): Move => moveSilently(change(state, { entry: howler }))

export const howlerTimeout = (state: PhoneState): Move => moveSilently(change(state, { entry: parked }))
