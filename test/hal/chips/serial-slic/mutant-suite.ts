// A program of its own: the suite of the contract on a microcontroller with the fault that its argument names. Ends with 0
// when the suite passes.

import t from 'tap'
import { fxsPortConformance } from '../../../../hal/conformance/fxs-port.js'
import { serialFxsRig } from './conformance-rigs.js'
import { mutants } from './mutants.js'

const spoil = mutants[process.argv[2] as string]
if (spoil === undefined) throw new Error(`no fault "${process.argv[2]}"`)

await t.test('FxsPort', t => fxsPortConformance(t, () => serialFxsRig({}, spoil)))
