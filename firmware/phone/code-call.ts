// A code of the network on its way: placed as a call, answered by an announcement, a tone or nothing at all
// (3GPP TS 24.238 §4, annex A). A final 2xx, or one listed in the settings, is a yes; hanging up before it changes
// nothing here. The code that resets all services asks the network first and clears our own masking
// only after a yes, so that half a reset never shows the number.

import type { PhoneConfig } from './config.js'
import type { Dialled } from './dialling/dialled.js'
import type { CallId } from './event.js'
import { activeLeg, withActive, withoutPlaced, withPlaced } from './legs.js'
import { type CallEffect, type Move, move, moveSilently } from './move.js'
import {
  type Code,
  change,
  confirmation,
  dialTone,
  type Entry,
  errorTone,
  type PhoneState,
  relay,
  relayButHash,
} from './state.js'

/** The call of this name, if it carries a code. */
export const codeLeg = (state: PhoneState, call: CallId): Code | undefined => {
  const leg = activeLeg(state.calls)
  return leg?.phase === 'code' && leg.id === call ? leg : undefined
}

export const placeCode = (state: PhoneState, { target, code, by }: Dialled): Move => {
  const id = `out-${state.nextCall}`
  const leg: Code = {
    phase: 'code',
    id,
    emergency: false,
    alerting: false,
    answered: false,
    heard: false,
    reset: code === 'reset-all' ? 'not-yet' : null,
  }
  const next = withPlaced(state, leg, by === 'match' ? relayButHash : relay)
  return move(change(next, { nextCall: state.nextCall + 1 }), {
    type: 'place',
    call: id,
    target,
    masked: state.masked,
    emergency: false,
  })
}

/** The network speaks, before or after its answer. */
export const codeHeard = (state: PhoneState, call: CallId): Move => {
  const leg = codeLeg(state, call)
  return leg && !leg.heard ? moveSilently(withActive(state, { ...leg, heard: true })) : null
}

/** A yes. Our own part of a reset begins now, whether or not the announcement is heard to its end. */
export const codeAnswered = (state: PhoneState, leg: Code): Move => {
  if (leg.answered) return null
  const answered: Code = { ...leg, answered: true }
  if (leg.reset !== 'not-yet') return moveSilently(withActive(state, answered))
  return move(withActive(state, { ...answered, reset: 'asked' }), clearMasking(leg))
}

const clearMasking = (leg: Code): CallEffect => ({
  type: 'store',
  id: leg.id,
  setting: 'masking',
  value: false,
})

/** The network ended it, with a final refusal (`status`) where it had not answered. */
export const codeEnded = (state: PhoneState, leg: Code, config: PhoneConfig, status: number): Move => {
  if (leg.answered) return moveSilently(over(state, afterYes(leg)))
  if (!config.okFinals.includes(status)) return moveSilently(over(state, errorTone))
  if (leg.reset !== 'not-yet') return moveSilently(over(state, afterYes(leg)))
  return move(over(state, afterYes({ ...leg, reset: 'asked' })), clearMasking(leg))
}

/** Answered, and nothing was said for a while: the box ends the call and confirms by itself. */
export const codeWithoutWord = (state: PhoneState): Move => {
  const leg = activeLeg(state.calls)
  if (leg?.phase !== 'code') return null
  return move(over(state, leg.answered ? afterYes(leg) : errorTone), {
    type: 'hang-up',
    call: leg.id,
  })
}

/** Networks answer faster than people dial: the "#" they add out of habit must not begin another code. */
const over = (state: PhoneState, entry: Entry): PhoneState => {
  const habit = state.entry.kind === 'relay' && state.entry.swallow === '#'
  const tone = entry.kind === 'confirmation' || entry.kind === 'error-tone'
  return withoutPlaced(state, habit && tone ? { ...entry, swallowHash: true } : entry)
}

/** The network's own announcement confirms enough. */
export const confirmed = (heard: boolean): Entry => (heard ? dialTone : confirmation)

const afterYes = (leg: Code): Entry => {
  if (leg.reset === 'asked') return { kind: 'storing', id: leg.id, heard: leg.heard }
  if (leg.reset === 'failed') return errorTone
  return confirmed(leg.heard)
}
