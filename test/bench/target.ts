// What scenarios are played on: telephones on a bench channel, and what the bench has around them.

import type { Clock } from '../../hal/clock.js'
import type { FarParty } from '../support/far-party.js'
import type { BenchClient } from './bench-client.js'
import type { Need } from './scenarios/scenario.js'

/** A message between the box and its operator, as the operator has it. */
export interface NetworkMessage {
  /** On the clock of `Target.clock`. */
  readonly us: number
  readonly fromBox: boolean
  /** "INVITE", "180 INVITE". */
  readonly what: string
  /** Whom the request is for: the user part of its URI; empty for an answer. */
  readonly user: string
}

export interface BenchLine {
  readonly id: string
  readonly number: string | undefined
}

export interface Target {
  /** "sim", "127.0.0.1:7000". */
  readonly name: string
  readonly client: BenchClient
  readonly clock: Clock
  readonly lines: readonly BenchLine[]
  readonly far: readonly FarParty[]
  /** Seen at the operator; undefined where nobody looks. */
  readonly messages: readonly NetworkMessage[] | undefined
  /** The same folder, as the bench sees it and as its server does. */
  readonly folder: { readonly here: string; readonly there: string } | undefined
  readonly numbers: { readonly echo?: string; readonly callBack?: string; readonly nobody: string }
  /** Every limit is multiplied by it; 1 for a box on time. */
  readonly scale: number
  /** The clock of the box goes at another pace than that of the bench, so that it is asked for, not reckoned. */
  readonly ownPace?: boolean
  /** Why it cannot offer what a scenario needs, beyond what follows from the above; undefined when it can. */
  lacks(need: Need): string | undefined
  close(): Promise<void>
}

const derived: Partial<Record<Need, (target: Target) => string | undefined>> = {
  'audio files': ({ folder }) =>
    folder ? undefined : 'no folder is shared with the bench server (--wav-dir)',
  'own number': ({ lines }) =>
    lines[0]?.number ? undefined : 'the number of the line is not known (--number)',
  'second line': ({ lines }) => (lines.length > 1 ? undefined : 'there is one line only'),
  'far party': ({ far }) => (far.length > 0 ? undefined : 'nobody else is in the network (--far)'),
  'second far party': ({ far }) => (far.length > 1 ? undefined : 'one other party only (--far)'),
  'network seen': ({ messages }) => (messages ? undefined : 'the operator is not seen from here'),
  'echo number': ({ numbers }) => (numbers.echo ? undefined : 'no echo number is known (--echo)'),
  'call-back number': ({ numbers }) =>
    numbers.callBack ? undefined : 'no call-back number is known (--call-back)',
}

/** The first thing a scenario needs and the target lacks, in words; undefined when it can be played. */
export const missingFor = (target: Target, needs: readonly Need[]): string | undefined => {
  for (const need of needs) {
    const reason = derived[need]?.(target) ?? target.lacks(need)
    if (reason !== undefined) return `needs ${need}: ${reason}`
  }
  return undefined
}
