// What the arrival times of two RTP senders say about their pacing. Each packet is judged against its own line's grid, laid
// by RTP timestamps through the line's best packet of the window; windows are the same seconds for both senders. A stall
// of the whole machine makes both late at once: such packets are found, and every figure is told with and without them.

export interface Packet {
  readonly sequence: number
  /** RTP timestamp, 1/8000 s. */
  readonly timestamp: number
  /** Arrival by the kernel's clock, from an origin common to both senders, ms. */
  readonly ms: number
}
/** The packets of each line, in order of arrival. */
export type Lines = readonly (readonly Packet[])[]

export interface Lateness {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
  readonly packets: number
}

export interface WindowFigures {
  readonly worker: Lateness
  readonly sender: Lateness
  /** p99 of the worker less that of the sender. */
  readonly p99OverMs: number
  /** The same without the packets of both that were late together. */
  readonly p99OverWithoutStallsMs: number
  /** How many of each were late together, and the longest such lateness. */
  readonly together: { readonly worker: number; readonly sender: number; readonly longestMs: number }
}

/** Late by more than this, at the same time as the other sender: the machine stood still. */
const STALL_MS = 0.5
const PER_MS = 8

interface Late {
  /** When it was due by its line's grid, ms. */
  readonly due: number
  readonly late: number
}

/** Milliseconds of a packet's place in its line: timestamps wrap, so they count from the line's first. */
const placeOf = (line: readonly Packet[], packet: Packet): number =>
  ((packet.timestamp - (line[0] as Packet).timestamp) | 0) / PER_MS

const within = (line: readonly Packet[], fromMs: number, toMs: number): readonly Packet[] =>
  line.filter(({ ms }) => ms >= fromMs && ms < toMs)

const latenessOf = (lines: Lines, fromMs: number, toMs: number): readonly Late[] =>
  lines.flatMap(line => {
    const present = within(line, fromMs, toMs)
    const best = present.reduce((least, p) => Math.min(least, p.ms - placeOf(line, p)), Infinity)
    return present.map(p => {
      const due = best + placeOf(line, p)
      return { due, late: p.ms - due }
    })
  })

const summed = (values: readonly number[]): Lateness => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: at(1), packets: sorted.length }
}

/** Those of `mine` that were late while one of `theirs` was late too. */
const lateTogether = (mine: readonly Late[], theirs: readonly Late[]): ReadonlySet<Late> => {
  const stalls = theirs.filter(({ late }) => late > STALL_MS)
  return new Set(
    mine.filter(
      ({ due, late }) =>
        late > STALL_MS && stalls.some(other => other.due < due + late && due < other.due + other.late),
    ),
  )
}

/** Figures of the packets that arrived from `fromMs` on and before `toMs`. */
export const windowFigures = (worker: Lines, sender: Lines, fromMs: number, toMs: number): WindowFigures => {
  const ours = latenessOf(worker, fromMs, toMs)
  const theirs = latenessOf(sender, fromMs, toMs)
  const oursTogether = lateTogether(ours, theirs)
  const theirsTogether = lateTogether(theirs, ours)
  const times = (all: readonly Late[], without?: ReadonlySet<Late>) =>
    summed(all.filter(late => !without?.has(late)).map(({ late }) => late))
  const [all, floor] = [times(ours), times(theirs)]
  const stalls = [...oursTogether, ...theirsTogether]
  return {
    worker: all,
    sender: floor,
    p99OverMs: round(all.p99Ms - floor.p99Ms),
    p99OverWithoutStallsMs: round(times(ours, oursTogether).p99Ms - times(theirs, theirsTogether).p99Ms),
    together: {
      worker: oursTogether.size,
      sender: theirsTogether.size,
      longestMs: round(stalls.reduce((most, { late }) => Math.max(most, late), 0)),
    },
  }
}

export interface Continuity {
  readonly packets: number
  /** Sequence numbers that never came. */
  readonly lost: number
  /** Audio that was never sent: timestamps that no sequence number accounts for, ms. */
  readonly skippedMs: number
  /** How far the grid moved against the kernel's clock in the whole time, worst line, ms. */
  readonly driftMs: number
}

/** Over the packets that arrived from `fromMs` on and before `toMs`, of 20 ms each. */
export const continuity = (lines: Lines, fromMs: number, toMs: number): Continuity => {
  let packets = 0
  let lost = 0
  let skippedMs = 0
  let driftMs = 0
  for (const line of lines) {
    const present = within(line, fromMs, toMs)
    const [first, last] = [present[0], present.at(-1)]
    if (first === undefined || last === undefined) continue
    const span = ((last.sequence - first.sequence) & 0xffff) + 1
    packets += present.length
    lost += span - present.length
    skippedMs += placeOf(line, last) - placeOf(line, first) - (span - 1) * 20
    const drift = gridDrift(present.map(p => p.ms - placeOf(line, p)))
    if (Math.abs(drift) > Math.abs(driftMs)) driftMs = drift
  }
  return { packets, lost, skippedMs: round(skippedMs), driftMs: round(driftMs) }
}

/** How far the grid itself moved: the median of the last quarter less that of the first, over the three quarters between, scaled to the run. */
const gridDrift = (behind: readonly number[]): number => {
  const quarter = Math.max(1, behind.length >> 2)
  return (median(behind.slice(-quarter)) - median(behind.slice(0, quarter))) / 0.75
}

/** The middle one, or the upper of two; 0 without any. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

export const round = (value: number): number => Math.round(value * 1000) / 1000

export interface Undisturbed {
  /** null where no window was left alone. */
  readonly medianMs: number | null
  readonly windows: number
  readonly of: number
}

/** Median difference of the windows of which the hypervisor took at most `stolenMs` of processor time. */
export const undisturbed = (
  windows: readonly { readonly p99OverMs: number; readonly stolenMs: number }[],
  stolenMs: number,
): Undisturbed => {
  const left = windows.filter(window => window.stolenMs <= stolenMs).map(({ p99OverMs }) => p99OverMs)
  return {
    medianMs: left.length === 0 ? null : round(median(left)),
    windows: left.length,
    of: windows.length,
  }
}
