// The PCM clock of the simulated box: one tick each 10 ms on a grid that never drifts, only while somebody wants frames.
// Virtual: ticks are timers of the clock. Real: between ticks the thread waits in its event loop, so that datagrams and
// messages are served as they come; for the last moment it sleeps to the deadline itself (on Atomics.wait, unless given
// something better), which no timer of an event loop meets.

import { type Clock, ms, type Timer, type Us, us } from '../clock.js'
import { FRAME_MS } from '../pcm-port.js'

const frameUs = FRAME_MS * 1000
/** More than four frames late and the codec's buffers (320 samples) have run over: those frames are lost. */
const tolerableLateUs = 40_000
/** Longest time in which the event loop is not served: a timer may come 1 ms late by its own grid, and a little more. */
const longestSleepUs = 2500
/** A timer of Node counts from a whole millisecond that may lie almost one behind. */
const napMs = 8
const shortNapMs = 1
/** After a suspend of the machine the gap is skipped, not lived through. */
const longestCatchUp = 1000

export interface FrameSink {
  /** The frame [end - 10 ms, end) is over. `lost`: nobody was there to take it. */
  frame(end: Us, lost: boolean): void
  /** Frames were lost: told once a stall. */
  overrun(lostFrames: number, at: Us): void
}

export interface FrameClock {
  run(on: boolean): void
}

const nextOnGrid = (origin: number, now: number): number =>
  origin + (Math.floor((now - origin) / frameUs) + 1) * frameUs

export const virtualFrameClock = (clock: Clock, sink: FrameSink): FrameClock => {
  const origin = clock.now()
  let timer: Timer | undefined
  const arm = (at: number): void => {
    timer = clock.timer('pcm frame', ms((at - clock.now()) / 1000), () => {
      arm(at + frameUs)
      sink.frame(us(at), false)
    })
  }
  return {
    run: on => {
      if (on === (timer !== undefined)) return
      timer?.cancel()
      timer = undefined
      if (on) arm(nextOnGrid(origin, clock.now()))
    },
  }
}

const bed = new Int32Array(new SharedArrayBuffer(4))
const sleepOnBed =
  (clock: Clock) =>
  (instant: Us): void => {
    const left = (instant - clock.now()) / 1000
    if (left > 0) Atomics.wait(bed, 0, 0, left)
  }

export const realFrameClock = (clock: Clock, sink: FrameSink, sleepUntil = sleepOnBed(clock)): FrameClock => {
  const origin = clock.now()
  let due = 0
  let running = false
  /** Kept from frame to frame: a timer that is only set again makes no garbage. */
  let nap: NodeJS.Timeout | undefined
  let shortNap: NodeJS.Timeout | undefined

  /** Frames that nobody took in time; the grid itself goes on. */
  const loseOverdue = (): void => {
    const late = clock.now() - due
    if (late <= tolerableLateUs) return
    const lost = Math.floor(late / frameUs)
    sink.overrun(lost, clock.now())
    due += Math.max(0, lost - longestCatchUp) * frameUs
    for (let left = Math.min(lost, longestCatchUp); left > 0 && running; left--) {
      sink.frame(us(due), true)
      due += frameUs
    }
  }
  const deliverDue = (): void => {
    while (running && clock.now() >= due) {
      loseOverdue()
      if (!running || clock.now() < due) return
      const end = due
      due += frameUs
      sink.frame(us(end), false)
    }
  }
  const step = (): void => {
    if (!running) return
    if (due - clock.now() <= longestSleepUs) {
      sleepUntil(us(due))
      deliverDue()
    }
    if (running) wait()
  }
  const wait = (): void => {
    if (due - clock.now() > (napMs + 1) * 1000) nap = nap?.refresh() ?? setTimeout(step, napMs)
    else shortNap = shortNap?.refresh() ?? setTimeout(step, shortNapMs)
  }
  const stop = (): void => {
    clearTimeout(nap)
    clearTimeout(shortNap)
    nap = undefined
    shortNap = undefined
  }
  return {
    run: on => {
      if (on === running) return
      running = on
      stop()
      if (!on) return
      due = nextOnGrid(origin, clock.now())
      wait()
    },
  }
}
