// The end of the daemon. The good-byes to the network go out first, and nobody who only looks on (console, lamps, bench) can
// hold them up, nor what comes behind them: sockets, devices and the store.

import { type Clock, ms } from '../hal/clock.js'

export interface SignOff {
  readonly clock: Clock
  /** Ring off, BYE, de-REGISTER. */
  readonly goodbyes: () => Promise<unknown>
  /** Closed meanwhile. */
  readonly lookers: readonly (() => Promise<unknown> | undefined)[]
  /** How long they are waited for, ms. */
  readonly lookersMs: number
  /** Behind both. */
  readonly last: readonly (() => Promise<unknown> | undefined)[]
}

/** Never rejects. */
export const signOff = async ({ clock, goodbyes, lookers, lookersMs, last }: SignOff): Promise<void> => {
  const all = (closers: SignOff['last']): Promise<unknown> =>
    Promise.allSettled(closers.map(async close => close()))
  const said = all([goodbyes])
  await Promise.all([said, within(clock, lookersMs, all(lookers))])
  await all(last)
}

const within = (clock: Clock, mostMs: number, work: Promise<unknown>): Promise<void> =>
  new Promise(resolve => {
    const over = clock.timer('sign off', ms(mostMs), resolve)
    void work.then(() => {
      over.cancel()
      resolve()
    })
  })
