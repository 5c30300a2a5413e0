// What a whole star or hash code does: masking for good is stored by the box, everything else is the network's and
// goes out as a call (code-call.ts). Guide lines 41-55, 115-123, 147-161.
//
// Nothing is confirmed before it is durable: between the last key and the outcome the telephone is silent, and a key
// pressed meanwhile begins a new number, so that an emergency number gets through.

import { confirmed, placeCode } from './code-call.js'
import type { PhoneConfig } from './config.js'
import type { Dialled } from './dialling/dialled.js'
import { activeLeg, withActive } from './legs.js'
import { type Move, move, moveSilently } from './move.js'
import { change, dialTone, errorTone, type PhoneState } from './state.js'

/** undefined: no code but a call, `*92*N` among them. */
export const codeDialled = (state: PhoneState, dialled: Dialled, config: PhoneConfig): Move | undefined => {
  switch (dialled.code) {
    case 'mask-on':
      return storeMasking(state, true)
    case 'mask-off':
      return storeMasking(state, false)
    case 'reset-all':
      return askNetwork(state, dialled, config)
    case 'mask-call':
      return undefined
    case undefined:
      return dialled.class === 'code-network' ? askNetwork(state, dialled, config) : undefined
  }
}

const askNetwork = (state: PhoneState, dialled: Dialled, config: PhoneConfig): Move =>
  state.registered && config.hasAccount
    ? placeCode(state, dialled)
    : moveSilently(change(state, { entry: errorTone }))

const storeMasking = (state: PhoneState, value: boolean): Move => {
  const id = `set-${state.nextCall}`
  const entry = { kind: 'storing', id, heard: false } as const
  return move(change(state, { entry, nextCall: state.nextCall + 1 }), {
    type: 'store',
    id,
    setting: 'masking',
    value,
  })
}

/** The outcome of a store. Who hung up or dialled on meanwhile hears nothing of it; what is stored stays stored. */
export const stored = (state: PhoneState, id: string, ok: boolean): Move => {
  const { entry } = state
  const leg = activeLeg(state.calls)
  if (entry.kind === 'storing' && entry.id === id)
    return moveSilently(change(state, { entry: ok ? confirmed(entry.heard) : errorTone }))
  if (leg?.phase === 'code' && leg.id === id)
    return moveSilently(withActive(state, { ...leg, reset: ok ? 'done' : 'failed' }))
  return null
}

export const confirmationEnd = (state: PhoneState): Move =>
  state.entry.kind === 'confirmation' ? moveSilently(change(state, { entry: dialTone })) : null
