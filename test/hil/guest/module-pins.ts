// What hangs on the box's pins in the virtual machine: an Ag1171 module as its data sheet has it, with a telephone on its loop.
// SHK is high while loop current flows; RM high puts ring voltage on the line, PD (pulled up inside) low takes all power off
// it, F/R low turns the wires round. The loop itself is the model of hal/sim; pins are gpio-sim's.
//
// The box polls nothing of this and the module tells nothing but SHK, so the levels the box drives are looked at here.

import { type Clock, ms, type Timer } from '../../../hal/clock.js'
import type { Linefeed } from '../../../hal/fxs-port.js'
import type { GpioOutput } from '../../../hal/gpio.js'
import type { LineModel } from '../../../hal/sim/line-model.js'
import type { SimulatedBank } from './gpio-sim.js'

/** Offsets on the bank, as board/boards/hil-vm.toml has them. */
export const pins = { shk: 0, rm: 1, fr: 2, pd: 3, lineLed: 4, messageLed: 5 } as const
export const pinNames = ['SHK', 'RM', 'FR', 'PD', 'LED_LINE', 'LED_MESSAGES'] as const

/** Between two looks at what the box drives, ms. A lamp is looked at each time too: the fastest blinks ten times a second. */
const lookMs = 5
/** The module's own generator; no pin tells another frequency where RM alone makes it ring. */
const ring = { hz: 50, vrms: 60 }

/** Who looks at the lamps. */
export type BoxLamps = Readonly<Record<'line' | 'messages', Pick<GpioOutput, 'write'>>>

export class ModulePins {
  readonly #model: LineModel
  readonly #bank: SimulatedBank
  readonly #clock: Clock
  readonly #lamps: BoxLamps
  #ringMode = false
  #timer: Timer | undefined

  constructor(model: LineModel, bank: SimulatedBank, clock: Clock, lamps: BoxLamps) {
    this.#model = model
    this.#bank = bank
    this.#clock = clock
    this.#lamps = lamps
    bank.pull(pins.shk, false)
    bank.pull(pins.pd, true)
    bank.pull(pins.fr, true)
    model.attachChip(event => {
      if (event.type !== 'hook') return
      bank.pull(pins.shk, event.offHook)
      this.#rest()
    })
    this.#look()
  }

  close(): void {
    this.#timer?.cancel()
    this.#model.attachChip(undefined)
  }

  #look(): void {
    this.#timer = this.#clock.timer('pins', ms(lookMs), () => this.#look())
    const ringMode = this.#bank.level(pins.rm)
    if (ringMode !== this.#ringMode) {
      this.#ringMode = ringMode
      if (ringMode && !this.#model.offHookSeen) this.#model.startRing(ring.hz, ring.vrms)
    }
    this.#rest()
    this.#lamps.line.write(this.#bank.level(pins.lineLed))
    this.#lamps.messages.write(this.#bank.level(pins.messageLed))
  }

  /** What the line has when it is not rung, or no more: on the hook the module carries sound to a display. */
  #rest(): void {
    const { offHookSeen, feed, reversed } = this.#model
    const powered = this.#bank.level(pins.pd)
    if (powered && this.#ringMode && feed === 'ringing') return
    const wanted: Linefeed = !powered ? 'open' : offHookSeen ? 'active' : 'oht'
    const turned = !this.#bank.level(pins.fr)
    if (feed !== wanted || reversed !== turned) this.#model.setFeed(wanted, turned, 'command')
  }
}
