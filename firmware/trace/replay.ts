// Runs a recorded trace through the machine of today and compares every effect, bit for bit in its JSON form.

import { reduce } from '../phone/reduce.js'
import { situationOf } from '../phone/situation.js'
import type { PhoneState } from '../phone/state.js'
import type { RecordedStep, Trace } from './trace-file.js'

export interface Difference {
  /** Line of the trace file, 1 = header. */
  readonly at: number
  readonly line: string
  readonly event: string
  readonly recorded: string
  readonly computed: string
}

export interface Replay {
  readonly steps: number
  readonly lines: readonly string[]
  readonly differences: readonly Difference[]
  /** Lines of the file that are not as they were written. */
  readonly altered: readonly number[]
  /** Every effect is the recorded one and the file is as it was written. */
  readonly same: boolean
}

export const replay = (trace: Trace): Replay => {
  const states = new Map<string, PhoneState>()
  const differences: Difference[] = []
  trace.recorded.forEach((step, i) => {
    const recorded = JSON.stringify({ to: step.to, effects: step.effects })
    const computed = runStep(step, states, trace)
    if (recorded === computed) return
    differences.push({ at: i + 2, line: step.line, event: JSON.stringify(step.event), recorded, computed })
  })
  const { altered } = trace
  return {
    steps: trace.recorded.length,
    lines: [...states.keys()],
    differences,
    altered,
    same: differences.length === 0 && altered.length === 0,
  }
}

const runStep = (step: RecordedStep, states: Map<string, PhoneState>, trace: Trace): string => {
  const before = states.get(step.line) ?? step.before
  const config = trace.configs[step.config]
  if (!before || !config) return 'no state to start from'
  try {
    const [after, effects] = reduce(before, step.event, config)
    states.set(step.line, after)
    return JSON.stringify({ to: situationOf(after), effects })
  } catch (error) {
    // The machine never throws on its own states; a state edited by hand is not one of them.
    return `not a state of the machine: ${(error as Error).message}`
  }
}
