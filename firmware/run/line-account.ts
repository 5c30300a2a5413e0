// The account of one telephone over the time the box runs: added, changed, or taken away while its calls stand
// (a changed configuration drops no call).

import { isDeepStrictEqual } from 'node:util'
import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { SipAccount, SipEvent, SipLine, SipSink } from '../sip/sip-line.js'

export interface LineAccount {
  /** Absent while the line has no account. */
  readonly sip: SipLine | undefined
  start(): void
  /** From now on this account, or none. The same one again changes nothing. */
  set(account: SipAccount | undefined): void
  /** Calls released, de-registered; gives up waiting after `withinMs`. */
  stop(withinMs: number): Promise<void>
}

/** How often a former account is looked at until its calls are over, ms. */
const retireMs = 2000
/** A former account gets this long to de-register, ms. */
const farewellMs = 4000

export const createLineAccount = (options: {
  readonly clock: Clock
  readonly account: SipAccount | undefined
  make(account: SipAccount, sink: SipSink): SipLine
  onEvent(event: SipEvent): void
  /** Calls of this one stand. */
  isBusy(sip: SipLine): boolean
}): LineAccount => {
  const { clock, onEvent } = options
  const former = new Map<SipLine, Timer>()
  let account = options.account
  let started = false

  const make = (of: SipAccount): SipLine => {
    const made: SipLine = options.make(of, event => {
      if (made === sip) onEvent(event)
      else if (event.type === 'incoming') made.reject(event.call, 480)
      else if (event.type !== 'registration') onEvent(event)
    })
    return made
  }
  const retire = (old: SipLine): void => {
    if (options.isBusy(old))
      former.set(
        old,
        clock.timer('former account', ms(retireMs), () => retire(old)),
      )
    else {
      former.delete(old)
      void old.stop(farewellMs)
    }
  }
  let sip = account && make(account)

  return {
    get sip() {
      return sip
    },
    start: () => {
      started = true
      sip?.start()
    },
    set: next => {
      if (isDeepStrictEqual(next, account)) return
      const sameMailbox = next?.user === account?.user && next?.domain === account?.domain
      account = next
      if (!sameMailbox) onEvent({ type: 'messages', waiting: false, count: 0 })
      if (next && sip) sip.update(next)
      else if (next) {
        sip = make(next)
        if (started) sip.start()
      } else if (sip) {
        const old = sip
        sip = undefined
        retire(old)
        onEvent({ type: 'registration', state: 'unregistered' })
      }
    },
    stop: async withinMs => {
      const all = [...former.keys(), ...(sip ? [sip] : [])]
      for (const timer of former.values()) timer.cancel()
      former.clear()
      await Promise.allSettled(all.map(one => one.stop(withinMs)))
    },
  }
}
