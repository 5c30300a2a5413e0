// The shape of a rule of the diagnosis: one row, one conclusion.

import type { Severity, Verdict, VerdictId } from './verdict.js'

export interface Rule<Subject> {
  readonly id: VerdictId
  readonly severity: Severity
  /** The values of its sentence; undefined: it does not hold. Never throws. */
  when(subject: Subject): Verdict['values'] | undefined
}

export const holds: Verdict['values'] = {}

/** `rules` in the order of importance. */
export const apply = <Subject>(
  rules: readonly Rule<Subject>[],
  subject: Subject,
  line?: string,
): readonly Verdict[] =>
  rules.flatMap(({ id, severity, when }) => {
    const values = when(subject)
    return values === undefined ? [] : [{ id, severity, values, ...(line !== undefined && { line }) }]
  })

const rank = { fault: 0, warning: 1, fine: 2 }

/** Most important first; within one severity as given. */
export const byImportance = (verdicts: readonly Verdict[]): readonly Verdict[] =>
  [...verdicts].sort((a, b) => rank[a.severity] - rank[b.severity])
