// One test at work on one line: what it may touch, and when it must stop. The subscriber comes first: a telephone that is
// lifted and a call that comes in end a test at once.

import { type Clock, ms } from '../../../hal/clock.js'
import type { BoxEvent } from '../box-event.js'
import type { FactWatch, Listener } from '../facts/fact-watch.js'
import type { LineWatch } from '../facts/line-watch.js'
import type { LineContext } from '../line-context.js'

export type Stop = 'lifted' | 'wanted' | 'aborted'

export interface Bench {
  readonly line: LineContext
  readonly known: LineWatch
  readonly clock: Clock
  /** Why it must not go on; undefined: it may. */
  stopped(): Stop | undefined
  /** `duration` ms, or less when it is stopped or `holds` (looked at after every event of the box). */
  wait(duration: number, holds?: () => boolean): Promise<void>
  /** What `work` comes to; undefined: it was stopped, or `duration` ms have passed, before. Throws what `work` throws. */
  outcome<T>(work: Promise<T>, duration: number): Promise<T | undefined>
  /** Hears every event of the box; true takes it. */
  listen(listener: Listener): void
  end(): void
}

export const openBench = (options: {
  readonly line: LineContext
  readonly known: LineWatch
  readonly watch: FactWatch
  readonly clock: Clock
  /** Aborted: the technician wants no more of it. */
  readonly signal: AbortSignal | undefined
  /** What of the telephone ends it: being lifted, or hung up where it was lifted for the test; a call that comes in, both. */
  readonly endsAt: 'lifting' | 'hanging-up' | 'nothing'
}): Bench => {
  const { line, known, watch, clock, signal } = options
  const silent = new Set<() => void>()
  let stopped: Stop | undefined
  let wake: (() => void) | undefined

  const stop = (why: Stop): void => {
    stopped ??= why
    wake?.()
  }
  const abort = (): void => stop('aborted')
  const wait = (duration: number, holds: () => boolean): Promise<void> =>
    new Promise(resolve => {
      const done = (): void => {
        timer.cancel()
        wake = undefined
        resolve()
      }
      const timer = clock.timer(`${line.id}:test`, ms(duration), done)
      wake = () => {
        if (stopped !== undefined || holds()) done()
      }
      wake()
    })
  const look: Listener = event => {
    const why = options.endsAt === 'nothing' ? undefined : stopOf(event, line.id, options.endsAt)
    if (why) stop(why)
    // What it waits for may follow from this event: looked at when it has been dealt with.
    else if (wake) queueMicrotask(() => wake?.())
    return false
  }
  const listen = (listener: Listener): void => void silent.add(watch.listen(listener))
  listen(look)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()

  return {
    ...{ line, known, clock, listen },
    stopped: () => stopped,
    wait: (duration, holds = () => false) => wait(duration, holds),
    outcome: async (work, duration) => {
      let isOver = false
      const settled = (): void => {
        isOver = true
        wake?.()
      }
      work.then(settled, settled)
      await wait(duration, () => isOver)
      return isOver && stopped === undefined ? work : undefined
    },
    end: () => {
      for (const forget of silent) forget()
      signal?.removeEventListener('abort', abort)
    },
  }
}

const stopOf = (event: BoxEvent, line: string, endsAt: 'lifting' | 'hanging-up'): Stop | undefined => {
  if (event.from === 'media' || event.line !== line) return undefined
  if (event.from === 'sip') return event.event.type === 'incoming' ? 'wanted' : undefined
  if (event.from !== 'fxs') return undefined
  const { event: told } = event
  const isOff = told.type === 'ring-trip' || (told.type === 'hook' && told.offHook)
  if (endsAt === 'lifting') return isOff ? 'lifted' : undefined
  return told.type === 'hook' && !told.offHook ? 'wanted' : undefined
}
