// Ag1171 modules with telephones at their loops, in virtual time: the simulated telephones and hybrids on one side, the
// pin-level models in between, the pins for a driver on the other.

import { connectAg1171 } from '../../hal/chips/ag1171/driver.js'
import { Ag1171Model, type ModuleFault, modelPins, type TipRing } from '../../hal/chips/ag1171/model.js'
import type { ChipDigit } from '../../hal/chips/ag1171/mt8870.js'
import { Mt8870Model } from '../../hal/chips/ag1171/mt8870-model.js'
import type { Ag1171Options, Ag1171Quirks } from '../../hal/chips/ag1171/options.js'
import type { Us } from '../../hal/clock.js'
import type { PcmBoard, PcmPort } from '../../hal/pcm-port.js'
import { LineModel, type LineObserver } from '../../hal/sim/line-model.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'
import type { VirtualClock } from '../../hal/sim/virtual-clock.js'

export interface Ag1171BoardOptions {
  readonly ring?: 'pwm' | 'rm-only'
  readonly quirks?: Ag1171Quirks
  readonly bounceMs?: number
  readonly supply?: '5' | '3.3'
  readonly timestamps?: 'kernel' | 'process'
  /** With an MT8870. */
  readonly dtmf?: boolean
  /** Wrong with the modules from the start. */
  readonly faults?: readonly ModuleFault[]
  readonly seed?: number
}

/** The loop of a module: it has 30 mA, no ring trip of its own, and somebody who watches the current. */
class ModuleLine extends LineModel {
  override limitMa = 30
  override ringTripMs = Number.POSITIVE_INFINITY
  onCurrent: () => void = () => {}

  override attachTelephone(observer: LineObserver): void {
    super.attachTelephone({
      currentChanged: at => {
        observer.currentChanged(at)
        this.onCurrent()
      },
      ringChanged: burst => observer.ringChanged(burst),
    })
  }

  put({ powered, reversed, ringHz, ringVrms }: TipRing, at: Us): void {
    if (powered && ringHz > 0) {
      const same = this.feed === 'ringing' && this.burst?.hz === ringHz
      if (!same) this.startRing(ringHz, ringVrms, at)
      return
    }
    const feed = powered ? 'active' : 'open'
    if (this.feed !== feed || this.reversed !== reversed) this.setFeed(feed, reversed, 'command', at)
  }
}

/** One module: its loop, its pins, and how a driver gets hold of them. */
const moduleAt = (id: string, loop: ModuleLine, clock: VirtualClock, options: Ag1171BoardOptions) => {
  const ring = options.ring ?? 'pwm'
  const model = new Ag1171Model({
    clock,
    terminals: { loopMa: () => loop.loop().metallicMa, drive: (state, at) => loop.put(state, at) },
    frBy: ring === 'pwm' ? 'pwm' : 'pin',
    ...(options.supply && { supply: options.supply }),
  })
  loop.onCurrent = () => model.loopChanged()
  for (const fault of options.faults ?? []) model.fail(fault)
  const decoder = new Mt8870Model(clock, model.gpio, modelPins)
  const chip = model.gpio.chip(options.timestamps)
  const pin = (offset: number) => ({ chip, offset })
  const digits: ChipDigit[] = []
  const driverOptions: Ag1171Options = {
    id,
    clock,
    shk: pin(modelPins.shk),
    rm: pin(modelPins.rm),
    pd: pin(modelPins.pd),
    ring,
    ...(ring === 'pwm' ? { pwm: model.pwm } : { fr: pin(modelPins.fr) }),
    ...(options.quirks && { quirks: options.quirks }),
    ...(options.bounceMs !== undefined && { bounceMs: options.bounceMs }),
    ...(options.dtmf === true && {
      dtmf: {
        std: pin(modelPins.std),
        q1: pin(modelPins.q1),
        q2: pin(modelPins.q2),
        q3: pin(modelPins.q3),
        q4: pin(modelPins.q4),
      },
      onDigit: (digit: ChipDigit) => digits.push(digit),
    }),
  }
  return { loop, model, decoder, digits, connect: () => connectAg1171(driverOptions) }
}
export type Ag1171Module = ReturnType<typeof moduleAt>

export const createAg1171Board = (
  clock: VirtualClock,
  lines: readonly string[],
  options: Ag1171BoardOptions = {},
) => {
  const loops: ModuleLine[] = []
  const board = createSimBoard({
    lines,
    clock,
    entropy: new SeededEntropy(options.seed ?? 7),
    frames: 'virtual',
    newLine: (...made) => {
      const line = new ModuleLine(...made)
      loops.push(line)
      return line
    },
  })
  const modules = new Map(
    lines.map((id, n) => [id, moduleAt(id, loops[n] as ModuleLine, clock, options)] as const),
  )
  const module = (id: string): Ag1171Module => {
    const found = modules.get(id)
    if (found === undefined) throw new Error(`no module ${id}`)
    return found
  }
  return {
    board,
    module,
    /** What the sound device captures, ring and all. */
    bare: withRing(
      board.pcm,
      id => module(id).model,
      () => clock.now(),
    ),
  }
}

const withRing = (board: PcmBoard, model: (id: string) => Ag1171Model, now: () => Us): PcmBoard => {
  const tick = { at: now() }
  const port = (inner: PcmPort): PcmPort => ({
    id: inner.id,
    read: into => {
      inner.read(into)
      model(inner.id).addRing(into, tick.at)
    },
    write: frame => inner.write(frame),
  })
  return {
    ports: board.ports.map(port),
    start: (onFrame, onFault) =>
      board.start(at => {
        tick.at = at
        onFrame(at)
      }, onFault),
    wake: id => board.wake(id),
    sleep: id => board.sleep(id),
    stop: () => board.stop(),
  }
}
