// Which frequencies a stretch of sound holds: Hann window, FFT, peaks interpolated on the logarithmic spectrum.
// Resolution follows the length (about 16 Hz at 256 ms); accuracy on a clean tone is well below 1 Hz.

const size = 4096
const rate = 8000

/** Longest stretch worth keeping, samples. */
export const spectrumSamples = 2048

const cosine = Float64Array.from({ length: size / 2 }, (_, n) => Math.cos((2 * Math.PI * n) / size))
const sine = Float64Array.from({ length: size / 2 }, (_, n) => Math.sin((2 * Math.PI * n) / size))
const reversed = Uint16Array.from({ length: size }, (_, n) => {
  let bits = 0
  for (let k = 0; k < 12; k++) bits |= ((n >> k) & 1) << (11 - k)
  return bits
})
const real = new Float64Array(size)
const imaginary = new Float64Array(size)
const power = new Float64Array(size / 2)

const transform = (): void => {
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (2 * half)
    for (let block = 0; block < size; block += 2 * half) {
      for (let k = 0, turn = 0; k < half; k++, turn += stride) {
        const a = block + k
        const b = a + half
        const re =
          (real[b] as number) * (cosine[turn] as number) + (imaginary[b] as number) * (sine[turn] as number)
        const im =
          (imaginary[b] as number) * (cosine[turn] as number) - (real[b] as number) * (sine[turn] as number)
        real[b] = (real[a] as number) - re
        imaginary[b] = (imaginary[a] as number) - im
        real[a] = (real[a] as number) + re
        imaginary[a] = (imaginary[a] as number) + im
      }
    }
  }
}

export interface Spectrum {
  /** Strongest frequencies, Hz, ascending, at most 5. Empty: no tone but noise or speech. */
  readonly hz: readonly number[]
  /** Share of the energy that these frequencies hold, 0-1. */
  readonly tonal: number
}

/** Peaks weaker than the strongest by more than this are side lobes or distortion. */
const peakRangeDb = 20
/** Below this share of energy in peaks a sound is no tone. */
export const tonalShare = 0.85

/** `length` samples of `samples` from `from`; a ring of power-of-two size is read modulo its size. */
export const spectrumOf = (samples: Int16Array, from: number, length: number): Spectrum => {
  const mask = samples.length - 1
  real.fill(0)
  imaginary.fill(0)
  for (let n = 0; n < length; n++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / length)
    real[reversed[n] as number] = window * (samples[(from + n) & mask] as number)
  }
  transform()
  let total = 0
  let strongest = 0
  for (let k = 1; k < size / 2; k++) {
    power[k] = (real[k] as number) ** 2 + (imaginary[k] as number) ** 2
    total += power[k] as number
    if ((power[k] as number) > strongest) strongest = power[k] as number
  }
  if (strongest === 0) return { hz: [], tonal: 0 }
  const floor = strongest * 10 ** (-peakRangeDb / 10)
  const lobe = Math.ceil((2 * size) / length)
  const peaks: { hz: number; power: number }[] = []
  let held = 0
  let heldTo = 0
  for (let k = 2; k < size / 2 - 1; k++) {
    const here = power[k] as number
    const below = power[k - 1] as number
    const above = power[k + 1] as number
    if (here < floor || here < below || here <= above) continue
    const [low, mid, high] = [Math.log(below), Math.log(here), Math.log(above)]
    const offset = (0.5 * (low - high)) / (low - 2 * mid + high)
    peaks.push({ hz: ((k + offset) * rate) / size, power: here })
    for (let j = Math.max(k - lobe, heldTo + 1); j <= Math.min(k + lobe, size / 2 - 1); j++) {
      held += power[j] as number
      heldTo = j
    }
  }
  const tonal = held / total
  if (tonal < tonalShare || peaks.length > 5) return { hz: [], tonal }
  return { hz: peaks.map(peak => peak.hz).sort((a, b) => a - b), tonal }
}
