// From dial tone to a whole number. The machine only asks dialling/ what a key makes of the number so far;
// emergency numbers leave on any line, registered or not, with or without an account (design §6.1, §6.11).

import { codeDialled } from './codes.js'
import type { PhoneConfig } from './config.js'
import { collectDigit, collectTimeout, startCollecting } from './dialling/collect.js'
import type { Collection, Dialled } from './dialling/dialled.js'
import { type Move, moveSilently } from './move.js'
import { place } from './outgoing-call.js'
import { busyTone, change, dialTone, errorTone, type PhoneState } from './state.js'

export const digit = (state: PhoneState, key: string, config: PhoneConfig): Move => {
  switch (state.entry.kind) {
    case 'dial-tone':
    case 'error-tone':
    case 'storing':
    case 'confirmation':
      return collect(state, startCollecting(), key, config)
    case 'collecting':
      return collect(state, state.entry.collection, key, config)
    case 'relay':
      return endSwallowing(state, key)
    case 'none':
    case 'failed':
    case 'left-off-hook':
      return null
  }
}

/**
 * A rotary digit takes up to 1.3 s: the tone ends at its first pulse, and a number begun before waits for it as for
 * any key. Should nothing more be told of it, the inter-digit time ends in the error tone and then dial tone again.
 */
export const digitBegun = (state: PhoneState): Move => {
  switch (state.entry.kind) {
    case 'dial-tone':
    case 'error-tone':
    case 'storing':
    case 'confirmation':
      return moveSilently(change(state, { entry: { kind: 'collecting', collection: startCollecting() } }))
    case 'collecting':
      return moveSilently(change(state, { entry: { ...state.entry } }))
    case 'none':
    case 'relay':
    case 'failed':
    case 'left-off-hook':
      return null
  }
}

/** A number with a digit missing is another number. */
export const digitLost = (state: PhoneState): Move =>
  state.entry.kind === 'collecting' ? wrongNumber(state) : null

const collect = (state: PhoneState, before: Collection, key: string, config: PhoneConfig): Move => {
  const { collection, result } = collectDigit(before, key, config.plan)
  if (collection === before) return null
  if (result === 'more' || result === 'more-open')
    return moveSilently(change(state, { entry: { kind: 'collecting', collection } }))
  return result === 'invalid' ? wrongNumber(state) : dialled(state, result.complete, config)
}

/** A key other than "#" belongs to the far end (a voicemail menu), and so does every "#" after it. */
const endSwallowing = (state: PhoneState, key: string): Move =>
  state.entry.kind === 'relay' && state.entry.swallowHash && key !== '#'
    ? moveSilently(change(state, { entry: { kind: 'relay', swallowHash: false } }))
    : null

export const interDigitTimeout = (state: PhoneState, config: PhoneConfig): Move => {
  if (state.entry.kind !== 'collecting') return null
  const result = collectTimeout(state.entry.collection, config.plan)
  return typeof result === 'string' ? wrongNumber(state) : dialled(state, result.complete, config)
}

/** Dial tone without a digit: the telephone is off the hook by mistake. A store without an answer confirms nothing. */
export const firstDigitTimeout = (state: PhoneState): Move =>
  moveSilently(change(state, { entry: state.entry.kind === 'storing' ? errorTone : busyTone }))

/** The error tone has been heard four times: dial tone again (design §6.11). */
export const errorToneEnd = (state: PhoneState): Move =>
  state.entry.kind === 'error-tone' ? moveSilently(change(state, { entry: dialTone })) : null

const wrongNumber = (state: PhoneState): Move => moveSilently(change(state, { entry: errorTone }))

const dialled = (state: PhoneState, number: Dialled, config: PhoneConfig): Move => {
  if (number.emergency) return place(state, number)
  const code = codeDialled(state, number, config)
  if (code !== undefined) return code
  // Without service the congestion cadence comes back, and with it the chance to dial an emergency number.
  if (!state.registered || !config.hasAccount) return moveSilently(change(state, { entry: dialTone }))
  return place(state, number)
}
