// A program of its own: the suite of the contract on a module with the fault that its argument names. Ends with 0 when the
// suite passes.

import t from 'tap'
import type { ModuleFault } from '../../../../hal/chips/ag1171/model.js'
import { fxsPortConformance } from '../../../../hal/conformance/fxs-port.js'
import { ag1171FxsRig } from '../../../support/ag1171-rig.js'

const fault = process.argv[2] as ModuleFault
await t.test(fault, t => fxsPortConformance(t, () => ag1171FxsRig({ faults: [fault] })))
