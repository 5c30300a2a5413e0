// Which timers run in a state. Starting and cancelling follow from two states, so that none can be forgotten:
// the timer of what the keys mean starts anew whenever that changes, a call's timer lasts as long as it has a reason.

import type { PhoneConfig } from './config.js'
import { interDigitWait } from './dialling/collect.js'
import type { PhoneEffect } from './effect.js'
import type { TimerName } from './event.js'
import { activeLeg } from './legs.js'
import { lampTimer, lampWait } from './message-lamp.js'
import type { Entry, PhoneState } from './state.js'

/** After an emergency call its call-back gets through for half an hour. */
export const CALL_BACK_MS = 30 * 60_000

/** So long the network may be silent after it took a code; then the box confirms it by itself. */
export const CODE_ANSWER_MS = 3000

/** A whole number waits so long for the first party to be held, then it is placed all the same. */
export const HOLD_BEFORE_PLACE_MS = 2_000

/** An exchange of two parties waits so long: a collision of re-INVITEs alone costs up to 4 s (RFC 3261 §14.1). */
export const HOLD_BEFORE_SWAP_MS = 10_000

export const entryTimer = (entry: Entry): TimerName | null => {
  switch (entry.kind) {
    case 'none':
      return null
    case 'dial-tone':
    case 'error-tone':
    case 'storing':
    case 'confirmation':
      return 'first-digit'
    case 'collecting':
      return 'inter-digit'
    case 'dialled':
    case 'holding':
      return 'hold'
    case 'relay':
      return entry.swallow === '' ? null : entry.swallow === '#' ? 'hash-swallow' : 'window'
    case 'command':
      return 'window'
    case 'failed':
      return 'busy-tone'
    case 'left-off-hook':
      return entry.stage === 'howler' ? 'howler' : null
  }
}

/** Of the call placed: until it is answered, or has said something. Of a held party on-hook: as long as the recall rings. */
export const legTimer = ({ calls, hook }: PhoneState): TimerName | null => {
  if (calls.kind === 'held') return hook === 'on' ? 'recall-ring' : null
  const leg = activeLeg(calls)
  if (leg?.phase === 'code') return !leg.answered ? 'no-answer' : leg.heard ? null : 'code-answer'
  // Emergency services may let it ring as long as they need: that call is never given up here.
  return leg?.phase === 'calling' && !leg.emergency ? 'no-answer' : null
}

/** Of a caller who is not answered. While he is being taken, he is not sent away. */
export const callerTimer = ({ calls, waiting, entry, hook }: PhoneState): TimerName | null => {
  if (entry.kind === 'holding') return null
  if (waiting !== null) return hook === 'on' || waiting.callBack ? 'ring-guard' : 'waiting'
  return calls.kind === 'one' && calls.leg.phase === 'ringing' ? 'ring-guard' : null
}

const callBackTimer = ({ callBackOf }: PhoneState): TimerName | null =>
  callBackOf === null ? null : 'call-back'

/** The names of all that run, for a test, a console or a picture. */
export const runningTimers = (state: PhoneState): readonly TimerName[] =>
  [
    entryTimer(state.entry),
    legTimer(state),
    callerTimer(state),
    callBackTimer(state),
    lampTimer(state),
  ].filter(name => name !== null)

export const isRunning = (state: PhoneState, name: TimerName): boolean =>
  name === entryTimer(state.entry) ||
  name === legTimer(state) ||
  name === callerTimer(state) ||
  name === callBackTimer(state) ||
  name === lampTimer(state)

/** Appends the timers that change from `a` to `b`; `fired` has just run out and needs no cancelling. */
export const pushTimers = (
  a: PhoneState,
  b: PhoneState,
  fired: TimerName | null,
  config: PhoneConfig,
  effects: PhoneEffect[],
): void => {
  if (a.entry !== b.entry) {
    const before = entryTimer(a.entry)
    const after = entryTimer(b.entry)
    if (before !== null && before !== after && before !== fired)
      effects.push({ type: 'cancel-timer', name: before })
    if (after !== null) effects.push({ type: 'start-timer', name: after, ms: entryWait(b.entry, config) })
  }
  if (a.calls !== b.calls || a.hook !== b.hook) pushLasting(legTimer(a), legTimer(b), fired, config, effects)
  pushLasting(callerTimer(a), callerTimer(b), fired, config, effects)
  pushLamp(a, b, fired, effects)
  // Each emergency call that ends opens its own half hour.
  if (a.callBackOf !== b.callBackOf && b.callBackOf !== null)
    effects.push({ type: 'start-timer', name: 'call-back', ms: CALL_BACK_MS })
}

/** It runs anew for each thing it waits for. */
const pushLamp = (a: PhoneState, b: PhoneState, fired: TimerName | null, effects: PhoneEffect[]): void => {
  const ran = lampTimer(a) !== null && fired !== 'lamp'
  const name = lampTimer(b)
  if (ran && name === null) effects.push({ type: 'cancel-timer', name: 'lamp' })
  else if (!ran && name !== null) effects.push({ type: 'start-timer', name, ms: lampWait(b) })
}

/** A timer that runs on for as long as both states have it. */
const pushLasting = (
  before: TimerName | null,
  after: TimerName | null,
  fired: TimerName | null,
  config: PhoneConfig,
  effects: PhoneEffect[],
): void => {
  if (before === after) return
  if (before !== null && before !== fired) effects.push({ type: 'cancel-timer', name: before })
  if (after !== null) effects.push({ type: 'start-timer', name: after, ms: lastingWait(after, config) })
}

const entryWait = (entry: Entry, { timers }: PhoneConfig): number => {
  switch (entry.kind) {
    case 'collecting':
      return interDigitWait(entry.collection, timers.interDigit)
    case 'dialled':
      return HOLD_BEFORE_PLACE_MS
    case 'holding':
      return HOLD_BEFORE_SWAP_MS
    case 'relay':
      return entry.swallow === '#' ? timers.hashSwallow : timers.window
    case 'command':
      return timers.window
    case 'failed':
      return timers.busyTone
    case 'left-off-hook':
      return timers.howler
    case 'none':
    case 'dial-tone':
    case 'error-tone':
    case 'storing':
    case 'confirmation':
      return timers.firstDigit
  }
}

const lastingWait = (name: TimerName, { timers }: PhoneConfig): number => {
  switch (name) {
    case 'waiting':
      return timers.waiting
    case 'recall-ring':
      return timers.recallRing
    case 'no-answer':
      return timers.noAnswer
    case 'code-answer':
      return CODE_ANSWER_MS
    default:
      return timers.ringGuard
  }
}
