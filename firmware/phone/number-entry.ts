// From dial tone to a whole number. The machine only asks dialling/ what a key makes of the number so far;
// emergency numbers leave on any line, registered or not, with or without an account.

import { codeDialled } from './codes.js'
import { noCommand, windowAgain } from './command-window.js'
import type { PhoneConfig } from './config.js'
import { backFromNowhere } from './consultation.js'
import { collectDigit, collectTimeout, isUnfinished, startCollecting } from './dialling/collect.js'
import type { Collection, Dialled } from './dialling/dialled.js'
import { command } from './flash-actions.js'
import { type Move, moveSilently } from './move.js'
import { place } from './outgoing-call.js'
import { busyTone, change, dialTone, errorTone, type PhoneState } from './state.js'

export const digit = (state: PhoneState, key: string, config: PhoneConfig): Move => {
  switch (state.entry.kind) {
    case 'error-tone':
    case 'confirmation':
      if (key === '#' && state.entry.swallowHash)
        return moveSilently(change(state, { entry: { kind: state.entry.kind } }))
      return collect(state, startCollecting(), key, config)
    case 'dial-tone':
    case 'storing':
      return collect(state, startCollecting(), key, config)
    case 'collecting':
      return collect(state, state.entry.collection, key, config)
    case 'command':
      return command(state, key)
    case 'relay':
      return endSwallowing(state, key)
    case 'none':
    case 'dialled':
    case 'holding':
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
    case 'command':
      return windowAgain(state)
    case 'none':
    case 'dialled':
    case 'relay':
    case 'holding':
    case 'failed':
    case 'left-off-hook':
      return null
  }
}

/** A number with a digit missing is another number, and half a command is none. */
export const digitLost = (state: PhoneState): Move => {
  if (state.entry.kind === 'command') return noCommand(state)
  return state.entry.kind === 'collecting' ? wrongNumber(state) : null
}

const collect = (state: PhoneState, before: Collection, key: string, config: PhoneConfig): Move => {
  const { collection, result } = collectDigit(before, key, config.plan)
  if (collection === before) return null
  if (result === 'more' || result === 'more-open')
    return moveSilently(change(state, { entry: { kind: 'collecting', collection } }))
  return result === 'invalid' ? wrongNumber(state) : dialled(state, result.complete, config)
}

/** A key that is not swallowed belongs to the far end (a voicemail menu), and so does every one after it. */
const endSwallowing = (state: PhoneState, key: string): Move => {
  const { entry } = state
  if (entry.kind !== 'relay' || entry.swallow === '' || entry.swallow.includes(key)) return null
  return moveSilently(change(state, { entry: { kind: 'relay', swallow: '', beep: entry.beep } }))
}

/** From here on every key is relayed. */
export const swallowTimeout = (state: PhoneState): Move =>
  state.entry.kind === 'relay'
    ? moveSilently(change(state, { entry: { kind: 'relay', swallow: '', beep: state.entry.beep } }))
    : null

export const interDigitTimeout = (state: PhoneState, config: PhoneConfig): Move => {
  if (state.entry.kind !== 'collecting') return null
  const { collection } = state.entry
  const consults = state.calls.kind === 'held'
  // R and the key of a command, and the caller it was for had gone: nobody's number, and the party is fetched back.
  if (consults && collection.digits.length === 1) return backFromNowhere(state)
  // While a party waits, half a number is not worth the network's refusal: the next one can be dialled at once.
  if (consults && isUnfinished(collection, config.plan)) return wrongNumber(state)
  const result = collectTimeout(collection, config.plan)
  return typeof result === 'string' ? wrongNumber(state) : dialled(state, result.complete, config)
}

/**
 * Dial tone without a digit: off the hook by mistake, or nobody to consult after all. A store without an answer confirms
 * nothing.
 */
export const firstDigitTimeout = (state: PhoneState): Move => {
  if (state.entry.kind === 'storing') return moveSilently(change(state, { entry: errorTone }))
  return state.calls.kind === 'held'
    ? backFromNowhere(state)
    : moveSilently(change(state, { entry: busyTone }))
}

/** The error tone has been heard four times: dial tone again. */
export const errorToneEnd = (state: PhoneState): Move =>
  state.entry.kind === 'error-tone' ? moveSilently(change(state, { entry: dialTone })) : null

const wrongNumber = (state: PhoneState): Move => moveSilently(change(state, { entry: errorTone }))

const dialled = (state: PhoneState, number: Dialled, config: PhoneConfig): Move => {
  const waits = state.calls.kind === 'held' && state.calls.held.asked && !number.emergency && isCall(number)
  if (waits) return moveSilently(change(state, { entry: { kind: 'dialled', dialled: number } }))
  return send(state, number, config)
}

/** The number that waited for the first party to be held. */
export const sendDialled = (state: PhoneState, config: PhoneConfig): Move =>
  state.entry.kind === 'dialled' ? send(state, state.entry.dialled, config) : null

/** Not a code that the box carries out alone. */
const isCall = ({ code }: Dialled): boolean => code !== 'mask-on' && code !== 'mask-off'

const send = (state: PhoneState, number: Dialled, config: PhoneConfig): Move => {
  if (number.emergency) return place(state, number)
  const code = codeDialled(state, number, config)
  if (code !== undefined) return code
  // Without service the congestion cadence comes back, and with it the chance to dial an emergency number.
  if (!state.registered || !config.hasAccount) return moveSilently(change(state, { entry: dialTone }))
  return place(state, number)
}
