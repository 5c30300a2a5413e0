// What a start leaves behind in the heap is a fifth of all memory that the box takes. It is collected once, while no
// telephone is in use.

import type { BoxLineStatus } from '../firmware/run/box.js'
import { type Clock, ms, type Timer } from '../hal/clock.js'
import { collectGarbage, heapSettlesMs } from '../hal/linux/memory.js'

/** The answer gives it up. */
export const tidyHeapOnce = (
  clock: Clock,
  box: { status(): readonly Pick<BoxLineStatus, 'situation'>[] },
  collect: () => void = collectGarbage,
): (() => void) => {
  let timer: Timer
  const wait = (): void => {
    timer = clock.timer('tidy heap', ms(heapSettlesMs), () => {
      if (box.status().every(({ situation }) => situation === 'idle')) collect()
      else wait()
    })
  }
  wait()
  return () => timer.cancel()
}
