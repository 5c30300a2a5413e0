// A program of its own: the suite of the contract on a microcontroller with the fault that its argument names. Ends with 0
// when the suite passes.

import t from 'tap'
import { fxsPortConformance } from '../../../../hal/conformance/fxs-port.js'
import { fxsRig, virtualTime } from '../../../support/sim-rigs.js'
import { mutants } from './mutants.js'
import { openSerialRig } from './serial-rig.js'

const spoil = mutants[process.argv[2] as string]
if (spoil === undefined) throw new Error(`no fault "${process.argv[2]}"`)

await t.test('FxsPort', t =>
  fxsPortConformance(t, async () => {
    const rig = await openSerialRig()
    rig.wire.spoil = spoil
    const slic = await rig.connect()
    const control = { fxs: (id: string) => slic.fxs(id), handset: (id: string) => rig.board.handset(id) }
    return fxsRig(control, { ...virtualTime(rig.clock), finish: rig.finish }, () => rig.close(slic))
  }),
)
