// Reads a burst of FSK bit by bit at exactly 1200 bit/s from its first sample: of two tones the one that a bit's own samples
// agree with more. A measuring stick for clean signals, no receiver: it shares no code with either end.

const RATE = 8000
const SAMPLES_PER_BIT = RATE / 1200

const strength = (pcm: ArrayLike<number>, hz: number, from: number, to: number): number => {
  let re = 0
  let im = 0
  for (let i = Math.ceil(from); i < to && i < pcm.length; i++) {
    const angle = (2 * Math.PI * hz * i) / RATE
    re += (pcm[i] as number) * Math.cos(angle)
    im += (pcm[i] as number) * Math.sin(angle)
  }
  return Math.hypot(re, im)
}

/** `bits` bits from sample `from` on, as a text of 0 and 1. */
export const fskBits = (
  pcm: ArrayLike<number>,
  { mark, space }: { readonly mark: number; readonly space: number },
  bits: number,
  from = 0,
): string => {
  let text = ''
  for (let bit = 0; bit < bits; bit++) {
    const begin = from + bit * SAMPLES_PER_BIT
    const end = begin + SAMPLES_PER_BIT
    text += strength(pcm, mark, begin, end) > strength(pcm, space, begin, end) ? '1' : '0'
  }
  return text
}

/** The bytes of `count` characters of start bit, eight bits lowest first, stop bit; undefined where a frame is wrong. */
export const bytesOfBits = (bits: string, count: number): readonly number[] | undefined => {
  const bytes: number[] = []
  for (let n = 0; n < count; n++) {
    const frame = bits.slice(10 * n, 10 * n + 10)
    if (!/^0[01]{8}1$/.test(frame)) return undefined
    bytes.push(Number.parseInt([...frame.slice(1, 9)].reverse().join(''), 2))
  }
  return bytes
}
