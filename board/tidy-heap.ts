// What a start leaves behind in the heaps is a fifth of all memory that the box takes, and a burst of work (ten thousand commands
// pasted into the console) leaves 32 MB of room for young objects. Both are collected, twice, while no telephone is in use: the
// first time takes the garbage, and only the second finds that little was made since, which is when V8 gives that room back.

import type { BoxLineStatus } from '../firmware/run/box.js'
import { type Clock, ms, type Timer } from '../hal/clock.js'
import { type HeapSize, heapSettlesMs, heapSize } from '../hal/linux/memory.js'

const times = 2

/** How often the heap of the main thread is looked at, ms. */
export const lookMs = 30_000
/** What it may take from the system, by what lived in it when it was tidied, bytes. */
const mayTake = (living: number): number => 1.5 * living + 6_000_000
/** Less than that made in `heapSettlesMs` is little, bytes. */
const little = 500_000

/** `collect`s all heaps. The answer gives it up. */
export const tidyHeaps = (
  clock: Clock,
  box: { status(): readonly Pick<BoxLineStatus, 'situation'>[] },
  collect: () => void,
  size: () => HeapSize = heapSize,
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
    const { used } = size()
    after(lookMs, () => watch(mayTake(used)))
  }
  const watch = (most: number): void => {
    const { taken, used } = size()
    if (taken <= most) return after(lookMs, () => watch(most))
    after(heapSettlesMs, () => (size().used - used < little ? tidy(times) : watch(most)))
  }
  after(heapSettlesMs, () => tidy(times))
  return () => timer.cancel()
}
