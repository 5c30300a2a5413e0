// Feeds the watchdogs of the box, and only while both halves live: the main loop runs the timer here, the audio half answers
// each time before anything is fed. One of them hung and the daemon is started again.

import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Watchdog } from '../../hal/watchdog.js'
import type { Log } from '../log.js'

export interface KeepAlive {
  /** One line for people who ask systemd. */
  status(text: string): void
  /** A clean end begins: nothing is fed any more. Idempotent. */
  stopping(): void
}

export interface KeepAliveOptions {
  readonly clock: Clock
  readonly log: Log
  readonly watchdogs: readonly Watchdog[]
  /** Resolves when the audio half has answered. */
  readonly alive: () => Promise<void>
}

/** Tells every watchdog that the box is ready, and feeds those that want to be fed. */
export const keepAlive = ({ clock, log, watchdogs, alive }: KeepAliveOptions): KeepAlive => {
  const intervals = watchdogs.flatMap(({ intervalMs }) => (intervalMs === undefined ? [] : [intervalMs]))
  let timer: Timer | undefined
  let asked = false
  let ended = false
  let said = ''

  const ask = async (): Promise<void> => {
    if (asked) {
      log.error('the audio half does not answer: the watchdog is not fed')
      return
    }
    asked = true
    await alive()
    asked = false
    if (!ended) for (const watchdog of watchdogs) watchdog.feed()
  }
  const beat = (): void => {
    timer = clock.timer('watchdog', ms(Math.min(...intervals)), beat)
    // An audio half that is gone is told elsewhere, and must not be taken for one that lives.
    ask().catch(() => {})
  }

  for (const watchdog of watchdogs) watchdog.ready()
  if (intervals.length > 0) beat()
  return {
    status: text => {
      if (text === said) return
      said = text
      for (const watchdog of watchdogs) watchdog.status?.(text)
    },
    stopping: () => {
      if (ended) return
      ended = true
      timer?.cancel()
      for (const watchdog of watchdogs) watchdog.stopping()
    },
  }
}
