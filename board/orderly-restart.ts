// A restart that a technician asked for: his answer goes out first, and an emergency call is never cut by it, also not one that
// began after he was let.

import type { Log } from '../firmware/log.js'
import type { Situation } from '../firmware/phone/situation.js'
import { type Clock, ms, type Timer } from '../hal/clock.js'

export interface OrderlyRestart {
  /** Asked for again, it is still one. */
  ask(): void
  /** The box ends anyway. */
  close(): void
}

/** From the wish to its fulfilment, and from one look at the telephones to the next, ms. */
export const restartMs = 200

export const createOrderlyRestart = (options: {
  readonly clock: Clock
  readonly log: Log
  readonly lines: () => readonly { readonly line: string; readonly situation: Situation }[]
  readonly restart: () => void
}): OrderlyRestart => {
  const { clock, log, lines, restart } = options
  let timer: Timer | undefined
  let waits = false
  const arm = (): void => {
    timer = clock.timer('restart', ms(restartMs), look)
  }
  const look = (): void => {
    const emergency = lines().find(({ situation }) => situation === 'emergency')
    if (emergency === undefined) return restart()
    if (!waits) log.warn('the restart waits for the end of an emergency call', { line: emergency.line })
    waits = true
    arm()
  }
  return {
    ask: () => {
      if (timer === undefined) arm()
    },
    close: () => timer?.cancel(),
  }
}
