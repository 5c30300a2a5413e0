// Randomness. The real one is the kernel's; the simulated one is seeded, so that a run repeats bit for bit.

export interface Entropy {
  /** Uniform integer, 0 <= n < 2^32. */
  uint32(): number
  /** `bytes` random bytes as lower-case hexadecimal (2 characters a byte). */
  hex(bytes: number): string
}
