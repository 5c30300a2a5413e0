// The audio half of a board: 8 kHz linear samples in 10 ms frames. It lives in the media thread.
// Waiting for a frame IS the tick: an implementation calls `onFrame` from its PCM clock, never from setInterval.

import type { Us } from './clock.js'

export const SAMPLE_RATE = 8000
/** Samples a frame. */
export const FRAME_SAMPLES = 80
export const FRAME_MS = 10

/**
 * One line's audio. Samples are 16-bit linear; a sine of peak 32,767 is +3.14 dBm0 (ITU-T G.711).
 */
export interface PcmPort {
  /** The port's name, equal to that of its FxsPort. */
  readonly id: string
  /** Copies the frame captured at this tick into `into` (FRAME_SAMPLES long). */
  read(into: Int16Array): void
  /** Queues one frame toward the telephone. Returns the samples now queued, to make back-pressure visible. */
  write(frame: Int16Array): number
  /**
   * One element: the last instant, µs, at which the loop was open, as far as the frame reaches that `read` gives; while
   * it is open the end of that frame; NaN: never yet. The audio half needs it so that a key behind R is no talk even
   * while the control half is too late to say so. Absent: this half of the board cannot tell.
   */
  readonly loopOpenUntil?: Readonly<Float64Array>
}

export type PcmFault =
  | { readonly port: string; readonly kind: 'pcm-xrun'; readonly lostFrames: number; readonly us: Us }
  /** The board's sound is gone (`on`), or back; no frame comes or goes meanwhile. Told of every port, asleep or not. */
  | { readonly port: string; readonly kind: 'pcm-lost'; readonly on: boolean; readonly us: Us }

/** Frames that a fault tells to be lost. */
export const framesLost = (fault: PcmFault): number => (fault.kind === 'pcm-xrun' ? fault.lostFrames : 0)

export interface PcmBoard {
  readonly ports: readonly PcmPort[]
  /**
   * Starts the frame clock. `onFrame(us)` runs once per 10 ms of the board's PCM clock while at least one port is
   * awake; `us` is the capture instant of the frame's first sample. It must not block.
   */
  start(onFrame: (us: Us) => void, onFault: (fault: PcmFault) => void): void
  /** No frames flow while every port is asleep. Both are idempotent; a port starts asleep. */
  wake(port: string): void
  sleep(port: string): void
  stop(): Promise<void>
}
