// Tests of the loop at rest: what the line chip can measure, and ringing. Foreign voltage is looked for first, and with it on
// the wires nothing is driven into them (GR-909).

import { HalError, isHalError } from '../../../hal/errors.js'
import type { LineTest, LineTestResult } from '../../../hal/fxs-port.js'
import { byImportance } from '../verdicts/rule.js'
import { soundVerdict, stoppedVerdict, testVerdicts } from '../verdicts/test-verdicts.js'
import type { Verdict } from '../verdicts/verdict.js'
import type { Bench } from './bench.js'
import type { TestReport } from './test-report.js'

/** The order in which they are safe. */
const order: readonly LineTest[] = [
  'foreign-voltage',
  'battery',
  'resistive-fault',
  'receiver-off-hook',
  'ringers',
]

/** Puts ring voltage on the line. */
export const isDangerous = (test: LineTest): boolean => test === 'ringers'

const measure = async (bench: Bench, tests: readonly LineTest[]): Promise<LineTestResult[]> => {
  const results: LineTestResult[] = []
  for (const test of tests) {
    if (bench.stopped()) break
    // No ring voltage into a loop that is closed or leaks.
    if (isDangerous(test) && results.some(({ pass }) => !pass)) break
    const result = await chipResult(bench, test)
    if (result === undefined) break
    results.push(result)
    if (test === 'foreign-voltage' && !result.pass) break
  }
  return results
}

/** Longer than any test of a line takes, ms. */
const chipMs = 15_000

/** undefined: stopped before there was a result. */
const chipResult = async (bench: Bench, test: LineTest): Promise<LineTestResult | undefined> => {
  const result = await bench.outcome(bench.line.fxs.lineTest(test), chipMs)
  if (result === undefined && !bench.stopped())
    throw new HalError('lost', `${bench.line.id}: no result of ${test} within ${chipMs / 1000} s`)
  return result
}

const figures = (results: readonly LineTestResult[]): TestReport['measured'] =>
  results.flatMap(({ test, values }) =>
    Object.entries(values).map(
      ([name, value]) => [`${test} ${name}`, String(Math.round(value * 10) / 10)] as const,
    ),
  )

const failed = (line: string, error: unknown): Verdict => ({
  id: 'test-failed',
  severity: 'fault',
  line,
  values: { reason: (error as Error).message },
})

/** `standing`: what is known of the line anyhow, for when the chip cannot measure. */
export const testLoop = async (
  bench: Bench,
  standing: readonly Verdict[],
  armed: boolean,
): Promise<TestReport> => {
  const { line } = bench
  const can = order.filter(test => line.fxs.capabilities.lineTests.includes(test))
  const safe = can.filter(test => armed || !isDangerous(test))
  try {
    const results = await measure(bench, safe)
    if (bench.stopped())
      return { line: line.id, measured: figures(results), verdicts: [stoppedVerdict(line.id)] }
    const found = testVerdicts(results, line.id)
    const verdicts = found.length > 0 ? found : withStanding(standing, soundVerdict(results, line.id))
    return { line: line.id, measured: figures(results), verdicts }
  } catch (error) {
    return { line: line.id, measured: [], verdicts: withStanding(standing, failed(line.id, error)) }
  }
}

/** Faults known before the test explain it better than its own words. */
const withStanding = (standing: readonly Verdict[], own: Verdict): readonly Verdict[] => {
  const faults = standing.filter(({ severity }) => severity === 'fault')
  return faults.length > 0 ? faults : [own]
}

const bursts = 2
const usualCadence = [1500, 3500]

/** Two bursts of the normal ring; a telephone that is lifted has its dial tone. */
export const testRing = async (bench: Bench, standing: readonly Verdict[]): Promise<TestReport> => {
  const { line } = bench
  const id = line.id
  const report = (verdicts: readonly Verdict[], results: readonly LineTestResult[] = []): TestReport => ({
    ...{ line: id, measured: figures(results), verdicts: byImportance(verdicts) },
  })
  const can = (test: LineTest) => line.fxs.capabilities.lineTests.includes(test)
  let before: LineTestResult[] = []
  try {
    before = await measure(bench, (['foreign-voltage', 'battery'] as const).filter(can))
    const found = testVerdicts(before, id)
    if (found.length > 0) return report(found, before)
    const rung = await ring(bench)
    if (rung > 0 && bench.stopped() === 'lifted')
      return report([{ id: 'ring-answered', severity: 'fine', line: id, values: {} }], before)
    if (bench.stopped()) return report([stoppedVerdict(id)], before)
    const after = await measure(bench, (['ringers'] as const).filter(can))
    const results = [...before, ...after]
    const bells = testVerdicts(after, id)
    return report(bells.length > 0 ? bells : [rangVerdict(rung, after, id)], results)
  } catch (error) {
    const refused: Verdict = {
      ...{ id: 'ring-refused', severity: 'fault', line: id },
      values: { reason: (error as Error).message },
    }
    return report(isHalError(error) ? withStanding(standing, refused) : [failed(id, error)], before)
  }
}

const ring = async (bench: Bench): Promise<number> => {
  const { fxs, display } = bench.line
  const [on = 1500, off = 3500] = display?.rings['normal'] ?? usualCadence
  let rung = 0
  while (rung < bursts && !bench.stopped()) {
    await fxs.ringBurst(true)
    rung++
    await bench.wait(on)
    // A call that came in rings by itself now; a telephone that was lifted has ended the burst.
    if (bench.stopped() === 'wanted' || bench.stopped() === 'lifted') break
    await fxs.ringBurst(false)
    await bench.wait(rung < bursts ? off : 200)
  }
  return rung
}

const rangVerdict = (rung: number, after: readonly LineTestResult[], line: string): Verdict => {
  const ren = after[0]?.values['ren']
  return {
    ...{ id: 'rang', severity: 'fine', line },
    values: { bursts: rung, bells: ren === undefined ? '' : ` (${Math.round(ren * 10) / 10} REN)` },
  }
}

/** The audio way to the chip and back. */
export const testLoopback = async (bench: Bench): Promise<TestReport> => {
  const { line } = bench
  try {
    const result = await chipResult(bench, 'pcm-loopback')
    if (result === undefined) return { line: line.id, measured: [], verdicts: [stoppedVerdict(line.id)] }
    const values = { loss: Math.round(result.values['lossDb'] ?? 0) }
    const verdict: Verdict = result.pass
      ? { id: 'loopback-good', severity: 'fine', line: line.id, values }
      : { id: 'loopback-bad', severity: 'fault', line: line.id, values }
    return { line: line.id, measured: figures([result]), verdicts: [verdict] }
  } catch (error) {
    return { line: line.id, measured: [], verdicts: [failed(line.id, error)] }
  }
}
