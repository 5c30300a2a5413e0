// The tests a technician may have done, and when: none that would disturb a call, none that puts ring voltage on the wires
// before he has said that nobody touches them (up to 90 V), one at a time on each line.

import type { Clock, Us } from '../../../hal/clock.js'
import { isEmergencyNumber } from '../../phone/dialling/emergency.js'
import type { Situation } from '../../phone/situation.js'
import type { Box } from '../box.js'
import type { FactWatch } from '../facts/fact-watch.js'
import type { BoxFacts } from '../facts/facts.js'
import { judge } from '../verdicts/judge.js'
import type { Verdict } from '../verdicts/verdict.js'
import { type Bench, openBench } from './bench.js'
import { testLoop, testLoopback, testRing } from './loop-tests.js'
import { testCall, testRegistration } from './network-tests.js'
import { type KeyHeard, testKeys, testTone } from './talk-tests.js'
import type { Refused, TestRefusal, TestReport } from './test-report.js'

type Outcome = Promise<TestReport | Refused>

export interface LineTests {
  /** For ten minutes this line may be rung and its bells measured. False: there is no such line. */
  arm(line: string): boolean
  isArmed(line: string): boolean
  /** What the line chip can measure of the loop at rest; of the bells only when armed. */
  testLine(line: string, signal?: AbortSignal): Outcome
  /** Two bursts; armed only. */
  testRing(line: string, signal?: AbortSignal): Outcome
  /** Plays a tone of the profile to a lifted telephone for five seconds. */
  testTone(line: string, tone: string, signal?: AbortSignal): Outcome
  /** Keys pressed after dial tone, for a minute or until each was heard; `told` of each. */
  testKeys(line: string, told: (key: KeyHeard) => void, signal?: AbortSignal): Outcome
  testLoopback(line: string, signal?: AbortSignal): Outcome
  /** A call of the box itself. */
  testCall(line: string, number: string, signal?: AbortSignal): Outcome
  /** Registers now. */
  testRegistration(line: string, signal?: AbortSignal): Outcome
}

const armedUs = 600_000_000

/** Nobody telephones, and the loop can be measured. */
const atRest: readonly Situation[] = ['idle', 'left-off-hook', 'failed']
const lifted: readonly Situation[] = ['dial-tone', 'failed']

interface Conditions {
  readonly during?: readonly Situation[]
  readonly otherwise?: TestRefusal
  readonly armed?: true
  readonly account?: true
  /** What of the telephone ends it; default: being lifted. */
  readonly endsAt?: 'hanging-up' | 'nothing'
}

export const createLineTests = (options: {
  readonly box: Pick<Box, 'line'>
  readonly watch: FactWatch
  readonly clock: Clock
  facts(line: string): Promise<BoxFacts>
}): LineTests => {
  const { box, watch, clock } = options
  const armedUntil = new Map<string, Us | number>()
  const underTest = new Set<string>()

  const isArmed = (line: string): boolean => (armedUntil.get(line) ?? Number.NEGATIVE_INFINITY) > clock.now()
  const refusalOf = (id: string, conditions: Conditions): TestRefusal | undefined => {
    const known = watch.line(id)
    const line = box.line(id)
    if (!known || !line) return 'no-such-line'
    if (underTest.has(id)) return 'under-test'
    if (conditions.account && !line.sip) return 'no-account'
    if (conditions.during && !conditions.during.includes(known.situation))
      return conditions.otherwise ?? 'in-use'
    return conditions.armed && !isArmed(id) ? 'not-armed' : undefined
  }
  const standing = async (line: string): Promise<readonly Verdict[]> => judge(await options.facts(line))

  const run = async (
    id: string,
    conditions: Conditions,
    signal: AbortSignal | undefined,
    test: (bench: Bench) => Promise<TestReport>,
  ): Outcome => {
    const refused = refusalOf(id, conditions)
    const known = watch.line(id)
    const line = box.line(id)
    if (refused !== undefined || !known || !line) return { refused: refused ?? 'no-such-line' }
    underTest.add(id)
    const bench = openBench({ line, known, watch, clock, signal, endsAt: conditions.endsAt ?? 'lifting' })
    try {
      return await test(bench)
    } finally {
      bench.end()
      underTest.delete(id)
    }
  }

  return {
    arm: line => {
      if (!watch.line(line)) return false
      armedUntil.set(line, clock.now() + armedUs)
      return true
    },
    isArmed,
    testLine: (line, signal) =>
      run(line, { during: atRest }, signal, async bench =>
        testLoop(bench, await standing(line), isArmed(line)),
      ),
    testRing: (line, signal) =>
      run(line, { during: ['idle'], armed: true }, signal, async bench =>
        testRing(bench, await standing(line)),
      ),
    testTone: (line, tone, signal) =>
      run(line, { during: lifted, otherwise: 'not-lifted', endsAt: 'hanging-up' }, signal, bench =>
        testTone(bench, tone),
      ),
    testKeys: (line, told, signal) =>
      run(line, { during: ['dial-tone'], otherwise: 'not-lifted', endsAt: 'hanging-up' }, signal, bench =>
        testKeys(bench, told),
      ),
    testLoopback: async (line, signal) => {
      const can = box.line(line)?.fxs.capabilities.lineTests.includes('pcm-loopback')
      if (can === false) return { refused: 'cannot' }
      return run(line, { during: ['idle'] }, signal, testLoopback)
    },
    testCall: async (line, number, signal) => {
      const plan = box.line(line)?.config.plan
      if (plan && isEmergencyNumber(number, plan)) return { refused: 'emergency-number' }
      return run(line, { during: ['idle'], account: true }, signal, bench => testCall(bench, number))
    },
    // Nothing a telephone does stands in its way.
    testRegistration: (line, signal) =>
      run(line, { account: true, endsAt: 'nothing' }, signal, testRegistration),
  }
}
