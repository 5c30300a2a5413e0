// What a start leaves behind in the heaps is a fifth of all memory that the box takes, and a burst of work (ten thousand commands
// pasted into the console) leaves megabytes. Both are collected while no telephone is in use. Behind the start twice: the first
// time takes the garbage, and only the second finds that little was made since, which is when V8 gives back the room for
// young objects.

import type { BoxLineStatus } from '../firmware/run/box.js'
import { type Clock, ms, type Timer } from '../hal/clock.js'
import { heapSettlesMs, heapTaken } from '../hal/linux/memory.js'

const times = 2

/** How often the heap of the main thread is looked at, ms. */
export const lookMs = 1000
/** What it may take from the system beyond what it took when it was tidied, bytes. */
const mayGrow = 2_000_000

/** `collect`s all heaps. The answer gives it up. */
export const tidyHeaps = (
  clock: Clock,
  box: { status(): readonly Pick<BoxLineStatus, 'situation'>[] },
  collect: () => void,
  taken: () => number = heapTaken,
): (() => void) => {
  let timer: Timer
  const after = (delay: number, work: () => void): void => {
    timer = clock.timer('tidy heaps', ms(delay), work)
  }
  const isFree = (): boolean => box.status().every(({ situation }) => situation === 'idle')
  const tidy = (left: number): void => {
    if (!isFree()) return after(heapSettlesMs, () => tidy(left))
    collect()
    if (left > 1) return after(heapSettlesMs, () => tidy(left - 1))
    watch(taken() + mayGrow)
  }
  const watch = (most: number): void => after(lookMs, () => (taken() > most ? tidy(1) : watch(most)))
  after(heapSettlesMs, () => tidy(times))
  return () => timer.cancel()
}
