// The situations a subscriber can tell apart. The key table, `explain` and the trace speak in these words.

import { isEmergency } from './legs.js'
import type { Entry, HeldCall, OneCall, PhoneState, TwoCalls } from './state.js'

export const situations = [
  'idle',
  'ringing-in',
  'dial-tone',
  'dialling',
  'ringing-out',
  'active',
  'active+waiting',
  'waiting-only',
  'consult-dial',
  'consult-ringing',
  'consult-failed',
  'active+held',
  'held-only',
  'recall-ringing',
  'conference',
  'emergency',
  'failed',
  'left-off-hook',
] as const

export type Situation = (typeof situations)[number]

export const situationOf = (state: PhoneState): Situation => {
  const { calls } = state
  switch (calls.kind) {
    case 'none':
      return withoutCall(state)
    case 'one':
      return withOneCall(state, calls)
    case 'held':
      return withHeldCall(state, calls)
    case 'two':
      return withTwoCalls(calls)
    case 'conference':
      return 'conference'
  }
}

const withoutCall = ({ waiting, entry }: PhoneState): Situation => {
  // R was pressed over two callers and the first is gone: its keys keep their meaning until the window closes.
  if (entry.kind === 'command') return 'active+waiting'
  const busy = entry.kind === 'failed' || entry.kind === 'left-off-hook'
  return waiting !== null && busy ? 'waiting-only' : ofEntry(entry)
}

const ofEntry = (entry: Entry): Situation => {
  switch (entry.kind) {
    case 'none':
    case 'relay':
    case 'command':
    case 'holding':
      return 'idle'
    case 'dial-tone':
    case 'error-tone':
    case 'storing':
    case 'confirmation':
      return 'dial-tone'
    case 'collecting':
    case 'dialled':
      return 'dialling'
    case 'failed':
      return 'failed'
    case 'left-off-hook':
      return 'left-off-hook'
  }
}

const withOneCall = ({ waiting }: PhoneState, { leg }: OneCall): Situation => {
  if (leg.phase === 'ringing') return 'ringing-in'
  if (leg.emergency) return 'emergency'
  // A code too, also when answered: an announcement is no call that R could hold.
  if (leg.phase !== 'talking') return 'ringing-out'
  return waiting === null ? 'active' : 'active+waiting'
}

const withHeldCall = ({ hook, entry, waiting }: PhoneState, { alone }: HeldCall): Situation => {
  if (hook === 'on') return waiting === null ? 'recall-ringing' : 'ringing-in'
  if (alone || entry.kind === 'left-off-hook') return 'held-only'
  const meant = entry.kind === 'command' ? entry.under : entry
  return meant.kind === 'failed' ? 'consult-failed' : 'consult-dial'
}

const withTwoCalls = ({ active }: TwoCalls): Situation => {
  if (isEmergency(active)) return 'emergency'
  return active.phase === 'talking' ? 'active+held' : 'consult-ringing'
}
