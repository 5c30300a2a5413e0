// Feeds the loop edges of one line to the hook interpreter and comes back when it asks for it. Being late changes no
// event: the notice that nothing happened comes from the port itself (readHook), behind every edge that still waits.

import { type Clock, ms, msBetween, type Timer, type Us } from '../../hal/clock.js'
import type { FxsEvent, FxsPort } from '../../hal/fxs-port.js'
import type { HookContext, HookEvent, HookTimings } from '../line/hook-event.js'
import { initialHook, interpret } from '../line/hook-interpreter.js'
import type { HookInput } from '../line/hook-state.js'
import { createEdgeStorm } from './edge-storm.js'

export interface HookWatch {
  edge(event: Extract<FxsEvent, { type: 'hook' }>): void
  /** The chip saw the ringing telephone being lifted. */
  tripped(at: Us): void
  /** Nothing more happened until `now`. */
  quiet(now: Us): void
  setContext(context: HookContext): void
  setTimings(timings: HookTimings): void
  /** Asks the port whether more happened; its answer comes as `onQuiet`, behind every edge that still waits. */
  ask(): void
  /** Asks the port for the level after edges were lost. */
  resync(): void
  close(): void
}

export const createHookWatch = (options: {
  readonly clock: Clock
  readonly line: string
  readonly fxs: FxsPort
  readonly timings: HookTimings
  onEvent(event: HookEvent): void
  /** Whatever the loop did until `at` has been told, and nothing of it waits for more. */
  onSettled?(at: Us): void
  /** More edges than a telephone makes: it began, or is over with so many. */
  onStorm?(on: boolean, edges: number): void
  /** The port confirmed that nothing happened until `now`: bring it back through the queue, to `quiet`. */
  onQuiet(now: Us): void
  /** The port told its level after a loss: bring it back through the queue, to `edge`. */
  onResync(edge: Extract<FxsEvent, { type: 'hook' }>): void
}): HookWatch => {
  const { clock, line, fxs } = options
  let timings = options.timings
  let context: HookContext = 'collecting'
  let state = initialHook(clock.now())
  let wake: Timer | undefined
  let moved = false
  const storm = createEdgeStorm((on, edges) => options.onStorm?.(on, edges))

  const feed = (input: HookInput): void => {
    const result = interpret(state, input, timings, context)
    state = result.state
    wake?.cancel()
    wake = undefined
    if (result.wakeAt !== undefined) {
      const delay = ms(Math.max(0, msBetween(clock.now(), result.wakeAt)))
      wake = clock.timer(`${line}:hook`, delay, onWake)
    }
    for (const event of result.events) options.onEvent(event)
    moved ||= !('now' in input)
    if (!moved || result.wakeAt !== undefined) return
    moved = false
    storm.settled()
    options.onSettled?.(state.at)
  }
  const ask = (): void => {
    fxs.readHook().then(
      ({ us }) => options.onQuiet(us),
      () => options.onQuiet(clock.now()),
    )
  }
  const onWake = (): void => {
    wake = undefined
    ask()
  }
  return {
    ask,
    edge: ({ offHook, us, source, overrun }) => {
      storm.edge(us)
      feed({ offHook, us, ...((overrun || source === 'resync') && { overrun: true }) })
    },
    tripped: at => feed({ trippedAt: at }),
    quiet: now => feed({ now }),
    setContext: next => {
      context = next
    },
    setTimings: next => {
      timings = next
    },
    resync: () => {
      fxs.readHook().then(
        ({ offHook, us }) => options.onResync({ type: 'hook', offHook, us, source: 'resync', overrun: true }),
        () => undefined,
      )
    },
    close: () => wake?.cancel(),
  }
}
