// The drivers that hardware faults are tried on, each with the ways in which it in particular can break, and with what it can
// never tell and why: one row each.

import type { LineFault } from '../../../firmware/run/facts/facts.js'
import { muteWhileRinging } from '../../../hal/chips/ag1171/muted-pcm.js'
import type { FaultKind } from '../../../hal/fxs-port.js'
import type { PcmBoard, PcmFault } from '../../../hal/pcm-port.js'
import type { HandsetFault } from '../../../hal/sim/handset-contract.js'
import { SeededEntropy } from '../../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../../hal/sim/sim-board.js'
import type { VirtualClock } from '../../../hal/sim/virtual-clock.js'
import { createAg1171Board } from '../../support/ag1171-board.js'
import { virtualTime } from '../../support/sim-rigs.js'
import type { Hardware } from '../../support/virtual-house.js'
import { openSerialRig } from '../chips/serial-slic/serial-rig.js'

/** Something of the line or of the driver's own that breaks and is mended again. */
export interface Breakdown {
  readonly name: string
  /** Told by the port: while it lasts, or when it is found. */
  readonly fault: LineFault
  /** What the console concludes of it, while it lasts or within a minute. */
  readonly verdict: string
  begin(): Promise<void>
  end(): Promise<void>
}

export interface BrokenHardware extends Hardware {
  /** H7: of the line and its feed; no telephone is rung into them. */
  readonly lineFaults: readonly Breakdown[]
  /** H8: of the chip, or of the way to it. */
  readonly breakdowns: readonly Breakdown[]
  /** H8 where nothing is told: the line is dead meanwhile, and works afterwards. */
  readonly untold: readonly Omit<Breakdown, 'fault' | 'verdict'>[]
}

export interface FaultDriver {
  readonly name: string
  /** How long a storm of edges lasts, s: the whole minute on one driver, enough to overrun every queue on the others. */
  readonly stormSeconds: number
  /** What is never told on this hardware, and why. */
  readonly cannotTell: Partial<Record<FaultKind, string>>
  /** A ring that failed is tried again after so long, ms; absent: at once. */
  readonly ringAgainMs?: number
  open(clock: VirtualClock, lines: readonly string[]): Promise<BrokenHardware>
}

const verdictOf: Readonly<Record<FaultKind, string>> = {
  short: 'short',
  ground: 'ground',
  power: 'no-supply',
  thermal: 'too-hot',
  'chip-reset': 'chip-gone',
  'link-lost': 'chip-gone',
  'edge-loss': 'edges-lost',
  'pcm-xrun': 'audio-frames-lost',
}

export const faultKinds = Object.keys(verdictOf) as readonly FaultKind[]

/** A fault of the simulated line chip, ordered at the telephone. */
const ofChip =
  (board: Hardware) =>
  (kind: HandsetFault & FaultKind): Breakdown => {
    const order = async (on: boolean) => {
      await board.handset('tel1').perform({ do: 'fault', kind, on })
    }
    return {
      name: kind,
      fault: kind,
      verdict: verdictOf[kind],
      begin: () => order(true),
      end: () => order(false),
    }
  }

const openSim = async (clock: VirtualClock, lines: readonly string[]): Promise<BrokenHardware> => {
  const board = createSimBoard({ lines, clock, entropy: new SeededEntropy(5), frames: 'virtual' })
  return {
    ...board,
    lineFaults: (['short', 'ground', 'power', 'thermal'] as const).map(ofChip(board)),
    breakdowns: (['chip-reset', 'link-lost', 'edge-loss', 'pcm-xrun'] as const).map(ofChip(board)),
    untold: [],
  }
}

const openSerial = async (clock: VirtualClock, lines: readonly string[]): Promise<BrokenHardware> => {
  const rig = await openSerialRig({ clock, lines })
  const slic = await rig.connect()
  let boot = 1
  const hardware: Hardware = {
    pcm: slic.pcm,
    fxs: id => slic.fxs(id),
    handset: id => rig.board.handset(id),
    close: () => rig.close(slic),
  }
  const ordered = ofChip(hardware)
  const away = { fault: 'link-lost', verdict: 'chip-gone' } as const
  return {
    ...hardware,
    lineFaults: (['short', 'ground', 'power', 'thermal'] as const).map(ordered),
    breakdowns: [
      {
        ...{ name: 'cable pulled', ...away },
        begin: async () => {
          rig.wire.cut = true
        },
        end: async () => {
          rig.wire.cut = false
        },
      },
      {
        ...{ name: 'every byte the same', ...away },
        begin: async () => {
          rig.wire.spoil = bytes => bytes.fill(255)
        },
        end: async () => {
          rig.wire.spoil = bytes => bytes
        },
      },
      {
        ...{ name: 'power of the microcontroller lost', fault: 'chip-reset', verdict: 'fault-passed' },
        begin: () => rig.restart(++boot, 300),
        end: async () => {},
      },
      ordered('edge-loss'),
      ordered('pcm-xrun'),
    ],
    untold: [],
  }
}

/** Audio that can be taken away, as hal/linux/alsa-board.ts tells of it (a second later, and held there). */
const soundDevice = (inner: PcmBoard, clock: VirtualClock) => {
  let away = false
  let told: (fault: PcmFault) => void = () => {}
  const pcm: PcmBoard = {
    ports: inner.ports,
    start: (onFrame, onFault) => {
      told = onFault
      inner.start(us => !away && onFrame(us), onFault)
    },
    wake: id => inner.wake(id),
    sleep: id => inner.sleep(id),
    stop: () => inner.stop(),
  }
  return {
    pcm,
    gone: (on: boolean) => {
      away = on
      for (const { id } of inner.ports) told({ port: id, kind: 'pcm-lost', on, us: clock.now() })
    },
  }
}

const openAg1171 = async (clock: VirtualClock, lines: readonly string[]): Promise<BrokenHardware> => {
  const { board, bare, module } = createAg1171Board(clock, lines, { quirks: { ohtResistor: true } })
  const time = virtualTime(clock)
  const drivers = new Map(
    await time.finish(Promise.all(lines.map(async id => [id, await module(id).connect()] as const))),
  )
  const driver = (id: string) => {
    const found = drivers.get(id)
    if (found === undefined) throw new Error(`no module ${id}`)
    return found
  }
  const { model } = module('tel1')
  const telephone = board.handset('tel1')
  const lift = async (offHook: boolean) => {
    await time.finish(telephone.perform({ do: 'edges', edges: [{ offHook, ms: 0 }] }))
  }
  const short = async (on: boolean) => {
    await telephone.perform({ do: 'fault', kind: 'short', on })
  }
  const ill = (fault: Parameters<typeof model.fail>[0]) => ({
    begin: async () => model.fail(fault),
    end: async () => model.fail(fault, false),
  })
  const rings = new Map(lines.map(id => [id, driver(id).ringing] as const))
  const sound = soundDevice(muteWhileRinging(bare, rings), clock)
  return {
    pcm: sound.pcm,
    fxs: id => driver(id).fxs,
    handset: id => board.handset(id),
    close: async () => void (await Promise.all([...drivers.values()].map(one => one.close()))),
    lineFaults: [
      {
        ...{ name: 'the PWM refuses to ring', fault: 'power', verdict: 'fault-passed' },
        ...ill('PWM refuses'),
      },
      {
        ...{ name: 'the ring trips without an answer', fault: 'ground', verdict: 'fault-passed' },
        ...ill('hook output follows RM'),
      },
    ],
    breakdowns: [
      {
        ...{ name: 'pins answer EIO', fault: 'link-lost', verdict: 'chip-gone' },
        begin: async () => {
          model.gpio.broken = true
        },
        end: async () => {
          model.gpio.broken = false
        },
      },
      {
        ...{ name: 'interrupts do not arrive', fault: 'edge-loss', verdict: 'edges-lost' },
        begin: async () => {
          model.gpio.deaf = true
          await lift(true)
        },
        end: async () => {
          await lift(false)
          await clock.advance(1500)
          model.gpio.deaf = false
        },
      },
      {
        ...{ name: 'the hook output never rests', fault: 'edge-loss', verdict: 'edges-lost' },
        ...ill('hook output never rests'),
      },
      {
        ...{ name: 'sound device gone', fault: 'sound-lost', verdict: 'sound-gone' },
        begin: async () => sound.gone(true),
        end: async () => sound.gone(false),
      },
    ],
    untold: [
      {
        name: 'short circuit (looks like a lifted telephone)',
        begin: () => short(true),
        end: () => short(false),
      },
      { name: 'supply gone (looks like a telephone that is hung up)', ...ill('PD stuck low') },
    ],
  }
}

const noOutput = 'the module has no fault output (data sheet: SHK is its only output)'

export const faultDrivers: readonly FaultDriver[] = [
  { name: 'sim', stormSeconds: 60, cannotTell: {}, open: openSim },
  { name: 'serial-slic', stormSeconds: 15, cannotTell: {}, open: openSerial },
  {
    name: 'ag1171',
    stormSeconds: 15,
    cannotTell: {
      short: `${noOutput}: a short circuit looks like a lifted telephone`,
      thermal: `${noOutput}: it limits its current by itself`,
      'chip-reset': 'it keeps no settings that a reset could lose',
      'pcm-xrun':
        'its audio is the sound device, which tells of lost frames by itself (hal/linux/alsa-board.ts)',
    },
    ringAgainMs: 5000,
    open: openAg1171,
  },
]
