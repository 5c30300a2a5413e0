// What a train of hook edges means: the line interpreter on a file instead of a telephone (`voiceport lab hook`).

import { VoiceportError } from '../../firmware/errors.js'
import type { HookContext, HookEvent, HookTimings } from '../../firmware/line/hook-event.js'
import { initialHook, interpret } from '../../firmware/line/hook-interpreter.js'
import { type Us, us } from '../../hal/clock.js'

export const hookContexts = ['collecting', 'talking', 'window', 'ringing', 'emergency'] as const

const names = { 'off-hook': 'offhook', flash: 'flash', digit: 'digit', 'on-hook': 'onhook' } as const

/**
 * Yields one JSON line an event for JSON lines `{"offHook":bool,"us":int}` in rising order of `us`; empty lines are
 * skipped. The line starts on-hook, and after the last edge every timer runs out.
 * @throws VoiceportError VP-7202 naming the line
 */
export async function* hookEvents(
  lines: AsyncIterable<string>,
  timings: HookTimings,
  context: HookContext,
): AsyncGenerator<string> {
  let state = initialHook(us(0))
  let last = us(0)
  let number = 0
  for await (const line of lines) {
    number++
    if (line.trim() === '') continue
    const edge = readEdge(line, number, last)
    last = edge.us
    const step = interpret(state, edge, timings, context)
    state = step.state
    yield* written(step.events)
  }
  for (let wakeAt = interpret(state, { now: last }, timings, context).wakeAt; wakeAt !== undefined; ) {
    const step = interpret(state, { now: wakeAt }, timings, context)
    state = step.state
    wakeAt = step.wakeAt
    yield* written(step.events)
  }
}

/** A digit that only began or was lost is left out: every line stands for something whole. */
const written = (events: readonly HookEvent[]): string[] =>
  events.flatMap(({ type, ...rest }) =>
    type === 'digit-begun' || type === 'digit-lost' ? [] : [JSON.stringify({ ev: names[type], ...rest })],
  )

const readEdge = (line: string, number: number, last: Us): { readonly offHook: boolean; readonly us: Us } => {
  const wrong = (what: string): VoiceportError => new VoiceportError('VP-7202', `line ${number}: ${what}`)
  const edge = parsed(line)
  if (typeof edge !== 'object' || edge === null) throw wrong('not a JSON object')
  const { offHook, us: stamp } = edge as { readonly offHook?: unknown; readonly us?: unknown }
  if (typeof offHook !== 'boolean') throw wrong('"offHook" is not true or false')
  if (typeof stamp !== 'number' || !Number.isSafeInteger(stamp) || stamp < 0)
    throw wrong('"us" is not a whole number of microseconds, 0 or more')
  if (stamp < last) throw wrong(`"us" runs backwards (${stamp} after ${last})`)
  return { offHook, us: us(stamp) }
}

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
