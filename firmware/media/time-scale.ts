// Taking out or judging a stretch of a sample ring without a click: silence may go anywhere, speech only by a whole
// pitch period, cross-faded where it is like itself one period later.

const JUDGED = 80
const FADE = 40
const SHORTEST = 40
const LONGEST = 120
/** Peak below which 10 ms count as silence: about -50 dBm0. */
const SILENCE = 70
const LIKE = 0.7

/** The next 10 ms are all there and quiet. */
export const silentAt = (samples: Int16Array, present: Uint8Array, mask: number, from: number): boolean => {
  for (let i = 0; i < JUDGED; i++) {
    const at = (from + i) & mask
    if (!present[at] || Math.abs(samples[at] as number) > SILENCE) return false
  }
  return true
}

const thereAt = (present: Uint8Array, mask: number, from: number, count: number): boolean => {
  for (let i = 0; i < count; i++) if (!present[(from + i) & mask]) return false
  return true
}

/** How many samples may be taken out at `from`: 10 ms of silence, one pitch period of voiced speech, else 0. Never more than `most`. */
export const removable = (
  samples: Int16Array,
  present: Uint8Array,
  mask: number,
  from: number,
  silent: boolean,
  most: number,
): number => {
  const longest = Math.min(LONGEST, Math.floor(most))
  if (longest < SHORTEST || !thereAt(present, mask, from, longest + FADE)) return 0
  if (silent) return Math.min(JUDGED, longest)
  let best = 0
  let bestLike = LIKE
  for (let lag = SHORTEST; lag <= longest; lag++) {
    let product = 0
    let here = 1
    let there = 1
    for (let i = 0; i < FADE; i++) {
      const a = samples[(from + i) & mask] as number
      const b = samples[(from + lag + i) & mask] as number
      product += a * b
      here += a * a
      there += b * b
    }
    const like = product / Math.sqrt(here * there)
    if (like > bestLike) {
      bestLike = like
      best = lag
    }
  }
  return best
}

/** Takes `lag` samples out at `from`: afterwards the signal goes on at `from + lag`, cross-faded over 5 ms. */
export const shortenAt = (
  samples: Int16Array,
  present: Uint8Array,
  mask: number,
  from: number,
  lag: number,
): void => {
  for (let i = 0; i < FADE; i++) {
    const old = samples[(from + i) & mask] as number
    const at = (from + lag + i) & mask
    const weight = (i + 1) / (FADE + 1)
    samples[at] = Math.round(old * (1 - weight) + (samples[at] as number) * weight)
  }
  for (let i = 0; i < lag; i++) present[(from + i) & mask] = 0
}
