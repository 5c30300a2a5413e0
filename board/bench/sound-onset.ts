// When a sound begins or ends in a recording, to about a millisecond: by level, or by the level of one frequency.

import type { Recording } from './call-rig.js'

/** Quieter than -43 dBm0 is silence. */
const silencePeak = 32_767 * 10 ** ((-43 - 3.14) / 20)
const window = 160
const hop = 8
/** A steady tone at or above this amplitude counts (-30 dBm0). */
const leastAmplitude = 32_767 * 10 ** ((-30 - 3.14) / 20)
const sampleUs = 125

/** Instant after the last sample that is no silence, µs; undefined when all is silent, or when it sounds to the end. */
export const soundEndUs = ({ samples, startUs }: Recording): number | undefined => {
  let last = samples.length - 1
  while (last >= 0 && Math.abs(samples[last] as number) <= silencePeak) last--
  return last < 0 || last > samples.length - window ? undefined : startUs + (last + 1) * sampleUs
}

/**
 * Instant at which a steady tone of `hz` begins: where a 20 ms Hann window holds half of it for the first time.
 * Undefined when there is none.
 */
export const toneStartUs = ({ samples, startUs }: Recording, hz: number): number | undefined => {
  const levels: number[] = []
  for (let at = 0; at + window <= samples.length; at += hop)
    levels.push(amplitude(samples.subarray(at, at + window), hz))
  const full = [...levels].sort((a, b) => a - b)[Math.floor(levels.length * 0.95)] ?? 0
  if (full < leastAmplitude) return undefined
  const first = levels.findIndex(level => level >= full / 2)
  return startUs + (first * hop + window / 2) * sampleUs
}

const amplitude = (part: Int16Array, hz: number): number => {
  let re = 0
  let im = 0
  for (let n = 0; n < part.length; n++) {
    const weight = 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / part.length)
    const angle = (2 * Math.PI * hz * n) / 8000
    re += weight * (part[n] as number) * Math.cos(angle)
    im -= weight * (part[n] as number) * Math.sin(angle)
  }
  return (Math.hypot(re, im) * 4) / part.length
}
