// One conclusion of the diagnosis: what is so, how bad it is, and what to do. Its sentences stand in verdict-texts.ts.

import type { verdictTexts } from './verdict-texts.js'

/** fault: somebody cannot telephone, or hears nothing. warning: something will go wrong or did. fine: it is in order. */
export type Severity = 'fault' | 'warning' | 'fine'

export type VerdictId = keyof typeof verdictTexts

export interface Verdict {
  readonly id: VerdictId
  readonly severity: Severity
  /** Absent: of the whole box. */
  readonly line?: string
  /** What stands in the sentence, by name. */
  readonly values: Readonly<Record<string, string | number>>
}

export interface VerdictText {
  /** One sentence. */
  readonly says: string
  /** What to do; empty: nothing. */
  readonly todo: string
}
