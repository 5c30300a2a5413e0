// What alsa-board.ts needs of a sound device, however it is reached: a stream of captured samples that is the clock, and a
// queue toward the codec. Both run from open to close, for on many boards the PCM clock is also that of the line chip.

import type { Us } from '../clock.js'
import type { HalError } from '../errors.js'
import { FRAME_SAMPLES } from '../pcm-port.js'

/** Buffer of the sound device, samples: four frames. */
export const BUFFER_SAMPLES = 4 * FRAME_SAMPLES
/** Playback begins when so many samples lie ready; what is queued is brought back to it after every interruption. */
export const TARGET_SAMPLES = 2 * FRAME_SAMPLES

export interface PcmDeviceSink {
  /** One frame of every channel, interleaved; all of it was there at `at`. Valid during the call only. */
  captured(samples: Int16Array, at: Us): void
  /** Capture was interrupted near here: an overrun, or it had to begin anew. */
  captureBroken(): void
  /** Playback ran dry, as far as `play` does not tell. */
  playbackBroken(): void
  /**
   * Samples the codec has played until now since playback began, read from it: how a device whose `queued` is reckoned tells
   * how its clocks differ. Fewer than before: it began anew.
   */
  played(samples: number): void
  /** Samples the codec has captured until now by estimate, those on their way included: the clock of both directions. */
  position(): number
  /** Something an operator should know. The device goes on trying. */
  trouble(error: HalError): void
}

export interface PcmDevice {
  readonly channels: number
  /** False: `queued` is reckoned, not read from the codec. */
  readonly exact: boolean
  /** Playback is open. */
  readonly playing: boolean
  /** Begins both streams. Resolves when frames come and go. Rejects with a HalError that says what to do. */
  open(sink: PcmDeviceSink): Promise<void>
  /** Queues one frame of every channel, interleaved, toward the codec. */
  play(samples: Int16Array): void
  /** Samples queued toward the codec; -1: it has run dry and waits. */
  queued(): number
  /** Within a second, whatever the device does. Idempotent. */
  close(): Promise<void>
}
