// What the line does in each state: feed, ringing, tone, what a loop break and what a key mean. One row a situation;
// an effect is the difference between two rows, so that silence on hanging up needs no rule of its own.

import type { PhoneConfig } from './config.js'
import type { HookContext, PhoneEffect, ToneName } from './effect.js'
import type { CallId } from './event.js'
import type { Calls, FailureTone, Leg, PhoneState } from './state.js'

export interface Presentation {
  readonly line: 'idle' | 'active' | 'parked'
  readonly context: HookContext
  readonly ring: 'normal' | null
  readonly tone: ToneName | null
  readonly keys: 'collect' | 'relay' | 'relay-but-hash' | 'off'
}

const idle: Presentation = { line: 'idle', context: 'collecting', ring: null, tone: null, keys: 'off' }
const ringing: Presentation = { ...idle, context: 'ringing', ring: 'normal' }
const dialling: Presentation = { ...idle, line: 'active', keys: 'collect' }
const dialTone: Presentation = { ...dialling, tone: 'dial' }
/** Not registered, or no account: the subscriber hears it, emergency numbers are heard all the same (design §6.11). */
const noService: Presentation = { ...dialling, tone: 'congestion' }
const errorTone: Presentation = { ...dialling, tone: 'error' }
const confirmation: Presentation = { ...dialling, tone: 'confirmation' }
const dead: Presentation = { ...dialling, context: 'talking', keys: 'off' }
const howler: Presentation = { ...dead, tone: 'howler' }
const parked: Presentation = { ...dead, line: 'parked' }
const callBack: Presentation = { ...dead, tone: 'waiting' }
const failed: Readonly<Record<FailureTone, Presentation>> = {
  busy: { ...dead, tone: 'busy' },
  congestion: { ...dead, tone: 'congestion' },
  sit: { ...dead, tone: 'sit' },
}

interface CallRows {
  readonly through: Presentation
  readonly ringback: Presentation
}
const callRows = (context: HookContext, keys: Presentation['keys']): CallRows => {
  const through: Presentation = { ...dead, context, keys }
  return { through, ringback: { ...through, tone: 'ringback' } }
}
const ordinary = callRows('talking', 'relay')
const ordinaryButHash = callRows('talking', 'relay-but-hash')
const emergency = callRows('emergency', 'relay')
const emergencyButHash = callRows('emergency', 'relay-but-hash')

/** The row of this state. */
export const presentationOf = (state: PhoneState, config: PhoneConfig): Presentation => {
  const { entry } = state
  if (state.calls.kind === 'one') return legPresentation(state.calls.leg, state)
  switch (entry.kind) {
    case 'none':
    case 'relay':
      return idle
    case 'dial-tone':
      return state.registered && config.hasAccount ? dialTone : noService
    case 'error-tone':
      return errorTone
    case 'confirmation':
      return confirmation
    case 'collecting':
    case 'storing':
      return dialling
    case 'failed':
      return failed[entry.tone]
    case 'left-off-hook':
      if (entry.stage === 'parked') return parked
      return config.howlerTone ? howler : dead
  }
}

const legPresentation = (leg: Leg, state: PhoneState): Presentation => {
  if (leg.phase === 'ringing') return state.hook === 'on' ? ringing : callBack
  const butHash = state.entry.kind === 'relay' && state.entry.swallowHash
  const rows = leg.emergency ? (butHash ? emergencyButHash : emergency) : butHash ? ordinaryButHash : ordinary
  return ringsBack(leg) ? rows.ringback : rows.through
}

const ringsBack = (leg: Exclude<Leg, { phase: 'ringing' }>): boolean => {
  switch (leg.phase) {
    case 'calling':
      return leg.alerting && !leg.early
    case 'code':
      return leg.alerting && !leg.answered && !leg.heard
    case 'talking':
      return false
  }
}

/** Whom the telephone hears and speaks to. */
export const talkersOf = (calls: Calls): readonly CallId[] => {
  if (calls.kind === 'none') return []
  const { leg } = calls
  switch (leg.phase) {
    case 'ringing':
      return []
    case 'calling':
      return leg.early ? [leg.id] : []
    case 'code':
      return leg.answered || leg.heard ? [leg.id] : []
    case 'talking':
      return [leg.id]
  }
}

/** Appends what turns row `a` into row `b`. Ringing stops before anything else: no burst in an ear. */
export const pushDifference = (a: Presentation, b: Presentation, effects: PhoneEffect[]): void => {
  if (a === b) return
  if (a.ring !== b.ring && b.ring === null) effects.push({ type: 'ring', cadence: null })
  const wakes = a.line !== b.line && b.line === 'active'
  if (wakes || a.context !== b.context) effects.push({ type: 'hook-context', context: b.context })
  if (wakes) effects.push({ type: 'line', state: 'active' })
  if (a.tone !== b.tone) effects.push({ type: 'tone', tone: b.tone })
  if (a.keys !== b.keys) effects.push(keysEffect(b.keys))
  // A telephone that has only rung never was active, but its audio half is awake and may sleep again.
  if (b === idle || (!wakes && a.line !== b.line)) effects.push({ type: 'line', state: b.line })
  if (a.ring !== b.ring && b.ring !== null) effects.push({ type: 'ring', cadence: b.ring })
}

/** Appends everything row `b` says, for a port that knows nothing any more. */
export const pushWhole = (b: Presentation, effects: PhoneEffect[]): void => {
  if (b.ring === null) effects.push({ type: 'ring', cadence: null })
  effects.push({ type: 'hook-context', context: b.context })
  if (b.line === 'active') effects.push({ type: 'line', state: 'active' })
  effects.push({ type: 'tone', tone: b.tone }, keysEffect(b.keys))
  if (b.line !== 'active') effects.push({ type: 'line', state: b.line })
  if (b.ring !== null) effects.push({ type: 'ring', cadence: b.ring })
}

const keysEffect = (keys: Presentation['keys']): PhoneEffect =>
  keys === 'relay-but-hash' ? { type: 'keys', mode: 'relay', swallow: '#' } : { type: 'keys', mode: keys }
