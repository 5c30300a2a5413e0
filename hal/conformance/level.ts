// How loud one frequency is, for rules that hold on a busy machine as well.

import { SAMPLE_RATE } from '../pcm-port.js'

/** Amplitude of a sine of 0 dBm0: +3.14 dBm0 is a peak of 32,767. */
export const peakAt0dBm0 = 32767 / 10 ** (3.14 / 20)

/** Level of one frequency, dBm0. */
const levelAt = (samples: ArrayLike<number>, hz: number): number => {
  let re = 0
  let im = 0
  let weight = 0
  for (let n = 0; n < samples.length; n++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples.length)
    re += window * (samples[n] as number) * Math.cos((2 * Math.PI * hz * n) / SAMPLE_RATE)
    im += window * (samples[n] as number) * Math.sin((2 * Math.PI * hz * n) / SAMPLE_RATE)
    weight += window
  }
  return 20 * Math.log10(Math.max((2 * Math.hypot(re, im)) / weight, 1e-3) / peakAt0dBm0)
}

/** The usual level over windows of 50 ms, so that one lost frame of a busy machine does not spoil the measurement. */
export const usualLevel = (samples: ArrayLike<number>, hz: number): number => {
  const all = Array.from(samples)
  const levels: number[] = []
  for (let at = 0; at + 400 <= all.length; at += 400) levels.push(levelAt(all.slice(at, at + 400), hz))
  return levels.sort((a, b) => a - b)[levels.length >> 1] ?? -99
}
