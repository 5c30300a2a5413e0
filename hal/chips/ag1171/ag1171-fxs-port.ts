// FxsPort on one Ag1170, Ag1171 or KS0835F module: feed by PD, polarity by F/R, ring by RM and the PWM on F/R, hook by SHK.
// Levels and instants in which its data sheet leaves no choice stand in ring-generator.ts, ring-watch.ts and hook-sense.ts.

import { type Clock, ms, type Us } from '../../clock.js'
import { HalError } from '../../errors.js'
import type {
  FaultKind,
  FxsCapabilities,
  FxsEvent,
  FxsPort,
  FxsSense,
  Linefeed,
  LineProfile,
  LineTest,
  LineTestResult,
  Planned,
} from '../../fxs-port.js'
import type { GpioEdge } from '../../gpio.js'
import { PlannedChanges } from '../../planned-changes.js'
import { MAX_RING_VRMS } from './capabilities.js'
import { HookSense } from './hook-sense.js'
import type { Ag1171Options } from './options.js'
import type { ModulePins } from './pins.js'
import { RingBurst } from './ring-burst.js'

/** The converter is up and the hook output can be believed so long after PD was let go, ms. */
export const WAKE = 40

type Cause = Extract<FxsEvent, { type: 'linefeed' }>['cause']

const inside = (value: number, low: number, high: number): boolean => value >= low && value <= high

export class Ag1171FxsPort implements FxsPort {
  readonly id: string
  readonly capabilities: FxsCapabilities
  readonly sensed: HookSense
  readonly burst: RingBurst
  readonly #clock: Clock
  readonly #options: Ag1171Options
  readonly #plan: PlannedChanges
  #pins: ModulePins | undefined
  #session: { readonly profile: LineProfile; readonly onEvent: (event: FxsEvent) => void } | undefined
  #feed: Linefeed = 'standby'
  #reversed = false
  #awakeAt = 0
  #keysOnHook = 0

  constructor(options: Ag1171Options, capabilities: FxsCapabilities) {
    const { id, clock } = options
    this.id = id
    this.capabilities = capabilities
    this.#clock = clock
    this.#options = options
    this.#plan = new PlannedChanges(`${id} planned`, clock)
    this.sensed = new HookSense(id, clock, options.bounceMs ?? 5, () => this.#wired().hook(), {
      edge: (offHook, at) => this.#hook(offHook, at, 'edge'),
      resync: (offHook, at) => this.#hook(offHook, at, 'resync'),
      ringEdge: (high, at) => this.burst.edge(high, at),
      fault: (kind, on) => this.#fault(kind, on),
      lost: () => this.#pinsLost(),
      tend: () => this.burst.tend(),
    })
    this.burst = new RingBurst(options, {
      ringMode: high => this.#output(() => this.#wired().ringMode(high)),
      over: (cause, at) => this.#ringOver(cause, at),
      answered: at => this.#answered(at),
      fault: (kind, on) => this.#fault(kind, on),
      cut: on => this.#cut(on),
    })
  }

  /** The pins are there, and the module has power since now. */
  wire(pins: ModulePins): void {
    this.#pins = pins
    this.#awakeAt = this.#clock.now() + WAKE * 1000
  }

  edge(edge: GpioEdge): void {
    this.sensed.take(edge)
  }

  /** The key decoder hears a key: a telephone that can send one is lifted. Twice, and the hook output is not believed. */
  keyHeard(): void {
    const { offHook } = this.sensed.line
    this.#keysOnHook = offHook || this.#feed === 'open' ? 0 : this.#keysOnHook + 1
    if (this.#keysOnHook < 2) return
    this.#keysOnHook = 0
    this.#fault('edge-loss', true)
    this.#fault('edge-loss', false)
  }

  async open(profile: LineProfile, onEvent: (event: FxsEvent) => void): Promise<void> {
    if (this.#session !== undefined) throw new HalError('in-use', `${this.id} is open already`)
    if (!inside(profile.loopMa, 18, 42))
      throw new HalError('invalid', `loop current ${profile.loopMa} mA (18-42)`)
    const session = { profile, onEvent }
    this.#session = session
    try {
      await this.#wired().power(true)
      await this.#after('wakes', Math.max(0, this.#awakeAt - this.#clock.now()) / 1000)
      if (this.#session !== session) throw new HalError('closed', `${this.id} was closed while it woke`)
      this.#wired().forward(true)
      const offHook = this.sensed.start()
      this.#tellFeed('standby', false, 'command', this.#clock.now())
      this.#tell({ type: 'hook', offHook, us: this.#clock.now(), source: 'resync' })
    } catch (error) {
      if (this.#session === session) this.#session = undefined
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.#session === undefined) return
    this.#session = undefined
    this.#plan.dropAll()
    this.sensed.stop()
    this.#feed = 'standby'
    await this.burst.abandon()
    try {
      this.#pins?.forward(true)
      await this.#pins?.power(!this.burst.endless)
    } catch {
      // A pin that fails now was told while the port was open, or is told when it is opened again.
    }
  }

  async setLinefeed(
    state: Exclude<Linefeed, 'ringing'>,
    options: { readonly reversed?: boolean } & Planned = {},
  ): Promise<void> {
    const off = state === 'open' || state === 'standby'
    if (off) this.#opened()
    else this.#ready()
    if (!['open', 'standby', 'active', 'oht'].includes(state))
      throw new HalError('invalid', `linefeed ${state} cannot be commanded`)
    const reversed = options.reversed ?? false
    if (reversed && this.#options.fr === undefined)
      throw new HalError('unsupported', `${this.id}: the polarity cannot be reversed, F/R is not on a pin`)
    if (state === 'oht' && !this.capabilities.onHookTransmission)
      throw new HalError('unsupported', `${this.id}: no on-hook transmission without its resistor`)
    if (state === 'open' && this.#options.pd === undefined)
      throw new HalError('unsupported', `${this.id}: the loop cannot be opened, PD is not on a pin`)
    await this.#change(options, at => this.#setFeed(state, reversed, at))
  }

  async ringBurst(
    on: boolean,
    options: { readonly hz?: number; readonly vrms?: number } & Planned = {},
  ): Promise<void> {
    if (!on) {
      this.#opened()
      return this.#change(options, at => this.#endRing(at))
    }
    const { ringHz, ringVrms } = this.#ready()
    if (!inside(options.vrms ?? ringVrms, 1, MAX_RING_VRMS))
      throw new HalError('invalid', `ring voltage ${options.vrms ?? ringVrms} (1-${MAX_RING_VRMS})`)
    const wanted = options.hz ?? ringHz
    const hz = this.capabilities.ring.hz.reduce(
      (best, can) => (Math.abs(can - wanted) < Math.abs(best - wanted) ? can : best),
      this.capabilities.ring.hz[0] ?? 0,
    )
    await this.#change(options, at => this.#startRing(hz, at))
  }

  async loopDisconnect(duration: number): Promise<void> {
    this.#ready()
    if (!inside(duration, 50, 1000)) throw new HalError('invalid', `loop disconnect ${duration} ms (50-1000)`)
    const feed = this.#feed
    const reversed = this.#reversed
    if (feed === 'ringing' || feed === 'open')
      throw new HalError('refused', `${this.id}: no feed to take away (${feed})`)
    if (this.#options.pd === undefined)
      throw new HalError('unsupported', `${this.id}: the loop cannot be opened, PD is not on a pin`)
    this.#plan.dropAll()
    await this.#setFeed('open', reversed, this.#clock.now())
    await this.#after('loop disconnect', duration)
    if (this.#session !== undefined && this.#feed === 'open')
      await this.#setFeed(feed, reversed, this.#clock.now())
  }

  async setImpedance(id: string): Promise<void> {
    this.#ready()
    if (!this.capabilities.impedances.includes(id)) throw new HalError('invalid', `impedance ${id}`)
  }

  async setGain({
    receiveDb = 0,
    transmitDb = 0,
  }: {
    readonly receiveDb?: number
    readonly transmitDb?: number
  }): Promise<void> {
    this.#ready()
    if (receiveDb !== 0 || transmitDb !== 0)
      throw new HalError('invalid', `gain ${receiveDb}/${transmitDb} dB: the module has 0 dB`)
  }

  async sense(): Promise<FxsSense> {
    this.#ready()
    throw new HalError('unsupported', `${this.id}: the module measures nothing`)
  }

  async lineTest(test: LineTest): Promise<LineTestResult> {
    this.#ready()
    if ((this.#feed !== 'standby' && this.#feed !== 'open') || this.sensed.line.offHook)
      throw new HalError('refused', `${this.id} is not idle (${this.#feed})`)
    throw new HalError('unsupported', `${this.id}: the module has no line test ${test}`)
  }

  async readHook(): Promise<{ readonly offHook: boolean; readonly us: Us }> {
    this.#ready()
    return this.sensed.read()
  }

  #wired(): ModulePins {
    if (this.#pins === undefined) throw new HalError('closed', `${this.id} has no pins`)
    return this.#pins
  }

  #opened(): LineProfile {
    if (this.#session === undefined) throw new HalError('closed', `${this.id} is not open`)
    return this.#session.profile
  }

  /** For all but what takes ring or feed off the line: that is tried on whichever pins are left. */
  #ready(): LineProfile {
    const profile = this.#opened()
    if (this.sensed.lost) throw new HalError('lost', `${this.id}: its pins do not answer`)
    return profile
  }

  /** Now; or at its instant, when what is not possible is left out. While pins do not answer, off is off at once. */
  async #change({ atUs }: Planned, make: (at: Us) => Promise<void>): Promise<void> {
    if (atUs === undefined || this.sensed.lost) {
      this.#plan.dropAll()
      return make(this.#clock.now())
    }
    this.#refuseLifted()
    this.#plan.add(atUs, at => void make(at).catch(() => {}))
  }

  async #setFeed(state: Exclude<Linefeed, 'ringing'>, reversed: boolean, at: Us): Promise<void> {
    const wasOpen = this.#feed === 'open'
    const quiet = this.#feed === 'ringing' ? this.#abandonRing() : undefined
    this.#output(() => this.#wired().forward(!reversed))
    this.#tellFeed(state, reversed, 'command', at)
    await quiet
    if (wasOpen !== (state === 'open')) await this.#power(state !== 'open')
  }

  #abandonRing(): Promise<void> {
    this.sensed.believeIn(this.burst.settleMs, true)
    return this.burst.abandon()
  }

  async #power(up: boolean): Promise<void> {
    if (up) {
      this.#awakeAt = this.#clock.now() + WAKE * 1000
      this.sensed.believeIn(WAKE, false)
    } else this.sensed.blind()
    try {
      await this.#wired().power(up)
    } catch (error) {
      this.sensed.failed()
      throw error
    }
  }

  async #startRing(hz: number, at: Us): Promise<void> {
    if (this.#feed === 'ringing') return
    if (this.#feed === 'open' || this.#clock.now() < this.#awakeAt)
      throw new HalError('refused', `${this.id}: the module has no power to ring with`)
    this.#refuseLifted()
    this.burst.refuseBroken(at)
    this.#output(() => this.#wired().forward(true))
    this.sensed.ring()
    this.#tellFeed('ringing', false, 'command', at)
    await this.burst.begin(hz)
  }

  async #endRing(at: Us): Promise<void> {
    if (this.#feed !== 'ringing') return
    await this.burst.end(at)
  }

  #ringOver(cause: Cause, at: Us): void {
    if (this.#feed !== 'ringing') return
    this.sensed.believeIn(this.burst.settleMs, true)
    this.#tellFeed('standby', false, cause, at)
  }

  #pinsLost(): void {
    this.#plan.dropAll()
    this.burst.lost()
  }

  /** A ring that cannot be stopped: rather a dead line than one that rings for ever. */
  async #cut(on: boolean): Promise<void> {
    this.#plan.dropAll()
    if (this.#options.pd === undefined) return
    this.#tellFeed(on ? 'open' : 'standby', false, 'fault', this.#clock.now())
    await this.#power(!on)
  }

  #answered(at: Us): void {
    this.#plan.dropAll()
    this.#tell({ type: 'ring-trip', us: at })
    this.#tellFeed('active', false, 'auto', this.#clock.now())
    this.sensed.answered(at)
  }

  #refuseLifted(): void {
    if (this.sensed.lifted()) throw new HalError('refused', `${this.id}: the telephone is off-hook`)
  }

  #hook(offHook: boolean, at: Us, source: 'edge' | 'resync'): void {
    if (offHook) this.#plan.dropAll()
    this.#tell({ type: 'hook', offHook, us: at, source, ...(source === 'resync' && { overrun: true }) })
    // Nothing that was meant for the display of a telephone on the hook reaches an ear.
    if (offHook && this.#feed === 'oht') this.#tellFeed('standby', false, 'auto', at)
  }

  #output(write: () => void): void {
    try {
      write()
    } catch (error) {
      this.sensed.failed()
      throw error
    }
  }

  #fault(kind: FaultKind, on: boolean): void {
    this.#tell({ type: 'fault', kind, on, us: this.#clock.now() })
  }

  #tellFeed(state: Linefeed, reversed: boolean, cause: Cause, at: Us): void {
    this.#feed = state
    this.#reversed = reversed
    this.#tell({ type: 'linefeed', state, reversed, cause, us: at })
  }

  /** In a microtask of its own, so that no event comes from inside a command. */
  #tell(event: FxsEvent): void {
    const session = this.#session
    queueMicrotask(() => {
      if (session !== undefined && this.#session === session) session.onEvent(event)
    })
  }

  #after(name: string, duration: number): Promise<void> {
    return new Promise(resolve => {
      this.#clock.timer(`${this.id} ${name}`, ms(duration), resolve)
    })
  }
}
