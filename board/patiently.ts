// What takes long while the box starts (a disk, a name server) goes on by itself: the telephones do not wait for it.

import { type Clock, ms, type Timer } from '../hal/clock.js'

/** How long that is, ms. */
export const patienceMs = 500

/** Waits for `work`, but not longer than half a second: then false. */
export const patiently = async (what: string, clock: Clock, work: Promise<unknown>): Promise<boolean> => {
  let over: Timer | undefined
  const patience = new Promise<false>(resolve => {
    over = clock.timer(`${what} patience`, ms(patienceMs), () => resolve(false))
  })
  try {
    return await Promise.race([work.then(() => true), patience])
  } finally {
    over?.cancel()
  }
}
