// How benchmarks sum up a figure measured many times.

export interface Summary {
  readonly n: number
  readonly medianMs: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

const round = (value: number): number => Math.round(value * 100) / 100

/** Of values in ms; with few of them the high percentiles are the greatest value. Throws RangeError without any. */
export const summary = (values: readonly number[]): Summary => {
  if (values.length === 0) throw new RangeError('nothing was measured')
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number)
  return { n: sorted.length, medianMs: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) }
}
