// What must come true in the end, from every state there is: a telephone that is hung up becomes silent and idle, and
// every caller is told something final, even when nobody touches the telephone again and no other word comes.

import type { PhoneEvent } from '../../../firmware/phone/event.js'
import { checkedStep, type Reduce, type Watched } from './checked-step.js'
import { type Closure, keyOf } from './closure.js'
import { type Invariant, violated } from './violation.js'
import { running, type Witness, type WitnessedCall } from './witness.js'

/** What happens by itself: timers run out, in any order, and what was asked of the network is answered, either way. */
const byItself = (seen: Witness): readonly PhoneEvent[] => [
  ...running(seen).map((name): PhoneEvent => ({ type: 'timer', name })),
  ...(seen.store && !seen.store.failed ? outcomesOf(seen.store.id) : []),
  ...seen.calls.flatMap(answersOwed),
]

const answersOwed = ({ id: call, hold }: WitnessedCall): readonly PhoneEvent[] => {
  if (hold !== 'holding' && hold !== 'resuming') return []
  const type = hold === 'holding' ? 'held' : 'resumed'
  return [
    { type, call, ok: true },
    { type, call, ok: false },
  ]
}

const outcomesOf = (id: string): readonly PhoneEvent[] => [
  { type: 'stored', id, ok: true },
  { type: 'stored', id, ok: false },
]

type Wanted = (seen: Witness) => boolean

const silentIdle: Wanted = seen =>
  !seen.offHook &&
  seen.calls.length === 0 &&
  seen.ring === null &&
  seen.tone === null &&
  seen.line === 'idle' &&
  seen.keys === 'off' &&
  running(seen).every(name => name === 'call-back')

const noCallerWaits: Wanted = seen => seen.calls.every(({ phase }) => phase !== 'ringing')

/** Throws the first Violation. */
export const checkSettling = (closure: Closure, reduce?: Reduce): void => {
  const idle = eventually(closure, 'idle', silentIdle, reduce)
  const answered = eventually(closure, 'final', noCallerWaits, reduce)
  for (const [key, place] of closure.places) {
    if (place.seen.offHook) idle(checkedStep(place, { type: 'on-hook' }, closure.config, reduce))
    else idle(place, key)
    answered(place, key)
  }
}

/** Whatever happens by itself, and in whatever order, `wanted` comes true: no way leads in a circle or stops short. */
const eventually = (closure: Closure, invariant: Invariant, wanted: Wanted, reduce?: Reduce) => {
  const proven = new Set<string>()
  const onTheWay = new Set<string>()
  const prove = (place: Watched, known?: string): void => {
    if (wanted(place.seen)) return
    const key = known ?? keyOf(closure.canonical, place)
    if (proven.has(key)) return
    if (onTheWay.has(key)) violated(invariant, `goes in a circle through ${JSON.stringify(place.state)}`)
    const events = byItself(place.seen)
    if (events.length === 0) violated(invariant, `stays for ever in ${JSON.stringify(place.state)}`)
    onTheWay.add(key)
    for (const event of events) prove(checkedStep(place, event, closure.config, reduce))
    onTheWay.delete(key)
    proven.add(key)
  }
  return prove
}
