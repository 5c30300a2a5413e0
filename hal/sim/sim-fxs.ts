// FxsPort on the line model: what a line chip with ring generator, polarity reversal and loop tests offers.
// Events go out in a microtask of their own, so that none is delivered from inside a command.

import { type Clock, ms, type Us } from '../clock.js'
import { HalError, isHalError } from '../errors.js'
import type {
  FxsCapabilities,
  FxsEvent,
  FxsPort,
  FxsSense,
  Linefeed,
  LineProfile,
  LineTest,
  LineTestResult,
  Planned,
} from '../fxs-port.js'
import type { LineModel } from './line-model.js'
import { runLineTest } from './line-tests.js'
import { batteryVolts } from './loop-current.js'

export const simCapabilities: FxsCapabilities = {
  polarityReversal: true,
  onHookTransmission: true,
  ring: { source: 'chip', hz: [16.7, 20, 25, 30, 40, 50, 60], maxVrms: 65 },
  hookTimestamps: 'chip',
  impedances: ['600', '900', 'ctr21', 'de', 'au'],
  gainDb: { receive: [-12, 6], transmit: [-12, 6] },
  senses: ['loopMa', 'tipRingVolts', 'batteryVolts'],
  lineTests: [
    'foreign-voltage',
    'resistive-fault',
    'receiver-off-hook',
    'ringers',
    'battery',
    'pcm-loopback',
  ],
  faults: ['short', 'ground', 'power', 'thermal', 'chip-reset', 'link-lost', 'pcm-xrun', 'edge-loss'],
}

/** The telephone is a European one: against this the balance of another impedance loses so many dB of echo return loss. */
const mismatchDb: Readonly<Record<string, number>> = { ctr21: 0, de: 0.5, au: 1, '600': 2, '900': 3 }

const inside = (value: number, [low, high]: readonly [number, number]): boolean =>
  value >= low && value <= high

export class SimFxsPort implements FxsPort {
  readonly capabilities = simCapabilities
  readonly #line: LineModel
  readonly #clock: Clock
  readonly #echoLossDb: number
  #profile: LineProfile | undefined
  #gain = { receiveDb: 0, transmitDb: 0 }

  constructor(line: LineModel, clock: Clock, echoLossDb: number) {
    this.#line = line
    this.#clock = clock
    this.#echoLossDb = echoLossDb
  }

  get id(): string {
    return this.#line.id
  }

  async open(profile: LineProfile, onEvent: (event: FxsEvent) => void): Promise<void> {
    if (this.#profile !== undefined) throw new HalError('in-use', `${this.id} is open already`)
    if (!inside(profile.loopMa, [18, 42]))
      throw new HalError('invalid', `loop current ${profile.loopMa} mA (18-42)`)
    this.#profile = profile
    const line = this.#line
    line.attachChip(event =>
      queueMicrotask(() => {
        if (this.#profile !== undefined) onEvent(event)
      }),
    )
    line.limitMa = profile.loopMa
    this.#balance(profile.impedances.find(id => this.capabilities.impedances.includes(id)) ?? '600')
    line.setFeed('standby', false, 'command')
    line.reportLevel()
  }

  async close(): Promise<void> {
    if (this.#profile === undefined) return
    this.#profile = undefined
    this.#line.attachChip(undefined)
    this.#line.plan.dropAll()
    this.#line.setFeed('standby', false, 'command')
  }

  async setLinefeed(
    state: Exclude<Linefeed, 'ringing'>,
    options: { reversed?: boolean } & Planned = {},
  ): Promise<void> {
    this.#ready()
    if (!['open', 'standby', 'active', 'oht'].includes(state))
      throw new HalError('invalid', `linefeed ${state} cannot be commanded`)
    const reversed = options.reversed ?? false
    this.#change(options, at => {
      this.#undamaged(state)
      this.#line.setFeed(state, reversed, 'command', at)
    })
  }

  async ringBurst(on: boolean, options: { hz?: number; vrms?: number } & Planned = {}): Promise<void> {
    const profile = this.#ready()
    if (!on) {
      this.#change(options, at => this.#endRing(at))
      return
    }
    const vrms = options.vrms ?? profile.ringVrms
    const wanted = options.hz ?? profile.ringHz
    const hz = this.capabilities.ring.hz.reduce((best, can) =>
      Math.abs(can - wanted) < Math.abs(best - wanted) ? can : best,
    )
    if (!inside(vrms, [1, this.capabilities.ring.maxVrms]))
      throw new HalError('invalid', `ring voltage ${vrms} (1-65)`)
    this.#change(options, at => this.#startRing(hz, vrms, at))
  }

  async loopDisconnect(duration: number): Promise<void> {
    this.#ready()
    if (!inside(duration, [50, 1000]))
      throw new HalError('invalid', `loop disconnect ${duration} ms (50-1000)`)
    const { feed, reversed } = this.#line
    if (feed === 'ringing' || feed === 'open')
      throw new HalError('refused', `${this.id}: no feed to take away (${feed})`)
    this.#line.plan.dropAll()
    this.#line.setFeed('open', reversed, 'command')
    await this.#after('loop disconnect', duration)
    if (this.#profile !== undefined && this.#line.feed === 'open')
      this.#line.setFeed(feed, reversed, 'command')
  }

  async setImpedance(id: string): Promise<void> {
    this.#ready()
    if (!this.capabilities.impedances.includes(id)) throw new HalError('invalid', `impedance ${id}`)
    this.#balance(id)
  }

  async setGain(gain: { receiveDb?: number; transmitDb?: number }): Promise<void> {
    this.#ready()
    const next = { ...this.#gain, ...gain }
    const { receive, transmit } = this.capabilities.gainDb
    if (!inside(next.receiveDb, receive) || !inside(next.transmitDb, transmit))
      throw new HalError('invalid', `gain ${next.receiveDb}/${next.transmitDb} dB (-12 to +6)`)
    this.#gain = next
    this.#line.hybrid.setGain(next.receiveDb, next.transmitDb)
  }

  async sense(): Promise<FxsSense> {
    this.#ready()
    const { mA, volts } = this.#line.loop()
    return {
      loopMa: mA,
      tipRingVolts: this.#line.reversed ? -volts : volts,
      batteryVolts: this.#line.faults.has('power') ? 11 : batteryVolts,
    }
  }

  async lineTest(test: LineTest): Promise<LineTestResult> {
    this.#ready()
    const { feed } = this.#line
    if (feed !== 'standby' && feed !== 'open')
      throw new HalError('refused', `${this.id} is not idle (${feed})`)
    if (!this.capabilities.lineTests.includes(test)) throw new HalError('invalid', `line test ${test}`)
    await this.#after(`line test ${test}`, 100)
    return runLineTest(test, this.#line)
  }

  async readHook(): Promise<{ offHook: boolean; us: Us }> {
    this.#ready()
    return { offHook: this.#line.offHookSeen, us: this.#clock.now() }
  }

  /** Now, throwing what it throws; or at its instant, when what is not possible is left out. */
  #change({ atUs }: Planned, make: (at: Us) => void): void {
    const { plan } = this.#line
    if (atUs === undefined) {
      plan.dropAll()
      make(this.#clock.now())
      return
    }
    this.#refuseLifted()
    plan.add(atUs, at => {
      try {
        make(at)
      } catch (error) {
        if (!isHalError(error)) throw error
      }
    })
  }

  #startRing(hz: number, vrms: number, at: Us): void {
    this.#undamaged('ringing')
    if (this.#line.feed === 'ringing') return
    this.#refuseLifted()
    this.#line.startRing(hz, vrms, at)
  }

  #endRing(at: Us): void {
    const line = this.#line
    if (line.feed === 'ringing') line.setFeed(this.#drawing() ? 'active' : 'standby', false, 'command', at)
  }

  #refuseLifted(): void {
    if (this.#line.offHookSeen || this.#drawing())
      throw new HalError('refused', `${this.id}: the telephone is off-hook`)
  }

  #ready(): LineProfile {
    if (this.#profile === undefined) throw new HalError('closed', `${this.id} is not open`)
    if (this.#line.faults.has('link-lost')) throw new HalError('lost', `${this.id}: no link to the line chip`)
    return this.#profile
  }

  #undamaged(state: Linefeed): void {
    const { faults } = this.#line
    const fault = (['power', 'thermal', 'chip-reset'] as const).find(kind => faults.has(kind))
    if (fault !== undefined && state !== 'open') throw new HalError('refused', `${this.id}: fault ${fault}`)
    if (state === 'ringing' && faults.has('short')) throw new HalError('refused', `${this.id}: short circuit`)
  }

  #drawing(): boolean {
    return this.#line.loop().metallicMa > 0
  }

  #balance(impedance: string): void {
    this.#line.hybrid.setLoss(this.#echoLossDb - (mismatchDb[impedance] ?? 0))
  }

  #after(name: string, duration: number): Promise<void> {
    return new Promise(resolve => {
      this.#clock.timer(`${this.id} ${name}`, ms(duration), resolve)
    })
  }
}
