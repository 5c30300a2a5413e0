// What must hold across every single step of the machine, whatever the state and the event: checked the same way on
// random sequences and on every transition of the exploration. A violation is an Error that tells the step.

import type { PhoneConfig } from '../../firmware/phone/config.js'
import type { PhoneEffect } from '../../firmware/phone/effect.js'
import type { PhoneEvent } from '../../firmware/phone/event.js'
import { presentationOf, talkersOf } from '../../firmware/phone/presentation.js'
import { reduce } from '../../firmware/phone/reduce.js'
import { runningTimers } from '../../firmware/phone/running-timers.js'
import type { PhoneState } from '../../firmware/phone/state.js'

/** Named, so that a report can say what was checked. */
export const invariants = [
  'effects turn what was heard before into what the new state says',
  'a timer is started, fired or cancelled; none runs that its state does not know',
  'a call is released exactly once, and none is lost or doubled',
  'a call is answered only while it rings and only by a lifted telephone',
  'no ringing into a lifted telephone',
  'no tone, talk or keys on a telephone that is hung up',
  'hanging up ends silent, idle and without a call (but for the call-back of an emergency call, which rings)',
  'one call at a time, and no keys collected while it stands',
  'an event without meaning returns the same state and one `ignored`',
  'an emergency call is never masked, and R, timers and other callers leave it alone',
  'nothing is placed, answered or heard on a line that cannot be used',
] as const

interface Observed {
  line: string
  context: string
  ring: string | null
  tone: string | null
  keys: string
  talk: string
  readonly timers: Set<string>
  readonly calls: Set<string>
}

const observe = (state: PhoneState, config: PhoneConfig): Observed => {
  const row = presentationOf(state, config)
  return {
    line: row.line,
    context: row.context,
    ring: row.ring,
    tone: row.tone,
    keys: row.keys,
    talk: talkersOf(state.calls).join(),
    timers: new Set(runningTimers(state)),
    calls: new Set(state.calls.kind === 'one' ? [state.calls.leg.id] : []),
  }
}

class Violation extends Error {}

const demand = (holds: boolean, what: string): void => {
  if (!holds) throw new Violation(what)
}

const perform = (effect: PhoneEffect, seen: Observed): void => {
  switch (effect.type) {
    case 'line':
      seen.line = effect.state
      return
    case 'hook-context':
      seen.context = effect.context
      return
    case 'ring':
      seen.ring = effect.cadence
      return
    case 'tone':
      seen.tone = effect.tone
      return
    case 'keys':
      seen.keys = effect.swallow ? 'relay-but-hash' : effect.mode
      return
    case 'talk':
      seen.talk = effect.calls.join()
      return
    case 'start-timer':
      demand(effect.ms > 0, 'timer without a length')
      seen.timers.add(effect.name)
      return
    case 'cancel-timer':
      demand(seen.timers.delete(effect.name), `cancelled ${effect.name}, which did not run`)
      return
    case 'place':
    case 'alert':
      demand(!seen.calls.has(effect.call), `${effect.type} of a call that stands`)
      seen.calls.add(effect.call)
      return
    case 'answer':
      demand(seen.calls.has(effect.call), 'answered a call that is not there')
      return
    case 'hang-up':
      demand(seen.calls.delete(effect.call), 'released a call that is not there')
      return
    case 'reject':
      seen.calls.delete(effect.call)
      return
    case 'ignored':
      return
  }
}

const gone = new Set(['abandoned', 'failed', 'ended'])

/** Makes the step and checks it. `former`: the configuration until this step. */
export const checkedStep = (
  before: PhoneState,
  event: PhoneEvent,
  config: PhoneConfig,
  former: PhoneConfig = config,
): PhoneState => {
  const seen = observe(before, former)
  const [after, effects] = reduce(before, event, config)
  try {
    checkEffects(before, event, effects, after)
    if (event.type === 'timer') seen.timers.delete(event.name)
    if (gone.has(event.type) && 'call' in event) seen.calls.delete(event.call)
    for (const effect of effects) perform(effect, seen)
    checkSame(seen, observe(after, config))
    checkState(seen, after)
    if (event.type === 'on-hook') checkHungUp(seen, after)
  } catch (error) {
    const step = { event, before, after, effects }
    throw new Violation(`${(error as Error).message} in ${JSON.stringify(step)}`)
  }
  return after
}

const checkSame = (seen: Observed, expected: Observed): void => {
  const text = (o: Observed) => JSON.stringify({ ...o, timers: [...o.timers].sort(), calls: [...o.calls] })
  demand(text(seen) === text(expected), `heard ${text(seen)}, the state says ${text(expected)}`)
}

const checkEffects = (
  before: PhoneState,
  event: PhoneEvent,
  effects: readonly PhoneEffect[],
  after: PhoneState,
): void => {
  const ignored = effects.some(effect => effect.type === 'ignored')
  const said = effects.some(({ type }) => type === 'reject' || type === 'tone')
  demand(ignored === (after === before && !said), 'ignored or not')
  if (ignored) demand(effects.length === 1, 'ignored together with something else')
  const { calls } = before
  for (const effect of effects) {
    if (effect.type === 'place') {
      demand(!(effect.emergency && effect.masked), 'a masked emergency call')
      demand(!before.fault, 'placed on a line that cannot be used')
    }
    if (effect.type === 'answer') {
      const rings = calls.kind === 'one' && calls.leg.phase === 'ringing'
      demand(rings && after.hook === 'off', 'answered what did not ring')
    }
    if (effect.type === 'hang-up' && calls.kind === 'one' && calls.leg.phase !== 'ringing')
      if (calls.leg.emergency)
        demand(['on-hook', 'line-fault', 'media-lost'].includes(event.type), 'an emergency call given up')
  }
}

const checkState = (seen: Observed, state: PhoneState): void => {
  demand(!(seen.ring !== null && state.hook === 'off'), 'ringing into a lifted telephone')
  if (state.hook === 'on') {
    demand(seen.tone === null && seen.talk === '' && seen.keys === 'off', 'something heard on-hook')
    demand(seen.line === 'idle' && state.entry.kind === 'none', 'a hung-up telephone that is not idle')
  }
  if (state.calls.kind === 'one') {
    demand(state.entry.kind === 'none' || state.entry.kind === 'relay', 'keys collected while a call stands')
    demand((state.entry.kind === 'none') === (state.calls.leg.phase === 'ringing'), 'keys while it rings')
  } else {
    demand(state.entry.kind !== 'relay', 'keys relayed to nobody')
    demand(state.hook === 'on' || state.entry.kind !== 'none', 'lifted, and nothing happens')
  }
  if (state.fault) demand(seen.calls.size === 0 && seen.tone === null, 'a call or tone on a broken line')
}

const checkHungUp = (seen: Observed, state: PhoneState): void => {
  const timers = [...seen.timers].filter(name => name !== 'call-back')
  if (state.calls.kind === 'one' && state.calls.leg.phase === 'ringing') {
    demand(seen.ring === 'normal' && timers.join() === 'ring-guard', 'a caller who waits must ring')
    return
  }
  demand(seen.calls.size === 0, 'hung up with a call')
  demand(timers.length === 0, `hung up with ${timers} running`)
  demand(seen.ring === null, 'hung up and ringing')
}
