// Edges of the hook output on their way up: short bounce is removed, the rest is passed on with its instants, and a pin that
// never comes to rest is cut off, so that no queue grows and nothing is dialled by noise (faults H1 and H2 of test/README.md).
// Nothing is classified here; what edges mean is firmware/line's business.

import { type Clock, ms, type Timer, type Us } from '../../clock.js'

/** Bounce that may be removed at most, ms; also what counts as coming to rest. */
const REST = 15
/** Without rest for so long it is no telephone any more, ms. */
const STORM = 500
/** Quiet for so long the storm is over, ms. */
const CALM = 100
/** Edges that are kept until it is known whether they are bounce. */
const KEPT = 64

export interface HookLineSink {
  /** The loop closed or opened. */
  edge(offHook: boolean, at: Us): void
  /** Edges are not told from now on, and the line is taken to be what it was before they began; or they are told again. */
  storm(on: boolean, offHook: boolean, at: Us): void
}

interface Edge {
  readonly level: boolean
  readonly us: Us
}

export class HookLine {
  readonly #name: string
  readonly #clock: Clock
  readonly #bounceMs: number
  readonly #sink: HookLineSink
  #mode: 'quiet' | 'group' | 'raw' | 'storm' = 'quiet'
  /** As the edges have it, and as it was told. */
  #raw = false
  #told = false
  #group: Edge[] = []
  #last = Number.NEGATIVE_INFINITY
  /** The first edge since the pin was last at rest, and the level before it. */
  #unrest = Number.NEGATIVE_INFINITY
  #rested = false
  #timer: Timer | undefined
  #waiting: (() => void)[] = []
  /** Edges of storms, which nobody was told. */
  suppressed = 0
  storms = 0

  constructor(name: string, clock: Clock, bounceMs: number, sink: HookLineSink) {
    this.#name = name
    this.#clock = clock
    this.#bounceMs = bounceMs
    this.#sink = sink
  }

  /** As it was told. */
  get offHook(): boolean {
    return this.#told
  }

  /** The level of the latest edge, bounce or not. */
  get raw(): boolean {
    return this.#raw
  }

  /** An edge at `at` would be bounce of the one before. */
  bounces(at: Us): boolean {
    return at - this.#last < REST * 1000
  }

  get storming(): boolean {
    return this.#mode === 'storm'
  }

  /** The level is known by other means; nothing is told of what waits. */
  reset(level: boolean): void {
    this.#calm()
    this.#raw = level
    this.#told = level
    this.#last = Number.NEGATIVE_INFINITY
  }

  take(level: boolean, at: Us): void {
    if (level === this.#raw) return
    this.#rest(at)
    this.#raw = level
    this.#last = at
    if (this.#mode === 'storm') {
      this.suppressed++
      return
    }
    if (at - this.#unrest >= STORM * 1000) return this.#stormBegins(at)
    if (this.#mode === 'raw' || this.#bounceMs === 0) return this.#tell(level, at)
    this.#group.push({ level, us: at })
    const first = this.#group[0] as Edge
    if (at - first.us > REST * 1000 || this.#group.length === KEPT) return this.#passOn()
    this.#mode = 'group'
    this.#arm(this.#bounceMs)
  }

  /** Resolves when it is known whether the edges up to now are bounce: after 15 ms at most. */
  settled(): Promise<void> {
    if (this.#mode !== 'group') return Promise.resolve()
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  stop(): void {
    this.#calm()
  }

  /** What the time since the last edge has decided already, however late it is told. */
  #rest(at: Us): void {
    if (this.#mode === 'group' && at - this.#last >= this.#bounceMs * 1000) this.#settle()
    if (at - this.#last < REST * 1000) return
    this.#unrest = at
    this.#rested = this.#raw
    if (this.#mode === 'raw') this.#mode = 'quiet'
  }

  /** A break is told from its first opening, a make from its last closing: so lengths are those of the contact. */
  #settle(): void {
    const first = this.#group[0]
    const last = this.#group.at(-1)
    this.#group = []
    this.#mode = 'quiet'
    if (first !== undefined && last !== undefined && this.#raw !== this.#told)
      this.#tell(this.#raw, this.#raw ? last.us : first.us)
    this.#release()
  }

  /** Longer than bounce that may be removed: nothing of it is. */
  #passOn(): void {
    const edges = this.#group
    this.#group = []
    this.#mode = 'raw'
    for (const { level, us } of edges) this.#tell(level, us)
    this.#release()
  }

  #tell(level: boolean, at: Us): void {
    if (level === this.#told) return
    this.#told = level
    this.#sink.edge(level, at)
  }

  #stormBegins(at: Us): void {
    this.#group = []
    this.#mode = 'storm'
    this.storms++
    this.suppressed++
    this.#told = this.#rested
    this.#release()
    this.#sink.storm(true, this.#told, at)
    this.#arm(CALM)
  }

  #arm(delay: number): void {
    this.#timer ??= this.#clock.timer(this.#name, ms(delay), () => this.#due())
  }

  #due(): void {
    this.#timer = undefined
    const wait = this.#mode === 'storm' ? CALM : this.#bounceMs
    if (this.#mode !== 'storm' && this.#mode !== 'group') return
    const now = this.#clock.now()
    const left = this.#last + wait * 1000 - now
    if (left > 0) return this.#arm(left / 1000)
    if (this.#mode === 'group') return this.#settle()
    this.#mode = 'quiet'
    this.#told = this.#raw
    this.#sink.storm(false, this.#raw, now)
  }

  #calm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#group = []
    this.#mode = 'quiet'
    this.#release()
  }

  #release(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
