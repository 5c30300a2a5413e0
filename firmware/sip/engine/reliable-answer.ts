// One reliable provisional answer (RFC 3262 §3): numbered, repeated from T1 on doubling until its PRACK, given up after 64*T1.

import { type Clock, ms, type Timer } from '../../../hal/clock.js'
import type { Entropy } from '../../../hal/entropy.js'

const t1 = 500

export interface ReliableAnswer {
  /** A PRACK's RAck value; true when it is for this answer, which is then no longer repeated. */
  acknowledge(rack: string | undefined): boolean
  stop(): void
}

export const createReliableAnswer = (
  clock: Clock,
  entropy: Entropy,
  options: { readonly cseq: number; send(lines: string[]): void; expired(): void },
): ReliableAnswer => {
  // The first number is to be chosen at random below 2^31 (§3).
  const sequence = 1 + (entropy.uint32() >>> 2)
  let repeat: Timer | undefined
  let interval = t1
  const send = (): void => {
    options.send(['Require: 100rel', `RSeq: ${sequence}`])
    repeat = clock.timer('reliable answer', ms(interval), send)
    interval *= 2
  }
  const stop = (): void => {
    repeat?.cancel()
    limit.cancel()
  }
  const limit = clock.timer('reliable answer limit', ms(64 * t1), () => {
    stop()
    options.expired()
  })
  send()
  return {
    acknowledge(rack) {
      const match = /^\s*(\d+)\s+(\d+)\s+INVITE\s*$/.exec(rack ?? '')
      if (Number(match?.[1]) !== sequence || Number(match?.[2]) !== options.cseq) return false
      stop()
      return true
    },
    stop,
  }
}
