// Levels of the digital audio path: a sine of peak 32,767 is +3.14 dBm0 (ITU-T G.711 §4, tables 5 and 6).

/** dBm0 of a sine whose peak is 32,767. */
export const FULL_SCALE_DBM0 = 3.14

/** Peak amplitude (0-32,767 and beyond for overload) of a sine of `dbm0`. */
export const amplitudeOf = (dbm0: number): number => 32767 * 10 ** ((dbm0 - FULL_SCALE_DBM0) / 20)

/** dBm0 of a sine of peak `amplitude`; -Infinity for 0. */
export const dbm0OfAmplitude = (amplitude: number): number =>
  FULL_SCALE_DBM0 + 20 * Math.log10(amplitude / 32767)

/** dBm0 of a signal whose mean of squared samples is `meanSquare`; -Infinity for 0. */
export const dbm0OfMeanSquare = (meanSquare: number): number =>
  FULL_SCALE_DBM0 + 10 * Math.log10((2 * meanSquare) / (32767 * 32767))

/** Factor for a gain in dB. */
export const gainOf = (db: number): number => 10 ** (db / 20)

/** Nearest 16-bit sample; overload clips. */
export const toSample = (value: number): number => {
  const rounded = Math.round(value)
  return Math.max(-32768, Math.min(32767, rounded))
}
