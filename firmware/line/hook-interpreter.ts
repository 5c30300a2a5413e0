// Hook edges in, off-hook, flash (R), rotary digit and on-hook out. Pure: decided from the stamps of the edges
// alone, so a stalled event loop or a late timer changes no event, only when it is told.
// Design §6.5; windows and overlap of rotary "1" and short flash: reference figures of the profiles.

import { type Us, us } from '../../hal/clock.js'
import type { HookContext, HookEvent, HookTimings } from './hook-event.js'
import type {
  BounceGroup,
  HookInput,
  HookPhase,
  HookState,
  Interpretation,
  PulseTrain,
} from './hook-state.js'

// An emergency call survives a cradle knocked by accident.
const emergencyOnHookMs = 1500
const mostPulses = 12
const digitOfPulses = '?1234567890*#'

interface Step {
  readonly phase: HookPhase
  readonly event?: HookEvent
}

/** A line as first heard of; `offHook`: the telephone is already lifted and known to be. */
export const initialHook = (at: Us, offHook = false): HookState => ({
  level: offHook,
  at,
  phase: { is: offHook ? 'off-hook' : 'on-hook' },
})

/** Takes one edge or the notice that nothing happened. Total: any input, in any order, has an outcome. */
export const interpret = (
  state: HookState,
  input: HookInput,
  timings: HookTimings,
  context: HookContext,
): Interpretation => {
  const events: HookEvent[] = []
  const stamp = 'now' in input ? input.now : 'trippedAt' in input ? input.trippedAt : input.us
  const at = Number.isFinite(stamp) ? us(Math.max(stamp, state.at)) : state.at
  let next = advance(state, at, timings, events)
  if ('trippedAt' in input) next = tripped(next, at, events)
  if ('offHook' in input) {
    const { offHook } = input
    if (input.overrun)
      next = { level: offHook, at, phase: resumed(next.phase, at, offHook, context, timings) }
    else if (offHook !== next.level) next = withEdge(next, context)
  }
  const wakeAt = wakeOf(next, timings)
  return wakeAt === undefined ? { state: next, events } : { state: next, events, wakeAt }
}

const span = (from: Us, to: Us): number => (to - from) / 1000
const later = (from: Us, ms: number): Us => us(from + ms * 1000)

/** Lets time pass up to `at`: settles a bounce group that is over and tells what fell due meanwhile. */
const advance = (state: HookState, at: Us, timings: HookTimings, events: HookEvent[]): HookState => {
  const { group, level } = state
  if (group && at <= later(group.last, timings.bounceMs)) return { ...state, at }
  let { phase } = state
  const take = (step: Step): void => {
    phase = step.phase
    if (step.event) events.push(step.event)
  }
  if (group && group.from !== level) {
    if (level) take(closed(phase, group, timings))
    else take({ phase: opened(phase, group, timings) })
  }
  take(due(phase, at, timings))
  return { level, at, phase }
}

const withEdge = (state: HookState, context: HookContext): HookState => {
  const { level, at, phase, group } = state
  const grown = group ? { ...group, last: at } : { from: level, first: at, last: at, context }
  return { level: !level, at, phase, group: grown }
}

/** What fell due by `at` with the loop unchanged. A break of exactly `onHookMs` is still a flash. */
const due = (phase: HookPhase, at: Us, timings: HookTimings): Step => {
  switch (phase.is) {
    case 'on-hook':
      return { phase }
    case 'seizing':
      if (at < later(phase.since, phase.prequalMs)) return { phase }
      return { phase: { is: 'off-hook' }, event: { type: 'off-hook', us: phase.since } }
    case 'off-hook':
      if (!phase.train || at < later(phase.train.lastClosing, timings.pulseGapMs)) return { phase }
      return endOfTrain(phase.train)
    case 'break': {
      const ms = onHookLength(phase.context, timings)
      if (at <= later(phase.since, ms)) return { phase }
      // A digit cut short by hanging up was not dialled.
      return { phase: { is: 'on-hook' }, event: { type: 'on-hook', us: later(phase.since, ms), ms } }
    }
  }
}

const endOfTrain = (train: PulseTrain): Step => {
  const phase = { is: 'off-hook' } as const
  if (train.spoiled) return { phase, event: { type: 'digit-lost', us: train.lastClosing } }
  const digit = digitOfPulses.charAt(train.pulses)
  const ms = span(train.firstOpening, train.lastClosing)
  return { phase, event: { type: 'digit', us: train.lastClosing, digit, ms } }
}

const onHookLength = (context: HookContext, timings: HookTimings): number =>
  context === 'emergency' ? Math.max(emergencyOnHookMs, timings.onHookMs) : timings.onHookMs

const opened = (phase: HookPhase, group: BounceGroup, timings: HookTimings): HookPhase => {
  if (phase.is === 'seizing') return { is: 'on-hook' }
  if (phase.is !== 'off-hook') return phase
  const since = group.first
  const { train } = phase
  if (!train) return { is: 'break', since, context: group.context }
  const inRange = within(span(train.lastClosing, since), timings.pulseMakeMs)
  return {
    is: 'break',
    since,
    context: train.context,
    train: { ...train, spoiled: train.spoiled || !inRange },
  }
}

const closed = (phase: HookPhase, group: BounceGroup, timings: HookTimings): Step => {
  if (phase.is === 'on-hook') return { phase: seizing(group.last, group.context, timings) }
  if (phase.is !== 'break') return { phase }
  const overdue = due(phase, group.last, timings)
  if (overdue.event) return { ...overdue, phase: seizing(group.last, group.context, timings) }
  return classify(phase, group.last, timings)
}

// The current of an answered ringing telephone is no mistake, and each ms of prequalification is a ms of ring in the ear.
const seizing = (since: Us, context: HookContext, timings: HookTimings): HookPhase => ({
  is: 'seizing',
  since,
  prequalMs: context === 'ringing' ? 0 : timings.offHookMs,
})

type Break = Extract<HookPhase, { is: 'break' }>

/** A break that ended before it was an on-hook: a pulse, a flash, or nothing. */
const classify = (phase: Break, end: Us, timings: HookTimings): Step => {
  const { since, context, train } = phase
  const ms = span(since, end)
  if (train) return { phase: { is: 'off-hook', train: withPulse(train, ms, end, timings) } }
  if (isFirstPulse(ms, context, timings)) {
    const begun = { context, firstOpening: since, lastClosing: end, pulses: 1, spoiled: false }
    return { phase: { is: 'off-hook', train: begun }, event: { type: 'digit-begun', us: end } }
  }
  const flash = context !== 'emergency' && within(ms, timings.flashMs)
  return flash
    ? { phase: { is: 'off-hook' }, event: { type: 'flash', us: end, ms } }
    : { phase: { is: 'off-hook' } }
}

// Once a pulse was counted no flash is possible: a person cannot press R within the gap that ends a digit.
const withPulse = (train: PulseTrain, ms: number, end: Us, timings: HookTimings): PulseTrain => ({
  ...train,
  lastClosing: end,
  pulses: train.pulses + 1,
  spoiled: train.spoiled || !within(ms, timings.pulseBreakMs) || train.pulses >= mostPulses,
})

/**
 * The overlap of a slow rotary "1" with a short flash: at dial tone it is a pulse, since R means nothing there;
 * in the command window and in consultation both mean something, and R keeps its whole range.
 */
const isFirstPulse = (ms: number, context: HookContext, timings: HookTimings): boolean => {
  if (!timings.pulse || !within(ms, timings.pulseBreakMs)) return false
  return context === 'collecting' || (context === 'window' && ms < timings.flashMs[0])
}

const within = (value: number, [fewest, most]: readonly [number, number]): boolean =>
  value >= fewest && value <= most

// What the chip has debounced waits for no bounce here: the caller already hears that somebody answers.
const tripped = (state: HookState, at: Us, events: HookEvent[]): HookState => {
  if (state.phase.is !== 'on-hook' && state.phase.is !== 'seizing') return state
  events.push({ type: 'off-hook', us: at })
  return { level: true, at, phase: { is: 'off-hook' } }
}

/** The level after lost edges: lengths that span the gap are not known, so they count for nothing. */
const resumed = (phase: HookPhase, at: Us, offHook: boolean, context: HookContext, timings: HookTimings) => {
  if (phase.is === 'on-hook' || phase.is === 'seizing')
    return offHook ? seizing(at, context, timings) : ({ is: 'on-hook' } as const)
  const train = phase.train && { train: { ...phase.train, lastClosing: at, spoiled: true } }
  return offHook
    ? ({ is: 'off-hook', ...train } as const)
    : ({ is: 'break', since: at, context, ...train } as const)
}

const wakeOf = ({ phase, group }: HookState, timings: HookTimings): Us | undefined => {
  if (group) return us(later(group.last, timings.bounceMs) + 1)
  switch (phase.is) {
    case 'on-hook':
      return undefined
    case 'seizing':
      return later(phase.since, phase.prequalMs)
    case 'off-hook':
      return phase.train && later(phase.train.lastClosing, timings.pulseGapMs)
    case 'break':
      return us(later(phase.since, onHookLength(phase.context, timings)) + 1)
  }
}
