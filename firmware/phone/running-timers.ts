// Which timers run in a state. Starting and cancelling follow from two states, so that none can be forgotten:
// the timer of what the keys mean starts anew whenever that changes, a call's timer lasts as long as it has a reason.

import type { PhoneConfig } from './config.js'
import { interDigitWait } from './dialling/collect.js'
import type { PhoneEffect } from './effect.js'
import type { TimerName } from './event.js'
import type { Calls, Entry, PhoneState } from './state.js'

/** After an emergency call its call-back gets through for half an hour (design §6.1). */
export const CALL_BACK_MS = 30 * 60_000

/** So long the network may be silent after it took a code; then the box confirms it by itself. */
export const CODE_ANSWER_MS = 3000

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
    case 'relay':
      return entry.swallowHash ? 'hash-swallow' : null
    case 'failed':
      return 'busy-tone'
    case 'left-off-hook':
      return entry.stage === 'howler' ? 'howler' : null
  }
}

export const callsTimer = (calls: Calls): TimerName | null => {
  if (calls.kind === 'none') return null
  const { leg } = calls
  if (leg.phase === 'ringing') return 'ring-guard'
  if (leg.phase === 'code') return !leg.answered ? 'no-answer' : leg.heard ? null : 'code-answer'
  // Emergency services may let it ring as long as they need: that call is never given up here.
  return leg.phase === 'calling' && !leg.emergency ? 'no-answer' : null
}

/** The names of all that run, for a test, a console or a picture. */
export const runningTimers = (state: PhoneState): readonly TimerName[] => {
  const names: readonly (TimerName | null)[] = [
    entryTimer(state.entry),
    callsTimer(state.calls),
    state.callBackOf === null ? null : 'call-back',
  ]
  return names.filter(name => name !== null)
}

export const isRunning = (state: PhoneState, name: TimerName): boolean =>
  name === entryTimer(state.entry) ||
  name === callsTimer(state.calls) ||
  (name === 'call-back' && state.callBackOf !== null)

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
  if (a.calls !== b.calls) {
    const before = callsTimer(a.calls)
    const after = callsTimer(b.calls)
    if (before !== after) {
      if (before !== null && before !== fired) effects.push({ type: 'cancel-timer', name: before })
      if (after !== null) effects.push({ type: 'start-timer', name: after, ms: callsWait(after, config) })
    }
  }
  if (a.callBackOf !== b.callBackOf && b.callBackOf !== null)
    effects.push({ type: 'start-timer', name: 'call-back', ms: CALL_BACK_MS })
}

const entryWait = (entry: Entry, { timers }: PhoneConfig): number => {
  switch (entry.kind) {
    case 'collecting':
      return interDigitWait(entry.collection, timers.interDigit)
    case 'relay':
      return timers.hashSwallow
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

const callsWait = (name: TimerName, { timers }: PhoneConfig): number => {
  if (name === 'code-answer') return CODE_ANSWER_MS
  return name === 'ring-guard' ? timers.ringGuard : timers.noAnswer
}
