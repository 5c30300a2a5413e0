// What the measurements of the line chip mean (GR-909 tests of hal/fxs-port.ts). Pure.

import type { LineTest, LineTestResult } from '../../../hal/fxs-port.js'
import { apply, holds, type Rule } from './rule.js'
import type { Verdict } from './verdict.js'

type Results = readonly LineTestResult[]

const figure = (results: Results, test: LineTest, name: string): number | undefined =>
  results.find(result => result.test === test)?.values[name]
const fails = (results: Results, test: LineTest): boolean =>
  results.some(result => result.test === test && !result.pass)

/** Less than this between the wires is no telephone, ohm. */
const shortOhms = 50
/** GR-909: above this the insulation is good, ohm. */
const soundOhms = 150_000

const isShort = (results: Results): boolean =>
  fails(results, 'resistive-fault') &&
  (figure(results, 'resistive-fault', 'tipRingOhms') ?? Infinity) < shortOhms

const earthOhms = (results: Results): number =>
  Math.min(
    figure(results, 'resistive-fault', 'tipGroundOhms') ?? Infinity,
    figure(results, 'resistive-fault', 'ringGroundOhms') ?? Infinity,
  )

const isGrounded = (results: Results): boolean =>
  fails(results, 'resistive-fault') && earthOhms(results) < soundOhms

const highest = (results: Results): number =>
  Math.max(
    0,
    ...Object.values(results.find(({ test }) => test === 'foreign-voltage')?.values ?? {}).map(Math.abs),
  )

const rules: readonly Rule<Results>[] = [
  {
    id: 'foreign-voltage',
    severity: 'fault',
    when: results =>
      fails(results, 'foreign-voltage') ? { volts: Math.round(highest(results)) } : undefined,
  },
  {
    id: 'no-supply',
    severity: 'fault',
    when: results => {
      if (!fails(results, 'battery')) return undefined
      const volts = figure(results, 'battery', 'batteryVolts')
      return { measured: volts === undefined ? '' : ` (${Math.round(Math.abs(volts))} V)` }
    },
  },
  {
    id: 'short',
    severity: 'fault',
    when: results =>
      isShort(results)
        ? { measured: ` (${Math.round(figure(results, 'resistive-fault', 'tipRingOhms') ?? 0)} ohm)` }
        : undefined,
  },
  {
    id: 'ground',
    severity: 'fault',
    when: results =>
      isGrounded(results) ? { measured: ` (${Math.round(earthOhms(results))} ohm)` } : undefined,
  },
  {
    id: 'left-off-hook',
    severity: 'fault',
    when: results => {
      if (!fails(results, 'receiver-off-hook') || isShort(results)) return undefined
      const mA = figure(results, 'receiver-off-hook', 'loopMa')
      return { measured: mA === undefined ? '' : ` (${Math.round(mA)} mA)` }
    },
  },
  {
    id: 'insulation',
    severity: 'fault',
    when: results => {
      const explained = isShort(results) || isGrounded(results) || fails(results, 'receiver-off-hook')
      if (!fails(results, 'resistive-fault') || explained) return undefined
      return { kiloohms: Math.round((figure(results, 'resistive-fault', 'tipRingOhms') ?? 0) / 1000) }
    },
  },
  { id: 'no-bell', severity: 'fault', when: results => bells(results, ren => ren < 1) },
  { id: 'too-many-bells', severity: 'fault', when: results => bells(results, ren => ren >= 1) },
]

const bells = (results: Results, is: (ren: number) => boolean): Verdict['values'] | undefined => {
  const ren = figure(results, 'ringers', 'ren') ?? 0
  // A loop that is closed rings nothing: the closed loop is the fault.
  if (!fails(results, 'ringers') || isShort(results) || fails(results, 'receiver-off-hook') || !is(ren))
    return undefined
  return { ren: Math.round(ren * 10) / 10 }
}

/** Faults that were measured, most important first; none: every test passed. */
export const testVerdicts = (results: Results, line: string): readonly Verdict[] => {
  const found = apply(rules, results, line)
  if (found.length > 0 || results.every(({ pass }) => pass)) return found
  return [{ id: 'test-failed', severity: 'fault', line, values: { reason: failing(results) } }]
}

const failing = (results: Results): string =>
  results.flatMap(({ test, pass }) => (pass ? [] : [test])).join(', ')

/** It was ended before it could conclude anything. */
export const stoppedVerdict = (line: string): Verdict => ({
  ...{ id: 'test-stopped', severity: 'warning', line },
  values: {},
})

export const soundVerdict = (results: Results, line: string): Verdict => {
  const ren = figure(results, 'ringers', 'ren')
  const values = { bells: ren === undefined ? '' : `, ${Math.round(ren * 10) / 10} REN` }
  return results.length === 0
    ? { id: 'test-failed', severity: 'warning', line, values: { reason: 'it can measure nothing' } }
    : { id: 'line-sound', severity: 'fine', line, values: { ...holds, ...values } }
}
