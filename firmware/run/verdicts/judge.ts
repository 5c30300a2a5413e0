// From facts to conclusions: every rule that holds, most important first, and a word that all is well where none does. Pure
// and total: whatever the facts are, there is at least one verdict, and two faults at once are both told.

import type { BoxFacts, FlashFacts, LineFacts, RegistrationFacts } from '../facts/facts.js'
import { audioConclusions, audioRules } from './audio-rules.js'
import { callRules, flashRules } from './call-rules.js'
import { electricalRules } from './electrical-rules.js'
import { registrationRules } from './registration-rules.js'
import { apply, byImportance, holds, type Rule } from './rule.js'
import type { Verdict } from './verdict.js'

const isActive = ({ alarms }: BoxFacts, kind: string) =>
  alarms.find(alarm => alarm.active && alarm.kind === kind && alarm.line === undefined)

const alarmed =
  (kind: string) =>
  (facts: BoxFacts): Verdict['values'] | undefined =>
    isActive(facts, kind) ? holds : undefined

const boxRules: readonly Rule<BoxFacts>[] = [
  { id: 'disk-full', severity: 'fault', when: alarmed('disk-full') },
  { id: 'no-store', severity: 'fault', when: alarmed('no-store') },
  { id: 'store-failed', severity: 'warning', when: alarmed('store-failed') },
  {
    id: 'clock-wrong',
    severity: 'warning',
    when: facts => (isActive(facts, 'clock-wrong') ? { time: timeOf(facts.wallMs) } : undefined),
  },
  {
    id: 'clock-jumped',
    severity: 'warning',
    when: facts => {
      const alarm = isActive(facts, 'clock-jumped')
      return alarm && { seconds: alarm.detail ?? '' }
    },
  },
]

const timeOf = (wallMs: number): string =>
  Number.isFinite(wallMs) && Math.abs(wallMs) < 8e15
    ? new Date(wallMs).toISOString().slice(0, 16).replace('T', ' ')
    : '?'

export const judge = (facts: BoxFacts): readonly Verdict[] => {
  if (facts.lines.length === 0) return byImportance([...apply(boxRules, facts), noSuchLine])
  return byImportance([...facts.lines.flatMap(line => judgeLine(line, facts)), ...apply(boxRules, facts)])
}

const noSuchLine: Verdict = { id: 'no-such-line', severity: 'warning', values: {} }

const judgeLine = (line: LineFacts, box: BoxFacts): readonly Verdict[] => {
  const found = [
    ...apply(electricalRules, line, line.line),
    ...apply(registrationRules, line.registration, line.line),
    ...apply(callRules, { line, box }, line.line),
    // A key that works, or was never pressed, is no news here.
    ...judgeFlash(line.flash, line.line).filter(({ severity }) => severity !== 'fine'),
  ]
  if (found.some(({ severity }) => severity === 'fault')) return found
  if (line.registration.state === 'registered') return [...found, inOrder(line)]
  return found.length > 0
    ? found
    : [{ id: 'not-registered', severity: 'warning', line: line.line, values: {} }]
}

const inOrder = ({ line, situation, registration }: LineFacts): Verdict => {
  const address = registration.address ?? ''
  return situation === 'idle'
    ? { id: 'line-ready', severity: 'fine', line, values: { address } }
    : { id: 'line-in-use', severity: 'fine', line, values: { address, situation } }
}

/** What the presses of R say, in any case something. */
export const judgeFlash = (flash: FlashFacts, line?: string): readonly Verdict[] =>
  apply(flashRules, flash, line)

/** Of each line, what keeps the operator from taking it, or that it has been taken; never empty. */
export const concludeRegistration = ({ lines }: BoxFacts): readonly Verdict[] =>
  lines.length === 0 ? [noSuchLine] : byImportance(lines.flatMap(conclusionOfRegistration))

const conclusionOfRegistration = ({ line, registration }: LineFacts): readonly Verdict[] => {
  const found = judgeRegistration(registration, line)
  const { address = '', state } = registration
  if (state === 'registered' && registration.hasAccount)
    return [...found, { id: 'registered', severity: 'fine', line, values: { address } }]
  return found.length > 0 ? found : [{ id: 'not-registered', severity: 'warning', line, values: {} }]
}

/** Of each line, what is wrong with the audio of its last call, or that it is in order; never empty. */
export const concludeAudio = (box: BoxFacts): readonly Verdict[] =>
  box.lines.length === 0
    ? [noSuchLine]
    : byImportance(
        box.lines.flatMap(line => {
          const found = apply(audioRules, { line, box }, line.line)
          return found.length > 0 ? found : apply(audioConclusions, { line, box }, line.line)
        }),
      )

/** What keeps the operator from taking the line; nothing when it is registered. */
export const judgeRegistration = (facts: RegistrationFacts, line?: string): readonly Verdict[] =>
  apply(registrationRules, facts, line)
