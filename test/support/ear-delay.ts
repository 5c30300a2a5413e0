// How long a frame takes from the writer to the ear on a board with a sound device: every so often a loud one is written, and
// the far end tells when it plays.

import type { Clock } from '../../hal/clock.js'
import type { AlsaBoard } from '../../hal/linux/alsa-board.js'
import { FRAME_SAMPLES, framesLost } from '../../hal/pcm-port.js'

const loud = new Int16Array(FRAME_SAMPLES).fill(30_000)
const quiet = new Int16Array(FRAME_SAMPLES).fill(1000)

/** Starts the board and writes a frame each tick; `delay` sends a loud one and says after how long, ms, `heard` told it. */
export const speakingBoard = (board: AlsaBoard, clock: Clock) => {
  const port = board.ports[0]!
  let wanted = false
  let sentAt = 0
  const counts = { frames: 0, lost: 0 }
  board.start(
    () => {
      counts.frames++
      if (wanted) sentAt = clock.now()
      port.write(wanted ? loud : quiet)
      wanted = false
    },
    fault => {
      counts.lost += framesLost(fault)
    },
  )
  board.wake(port.id)
  return {
    counts,
    delay: async (heard: () => number | undefined, withinMs = 1500): Promise<number> => {
      const from = clock.now()
      wanted = true
      for (;;) {
        await new Promise(resolve => setTimeout(resolve, 10))
        const at = heard()
        if (at !== undefined && at > from) return (at - sentAt) / 1000
        if (clock.now() - from > withinMs * 1000) return Number.NaN
      }
    },
  }
}
