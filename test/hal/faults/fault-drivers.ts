// The drivers that hardware faults are tried on, each with the ways in which it in particular can break: one row each.

import type { Clock } from '../../../hal/clock.js'
import type { HandsetFault } from '../../../hal/sim/handset-contract.js'
import { SeededEntropy } from '../../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../../hal/sim/sim-board.js'
import type { VirtualClock } from '../../../hal/sim/virtual-clock.js'
import type { Hardware } from '../../support/virtual-house.js'
import { openSerialRig } from '../chips/serial-slic/serial-rig.js'

/** Something of the driver's own that breaks and is mended again. */
export interface Breakdown {
  readonly name: string
  /** Told by the port while it lasts. */
  readonly fault: string
  begin(): Promise<void>
  end(): Promise<void>
}

export interface BrokenHardware extends Hardware {
  readonly breakdowns: readonly Breakdown[]
}

export interface FaultDriver {
  readonly name: string
  /** How long a storm of edges lasts, s: the whole minute on one driver, enough to overrun a queue on the others. */
  readonly stormSeconds: number
  /** Also tries what is the firmware's alone, whatever the driver. */
  readonly everything?: boolean
  open(clock: VirtualClock, lines: readonly string[]): Promise<BrokenHardware>
}

/** A fault of the simulated line chip, ordered at the telephone. */
const ofChip = (board: Hardware, kind: HandsetFault): Breakdown => ({
  name: kind,
  fault: kind,
  begin: async () => void (await board.handset('tel1').perform({ do: 'fault', kind, on: true })),
  end: async () => void (await board.handset('tel1').perform({ do: 'fault', kind, on: false })),
})

const openSim = async (clock: Clock, lines: readonly string[]): Promise<BrokenHardware> => {
  const board = createSimBoard({ lines, clock, entropy: new SeededEntropy(5), frames: 'virtual' })
  const kinds = ['chip-reset', 'link-lost', 'edge-loss'] as const
  return { ...board, breakdowns: kinds.map(kind => ofChip(board, kind)) }
}

const openSerial = async (clock: VirtualClock, lines: readonly string[]): Promise<BrokenHardware> => {
  const rig = await openSerialRig({ clock, lines })
  const slic = await rig.connect()
  let boot = 1
  return {
    pcm: slic.pcm,
    fxs: id => slic.fxs(id),
    handset: id => rig.board.handset(id),
    close: () => rig.close(slic),
    breakdowns: [
      {
        name: 'cable pulled',
        fault: 'link-lost',
        begin: async () => {
          rig.wire.cut = true
        },
        end: async () => {
          rig.wire.cut = false
        },
      },
      {
        name: 'every byte the same',
        fault: 'link-lost',
        begin: async () => {
          rig.wire.spoil = bytes => bytes.fill(255)
        },
        end: async () => {
          rig.wire.spoil = bytes => bytes
        },
      },
      {
        name: 'power of the microcontroller lost',
        fault: 'chip-reset',
        begin: () => rig.restart(++boot, 300),
        end: async () => {},
      },
    ],
  }
}

export const faultDrivers: readonly FaultDriver[] = [
  { name: 'sim', stormSeconds: 60, everything: true, open: openSim },
  { name: 'serial-slic', stormSeconds: 10, open: openSerial },
]
