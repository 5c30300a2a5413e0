// The hook switch of the telephone: a mechanical contact that bounces. A group of bounces lasts at most 15 ms,
// single bounces 0.1-10 ms (measured on real hook switches; fxs: "SHK bounces a lot").
//
// An opening group starts at the instant asked for, a closing group may be asked to end there, so that a flash of
// 270 ms measures 270 ms from its first opening edge to its last closing edge.

import { type Clock, ms, type Timer, type Us, us } from '../clock.js'
import type { Entropy } from '../entropy.js'

/** The contact is `closed` from `at` on. */
export interface ContactMove {
  readonly closed: boolean
  readonly at: Us
}

const longestGroupMs = 15
const longestBounceMs = 10
const shortestBounceMs = 0.1

const between = (entropy: Entropy, low: number, high: number): number =>
  low + ((high - low) * entropy.uint32()) / 2 ** 32

/** Offsets in µs, from 0, at which the contact changes; an odd number of them, so that the last state is the wanted one. */
export const bounceOffsets = (entropy: Entropy, roomMs = longestGroupMs): readonly number[] => {
  const room = Math.min(longestGroupMs, roomMs)
  const offsets = [0]
  let at = 0
  const pairs = entropy.uint32() % 5
  for (let pair = 0; pair < pairs; pair++) {
    const away = between(entropy, shortestBounceMs, longestBounceMs)
    const back = between(entropy, shortestBounceMs, longestBounceMs)
    if (at + away + back > room) break
    offsets.push(Math.round((at + away) * 1000), Math.round((at + away + back) * 1000))
    at += away + back
  }
  return offsets
}

/** The contact moves of one change of state at `at`. With `endsAt` the last move, not the first, falls on `at`. */
export const bouncingMoves = (
  entropy: Entropy,
  closed: boolean,
  at: Us,
  options: { readonly endsAt?: boolean; readonly roomMs?: number } = {},
): readonly ContactMove[] => {
  const offsets = bounceOffsets(entropy, options.roomMs)
  const shift = options.endsAt === true ? (offsets.at(-1) as number) : 0
  return offsets.map((offset, index) => ({
    closed: index % 2 === 0 ? closed : !closed,
    at: us(at + offset - shift),
  }))
}

/**
 * Carries out planned moves on a clock. Every move keeps its planned instant, however late the clock's timer is.
 * `onDone(at)` gets the instant of the last move. Returns the cancel function.
 */
export const moveContact = (
  clock: Clock,
  moves: readonly ContactMove[],
  apply: (move: ContactMove) => void,
  onDone: (at: Us) => void,
): (() => void) => {
  let timer: Timer | undefined
  let next = 0
  let cancelled = false
  const step = (): void => {
    while (next < moves.length) {
      const move = moves[next] as ContactMove
      if (move.at > clock.now()) {
        timer = clock.timer('hook contact', ms((move.at - clock.now()) / 1000), step)
        return
      }
      next++
      apply(move)
      if (cancelled) return
    }
    onDone(moves.at(-1)?.at ?? clock.now())
  }
  step()
  return () => {
    cancelled = true
    timer?.cancel()
  }
}
