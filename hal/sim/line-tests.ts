// Loop tests in the manner of GR-909, computed from what the line model's terminals show.

import type { LineTest, LineTestResult } from '../fxs-port.js'
import type { LineModel } from './line-model.js'
import { batteryVolts } from './loop-current.js'

/** Above this the insulation is good, Ω (GR-909 resistive faults). */
const soundOhms = 150_000
const openOhms = 10_000_000

/** Ω between the wires, seen at a low test voltage that no ringer conducts. */
const tipRingOhms = (line: LineModel): number => {
  if (line.faults.has('short')) return 5
  const { telephoneMa, volts } = line.loop()
  return telephoneMa > 0 ? (volts / telephoneMa) * 1000 : openOhms
}

/** Values: volts, ohms, mA and ren by name. */
export const runLineTest = (test: LineTest, line: LineModel): LineTestResult => {
  const grounded = line.faults.has('ground')
  const shorted = line.faults.has('short')
  switch (test) {
    case 'foreign-voltage':
      return { test, pass: true, values: { tipGroundVolts: 0, ringGroundVolts: 0, tipRingVolts: 0 } }
    case 'resistive-fault': {
      const across = tipRingOhms(line)
      const ringGround = grounded ? 600 : openOhms
      const pass = across > soundOhms && ringGround > soundOhms
      return {
        test,
        pass,
        values: { tipRingOhms: across, tipGroundOhms: openOhms, ringGroundOhms: ringGround },
      }
    }
    case 'receiver-off-hook': {
      const { metallicMa } = line.loop()
      const offHook = !shorted && metallicMa > 0
      return { test, pass: !offHook, values: { loopMa: metallicMa, tipRingOhms: tipRingOhms(line) } }
    }
    case 'ringers': {
      const ren = shorted ? 0 : line.ringerLoad()
      // Above 5 REN the generator cannot ring them, below 0.2 nothing is connected.
      return { test, pass: ren >= 0.2 && ren <= 5, values: { ren } }
    }
    case 'battery': {
      const volts = line.faults.has('power') ? 11 : batteryVolts
      return { test, pass: volts > 40, values: { batteryVolts: volts } }
    }
    case 'pcm-loopback': {
      const cut = line.faults.has('pcm-xrun')
      return { test, pass: !cut, values: { lossDb: cut ? 96 : 0 } }
    }
  }
}
