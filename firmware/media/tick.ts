// Instants as the audio half counts them: samples of 8 kHz on the box's monotonic clock, modulo 2^32 and signed, like RTP
// timestamps. V8 keeps such a number in a register or a field wherever it goes; one beyond 2^31, as µs soon are, is an
// object on the heap each time a method hands it to another. On a 32-bit processor V8 halves that range: there some are.

export const TICKS_PER_MS = 8
const TICKS_PER_US = 0.008

/** The tick of an instant in µs. Compare two by `timestampDistance`, which tells them apart for three days. */
export const tickAt = (us: number): number => Math.floor(us * TICKS_PER_US) | 0

/** The instant of the present frame's first sample, µs: one element, which methods share instead of passing it on. */
export type FrameInstant = Float64Array
