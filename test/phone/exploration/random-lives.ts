// Lives of a telephone, drawn at random: mostly what people and networks do, now and then what nobody would believe.
// A life is told by its seed alone. One that breaks an invariant is cut down to the events that matter.

import type { PhoneConfig } from '../../../firmware/phone/config.js'
import type { PhoneEvent, TimerName } from '../../../firmware/phone/event.js'
import { SeededEntropy } from '../../../hal/sim/seeded-entropy.js'
import { atStart, checkedStep, type Reduce, type Watched } from './checked-step.js'
import { eventsAt, freshCall } from './telephone-events.js'
import { Violation } from './violation.js'
import { running, type Witness, type WitnessedCall } from './witness.js'

/** Numbers and codes of a French subscriber, whole, unfinished and wrong; x is any digit. */
const dialled = [
  '038900000x',
  '06xxxxxxxx',
  '3xxx',
  '123',
  '112',
  '15',
  '116000',
  '004989xxxx#',
  '00498912xxx',
  '*92*0xxxxxxxxx',
  '*92*112',
  '*93#',
  '#93#',
  '*95#',
  '*21*06xxxxxxxx#',
  '#21#',
  '*61*06xxxxxxxx*11*20#',
  '*92*',
  'x',
  'xxxx',
  '9x#',
  '*#*',
] as const

/** A whole number, 0 <= it < n. */
export type Draw = (n: number) => number

export interface LifeOptions {
  readonly reduce?: Reduce
  readonly start?: Watched
  /** Sees every state passed through. */
  readonly onState?: (at: Watched) => void
}

/**
 * Lives one life and returns how many events it had. `configs`: each `configured` brings the next of them. Throws a
 * Violation that tells the shortest way to it.
 */
export const live = (
  seed: number,
  configs: readonly PhoneConfig[],
  { reduce, start = atStart, onState }: LifeOptions = {},
): number => {
  const entropy = new SeededEntropy(Math.imul(seed, 0x9e3779b1))
  const draw: Draw = n => entropy.uint32() % n
  const events: PhoneEvent[] = []
  let at = start
  let pending = ''
  let changes = 0
  try {
    for (let left = 4 + draw(24); left > 0; left--) {
      const [event, rest] = nextEvent(at, pending, draw)
      pending = rest
      events.push(event)
      if (event.type === 'configured') changes++
      at = checkedStep(at, event, configAfter(changes, configs), reduce)
      onState?.(at)
    }
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    throw shortest(error, seed, events, configs, reduce)
  }
  return events.length
}

const configAfter = (changes: number, configs: readonly PhoneConfig[]): PhoneConfig =>
  configs[changes % configs.length] as PhoneConfig

const digitEvent = (digit: string): PhoneEvent => ({ type: 'digit', digit, source: 'dtmf' })

/** The next event and the keys that are still to come of a number. */
export const nextEvent = (at: Watched, pending: string, draw: Draw): readonly [PhoneEvent, string] => {
  if (pending !== '' && draw(20) > 0) return [digitEvent(pending.charAt(0)), pending.slice(1)]
  const { seen, state } = at
  if (draw(20) === 0) {
    const all = eventsAt(seen, state.callBackOf)
    return [(all[draw(all.length)] as (typeof all)[number]).event, '']
  }
  const r = draw(100)
  if (r < 30 && seen.calls.length > 0)
    return [word(seen.calls[draw(seen.calls.length)] as WitnessedCall, draw), pending]
  if (r < 60 && seen.store && !seen.store.failed)
    return [{ type: 'stored', id: seen.store.id, ok: draw(3) > 0 }, pending]
  if (r < 40 && seen.timers > 0) {
    const names = running(seen)
    return [{ type: 'timer', name: names[draw(names.length)] as TimerName }, '']
  }
  if (r < 50) return [{ type: 'incoming', call: freshCall(seen), caller: { withheld: false } }, pending]
  if (r < 53) return [{ type: 'registration', registered: draw(4) > 0 }, pending]
  return seen.offHook ? handset(seen, draw) : [{ type: 'off-hook' }, '']
}

const handset = (seen: Witness, draw: Draw): readonly [PhoneEvent, string] => {
  const r = draw(10)
  if (r === 0) return [{ type: 'on-hook' }, '']
  if (seen.keys === 'collect' && r < 8) {
    const number = (dialled[draw(dialled.length)] as string).replace(/x/g, () => `${draw(10)}`)
    return [digitEvent(number.charAt(0)), number.slice(1)]
  }
  if (r < 3) return [digitEvent('0123456789*#'.charAt(draw(12))), '']
  return [{ type: 'flash', ms: 270 }, draw(5) === 0 ? '' : '00112233123451'.charAt(draw(14))]
}

/** What the network is likely to say of such a call. */
const word = ({ id: call, phase, hold }: WitnessedCall, draw: Draw): PhoneEvent => {
  const r = draw(10)
  if (hold === 'holding' && r < 8) return { type: 'held', call, ok: r > 0 }
  if (hold === 'resuming' && r < 8) return { type: 'resumed', call, ok: r > 0 }
  if (phase === 'ringing') return { type: 'abandoned', call, elsewhere: false }
  if (phase === 'answered') return r < 8 ? { type: 'ended', call } : { type: 'media-lost', call }
  if (r < 5) return { type: 'answered', call }
  if (r < 6) return { type: 'audio', call }
  if (r < 7) return { type: 'progress', call, status: 180 }
  if (r < 8) return { type: 'early-media', call }
  return { type: 'failed', call, status: [486, 404, 503][draw(3)] as number }
}

/** Leaves out whatever is not needed to break the same invariant. */
const shortest = (
  found: Violation,
  seed: number,
  events: readonly PhoneEvent[],
  configs: readonly PhoneConfig[],
  reduce?: Reduce,
): Violation => {
  let kept = events
  let told = found
  for (let i = kept.length - 1; i >= 0; i--) {
    const fewer = kept.filter((_, at) => at !== i)
    const still = broken(fewer, configs, reduce)
    if (still?.invariant !== found.invariant) continue
    kept = fewer
    told = still
  }
  told.message += `\nlife ${seed}, after ${kept.map(event => JSON.stringify(event)).join(' ')}`
  return told
}

const broken = (
  events: readonly PhoneEvent[],
  configs: readonly PhoneConfig[],
  reduce?: Reduce,
): Violation | null => {
  try {
    let at = atStart
    let changes = 0
    for (const event of events) {
      if (event.type === 'configured') changes++
      at = checkedStep(at, event, configAfter(changes, configs), reduce)
    }
    return null
  } catch (error) {
    if (error instanceof Violation) return error
    throw error
  }
}
