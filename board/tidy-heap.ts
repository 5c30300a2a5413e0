// What a start leaves behind in the heaps is a fifth of all memory that the box takes. It is collected twice, while no
// telephone is in use: the first time takes the garbage, and only the second finds that little was made since, which is when V8
// gives back the room for young objects that the start took.

import type { BoxLineStatus } from '../firmware/run/box.js'
import { type Clock, ms, type Timer } from '../hal/clock.js'
import { heapSettlesMs } from '../hal/linux/memory.js'

const times = 2

/** The answer gives it up. */
export const tidyHeaps = (
  clock: Clock,
  box: { status(): readonly Pick<BoxLineStatus, 'situation'>[] },
  collect: () => void,
): (() => void) => {
  let timer: Timer
  let left = times
  const wait = (): void => {
    timer = clock.timer('tidy heaps', ms(heapSettlesMs), () => {
      if (box.status().every(({ situation }) => situation === 'idle')) {
        collect()
        left--
      }
      if (left > 0) wait()
    })
  }
  wait()
  return () => timer.cancel()
}
