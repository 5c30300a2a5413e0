// An independent eye on audio for tests: level of one frequency by a Hann-windowed DFT, the strongest frequency,
// plain signal makers. Shares no code with the firmware.

const RATE = 8000
/** Amplitude of a sine of 0 dBm0: +3.14 dBm0 is a peak of 32,767. */
const ZERO_DBM0_PEAK = 32767 / 10 ** (3.14 / 20)

/** Level in dBm0 of the component at `hz` over samples [from, to). */
export const levelAt = (pcm: ArrayLike<number>, hz: number, from = 0, to = pcm.length): number => {
  const n = to - from
  let re = 0
  let im = 0
  let weights = 0
  for (let i = 0; i < n; i++) {
    const w = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / n)
    const x = (pcm[from + i] as number) * w
    re += x * Math.cos((2 * Math.PI * hz * i) / RATE)
    im -= x * Math.sin((2 * Math.PI * hz * i) / RATE)
    weights += w
  }
  return 20 * Math.log10((2 * Math.hypot(re, im)) / weights / ZERO_DBM0_PEAK + 1e-12)
}

/** Frequency (Hz) of the strongest component near `hz`, searched within ± `span`. */
export const strongestNear = (
  pcm: ArrayLike<number>,
  hz: number,
  span: number,
  from = 0,
  to = pcm.length,
): number => {
  let best = hz
  let bestLevel = Number.NEGATIVE_INFINITY
  for (let step = span / 10, at = hz, wide = span; step > 0.005; step /= 5, at = best, wide = step * 6)
    for (let f = at - wide; f <= at + wide; f += step) {
      const level = levelAt(pcm, f, from, to)
      if (level > bestLevel) {
        bestLevel = level
        best = f
      }
    }
  return best
}

/** Root mean square as the dBm0 of a sine of the same power. */
export const powerOf = (pcm: ArrayLike<number>, from = 0, to = pcm.length): number => {
  let sum = 0
  for (let i = from; i < to; i++) sum += (pcm[i] as number) ** 2
  return 10 * Math.log10((2 * sum) / (to - from) / ZERO_DBM0_PEAK ** 2 + 1e-12)
}

/** Peak amplitude of a sine of `dbm0`. */
export const peakOf = (dbm0: number): number => ZERO_DBM0_PEAK * 10 ** (dbm0 / 20)
