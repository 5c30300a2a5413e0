// A board of plain PCM ports for tests: captures what a test says, keeps what was played, ticks on a clock or by hand.

import { type Clock, ms, type Timer, type Us, us } from '../../hal/clock.js'
import { FRAME_MS, FRAME_SAMPLES, type PcmBoard, type PcmFault, type PcmPort } from '../../hal/pcm-port.js'

export class FrameBoard implements PcmBoard {
  readonly ports: readonly PcmPort[]
  /** What the telephone of a line sends in the frame that begins at `us`; default: silence. */
  capture: (line: string, into: Int16Array, at: number) => void = () => {}
  /** Every frame played, by line, while `keep` is set. */
  readonly played = new Map<string, Int16Array[]>()
  keep = true
  readonly awake = new Set<string>()
  frames = 0
  #frame: (us: Us) => void = () => {}
  #fault: (fault: PcmFault) => void = () => {}
  #timer: Timer | undefined
  #at: Us = us(0)
  readonly #clock: Clock | undefined

  /** Without a clock the test calls `tick`. */
  constructor(lines: readonly string[], clock?: Clock) {
    this.#clock = clock
    this.ports = lines.map(id => ({
      id,
      read: (into: Int16Array) => {
        into.fill(0)
        this.capture(id, into, this.#at)
      },
      write: (frame: Int16Array) => {
        if (this.keep) this.played.get(id)?.push(frame.slice())
        return FRAME_SAMPLES
      },
    }))
    for (const id of lines) this.played.set(id, [])
  }

  start(onFrame: (us: Us) => void, onFault: (fault: PcmFault) => void): void {
    this.#frame = onFrame
    this.#fault = onFault
  }

  wake(port: string): void {
    this.awake.add(port)
    if (this.#clock !== undefined) this.#timer ??= this.#next(this.#clock)
  }

  sleep(port: string): void {
    this.awake.delete(port)
    if (this.awake.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** One frame that began at `at`. */
  tick(at: number): void {
    this.frames++
    this.#at = us(at)
    this.#frame(this.#at)
  }

  fault(fault: PcmFault): void {
    this.#fault(fault)
  }

  /** All samples played on a line so far. */
  heard(line: string): Int16Array {
    const frames = this.played.get(line) ?? []
    const all = new Int16Array(frames.length * FRAME_SAMPLES)
    for (const [i, frame] of frames.entries()) all.set(frame, i * FRAME_SAMPLES)
    return all
  }

  #next(clock: Clock): Timer {
    return clock.timer('pcm frame', ms(FRAME_MS), () => {
      this.#timer = this.#next(clock)
      this.tick(clock.now() - FRAME_MS * 1000)
    })
  }
}
