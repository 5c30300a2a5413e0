// The electrical model of one line: line chip on one side, telephone on the other, joined by the loop and nothing else.
// The chip side (sim-fxs.ts) sets feed, ring and polarity and gets raw hook edges; the telephone side (handset.ts) moves
// its contact and sees current and ring voltage. Every change carries its planned instant, never the time at which
// JavaScript got round to it.

import { type Clock, ms, type Timer, type Us, us } from '../clock.js'
import type { FaultKind, FxsEvent, Linefeed } from '../fxs-port.js'
import { FRAME_SAMPLES } from '../pcm-port.js'
import { PlannedChanges } from '../planned-changes.js'
import type { HandsetFault } from './handset-contract.js'
import { Hybrid } from './hybrid.js'
import { hookThresholdMa, type LoopState, loopState, ringTerminalVrms } from './loop-current.js'

/** Ring voltage at the terminals, of the present burst or the last one. */
export interface RingBurst {
  readonly hz: number
  /** Volts rms at the terminals, ringer load included. */
  readonly vrms: number
  readonly from: Us
  /** Absent while the burst lasts. */
  readonly to?: Us
}

/** What the telephone side is told. */
export interface LineObserver {
  /** Loop current may have changed at `at`. */
  currentChanged(at: Us): void
  ringChanged(burst: RingBurst): void
}

const sampleUs = 125
const longestPathLog = 256
const chipFaults: Partial<Record<HandsetFault, FaultKind>> = {
  short: 'short',
  ground: 'ground',
  power: 'power',
  thermal: 'thermal',
  'chip-reset': 'chip-reset',
  'link-lost': 'link-lost',
  'pcm-xrun': 'pcm-xrun',
  'edge-loss': 'edge-loss',
}
/** Faults at which the chip takes the battery off the line by itself. */
const openingFaults: ReadonlySet<HandsetFault> = new Set(['power', 'thermal', 'chip-reset'])

export class LineModel {
  readonly id: string
  readonly hybrid: Hybrid
  /** What the chip was told to do later. */
  readonly plan: PlannedChanges
  readonly faults = new Set<HandsetFault>()
  /** Ringer equivalence number of the telephone; 0 with the fault 'no-ringer' or unplugged. */
  readonly ren = 1
  /** Set by profile, mA. */
  limitMa = 23
  /**
   * DC must have flowed for 1.5 cycles of a 50 Hz ring before the chip believes it (Si321x RTDI + filter). Infinity: the chip
   * has no ring trip of its own.
   */
  ringTripMs = 30
  feed: Linefeed = 'open'
  reversed = false
  burst: RingBurst | undefined

  readonly #clock: Clock
  readonly #path = new Uint8Array(FRAME_SAMPLES)
  readonly #pathChanges: { at: Us; path: number }[] = []
  #pathNow = 0
  #pathBefore = 0
  #contactClosed = false
  #offHookSeen = false
  /** When the comparator saw the loop being closed last. */
  #closedAt = Number.NaN
  #edgesLost = false
  #tripTimer: Timer | undefined
  #toChip: ((event: FxsEvent) => void) | undefined
  #telephone: LineObserver | undefined

  constructor(id: string, clock: Clock, echoLossDb: number) {
    this.id = id
    this.#clock = clock
    this.hybrid = new Hybrid(echoLossDb)
    this.plan = new PlannedChanges(`${id} planned`, clock)
  }

  /** Raw events of the line chip go to `sink`; undefined: the port is closed. */
  attachChip(sink: ((event: FxsEvent) => void) | undefined): void {
    this.#toChip = sink
  }

  attachTelephone(observer: LineObserver): void {
    this.#telephone = observer
  }

  /** The hook level as the comparator of the chip has it. */
  get offHookSeen(): boolean {
    return this.#offHookSeen
  }

  /** The last instant up to `at` at which the comparator had the loop open; NaN: never. */
  openUntil(at: Us): number {
    return this.#offHookSeen ? this.#closedAt : at
  }

  loop(): LoopState {
    const unplugged = this.faults.has('unplug')
    return loopState(this.feed, this.limitMa, {
      offHook: this.#contactClosed && !unplugged,
      shorted: this.faults.has('short'),
      grounded: this.faults.has('ground'),
    })
  }

  /** REN that loads the ring generator. */
  ringerLoad(): number {
    return this.faults.has('unplug') || this.faults.has('no-ringer') ? 0 : this.ren
  }

  moveContact(closed: boolean, at: Us): void {
    if (this.#contactClosed === closed) return
    this.#contactClosed = closed
    this.#electricsChanged(at)
  }

  setFeed(
    feed: Linefeed,
    reversed: boolean,
    cause: 'command' | 'auto' | 'fault',
    at = this.#clock.now(),
  ): void {
    if (this.feed === 'ringing' && feed !== 'ringing') this.#endBurst(at)
    this.feed = feed
    this.reversed = reversed
    this.#emit({ type: 'linefeed', state: feed, reversed, cause, us: at })
    this.#electricsChanged(at)
  }

  startRing(hz: number, vrms: number, at = this.#clock.now()): void {
    this.burst = { hz, vrms: ringTerminalVrms(vrms, this.ringerLoad()), from: at }
    this.setFeed('ringing', this.reversed, 'command', at)
    this.#telephone?.ringChanged(this.burst)
  }

  setFault(kind: HandsetFault, on: boolean): void {
    if (this.faults.has(kind) === on) return
    const at = this.#clock.now()
    if (on) this.faults.add(kind)
    else this.faults.delete(kind)
    const reported = chipFaults[kind]
    if (reported !== undefined) this.#emit({ type: 'fault', kind: reported, on, us: at }, true)
    if (on && (openingFaults.has(kind) || kind === 'link-lost')) this.plan.dropAll()
    if (openingFaults.has(kind)) {
      if (on) this.setFeed('open', false, 'fault', at)
      else if (![...this.faults].some(left => openingFaults.has(left)))
        this.setFeed('standby', false, 'auto', at)
    }
    if (kind === 'link-lost' && on && this.feed === 'ringing') this.setFeed('standby', false, 'auto', at)
    this.#electricsChanged(at)
    if (!on && (kind === 'edge-loss' || kind === 'link-lost' || kind === 'chip-reset')) this.reportLevel()
  }

  /** Reports the level whatever it is: after lost edges, and when the port opens. */
  reportLevel(): void {
    const at = this.#clock.now()
    this.#see(this.loop().metallicMa > hookThresholdMa.detect, at)
    this.#emit({
      type: 'hook',
      offHook: this.#offHookSeen,
      us: at,
      source: 'resync',
      ...(this.#edgesLost ? { overrun: true } : {}),
    })
    this.#edgesLost = false
  }

  /** Which samples of the frame beginning at `from` pass between telephone and box (see HybridFrame.path). */
  pathOfFrame(from: Us): Uint8Array {
    this.plan.carryOut(us(from + FRAME_SAMPLES * sampleUs))
    const changes = this.#pathChanges
    let sample = 0
    let path = this.#pathBefore
    let taken = 0
    for (const change of changes) {
      const at = Math.round((change.at - from) / sampleUs)
      if (at >= FRAME_SAMPLES) break
      taken++
      if (at > sample) {
        this.#path.fill(path, sample, at)
        sample = at
      }
      path = change.path
    }
    if (taken > 0) changes.splice(0, taken)
    this.#pathBefore = path
    return this.#path.fill(path, sample)
  }

  /** Instantaneous ring voltage at `at` of the present or last burst, volts. */
  ringVolts(at: Us): number {
    const burst = this.burst
    if (burst === undefined || at < burst.from || (burst.to !== undefined && at > burst.to)) return 0
    return burst.vrms * Math.SQRT2 * Math.sin((2 * Math.PI * burst.hz * (at - burst.from)) / 1e6)
  }

  #endBurst(at: Us): void {
    this.#tripTimer?.cancel()
    this.#tripTimer = undefined
    if (this.burst === undefined || this.burst.to !== undefined) return
    this.burst = { ...this.burst, to: at }
    this.#telephone?.ringChanged(this.burst)
  }

  #electricsChanged(at: Us): void {
    this.#notePath(at)
    if (this.feed === 'ringing') this.#watchRingTrip()
    else if (this.feed !== 'open') this.#compare(at)
    this.#telephone?.currentChanged(at)
  }

  #notePath(at: Us): void {
    const path = this.#audioPath()
    if (path === this.#pathNow) return
    // No frames flow while the port is asleep: only the outcome matters then.
    if (this.#pathChanges.length === longestPathLog) this.#pathChanges.shift()
    this.#pathChanges.push({ at, path })
    this.#pathNow = path
  }

  #audioPath(): number {
    const { faults, feed } = this
    if (faults.has('unplug') || faults.has('short') || faults.has('pcm-xrun') || faults.has('link-lost'))
      return 0
    if (feed !== 'active' && feed !== 'oht') return 0
    if (this.#contactClosed) return 1
    return feed === 'oht' ? 2 : 0
  }

  #compare(at: Us): void {
    const { metallicMa } = this.loop()
    const seen = metallicMa > (this.#offHookSeen ? hookThresholdMa.release : hookThresholdMa.detect)
    if (seen === this.#offHookSeen) return
    this.#see(seen, at)
    this.#emit({ type: 'hook', offHook: seen, us: at, source: 'edge' })
    if (seen) this.#lifted(at)
  }

  /** Nothing that was meant for the display of a telephone on the hook reaches an ear. */
  #lifted(at: Us): void {
    this.plan.dropAll()
    if (this.feed === 'oht') this.setFeed('standby', false, 'auto', at)
  }

  #see(offHook: boolean, at: Us): void {
    if (offHook && !this.#offHookSeen) this.#closedAt = at
    this.#offHookSeen = offHook
  }

  #watchRingTrip(): void {
    const drawing = () => this.loop().metallicMa > hookThresholdMa.detect
    if (this.#tripTimer !== undefined || !drawing() || this.ringTripMs === Number.POSITIVE_INFINITY) return
    this.#tripTimer = this.#clock.timer('ring trip', ms(this.ringTripMs), () => {
      this.#tripTimer = undefined
      if (this.feed !== 'ringing' || !drawing()) return
      const at = this.#clock.now()
      this.plan.dropAll()
      this.#emit({ type: 'ring-trip', us: at })
      this.setFeed('active', this.reversed, 'auto', at)
    })
  }

  #emit(event: FxsEvent, always = false): void {
    const lostHere = this.faults.has('link-lost') || (event.type === 'hook' && this.faults.has('edge-loss'))
    if (lostHere && !always) {
      if (event.type === 'hook') this.#edgesLost = true
      return
    }
    this.#toChip?.(event)
  }
}
