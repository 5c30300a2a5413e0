// A call that ends by the other side or by itself, and the telephone left off the hook after it:
// busy tone, then howler or silence, then parked. Hanging up makes it usable at once from any of them.

import { codeEnded, codeWithoutWord } from './code-call.js'
import type { PhoneConfig } from './config.js'
import type { CallId } from './event.js'
import { stoppedRinging } from './incoming-call.js'
import { type Move, move, moveSilently } from './move.js'
import { callFailed } from './outgoing-call.js'
import { busyTone, change, howler, legOf, type PhoneState, parked, withoutCalls } from './state.js'

/** The network says the call is no more, by whichever word; what it means depends on how far the call had come. */
export const callGone = (
  state: PhoneState,
  config: PhoneConfig,
  gone: { readonly call: CallId; readonly status: number; readonly q850?: number },
): Move => {
  const leg = legOf(state, gone.call)
  switch (leg?.phase) {
    case undefined:
      return null
    case 'code':
      return codeEnded(state, leg, config, gone.status)
    case 'ringing':
      return stoppedRinging(state)
    case 'calling':
      return callFailed(state, gone.status, gone.q850)
    case 'talking':
      return moveSilently(withoutCalls(state, busyTone))
  }
}

/** Both directions silent: nobody is there any more, so the call is ended from here (design §6.13). */
export const mediaLost = (state: PhoneState, call: CallId): Move => {
  const leg = legOf(state, call)
  if (leg === undefined || leg.phase === 'ringing') return null
  if (leg.phase === 'code') return codeWithoutWord(state)
  return move(withoutCalls(state, busyTone), { type: 'hang-up', call })
}

/** A special information tone that the profile plays only so often gives way to the busy tone. */
export const failureToneEnd = (state: PhoneState, tone: string): Move =>
  state.entry.kind === 'failed' && state.entry.tone === tone && tone !== 'busy'
    ? moveSilently(change(state, { entry: busyTone }))
    : null

export const busyToneTimeout = (state: PhoneState): Move => moveSilently(change(state, { entry: howler }))

export const howlerTimeout = (state: PhoneState): Move => moveSilently(change(state, { entry: parked }))
