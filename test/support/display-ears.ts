// What the display of the virtual telephone shows of a sound, frame by frame as a line brings it.

import { us } from '../../hal/clock.js'
import { FRAME_SAMPLES } from '../../hal/pcm-port.js'
import type { FskSignal } from '../../hal/sim/display-frame.js'
import { DisplayReceiver, type DisplayTold } from '../../hal/sim/display-receiver.js'

export interface Told {
  readonly told: DisplayTold
  /** End of the last bit, ms from the start of the sound. */
  readonly ms: number
  readonly signal: FskSignal | undefined
}

/** Everything told of `sound` and of half a second of silence behind it. */
export const shownOf = (
  sound: Int16Array,
  prepare: (receiver: DisplayReceiver) => void = () => {},
): readonly Told[] => {
  const all: Told[] = []
  const receiver = new DisplayReceiver((told, at, signal) => all.push({ told, ms: at / 1000, signal }))
  prepare(receiver)
  const frame = new Int16Array(FRAME_SAMPLES)
  for (let at = 0; at < sound.length + 4000; at += FRAME_SAMPLES) {
    frame.fill(0)
    frame.set(sound.subarray(at, at + FRAME_SAMPLES))
    receiver.hear(frame, us((at + FRAME_SAMPLES) * 125))
  }
  return all
}
