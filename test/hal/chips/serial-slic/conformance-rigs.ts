// The driver and the reference microcontroller as rigs of the contracts' suites.

import type { FxsRig } from '../../../../hal/conformance/fxs-port.js'
import type { PcmRig } from '../../../../hal/conformance/pcm-port.js'
import { fxsRig, pcmRig, virtualTime } from '../../../support/sim-rigs.js'
import { openSerialRig, type SerialRigOptions, type Spoil } from './serial-rig.js'

/** `spoil`: of the wire, from before the first frame on. */
export const serialFxsRig = async (options: SerialRigOptions = {}, spoil?: Spoil): Promise<FxsRig> => {
  const rig = await openSerialRig(options)
  if (spoil) rig.wire.spoil = spoil
  const slic = await rig.connect()
  const control = { fxs: (id: string) => slic.fxs(id), handset: (id: string) => rig.board.handset(id) }
  return fxsRig(control, { ...virtualTime(rig.clock), finish: rig.finish }, () => rig.close(slic))
}

export const serialPcmRig = async (options: SerialRigOptions): Promise<PcmRig> => {
  const rig = await openSerialRig(options)
  const slic = await rig.connect()
  const parts = {
    pcm: slic.pcm,
    fxs: (id: string) => slic.fxs(id),
    handset: (id: string) => rig.board.handset(id),
  }
  const made = pcmRig(parts, { ...virtualTime(rig.clock), finish: rig.finish })
  return {
    ...made,
    close: async () => {
      await made.close()
      await rig.close(slic)
    },
  }
}
