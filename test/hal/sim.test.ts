// The simulated box against the contracts: in-process, behind a message channel, and briefly in real time.
import t from 'tap'
import { fxsPortConformance } from '../../hal/conformance/fxs-port.js'
import { pcmPortConformance } from '../../hal/conformance/pcm-port.js'
import {
  inProcessFxsRig,
  proxiedFxsRig,
  realPcmRig,
  virtualPcmRig,
  workerFxsRig,
} from '../support/sim-rigs.js'

t.test('FxsPort, in-process, virtual time', t => fxsPortConformance(t, inProcessFxsRig))
t.test('FxsPort, over a message channel, virtual time', t => fxsPortConformance(t, proxiedFxsRig))
t.test('FxsPort, in a worker, real time', t => fxsPortConformance(t, workerFxsRig))
t.test('PcmPort, virtual time', t => pcmPortConformance(t, virtualPcmRig))
t.test('PcmPort, real time', t => pcmPortConformance(t, realPcmRig))
