// Plays scenarios one after the other on a target and keeps what happened: steps, figures, every event of the channel,
// what the ear heard. Between two of them everything is hung up and rests.

import type { BenchEvent } from './bench-client.js'
import { type EarChunk, listenAlong } from './ear-recorder.js'
import { type Scenario, ScenarioFailure } from './scenarios/scenario.js'
import { type Figure, Stage, type Step } from './stage.js'
import { missingFor, type NetworkMessage, type Target } from './target.js'

export interface ScenarioReport {
  readonly name: string
  readonly title: string
  readonly source: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped. */
  readonly reason?: string
  /** On the clock of the box, µs. */
  readonly startUs: number
  readonly endUs: number
  readonly steps: readonly Step[]
  readonly figures: readonly Figure[]
  readonly events: readonly BenchEvent[]
  /** On the clock of the box. */
  readonly messages: readonly NetworkMessage[]
  readonly ear: readonly EarChunk[]
}

export interface RunReport {
  readonly target: string
  readonly lines: readonly string[]
  readonly scale: number
  /** ISO 8601. */
  readonly startedAt: string
  readonly scenarios: readonly ScenarioReport[]
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** On-hook counts after 600 ms, a network clears up. */
const restMs = 1300
const farPatienceMs = 3000

/** Clock of the box minus the bench's, µs: from the quickest of a few questions. */
const offsetOf = async ({ client, clock, lines }: Target): Promise<number> => {
  let best = { took: Number.POSITIVE_INFINITY, offset: 0 }
  for (let n = 0; n < 5; n++) {
    const asked = clock.now()
    const reply = await client.do({ do: 'state', line: (lines[0] as { id: string }).id })
    const took = clock.now() - asked
    if (took < best.took) best = { took, offset: (reply.us as number) - asked - took / 2 }
  }
  return best.offset
}

const faultKinds = ['short', 'ground', 'power', 'thermal', 'chip-reset', 'link-lost', 'unplug'] as const

/** Faults off, receivers down, everybody elsewhere has hung up. */
const settle = async (stage: Stage, scenario: Scenario): Promise<void> => {
  const { target } = stage
  for (const { line } of stage.telephones) {
    if (scenario.needs.includes('faults'))
      for (const kind of faultKinds) await target.client.request({ do: 'fault', line, kind, on: false })
    await target.client.request({ do: 'onhook', line })
  }
  for (const party of target.far) {
    party.answersAfter = undefined
    party.ear.says = () => 0
    if (party.state === 'ringing') party.reject(480)
    else if (party.state === 'calling') party.cancel()
    else party.hangUp()
  }
  for (
    let waited = 0;
    waited < farPatienceMs && target.far.some(({ state }) => state !== 'idle');
    waited += 50
  )
    await stage.pause(50)
  await stage.pause(restMs * target.scale)
}

const play = async (target: Target, scenario: Scenario, offsetUs: number): Promise<ScenarioReport> => {
  const stage = new Stage(target, offsetUs)
  const { name, title, source } = scenario
  const firstEvent = target.client.mark()
  const startUs = stage.now
  const listening = listenAlong(target, scenario)
  let reason: string | undefined
  try {
    await scenario.run(stage)
  } catch (error) {
    reason =
      error instanceof ScenarioFailure ? error.message : `the bench itself: ${(error as Error).message}`
  }
  const endUs = stage.now
  await settle(stage, scenario)
  return {
    ...{ name, title, source, startUs, endUs },
    outcome: reason === undefined ? 'passed' : 'failed',
    ...(reason !== undefined && { reason }),
    steps: stage.steps,
    figures: stage.figures,
    events: target.client.events.slice(firstEvent),
    messages: (target.messages ?? [])
      .map(message => ({ ...message, us: message.us + offsetUs }))
      .filter(({ us }) => us >= startUs && us <= endUs + 1_000_000),
    ear: await listening(),
  }
}

const skipped = ({ name, title, source }: Scenario, reason: string): ScenarioReport => ({
  ...{ name, title, source, outcome: 'skipped', reason, startUs: 0, endUs: 0 },
  ...{ steps: [], figures: [], events: [], messages: [], ear: [] },
})

/** `onReport` is told each as it ends. Rejects only when the target goes. */
export const runScenarios = async (
  target: Target,
  scenarios: readonly Scenario[],
  onReport: (report: ScenarioReport) => void = () => {},
): Promise<RunReport> => {
  const startedAt = new Date(target.clock.wall()).toISOString()
  const reports: ScenarioReport[] = []
  for (const scenario of scenarios) {
    const reason = missingFor(target, scenario.needs)
    const report =
      reason === undefined ? await play(target, scenario, await offsetOf(target)) : skipped(scenario, reason)
    reports.push(report)
    onReport(report)
  }
  const count = (wanted: ScenarioReport['outcome']) =>
    reports.filter(({ outcome }) => outcome === wanted).length
  return {
    target: target.name,
    lines: target.lines.map(({ id }) => id),
    scale: target.scale,
    startedAt,
    scenarios: reports,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
  }
}
