// Where the bursts of a tone begin in a recording, to about a millisecond: where a short window holds half of it for the
// first time after it held next to nothing. By its own code: the firmware's detectors are not asked.

const rate = 8000
const window = 80
const hop = 8
/** Against the loudest burst. */
const begins = 0.5
const isSilent = 0.15
/** Amplitude of the least that counts (about -36 dBm0). */
const least = 350

const amplitude = (samples: Int16Array, at: number, hz: number): number => {
  let re = 0
  let im = 0
  for (let n = 0; n < window; n++) {
    const x = samples[at + n] as number
    re += x * Math.cos((2 * Math.PI * hz * n) / rate)
    im -= x * Math.sin((2 * Math.PI * hz * n) / rate)
  }
  return (2 * Math.hypot(re, im)) / window
}

/** Onset of each burst of `hz`, ms from the first sample. */
export const toneOnsets = (samples: Int16Array, hz: number): readonly number[] => {
  const levels: number[] = []
  for (let at = 0; at + window <= samples.length; at += hop) levels.push(amplitude(samples, at, hz))
  const full = [...levels].sort((a, b) => a - b)[Math.floor(levels.length * 0.97)] ?? 0
  if (full < least) return []
  const onsets: number[] = []
  let silent = true
  for (const [n, level] of levels.entries()) {
    if (silent && level >= full * begins) {
      silent = false
      // Half of a window's tone: the middle of the window is the onset.
      onsets.push(((n * hop + window / 2) * 1000) / rate)
    } else if (level < full * isSilent) silent = true
  }
  return onsets
}
