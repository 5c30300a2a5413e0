// What the network keeps for the subscriber and his telephone tells of: messages (stutter dial tone; a lamp lit by data while
// it is hung up, ETSI EN 300 659-1 §6.1.3, EN 300 659-3 message 0x82) and diverted calls (special dial tone). None of it
// changes what a key or a call does. The lamp waits until the telephone has been hung up and quiet for 3 s; lifting it or a
// call breaks the data off, and it is sent again afterwards.

import { type Move, move, moveSilently } from './move.js'
import { change, type Lamp, type Messages, type PhoneState } from './state.js'

/** A telephone is left alone so long after it was hung up or has rung, ms. */
export const LAMP_SETTLE_MS = 3000

/** The data is out after this, with every alert before it, ms. */
export const LAMP_SHOW_MS = 2000

const isIdle = ({ hook, calls, fault }: PhoneState): boolean =>
  hook === 'on' && calls.kind === 'none' && !fault

/** The network tells of messages. */
export const messagesTold = (state: PhoneState, messages: Messages): Move => {
  const { indications } = state
  const known = indications.messages
  if (known?.waiting === messages.waiting && known.count === messages.count) return null
  const lamp = { ...indications.lamp, due: true }
  return showWhenSettled(change(state, { indications: { ...indications, messages, lamp } }))
}

/** The network tells whether calls are diverted. */
export const forwardingTold = (state: PhoneState, forwarded: boolean): Move => {
  const { indications } = state
  if (indications.forwarded === forwarded) return null
  return moveSilently(change(state, { indications: { ...indications, forwarded } }))
}

const showWhenSettled = (state: PhoneState): Move => {
  const { messages, lamp } = state.indications
  if (messages === null || !lamp.due || lamp.showing || !lamp.settled) return moveSilently(state)
  const next = { due: false, showing: true, settled: true }
  return move(withLamp(state, next), { type: 'show-messages', ...messages })
}

/** Quiet for long enough, or the data is out. */
export const lampTimeout = (state: PhoneState): Move =>
  showWhenSettled(withLamp(state, { due: state.indications.lamp.due, showing: false, settled: true }))

const withLamp = (state: PhoneState, lamp: Lamp): PhoneState =>
  change(state, { indications: { ...state.indications, lamp } })

/** The state that a step led to: the lamp is off the mind of a telephone that is in use. */
export const lampAfter = (before: PhoneState, after: PhoneState): PhoneState => {
  const { due, showing, settled } = after.indications.lamp
  if ((!settled && !showing) || before === after || isIdle(after)) return after
  return withLamp(after, { due: due || showing, showing: false, settled: false })
}

export const lampTimer = (state: PhoneState): 'lamp' | null => {
  const { showing, settled } = state.indications.lamp
  return (showing || !settled) && isIdle(state) ? 'lamp' : null
}

export const lampWait = ({ indications }: PhoneState): number =>
  indications.lamp.showing ? LAMP_SHOW_MS : LAMP_SETTLE_MS
