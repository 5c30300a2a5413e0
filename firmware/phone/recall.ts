// Hanging up on somebody who is held or waits: he is not lost, the telephone rings. A held party recalls for up to a
// minute, a caller who waits rings like any other.

import type { CallId } from './event.js'
import { allCalls, heldParty, withoutCalls } from './legs.js'
import { type CallEffect, type Move, move } from './move.js'
import { type Calls, change, noCalls, noEntry, type PhoneState } from './state.js'

/** A hang-up that begins so soon after R, with no key between, was one hang-up that bounced, ms. */
export const BOUNCED_HANG_UP_MS = 500

/** The telephone is on-hook now: whom the subscriber spoke to is released; who is held or waits rings. */
export const hungUp = (state: PhoneState, afterFlashMs: number | undefined): Move => {
  const released = bounced(state, afterFlashMs) ? [...spokenTo(state), ...heldOf(state)] : spokenTo(state)
  const held = state.calls.kind === 'held' || state.calls.kind === 'two' ? state.calls.held : undefined
  const calls: Calls =
    held !== undefined && !released.includes(held.id) ? { kind: 'held', held, alone: true } : noCalls
  const { callBackOf } = withoutCalls(state, noEntry)
  const acts = released.map((call): CallEffect => ({ type: 'hang-up', call }))
  return { state: ringing(change(state, { hook: 'on', calls, entry: noEntry, callBackOf })), acts }
}

const bounced = ({ entry, calls }: PhoneState, afterFlashMs: number | undefined): boolean => {
  if (afterFlashMs === undefined || afterFlashMs > BOUNCED_HANG_UP_MS) return false
  return entry.kind === 'command' || (calls.kind === 'held' && entry.kind === 'dial-tone')
}

const heldOf = ({ calls }: PhoneState): readonly CallId[] => {
  const held = heldParty(calls)
  return held === undefined ? [] : [held]
}

const spokenTo = (state: PhoneState): readonly CallId[] => {
  const held = heldParty(state.calls)
  return allCalls(state).filter(call => call !== held && call !== state.waiting?.id)
}

/** On-hook and without a call, a caller who waited is one who rings. */
export const ringing = (state: PhoneState): PhoneState => {
  const { waiting, calls, hook } = state
  if (waiting === null || calls.kind !== 'none' || hook === 'off') return state
  const leg = { phase: 'ringing', id: waiting.id, caller: waiting.caller } as const
  return change(state, { calls: { kind: 'one', leg }, waiting: null })
}

/** The recall was not answered. */
export const recallTimeout = (state: PhoneState): Move => {
  if (state.calls.kind !== 'held') return null
  const without = change(state, { calls: noCalls })
  return move(ringing(without), { type: 'hang-up', call: state.calls.held.id })
}
