// THE feature machine: one event, one state, one configuration in; the next state and the effects out. Pure and total:
// it never throws, and an event that means nothing returns the same state object and one `ignored`.
// Which rule answers which event stands here; the rules stand in the file of their situation.

import { waitingTimeout } from './call-waiting.js'
import { codeHeard, codeWithoutWord } from './code-call.js'
import { confirmationEnd, stored } from './codes.js'
import { windowTimeout } from './command-window.js'
import type { PhoneConfig } from './config.js'
import type { PhoneEffect } from './effect.js'
import { busyToneTimeout, callGone, failureToneEnd, howlerTimeout, mediaLost } from './ended-call.js'
import type { PhoneEvent, TimerName } from './event.js'
import { flash } from './flash-actions.js'
import { holdAnswered, holdTimeout, resumeAnswered } from './held-party.js'
import { offHook, onHook } from './hook.js'
import { incoming, ringGuard } from './incoming-call.js'
import { lineFault } from './line-fault.js'
import { forwardingTold, lampAfter, lampTimeout, messagesTold } from './message-lamp.js'
import { type Move, moveSilently } from './move.js'
import {
  digit,
  digitBegun,
  digitLost,
  errorToneEnd,
  firstDigitTimeout,
  interDigitTimeout,
  swallowTimeout,
} from './number-entry.js'
import { answered, earlyMedia, noAnswer, progress } from './outgoing-call.js'
import { presentationOf, pushDifference, pushTalk, pushWhole } from './presentation.js'
import { recallTimeout } from './recall.js'
import { isRunning, pushTimers } from './running-timers.js'
import { assertNever, change, type Messages, type PhoneState } from './state.js'

export type Step = readonly [PhoneState, readonly PhoneEffect[]]

/** See the head of this file. Effects are in the order in which they are to start. */
export const reduce = (state: PhoneState, event: PhoneEvent, config: PhoneConfig): Step => {
  const moved = next(state, event, config)
  if (moved === null) return [state, [{ type: 'ignored', event: event.type }]]
  const effects: PhoneEffect[] = []
  const after = lampAfter(state, moved.state)
  pushPresentation(state, event, after, config, effects)
  for (const act of moved.acts) effects.push(act)
  if (after !== state) {
    pushTalk(state, after, effects)
    pushTimers(state, after, event.type === 'timer' ? event.name : null, config, effects)
  }
  return [after, effects]
}

const pushPresentation = (
  before: PhoneState,
  event: PhoneEvent,
  after: PhoneState,
  config: PhoneConfig,
  effects: PhoneEffect[],
): void => {
  const row = presentationOf(after, config)
  // What was heard so far followed another configuration.
  if (event.type === 'configured') effects.push({ type: 'tone', tone: row.tone })
  // The port may have been reset meanwhile: it is told everything, not what changed.
  else if (event.type === 'line-fault' && !event.on) pushWhole(row, effects)
  else if (after !== before) pushDifference(presentationOf(before, config), row, effects)
}

const next = (state: PhoneState, event: PhoneEvent, config: PhoneConfig): Move => {
  switch (event.type) {
    case 'off-hook':
      return offHook(state)
    case 'on-hook':
      return onHook(state, event.afterFlashMs)
    case 'flash':
      return flash(state)
    case 'digit':
      return digit(state, event.digit, config)
    case 'digit-begun':
      return digitBegun(state)
    case 'digit-lost':
      return digitLost(state)
    case 'digit-end':
      return null
    case 'timer':
      return isRunning(state, event.name) ? timeout(state, event.name, config) : null
    case 'tone-end':
      return toneEnd(state, event.tone)
    case 'registration':
      if (state.registered === event.registered) return null
      return moveSilently(change(state, { registered: event.registered }))
    case 'incoming':
      return incoming(state, event.call, event.caller, config)
    case 'abandoned':
    case 'ended':
      return callGone(state, config, { call: event.call, status: 486 })
    case 'progress':
      return progress(state, event.call, event.status)
    case 'early-media':
      return earlyMedia(state, event.call)
    case 'answered':
      return answered(state, event.call)
    case 'audio':
      return codeHeard(state, event.call)
    case 'masking':
      return state.masked === event.masked ? null : moveSilently(change(state, { masked: event.masked }))
    case 'messages':
      return messagesTold(state, messagesIn(event))
    case 'forwarding':
      return forwardingTold(state, event.active)
    case 'stored':
      return stored(state, event.id, event.ok)
    case 'failed':
      return callGone(state, config, event)
    case 'held':
      return holdAnswered(state, event.call, event.ok, config)
    case 'resumed':
      return resumeAnswered(state, event.call, event.ok)
    case 'line-fault':
      return lineFault(state, event.on)
    case 'configured':
      // Nothing can be heard on-hook; there is no need to say it again.
      return state.hook === 'off' ? moveSilently(state) : null
    case 'media-lost':
      return mediaLost(state, event.call, config)
    default:
      return assertNever(event, null)
  }
}

const timeout = (state: PhoneState, name: TimerName, config: PhoneConfig): Move => {
  switch (name) {
    case 'first-digit':
      return firstDigitTimeout(state)
    case 'inter-digit':
      return interDigitTimeout(state, config)
    case 'hash-swallow':
      return swallowTimeout(state)
    case 'busy-tone':
      return busyToneTimeout(state)
    case 'howler':
      return howlerTimeout(state)
    case 'ring-guard':
      return state.waiting === null ? ringGuard(state) : waitingTimeout(state)
    case 'no-answer':
      return noAnswer(state)
    case 'code-answer':
      return codeWithoutWord(state)
    case 'lamp':
      return lampTimeout(state)
    case 'call-back':
      return moveSilently(change(state, { callBackOf: null }))
    case 'window':
      return state.entry.kind === 'command' ? windowTimeout(state) : swallowTimeout(state)
    case 'hold':
      return holdTimeout(state, config)
    case 'waiting':
      return waitingTimeout(state)
    case 'recall-ring':
      return recallTimeout(state)
    default:
      return assertNever(name, null)
  }
}

const messagesIn = ({ waiting, count }: Extract<PhoneEvent, { type: 'messages' }>): Messages =>
  count === undefined ? { waiting } : { waiting, count }

/** Only the tone that is heard can end; a late word about an earlier one means nothing. */
const toneEnd = (state: PhoneState, tone: string): Move => {
  switch (tone) {
    case 'error':
      return errorToneEnd(state)
    case 'error-beep':
      return beepEnd(state)
    case 'confirmation':
      return confirmationEnd(state)
    default:
      return failureToneEnd(state, tone)
  }
}

const beepEnd = (state: PhoneState): Move => {
  const { entry } = state
  if (entry.kind !== 'relay' || !entry.beep) return null
  return moveSilently(change(state, { entry: { kind: 'relay', swallow: entry.swallow, beep: false } }))
}
