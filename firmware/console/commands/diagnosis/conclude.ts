// How every command of diagnosis ends: with its verdicts, most important first, each with what to do.

import type { Verdict } from '../../../run/verdicts/verdict.js'
import { verdictText } from '../../../run/verdicts/verdict-texts.js'
import type { Argument, Data, Language } from '../../command.js'
import { ascii, folded } from '../../pages.js'

const marks = { fault: '!!', warning: '! ', fine: 'ok' } as const

export const verdictRows = (verdicts: readonly Verdict[], language: Language): readonly string[] =>
  verdicts.flatMap(verdict => {
    const { says, todo } = verdictText(verdict, language)
    const of = verdict.line === undefined ? '' : `${verdict.line}: `
    return [
      ...folded(`${marks[verdict.severity]} ${of}${ascii(says)}`),
      ...(todo === '' ? [] : folded(`   -> ${ascii(todo)}`)),
    ]
  })

/** Ids are stable; the sentences are for whoever reads the data by eye. */
export const verdictData = (verdicts: readonly Verdict[]): Data =>
  verdicts.map(verdict => {
    const { says, todo } = verdictText(verdict, 'en')
    const { id, severity, line } = verdict
    return { ...{ id, severity }, ...(line !== undefined && { line }), says: ascii(says), todo: ascii(todo) }
  })

/** Nobody is kept from telephoning. */
export const isGood = (verdicts: readonly Verdict[]): boolean =>
  verdicts.every(({ severity }) => severity !== 'fault')

/** UTC, "2026-11-23 08:15:00". */
export const instant = (wallMs: number): string =>
  Number.isFinite(wallMs) && Math.abs(wallMs) < 8e15
    ? new Date(wallMs).toISOString().slice(0, 19).replace('T', ' ')
    : '?'

export const anyLine: Argument = {
  ...{ type: 'line', name: 'line', optional: true },
  help: { en: 'Which line; all when left out', fr: 'Quelle ligne ; toutes sinon' },
}

export const asked = (line: string | number | undefined): string | undefined =>
  line === undefined ? undefined : String(line)
