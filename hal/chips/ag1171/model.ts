// An Ag1171 at its pins, made from its data sheet alone: levels, feed, ring and the hook output with its delays. The loop at
// Tip and Ring is whatever `terminals` puts there. For tests, and for whoever compares a real module with it.
//
// Figures: hook output high above 13 mA; feed 30 mA constant from 48 V; RM high makes it 72 V, some 60 V rms when F/R
// swings; hook output some 100 ms late while RM is high; VOUT carries the ring; 600 ohm, 0 dB. The data sheet gives no
// figure for the start of the converter; 15 ms is assumed.

import { type Clock, ms, type Timer, type Us, us } from '../../clock.js'
import { HalError } from '../../errors.js'
import type { PwmChannel } from '../../pwm.js'
import { ModelGpio } from './model-gpio.js'

/** What the module puts on Tip and Ring. */
export interface TipRing {
  readonly powered: boolean
  readonly reversed: boolean
  /** 0: steady. */
  readonly ringHz: number
  /** Volts rms while it swings. */
  readonly ringVrms: number
}

export interface ModuleTerminals {
  /** Direct current through what hangs on the wires if the module feeds them, mA. */
  loopMa(): number
  drive(state: TipRing, at: Us): void
}

/** One thing that is wrong with the module or its wiring. */
export type ModuleFault =
  | 'hook output stuck high'
  | 'hook output stuck low'
  | 'hook output slow'
  | 'hook output follows RM'
  | 'hook output never rests'
  | 'RM does not arrive'
  | 'PD stuck low'
  | 'PWM refuses'
  | 'PWM does nothing'
  | 'PWM cannot be stopped'

/** Offsets of the pins on the model's GPIO chip. */
export const modelPins = { shk: 0, rm: 1, fr: 2, pd: 3, std: 4, q1: 5, q2: 6, q3: 7, q4: 8 } as const

const HOOK_MA = 13
const QUICK = 0.2
const SLOW_WITH_RM = 100
const SLOW_WHEN_ILL = 400
const WAKE = 15
const RING_VRMS = 60
const BATTERY = { idle: 48, ring: 72 }
/** Peak of the ring at VOUT with 72 V, linear samples. */
const HUM_PEAK = 9000
/** A change of the hook output, µs after it is due: each a toggle, the last the new level. */
const CHATTER = { '5': [0, 80, 160], '3.3': [0, 100, 220, 380, 600] }
const STORM_EVERY = 1

export interface Ag1171ModelOptions {
  readonly clock: Clock
  readonly terminals: ModuleTerminals
  /** Volts; the hook output bounces longer with 3.3. */
  readonly supply?: '5' | '3.3'
  /** F/R is the PWM's, or a pin of the box. */
  readonly frBy?: 'pwm' | 'pin'
}

export class Ag1171Model {
  readonly gpio: ModelGpio
  readonly pwm: PwmChannel
  readonly #clock: Clock
  readonly #terminals: ModuleTerminals
  readonly #chatter: readonly number[]
  readonly #frBy: 'pwm' | 'pin'
  readonly #ills = new Set<ModuleFault>()
  #up = true
  #browned = false
  #wake: Timer | undefined
  #pwmHz = 0
  #ringFrom = us(0)
  /** Changes of the hook output that are due. */
  #due: Timer[] = []
  #seen = false
  #storm: Timer | undefined

  constructor({ clock, terminals, supply = '5', frBy = 'pwm' }: Ag1171ModelOptions) {
    this.#clock = clock
    this.#terminals = terminals
    this.#chatter = CHATTER[supply]
    this.#frBy = frBy
    this.gpio = new ModelGpio(clock, 9)
    this.gpio.watch(offset => this.#pinChanged(offset))
    // Pulled up inside.
    this.gpio.drive(modelPins.pd, true)
    this.pwm = {
      start: async hz => this.#swing(hz),
      stop: async () => this.#rest(),
      close: async () => this.#rest(),
    }
    this.#drive()
  }

  /** RM as the module has it. */
  get ringMode(): boolean {
    return this.gpio.level(modelPins.rm) && !this.#ills.has('RM does not arrive')
  }

  get powered(): boolean {
    return this.#up
  }

  fail(fault: ModuleFault, on = true): void {
    if (on) this.#ills.add(fault)
    else this.#ills.delete(fault)
    if (fault === 'hook output never rests') this.#storming(on)
    this.#powerChanged()
    this.#outputs()
  }

  /** The supply breaks down for so long, ms. */
  brownOut(length: number): void {
    this.#browned = true
    this.#powerChanged()
    this.#clock.timer('model brown-out', ms(length), () => {
      this.#browned = false
      this.#powerChanged()
    })
  }

  /** The current in the loop may have changed. */
  loopChanged(): void {
    this.#outputs()
  }

  /** Adds what VOUT carries of the ring to a captured frame that begins at `from`. */
  addRing(into: Int16Array, from: Us): void {
    const { ringHz, powered } = this.#state()
    if (ringHz === 0 || !powered) return
    const peak = (HUM_PEAK * (this.ringMode ? BATTERY.ring : BATTERY.idle)) / BATTERY.ring
    for (let n = 0; n < into.length; n++) {
      const swings = (2 * ringHz * (from + n * 125 - this.#ringFrom)) / 1e6
      into[n] = (into[n] as number) + (Math.floor(swings) % 2 === 0 ? peak : -peak)
    }
  }

  #pinChanged(offset: number): void {
    if (offset === modelPins.pd) this.#powerChanged()
    if (offset === modelPins.rm) this.#outputs(true)
    this.#drive()
  }

  #powerChanged(): void {
    const up = this.gpio.level(modelPins.pd) && !this.#browned && !this.#ills.has('PD stuck low')
    if (!up) {
      this.#wake?.cancel()
      this.#wake = undefined
      this.#setUp(false)
    } else if (!this.#up && this.#wake === undefined)
      this.#wake = this.#clock.timer('model wakes', ms(WAKE), () => {
        this.#wake = undefined
        this.#setUp(true)
      })
  }

  #setUp(up: boolean): void {
    if (this.#up === up) return
    this.#up = up
    this.#drive()
    this.#outputs()
  }

  #swing(hz: number): void {
    if (this.#ills.has('PWM refuses')) throw new HalError('io', 'PWM: EBUSY')
    if (!this.#ills.has('PWM does nothing')) this.#pwmHz = hz
    this.#ringFrom = this.#clock.now()
    this.#drive()
  }

  #rest(): void {
    if (this.#ills.has('PWM cannot be stopped')) throw new HalError('io', 'PWM: EIO')
    this.#pwmHz = 0
    this.#drive()
  }

  #state(): TipRing {
    const battery = this.ringMode ? BATTERY.ring : BATTERY.idle
    return {
      powered: this.#up,
      reversed: this.#frBy === 'pin' && !this.gpio.level(modelPins.fr),
      ringHz: this.#up ? this.#pwmHz : 0,
      ringVrms: (RING_VRMS * battery) / BATTERY.ring,
    }
  }

  #drive(): void {
    this.#terminals.drive(this.#state(), this.#clock.now())
    this.#outputs()
  }

  /** The hook output goes where the current is, late and not without bounce. `anew`: the delay has changed. */
  #outputs(anew = false): void {
    if (this.#ills.has('hook output never rests')) return
    const wanted = this.#hook()
    if (wanted === this.#seen && !anew) return
    if (anew) {
      this.#forget()
      this.#seen = this.gpio.level(modelPins.shk)
      if (wanted === this.#seen) return
    }
    this.#seen = wanted
    const late = this.#ills.has('hook output slow') ? SLOW_WHEN_ILL : this.ringMode ? SLOW_WITH_RM : QUICK
    for (const [n, offset] of this.#chatter.entries()) {
      const level = n % 2 === 0 ? wanted : !wanted
      this.#due.push(
        this.#clock.timer('model hook output', ms(late + offset / 1000), () =>
          this.gpio.drive(modelPins.shk, level),
        ),
      )
    }
  }

  #hook(): boolean {
    if (this.#ills.has('hook output stuck high')) return true
    if (this.#ills.has('hook output stuck low')) return false
    if (this.#ills.has('hook output follows RM') && this.gpio.level(modelPins.rm)) return true
    return this.#up && this.#terminals.loopMa() > HOOK_MA
  }

  #forget(): void {
    for (const timer of this.#due) timer.cancel()
    this.#due = []
  }

  #storming(on: boolean): void {
    this.#storm?.cancel()
    if (!on) return
    this.#forget()
    const toggle = (): void => {
      this.gpio.drive(modelPins.shk, !this.gpio.level(modelPins.shk))
      this.#seen = this.gpio.level(modelPins.shk)
      this.#storm = this.#clock.timer('model storm', ms(STORM_EVERY), toggle)
    }
    toggle()
  }
}
