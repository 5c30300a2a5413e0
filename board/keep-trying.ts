// What needs the network, tried until the network is there: the telephones do not wait for it.

import type { Log } from '../firmware/log.js'
import { type Clock, ms, type Timer } from '../hal/clock.js'
import { isHalError } from '../hal/errors.js'
import { patiently } from './patiently.js'

/** A network that is not there yet is tried again this often, ms. */
export const retryMs = 5000

export interface Trying {
  /** The first attempt is over, or takes long and goes on by itself. Rejects when no network could help it. */
  readonly begun: Promise<void>
  stop(): void
}

/** Runs `attempt` now, and again while it says that the network is not there. */
export const keepTrying = (
  what: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  attempt: () => Promise<void>,
): Trying => {
  let timer: Timer | undefined
  let wanted = true
  const failed = (error: Error): void => log.error(`${what} cannot be opened`, { reason: error.message })
  const run = async (): Promise<void> => {
    try {
      await attempt()
    } catch (error) {
      if (!wanted) return
      if (!isHalError(error) || (error.kind !== 'unreachable' && error.kind !== 'missing')) throw error
      log.warn(`${what} waits for the network`, { reason: error.message })
      timer = clock.timer(`${what} retry`, ms(retryMs), () => void run().catch(failed))
    }
  }
  let late = false
  const first = run().catch((error: Error) => {
    if (!late) throw error
    failed(error)
  })
  const begin = async (): Promise<void> => {
    late = !(await patiently(what, clock, first))
  }
  return {
    begun: begin(),
    stop: () => {
      wanted = false
      timer?.cancel()
    },
  }
}
