// A call we place, from the last digit to its answer or its failure tone. The telephone rings back by itself on 180
// unless the network is already heard (RFC 3960 §3.2); what a refusal sounds like is the table below.

import { codeAnswered, codeHeard, codeLeg } from './code-call.js'
import type { Dialled } from './dialling/dialled.js'
import type { CallId } from './event.js'
import { activeLeg, withActive, withoutPlaced, withPlaced } from './legs.js'
import { type Move, move, moveSilently } from './move.js'
import {
  busyTone,
  type Calling,
  change,
  errorTone,
  type FailureTone,
  type PhoneState,
  relay,
  relayButHash,
} from './state.js'

export const place = (state: PhoneState, { target, masked, emergency, by }: Dialled): Move => {
  const id = `out-${state.nextCall}`
  const leg: Calling = { phase: 'calling', id, emergency, alerting: false, early: false }
  const next = withPlaced(state, leg, by === 'match' ? relayButHash : relay)
  return move(change(next, { nextCall: state.nextCall + 1 }), {
    type: 'place',
    call: id,
    target,
    masked: (masked || state.masked) && !emergency,
    emergency,
  })
}

/** The call of this name, if we place it and it is not answered yet. */
const callingLeg = (state: PhoneState, call: CallId): Calling | undefined => {
  const leg = activeLeg(state.calls)
  return leg?.phase === 'calling' && leg.id === call ? leg : undefined
}

export const progress = (state: PhoneState, call: CallId, status: number): Move => {
  const leg = callingLeg(state, call) ?? codeLeg(state, call)
  if (leg === undefined || leg.alerting || !rings(status)) return null
  return moveSilently(withActive(state, { ...leg, alerting: true }))
}

/** 180 Ringing and 182 Queued; 181 and 183 say nothing the subscriber should hear. */
const rings = (status: number): boolean => status === 180 || status === 182

export const earlyMedia = (state: PhoneState, call: CallId): Move => {
  const leg = callingLeg(state, call)
  if (leg === undefined) return codeHeard(state, call)
  return leg.early ? null : moveSilently(withActive(state, { ...leg, early: true }))
}

export const answered = (state: PhoneState, call: CallId): Move => {
  const code = codeLeg(state, call)
  if (code) return codeAnswered(state, code)
  const leg = callingLeg(state, call)
  if (leg === undefined) return null
  const { emergency } = leg
  return moveSilently(withActive(state, { phase: 'talking', id: call, emergency, resuming: 'no' }))
}

/** Nobody answered for as long as the box lets it ring. */
export const noAnswer = (state: PhoneState): Move => {
  const leg = activeLeg(state.calls)
  if (leg === undefined) return null
  const heard = leg.phase === 'code' ? errorTone : busyTone
  return move(withoutPlaced(state, heard), { type: 'hang-up', call: leg.id })
}

export const callFailed = (state: PhoneState, status: number, q850: number | undefined): Move =>
  moveSilently(withoutPlaced(state, { kind: 'failed', tone: failureTone(status, q850) }))

/** SIP status: what it sounds like. All others are congestion, unless the exchange behind a gateway says more. */
const toneOfStatus: Readonly<Record<number, FailureTone>> = {
  404: 'sit',
  410: 'sit',
  484: 'sit',
  486: 'busy',
  600: 'busy',
  604: 'sit',
}

/** ITU-T Q.850 causes 1 unallocated, 17 busy, 22 changed, 28 incomplete. */
const toneOfCause: Readonly<Record<number, FailureTone>> = { 1: 'sit', 17: 'busy', 22: 'sit', 28: 'sit' }

export const failureTone = (status: number, q850?: number): FailureTone =>
  toneOfStatus[status] ?? (q850 === undefined ? undefined : toneOfCause[q850]) ?? 'congestion'
