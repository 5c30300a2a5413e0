// The last star and hash codes of one telephone and what became of them, read off the steps of the feature machine.

import type { Clock } from '../../../hal/clock.js'
import { activeLeg } from '../../phone/legs.js'
import type { PhoneState } from '../../phone/state.js'
import type { TraceStep } from '../../trace/trace-ring.js'
import type { CodeOutcome, CodeRecord } from './facts.js'
import { hiddenCode, shownCode } from './shown-number.js'

export interface CodeJournal {
  step(step: TraceStep): void
  /** Newest first. */
  records(): readonly CodeRecord[]
}

interface Open {
  readonly wallMs: number
  readonly code: string
  readonly by: CodeRecord['by']
  /** Of the call or of the store; absent: nothing more is told of it. */
  readonly id?: string
  outcome: CodeOutcome
  status?: number
  heard: CodeRecord['heard']
}

const kept = 20

export const createCodeJournal = (clock: Clock): CodeJournal => {
  const records: Open[] = []
  /** Whose outcome is being heard. */
  let listening: Open | undefined

  const begin = (record: Omit<Open, 'wallMs' | 'heard'>): void => {
    listening = { wallMs: clock.wall(), heard: 'nothing', ...record }
    records.unshift(listening)
    records.length = Math.min(records.length, kept)
  }

  return {
    step: step => {
      const { before, event, effects } = step
      const begun = codeBegun(step)
      if (begun) begin(begun)
      else if (event.type === 'on-hook' || beginsNumber(before, step.after)) listening = undefined
      const record = records.find(({ id }) => id !== undefined && id === idOf(event))
      if (record) settle(record, step)
      for (const effect of effects) {
        if (effect.type === 'tone' && listening) listening.heard = heardAs(effect.tone) ?? listening.heard
        if (effect.type === 'hang-up') giveUp(records.find(({ id }) => id === effect.call))
      }
    },
    records: () =>
      records.map(({ wallMs, code, by, outcome, status, heard }) => ({
        ...{ wallMs, code, by, outcome, heard },
        ...(status !== undefined && { status }),
      })),
  }
}

const giveUp = (record: Open | undefined): void => {
  if (record?.outcome === 'open') record.outcome = 'given-up'
}

const idOf = (event: TraceStep['event']): string | undefined => {
  if ('call' in event) return event.call
  return event.type === 'stored' ? event.id : undefined
}

const keysOf = ({ before, event }: TraceStep): string => {
  const typed = before.entry.kind === 'collecting' ? before.entry.collection.digits : ''
  return event.type === 'digit' ? typed + event.digit : typed
}

const codeBegun = (step: TraceStep): Omit<Open, 'wallMs' | 'heard'> | undefined => {
  const keys = keysOf(step)
  const isCode = /^[*#]/.test(keys)
  for (const effect of step.effects) {
    if (effect.type === 'place') {
      const leg = activeLeg(step.after.calls)
      if (leg?.phase === 'code' && leg.id === effect.call)
        return { code: shownCode(effect.target), by: 'network', id: effect.call, outcome: 'open' }
      // The call itself is told of with the calls; of the code, that it was understood.
      if (isCode && !effect.emergency) return { code: hiddenCode(keys), by: 'box', outcome: 'done' }
    }
    if (effect.type === 'store' && step.after.entry.kind === 'storing' && isCode)
      return { code: shownCode(keys), by: 'box', id: effect.id, outcome: 'open' }
  }
  if (!isCode || step.before.entry.kind !== 'collecting' || step.after.entry.kind !== 'error-tone')
    return undefined
  const outcome = step.before.registered ? 'unknown-code' : 'no-service'
  return { code: hiddenCode(keys), by: 'network', outcome }
}

/** Somebody dials on: what is heard from here belongs to something else. */
const beginsNumber = (before: PhoneState, after: PhoneState): boolean =>
  after.entry.kind === 'collecting' && before.entry.kind !== 'collecting'

const settle = (record: Open, { event, after }: TraceStep): void => {
  switch (event.type) {
    case 'stored':
      record.outcome = event.ok ? 'done' : 'not-stored'
      return
    case 'answered':
      record.outcome = 'done'
      return
    case 'early-media':
    case 'audio':
      record.heard = 'announcement'
      return
    case 'failed':
      record.status = event.status
      if (record.outcome === 'open') record.outcome = isRefusal(after) ? 'refused' : 'done'
      return
    case 'media-lost':
      giveUp(record)
  }
}

/** A final that counts as a yes (codes.okFinals) ends in a confirmation, or in our own part being stored. */
const isRefusal = ({ entry }: PhoneState): boolean => entry.kind === 'error-tone' || entry.kind === 'failed'

const heardAs = (tone: string | null): CodeRecord['heard'] | undefined =>
  tone === 'confirmation' || tone === 'error' || tone === 'congestion' ? tone : undefined
