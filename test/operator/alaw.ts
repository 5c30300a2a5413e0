// How loud A-law is (ITU-T G.711), for whoever waits until somebody has stopped speaking. Nothing is decoded for playing.

/** A-law code of silence. */
export const SILENCE = 0xd5

const magnitudes = Uint16Array.from({ length: 256 }, (_, code) => {
  const bits = (code ^ 0x55) & 0x7f
  const segment = bits >> 4
  const step = ((bits & 0x0f) << 4) + 8
  return segment === 0 ? step : (step + 0x100) << (segment - 1)
})

/** Mean magnitude, 0-32,256; ordinary speech is above 500, a quiet line below 100. */
export const loudness = (alaw: Uint8Array): number => {
  let sum = 0
  for (const code of alaw) sum += magnitudes[code] as number
  return alaw.length === 0 ? 0 : sum / alaw.length
}
