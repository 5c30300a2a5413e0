// What the loop itself says: current and voltage measured now, and what the line chip reports. Volts come before words: a chip
// that reports nothing is found out by them, and a short circuit looks like a telephone off the hook to its comparator.

import type { FxsSense } from '../../../hal/fxs-port.js'
import type { LineFacts } from '../facts/facts.js'
import { holds, type Rule } from './rule.js'

/** A loop that draws this much is closed, mA. */
const closedMa = 5
/** No telephone leaves less between its wires: its diode bridge and 200 ohms at 20 mA are more, volts. */
const telephoneVolts = 3
/** Below this nothing can be fed, volts; feeds for short loops go down to 24. */
const leastBattery = 20

const rounded = (value: number): number => Math.round(Math.abs(value) * 10) / 10

const measured = (sense: FxsSense | undefined): { readonly measured: string } => ({
  measured: sense ? ` (${rounded(sense.loopMa)} mA, ${rounded(sense.tipRingVolts)} V)` : '',
})

/** Bells draw current that says nothing of the loop; between two bursts the next one is near. */
const rings = ({ ringing, situation }: LineFacts): boolean =>
  ringing || situation === 'ringing-in' || situation === 'recall-ringing'

const draws = (line: LineFacts): boolean =>
  line.sense !== undefined && line.sense.loopMa > closedMa && !rings(line)

const isShort = (line: LineFacts): boolean =>
  line.faults.includes('short') ||
  (draws(line) && Math.abs(line.sense?.tipRingVolts ?? Number.NaN) < telephoneVolts)

const isGrounded = (line: LineFacts): boolean =>
  line.faults.includes('ground') || (draws(line) && !isShort(line) && !line.offHook)

const hasNoSupply = ({ sense, faults }: LineFacts): boolean =>
  faults.includes('power') || (sense !== undefined && Math.abs(sense.batteryVolts) < leastBattery)

/** Nobody dials or talks, and nobody has hung up. */
const isForgotten = ({ situation, situationMs }: LineFacts): boolean =>
  situation === 'left-off-hook' || (situation === 'failed' && situationMs > 30_000)

export const electricalRules: readonly Rule<LineFacts>[] = [
  {
    id: 'sound-gone',
    severity: 'fault',
    when: ({ faults }) => (faults.includes('sound-lost') ? holds : undefined),
  },
  {
    id: 'chip-gone',
    severity: 'fault',
    when: ({ faults }) => (faults.includes('link-lost') || faults.includes('chip-reset') ? holds : undefined),
  },
  {
    id: 'no-supply',
    severity: 'fault',
    when: line =>
      hasNoSupply(line)
        ? { measured: line.sense ? ` (${rounded(line.sense.batteryVolts)} V)` : '' }
        : undefined,
  },
  {
    id: 'too-hot',
    severity: 'fault',
    when: ({ faults }) => (faults.includes('thermal') ? holds : undefined),
  },
  { id: 'short', severity: 'fault', when: line => (isShort(line) ? measured(line.sense) : undefined) },
  { id: 'ground', severity: 'fault', when: line => (isGrounded(line) ? measured(line.sense) : undefined) },
  {
    id: 'left-off-hook',
    severity: 'fault',
    when: line => (isForgotten(line) && !isShort(line) ? measured(line.sense) : undefined),
  },
]
