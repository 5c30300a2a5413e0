// What the line does in each state: feed, ringing, tone, what a loop break and what a key mean, and who hears whom. One
// function for each; an effect is the difference between two states, so that silence on hanging up needs no rule.

import type { PhoneConfig } from './config.js'
import type { HookContext, PhoneEffect, ToneName } from './effect.js'
import type { CallId } from './event.js'
import { activeLeg, heldParty, inEmergency } from './legs.js'
import type { Entry, Leg, OpenLeg, PhoneState } from './state.js'

export interface Presentation {
  readonly line: 'idle' | 'active' | 'parked'
  readonly context: HookContext
  readonly ring: 'normal' | 'recall' | null
  /** Whom a ringing telephone shows, or one in a call that hears another wait; '' when neither. */
  readonly shown: CallId
  readonly tone: ToneName | null
  readonly keys: 'collect' | 'relay' | 'off'
  /** Keys that are not relayed. */
  readonly swallow: string
}

/** What this state presents. */
export const presentationOf = (state: PhoneState, config: PhoneConfig): Presentation => ({
  line: lineOf(state),
  context: contextOf(state),
  ring: ringOf(state),
  shown: shownOf(state),
  tone: state.hook === 'on' ? null : toneOf(state, config),
  keys: keysOf(state.entry),
  swallow: state.entry.kind === 'relay' ? state.entry.swallow : '',
})

const lineOf = ({ hook, entry }: PhoneState): Presentation['line'] => {
  if (hook === 'on') return 'idle'
  return entry.kind === 'left-off-hook' && entry.stage === 'parked' ? 'parked' : 'active'
}

const ringOf = ({ hook, calls, waiting }: PhoneState): Presentation['ring'] => {
  if (hook === 'off') return null
  // An emergency call-back rings above the recall.
  if (calls.kind === 'one' || waiting !== null) return 'normal'
  return calls.kind === 'held' ? 'recall' : null
}

const shownOf = ({ hook, calls, waiting, entry }: PhoneState): CallId => {
  if (hook === 'off') return entry.kind === 'relay' ? (waiting?.id ?? '') : ''
  return waiting?.id ?? activeLeg(calls)?.id ?? heldParty(calls) ?? ''
}

const contextOf = (state: PhoneState): HookContext => {
  if (state.hook === 'on') return state.calls.kind === 'none' ? 'collecting' : 'ringing'
  if (inEmergency(state)) return 'emergency'
  switch (state.entry.kind) {
    case 'dial-tone':
    case 'error-tone':
    case 'storing':
    case 'confirmation':
    case 'collecting':
      // R means something here: a short break is no slow rotary "1".
      return state.calls.kind === 'held' ? 'window' : 'collecting'
    case 'command':
      return 'window'
    case 'none':
    case 'dialled':
    case 'relay':
    case 'holding':
    case 'failed':
    case 'left-off-hook':
      return 'talking'
  }
}

const keysOf = (entry: Entry): Presentation['keys'] => {
  switch (entry.kind) {
    case 'dial-tone':
    case 'error-tone':
    case 'storing':
    case 'confirmation':
    case 'collecting':
    case 'command':
    // Nothing is collected, but a key that is still down must not be taken for a new one when keys are relayed again.
    case 'dialled':
    case 'holding':
      return 'collect'
    case 'relay':
      return 'relay'
    case 'none':
    case 'failed':
    case 'left-off-hook':
      return 'off'
  }
}

/** The ear of a lifted telephone, voices aside. */
const toneOf = (state: PhoneState, config: PhoneConfig): ToneName | null => {
  const { entry, waiting, calls } = state
  switch (entry.kind) {
    case 'command':
      return 'recall-soft'
    case 'error-tone':
      return 'error'
    case 'confirmation':
      return 'confirmation'
    case 'relay':
      if (entry.beep) return 'error-beep'
      return waiting ? 'waiting' : ringback(activeLeg(calls))
    case 'none':
    case 'holding':
    case 'storing':
      return null
    case 'dial-tone':
    case 'collecting':
    case 'dialled':
    case 'failed':
    case 'left-off-hook':
      return waiting?.callBack ? 'waiting' : entryTone(state, config)
  }
}

/** The telephone rings back by itself unless the network is already heard (RFC 3960 §3.2). */
const ringback = (leg: Leg | undefined): ToneName | null => {
  if (leg === undefined || leg.phase === 'ringing' || leg.phase === 'talking') return null
  return leg.alerting && !isHeard(leg) ? 'ringback' : null
}

/** The network itself is heard, or the far end. */
const isHeard = (leg: OpenLeg): boolean => {
  switch (leg.phase) {
    case 'calling':
      return leg.early
    case 'code':
      return leg.answered || leg.heard
    case 'talking':
      return true
  }
}

const entryTone = (state: PhoneState, config: PhoneConfig): ToneName | null => {
  const { entry, calls, registered } = state
  switch (entry.kind) {
    case 'dial-tone':
      // Without service the subscriber hears it; emergency numbers are heard all the same.
      if (!registered || !config.hasAccount) return 'congestion'
      return calls.kind === 'held' ? 'recall' : dialToneOf(state)
    case 'failed':
      return entry.tone
    case 'left-off-hook':
      return entry.stage === 'howler' && config.howlerTone ? 'howler' : null
    default:
      return null
  }
}

/**
 * A forward comes before messages: nothing else reminds of it, and a telephone that rings no more is easily forgotten; of
 * messages the lamp tells as well.
 */
const dialToneOf = ({ indications }: PhoneState): ToneName => {
  if (indications.forwarded) return 'special'
  return indications.messages?.waiting ? 'stutter' : 'dial'
}

const nobody: readonly CallId[] = []

/** Who is in conversation with the subscriber: both of a conference. Nobody while keys are awaited or a hold is answered. */
export const talkersOf = ({ calls, entry }: PhoneState): readonly CallId[] => {
  if (entry.kind !== 'relay') return nobody
  if (calls.kind === 'conference') return [calls.first.id, calls.last.id]
  const leg = activeLeg(calls)
  return leg && leg.phase !== 'ringing' && isHeard(leg) ? [leg.id] : nobody
}

/** Appends what turns row `a` into row `b`. Ringing stops before anything else: no burst in an ear. */
export const pushDifference = (a: Presentation, b: Presentation, effects: PhoneEffect[]): void => {
  if (a.ring !== b.ring && b.ring === null) effects.push({ type: 'ring', cadence: null })
  const wakes = a.line !== b.line && b.line === 'active'
  if (wakes || a.context !== b.context) effects.push({ type: 'hook-context', context: b.context })
  if (wakes) effects.push({ type: 'line', state: 'active' })
  if (a.tone !== b.tone) effects.push(toneEffect(b))
  if (a.keys !== b.keys || a.swallow !== b.swallow) effects.push(keysEffect(b))
  if (sleeps(a, b) || (!wakes && a.line !== b.line)) effects.push({ type: 'line', state: b.line })
  if (b.ring !== null && (a.ring !== b.ring || a.shown !== b.shown)) effects.push(ringEffect(b.ring, b))
}

/** A telephone that has only rung never was active, but its audio half is awake and may sleep again. */
const sleeps = (a: Presentation, b: Presentation): boolean =>
  b.line === 'idle' && b.ring === null && a.ring !== null

/** Appends everything row `b` says, for a port that knows nothing any more. */
export const pushWhole = (b: Presentation, effects: PhoneEffect[]): void => {
  if (b.ring === null) effects.push({ type: 'ring', cadence: null })
  effects.push({ type: 'hook-context', context: b.context })
  if (b.line === 'active') effects.push({ type: 'line', state: 'active' })
  effects.push(toneEffect(b), keysEffect(b))
  if (b.line !== 'active') effects.push({ type: 'line', state: b.line })
  if (b.ring !== null) effects.push(ringEffect(b.ring, b))
}

/** Appends who hears whom, where that changed. */
export const pushTalk = (before: PhoneState, after: PhoneState, effects: PhoneEffect[]): void => {
  const related = before.entry.kind === 'relay' || after.entry.kind === 'relay'
  if (!related || (before.calls === after.calls && before.entry.kind === after.entry.kind)) return
  const a = talkersOf(before)
  const b = talkersOf(after)
  if (a.length !== b.length || a[0] !== b[0] || a[1] !== b[1]) effects.push({ type: 'talk', calls: b })
}

const ringEffect = (cadence: 'normal' | 'recall', { shown }: Presentation): PhoneEffect => ({
  type: 'ring',
  cadence,
  show: shown,
})

const toneEffect = ({ tone, shown }: Presentation): PhoneEffect =>
  tone === 'waiting' && shown !== '' ? { type: 'tone', tone, show: shown } : { type: 'tone', tone }

const keysEffect = ({ keys, swallow }: Presentation): PhoneEffect =>
  swallow === '' ? { type: 'keys', mode: keys } : { type: 'keys', mode: keys, swallow }
