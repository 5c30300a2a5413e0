// Every event the run layer can send to a telephone that stands where this one does, each with the words a person would
// use for it: what the subscriber does, what runs out, what the network says of each call, and late words about
// calls that are gone.

import { type CallId, type PhoneEvent, timerNames } from '../../../firmware/phone/event.js'
import type { Witness, WitnessedCall } from './witness.js'

export interface NamedEvent {
  /** The same in every state, so that a table can be made of it. */
  readonly name: string
  readonly event: PhoneEvent
}

const caller = { number: '0389000002', withheld: false } as const

const keys = '0123456789*#A'

const always: readonly NamedEvent[] = [
  { name: 'lifted', event: { type: 'off-hook' } },
  { name: 'hung up', event: { type: 'on-hook' } },
  { name: 'hung up just after R', event: { type: 'on-hook', afterFlashMs: 200 } },
  { name: 'R', event: { type: 'flash', ms: 270 } },
  ...[...keys].map(
    (digit): NamedEvent => ({
      name: /[5-9]/.test(digit) ? 'key 5-9' : `key ${digit}`,
      event: { type: 'digit', digit, source: 'dtmf' },
    }),
  ),
  { name: 'first pulse of a digit', event: { type: 'digit-begun' } },
  { name: 'spoiled digit', event: { type: 'digit-lost' } },
  { name: 'end of a key', event: { type: 'digit-end', digit: '1' } },
  ...timerNames.map((name): NamedEvent => ({ name: `timer ${name}`, event: { type: 'timer', name } })),
  ...['error', 'error-beep', 'sit', 'congestion', 'busy', 'dial', 'confirmation'].map(
    (tone): NamedEvent => ({ name: `tone ${tone} ends`, event: { type: 'tone-end', tone } }),
  ),
  { name: 'registered', event: { type: 'registration', registered: true } },
  { name: 'registration lost', event: { type: 'registration', registered: false } },
  { name: 'number withheld for good', event: { type: 'masking', masked: true } },
  { name: 'number shown again', event: { type: 'masking', masked: false } },
  { name: 'configured', event: { type: 'configured' } },
  { name: 'line breaks', event: { type: 'line-fault', on: true } },
  { name: 'line whole', event: { type: 'line-fault', on: false } },
]

/** For a table: what is no word about a call, in the order in which a reader would look for it. */
export const eventNames: readonly string[] = always.map(({ name }) => name)

const words = (call: CallId): readonly (readonly [string, PhoneEvent])[] => [
  ['abandoned', { type: 'abandoned', call, elsewhere: false }],
  ['rings there', { type: 'progress', call, status: 180 }],
  ['progress without ringing', { type: 'progress', call, status: 183 }],
  ['early audio', { type: 'early-media', call }],
  ['answered', { type: 'answered', call }],
  ['audio after the answer', { type: 'audio', call }],
  ['busy', { type: 'failed', call, status: 486 }],
  ['unallocated', { type: 'failed', call, status: 404 }],
  ['failed', { type: 'failed', call, status: 503 }],
  ['ended', { type: 'ended', call }],
  ['silent for long', { type: 'media-lost', call }],
]

const answersToHold = (call: CallId): readonly (readonly [string, PhoneEvent])[] => [
  ['held', { type: 'held', call, ok: true }],
  ['hold refused', { type: 'held', call, ok: false }],
  ['resumed', { type: 'resumed', call, ok: true }],
  ['resume refused', { type: 'resumed', call, ok: false }],
]

const roleOf = ({ phase, id, hold }: WitnessedCall, seen: Witness): string => {
  if (phase !== 'answered') return `call ${phase}`
  if (seen.talk.includes(id)) return 'party spoken with'
  return hold === 'never' || hold === 'open' || hold === 'resuming' ? 'party muted' : 'party held'
}

/** A name that no call has, the same whenever the same names are taken. */
export const freshCall = (seen: Witness): CallId => {
  let n = 1
  while (seen.calls.some(({ id }) => id === `in-${n}`)) n++
  return `in-${n}`
}

/** `remembered`: a call that is gone, yet has left a trace in the machine. */
export const eventsAt = (seen: Witness, remembered: CallId | null): readonly NamedEvent[] => {
  const calls = seen.calls.map(call => `${call.id} ${roleOf(call, seen)} ${call.hold === 'never'}`)
  const signature = `${calls} ${remembered} ${seen.store?.id} ${seen.store?.failed}`
  const known = listed.get(signature)
  if (known) return known
  const list = [
    ...always,
    { name: 'somebody calls', event: { type: 'incoming', call: freshCall(seen), caller } } as const,
    ...seen.calls.flatMap(call => about(roleOf(call, seen), call.id, call.hold !== 'never')),
    ...about('call gone', 'out-0'),
    ...(seen.store && !seen.store.failed ? outcomes('setting', seen.store.id) : []),
    ...outcomes('setting of earlier', 'set-0'),
    ...(remembered === null ? [] : about('call gone', remembered)),
  ]
  if (listed.size > 10_000) listed.clear()
  listed.set(signature, list)
  return list
}

const outcomes = (what: string, id: string): readonly NamedEvent[] => [
  { name: `${what}: stored`, event: { type: 'stored', id, ok: true } },
  { name: `${what}: not stored`, event: { type: 'stored', id, ok: false } },
]

const listed = new Map<string, readonly NamedEvent[]>()

/** `asked`: it was ever asked to hold, so that answers can be under way. */
const about = (role: string, call: CallId, asked = true): readonly NamedEvent[] =>
  [...words(call), ...(asked ? answersToHold(call) : [])].map(([word, event]) => ({
    name: `${role}: ${word}`,
    event,
  }))
