// The machine with one fault each, of the kind a hasty change would bring in. An invariant that lets its fault pass
// checks nothing.

import type { PhoneConfig } from '../../../firmware/phone/config.js'
import type { PhoneEffect } from '../../../firmware/phone/effect.js'
import type { PhoneEvent, TimerName } from '../../../firmware/phone/event.js'
import { reduce, type Step } from '../../../firmware/phone/reduce.js'
import { isRunning } from '../../../firmware/phone/running-timers.js'
import { initialState, type PhoneState } from '../../../firmware/phone/state.js'
import type { Reduce } from './checked-step.js'
import type { Invariant } from './violation.js'

export interface SeededFault {
  readonly fault: string
  readonly caughtBy: Invariant
  readonly reduce: Reduce
}

/** The machine whose effects pass through `change` on their way out; `change` sees from which state and at what event. */
const altered =
  (
    change: (effects: readonly PhoneEffect[], event: PhoneEvent, state: PhoneState) => readonly PhoneEffect[],
  ): Reduce =>
  (state, event, config) => {
    const [after, effects] = reduce(state, event, config)
    return [after, change(effects, event, state)]
  }

const forgetting = (forgotten: (effect: PhoneEffect) => boolean): Reduce =>
  altered(effects => effects.filter(effect => !forgotten(effect)))

/** Does `instead` where `when` holds, and is the machine elsewhere. */
const instead =
  (when: (state: PhoneState, event: PhoneEvent) => boolean, does: Reduce): Reduce =>
  (state, event, config) =>
    when(state, event) ? does(state, event, config) : reduce(state, event, config)

const inEmergency = ({ calls }: PhoneState): boolean =>
  calls.kind === 'one' && calls.leg.phase !== 'ringing' && calls.leg.emergency

const runsOut =
  (name: TimerName): ((state: PhoneState, event: PhoneEvent) => boolean) =>
  (state, event) =>
    event.type === 'timer' && event.name === name && isRunning(state, name)

const startAgain =
  (name: TimerName): Reduce =>
  state => [state, [{ type: 'start-timer', name, ms: 1000 }]]

/** Several events as if they were one. */
const inTurn = (state: PhoneState, events: readonly PhoneEvent[], config: PhoneConfig): Step => {
  let now = state
  const all: PhoneEffect[] = []
  for (const event of events) {
    const [next, effects] = reduce(now, event, config)
    now = next
    all.push(...effects.filter(({ type }) => type !== 'ignored'))
  }
  return [now, all]
}

export const seededFaults: readonly SeededFault[] = [
  {
    fault: 'throws at R while it rings',
    caughtBy: 'total',
    reduce: instead(
      ({ calls }, { type }) => type === 'flash' && calls.kind === 'one' && calls.leg.phase === 'ringing',
      () => {
        throw new Error('no such key')
      },
    ),
  },
  {
    fault: 'ignores, and yet changes',
    caughtBy: 'ignored',
    reduce: instead(
      ({ hook }, { type }) => hook === 'on' && type === 'flash',
      state => [{ ...state, nextCall: state.nextCall + 1 }, [{ type: 'ignored', event: 'flash' }]],
    ),
  },
  {
    fault: 'lets the dial tone sound under the first digits',
    caughtBy: 'presentation',
    reduce: altered((effects, { type }) =>
      effects.filter(effect => type !== 'digit' || effect.type !== 'tone'),
    ),
  },
  {
    fault: 'forgets to cancel the ring guard',
    caughtBy: 'timers',
    reduce: forgetting(effect => effect.type === 'cancel-timer' && effect.name === 'ring-guard'),
  },
  {
    fault: 'minds a timer that was cancelled',
    caughtBy: 'timers',
    reduce: instead(
      ({ calls }, event) =>
        event.type === 'timer' &&
        event.name === 'no-answer' &&
        calls.kind === 'one' &&
        calls.leg.phase === 'talking',
      (state, _, config) => reduce(state, { type: 'on-hook' }, config),
    ),
  },
  {
    fault: 'hangs up without telling the network',
    caughtBy: 'legs',
    reduce: forgetting(effect => effect.type === 'hang-up'),
  },
  {
    fault: 'releases a call twice',
    caughtBy: 'legs',
    reduce: altered(effects =>
      effects.flatMap((effect): PhoneEffect[] => (effect.type === 'hang-up' ? [effect, effect] : [effect])),
    ),
  },
  {
    fault: 'passes over a caller while the line is in use',
    caughtBy: 'legs',
    reduce: instead(
      ({ calls }, { type }) => type === 'incoming' && calls.kind !== 'none',
      state => [state, [{ type: 'ignored', event: 'incoming' }]],
    ),
  },
  {
    fault: 'takes the end of any call for the end of its own',
    caughtBy: 'stale',
    reduce: instead(
      ({ calls }, { type }) => type === 'ended' && calls.kind === 'one' && calls.leg.phase === 'talking',
      (state, event, config) =>
        reduce(
          state,
          state.calls.kind === 'one' ? { type: 'ended', call: state.calls.leg.id } : event,
          config,
        ),
    ),
  },
  {
    fault: 'answers by itself',
    caughtBy: 'answer',
    reduce: altered(effects =>
      effects.map(effect => (effect.type === 'alert' ? { type: 'answer', call: effect.call } : effect)),
    ),
  },
  {
    fault: 'rings on into the ear',
    caughtBy: 'ring',
    reduce: forgetting(effect => effect.type === 'ring' && effect.cadence === null),
  },
  {
    fault: 'rings for ever',
    caughtBy: 'idle',
    reduce: instead(runsOut('ring-guard'), startAgain('ring-guard')),
  },
  {
    fault: 'lets a caller wait for ever',
    caughtBy: 'final',
    reduce: instead(runsOut('waiting'), startAgain('waiting')),
  },
  {
    fault: 'lets a second party listen',
    caughtBy: 'active',
    reduce: altered(effects =>
      effects.map(effect =>
        effect.type === 'talk' && effect.calls.length > 0
          ? { type: 'talk', calls: [...effect.calls, 'in-9'] }
          : effect,
      ),
    ),
  },
  {
    fault: 'silences the first party in the box only, and tells the network nothing',
    caughtBy: 'hold',
    reduce: forgetting(effect => effect.type === 'hold'),
  },
  {
    fault: 'takes the caller before the first party is held',
    caughtBy: 'swap',
    reduce: (state, event, config) => {
      const [asked, effects] = reduce(state, event, config)
      const hold = effects.find(({ type }) => type === 'hold')
      if (asked.entry.kind !== 'holding' || hold?.type !== 'hold') return [asked, effects]
      const [taken, more] = reduce(asked, { type: 'held', call: hold.call, ok: true }, config)
      return [taken, [...effects, ...more]]
    },
  },
  {
    fault: 'releases a held party with everybody else at a hang-up',
    caughtBy: 'heldLost',
    reduce: instead(
      ({ calls }, { type }) => type === 'on-hook' && calls.kind === 'two',
      (state, event, config) =>
        inTurn(state, [{ type: 'line-fault', on: true }, event, { type: 'line-fault', on: false }], config),
    ),
  },
  {
    fault: 'sends the key of a command as a number when nobody waits any more',
    caughtBy: 'stray',
    reduce: instead(
      ({ calls, entry }, event) =>
        runsOut('inter-digit')({ ...initialState, entry }, event) &&
        calls.kind === 'held' &&
        entry.kind === 'collecting' &&
        entry.collection.digits.length === 1,
      (state, _, config) => {
        const [after, effects] = reduce(state, { type: 'digit', digit: '#', source: 'dtmf' }, config)
        return [after, effects.filter(({ type }) => type !== 'cancel-timer')]
      },
    ),
  },
  {
    fault: 'shows the number of a call that should withhold it',
    caughtBy: 'masking',
    reduce: altered(effects =>
      effects.map(effect => (effect.type === 'place' ? { ...effect, masked: false } : effect)),
    ),
  },
  {
    fault: 'withholds the number from emergency services',
    caughtBy: 'masking',
    reduce: altered(effects =>
      effects.map(effect => (effect.type === 'place' ? { ...effect, masked: true } : effect)),
    ),
  },
  {
    fault: 'shows a number that is withheld for good',
    caughtBy: 'masking',
    reduce: instead(
      ({ masked, entry }, { type }) => masked && entry.kind === 'collecting' && type === 'digit',
      (state, event, config) => {
        const [after, effects] = reduce({ ...state, masked: false }, event, config)
        return effects[0]?.type === 'ignored' ? [state, effects] : [{ ...after, masked: true }, effects]
      },
    ),
  },
  {
    fault: 'confirms a code as soon as it is dialled',
    caughtBy: 'confirmed',
    reduce: altered(effects =>
      effects.flatMap((effect): PhoneEffect[] =>
        effect.type === 'store' ? [effect, { type: 'tone', tone: 'confirmation' }] : [effect],
      ),
    ),
  },
  {
    fault: 'confirms what could not be stored',
    caughtBy: 'confirmed',
    reduce: instead(
      (_, event) => event.type === 'stored' && !event.ok,
      (state, event, config) =>
        reduce(state, event.type === 'stored' ? { ...event, ok: true } : event, config),
    ),
  },
  {
    fault: 'confirms what the network refused',
    caughtBy: 'confirmed',
    reduce: (state, event, config) => reduce(state, event, { ...config, okFinals: [404, 486, 503] }),
  },
  {
    fault: 'calls nobody while not registered, not even emergency services',
    caughtBy: 'emergencyOut',
    reduce: instead(
      ({ registered, entry }, { type }) => !registered && entry.kind === 'collecting' && type === 'digit',
      state => [state, [{ type: 'ignored', event: 'digit' }]],
    ),
  },
  {
    fault: 'lets R end an emergency call',
    caughtBy: 'emergencyStands',
    reduce: instead(
      (state, { type }) => type === 'flash' && inEmergency(state),
      (state, _, config) => reduce(state, { type: 'on-hook' }, config),
    ),
  },
  {
    fault: 'dials on a broken line',
    caughtBy: 'fault',
    reduce: altered((effects, { type }, { fault }) =>
      fault && type === 'off-hook' ? [...effects, { type: 'tone', tone: 'dial' }] : effects,
    ),
  },
]
