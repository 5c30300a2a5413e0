// An Ag1171 with a telephone at its loop, in virtual time: the simulated telephone and hybrid on one side, the pin-level
// model in between, the driver on its pins.

import { connectAg1171 } from '../../hal/chips/ag1171/driver.js'
import { Ag1171Model, type ModuleFault, modelPins, type TipRing } from '../../hal/chips/ag1171/model.js'
import type { ChipDigit } from '../../hal/chips/ag1171/mt8870.js'
import { Mt8870Model } from '../../hal/chips/ag1171/mt8870-model.js'
import { muteWhileRinging } from '../../hal/chips/ag1171/muted-pcm.js'
import type { Ag1171Options, Ag1171Quirks } from '../../hal/chips/ag1171/options.js'
import type { Us } from '../../hal/clock.js'
import type { FxsRig } from '../../hal/conformance/fxs-port.js'
import type { PcmRig } from '../../hal/conformance/pcm-port.js'
import type { FxsEvent } from '../../hal/fxs-port.js'
import type { PcmBoard, PcmPort } from '../../hal/pcm-port.js'
import { LineModel, type LineObserver } from '../../hal/sim/line-model.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { fxsRig, pcmRig, virtualTime } from './sim-rigs.js'
import { profile } from './sounding-line.js'

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

export interface Ag1171RigOptions {
  readonly ring?: 'pwm' | 'rm-only'
  readonly quirks?: Ag1171Quirks
  readonly bounceMs?: number
  readonly supply?: '5' | '3.3'
  readonly timestamps?: 'kernel' | 'process'
  /** With an MT8870. */
  readonly dtmf?: boolean
  /** Wrong with the module from the start. */
  readonly faults?: readonly ModuleFault[]
  readonly seed?: number
}

const withRing = (board: PcmBoard, model: () => Ag1171Model, now: () => Us): PcmBoard => {
  const tick = { at: now() }
  const port = (inner: PcmPort): PcmPort => ({
    id: inner.id,
    read: into => {
      inner.read(into)
      model().addRing(into, tick.at)
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

export const openAg1171Rig = async (options: Ag1171RigOptions = {}) => {
  const clock = new VirtualClock()
  const time = virtualTime(clock)
  let line: ModuleLine | undefined
  const board = createSimBoard({
    lines: ['tel1'],
    clock,
    entropy: new SeededEntropy(options.seed ?? 7),
    frames: 'virtual',
    newLine: (id, clock, echoLossDb) => {
      line = new ModuleLine(id, clock, echoLossDb)
      return line
    },
  })
  const loop = line as unknown as ModuleLine
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
  const events: FxsEvent[] = []
  const driverOptions: Ag1171Options = {
    id: 'tel1',
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
  const connect = () => connectAg1171(driverOptions)
  const module = await time.finish(connect())
  const handset = board.handset('tel1')
  const bare = withRing(
    board.pcm,
    () => model,
    () => clock.now(),
  )
  return {
    clock,
    model,
    decoder,
    board,
    handset,
    loop,
    module,
    connect,
    port: module.fxs,
    /** What the sound device captures, ring and all. */
    bare,
    pcm: muteWhileRinging(bare, new Map([['tel1', module.ringing]])),
    digits,
    events,
    finish: time.finish,
    pass: (ms: number) => clock.advance(ms),
    open: () => time.finish(module.fxs.open(profile, event => events.push(event))),
    act: (action: Parameters<typeof handset.perform>[0]) => time.finish(handset.perform(action)),
    hooks: () => events.flatMap(event => (event.type === 'hook' ? [event] : [])),
    feeds: () =>
      events.flatMap(event => (event.type === 'linefeed' ? [`${event.state} ${event.cause}`] : [])),
    faults: () =>
      events.flatMap(event => (event.type === 'fault' ? [`${event.kind} ${event.on ? 'on' : 'off'}`] : [])),
    close: () => time.finish(module.close()),
  }
}
export type Ag1171Rig = Awaited<ReturnType<typeof openAg1171Rig>>

export const ag1171FxsRig = async (options: Ag1171RigOptions = {}): Promise<FxsRig> => {
  const rig = await openAg1171Rig(options)
  const control = { fxs: () => rig.port, handset: () => rig.handset }
  const made = fxsRig(control, { ...virtualTime(rig.clock), finish: rig.finish }, rig.close)
  if (options.ring !== 'rm-only') return made
  // Nobody makes a waveform: what rings is the pin.
  return { ...made, bell: () => ({ ringing: rig.model.ringMode, hz: 0 }) }
}

export const ag1171PcmRig = async (): Promise<PcmRig> => {
  const rig = await openAg1171Rig()
  const parts = { pcm: rig.pcm, fxs: () => rig.port, handset: () => rig.handset }
  const made = pcmRig(parts, { ...virtualTime(rig.clock), finish: rig.finish })
  return {
    ...made,
    close: async () => {
      await made.close()
      await rig.close()
    },
  }
}
