// What a board on a sound device whose playback comes back as its own capture takes for the way round: an impulse is written
// every so often and looked for in what is captured. Also who its child processes are.

import { readdirSync, readFileSync } from 'node:fs'
import type { Clock } from '../../hal/clock.js'
import type { AlsaBoard } from '../../hal/linux/alsa-board.js'
import { FRAME_SAMPLES, framesLost } from '../../hal/pcm-port.js'

const impulse = new Int16Array(FRAME_SAMPLES)
impulse.fill(20_000, 0, 8)
const silence = new Int16Array(FRAME_SAMPLES)
/** Ticks from one impulse to the next; an impulse that has not come back by then is lost. */
const everyTicks = 50

export interface RoundTrips {
  readonly medianMs: number
  readonly maxMs: number
  readonly impulses: number
}

/** Starts the board and wakes its first port. */
export const watchRoundTrips = (board: AlsaBoard, clock: Clock) => {
  const port = board.ports[0]!
  const frame = new Int16Array(FRAME_SAMPLES)
  const counts = { frames: 0, lost: 0, longestGapMs: 0 }
  let trips: number[] = []
  let sentAt: number | undefined
  let tick = 0
  let last = 0
  board.start(
    us => {
      const now = clock.now()
      if (last > 0) counts.longestGapMs = Math.max(counts.longestGapMs, (now - last) / 1000)
      last = now
      counts.frames++
      port.read(frame)
      const at = frame.findIndex(sample => sample > 10_000)
      if (at >= 0 && sentAt !== undefined) {
        trips.push((us + at * 125 - sentAt) / 1000)
        sentAt = undefined
      }
      const send = ++tick % everyTicks === 0
      if (send) sentAt = now
      port.write(send ? impulse : silence)
    },
    fault => {
      counts.lost += framesLost(fault)
    },
  )
  board.wake(port.id)
  return {
    counts,
    /** Of the impulses that come back within the next `ms`. */
    during: async (ms: number): Promise<RoundTrips> => {
      trips = []
      counts.longestGapMs = 0
      await new Promise(resolve => setTimeout(resolve, ms))
      const sorted = [...trips].sort((a, b) => a - b)
      return {
        medianMs: sorted[sorted.length >> 1] ?? Number.NaN,
        maxMs: sorted.at(-1) ?? Number.NaN,
        impulses: sorted.length,
      }
    },
  }
}

/** Process numbers of this process's children of that name. */
export const childrenNamed = (name: string): readonly number[] =>
  readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .filter(entry => {
      try {
        const [, comm, parent] = /\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, 'utf8')) ?? []
        return comm === name && Number(parent) === process.pid
      } catch {
        return false
      }
    })
    .map(Number)
