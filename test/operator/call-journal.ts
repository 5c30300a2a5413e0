// The call journal, for the portal and for bills: one row a leg somebody pays for. A forwarded call makes two: the
// caller pays for his call to the number he dialled, who forwards pays from there on (guide line 95).

import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { OperatorDatabase, Row } from './database.js'

export interface CallStart {
  /** Subscriber who pays; undefined for what comes in from outside. */
  readonly payer: string | undefined
  /** As the network knows it, withheld or not; undefined when it does not. */
  readonly caller: string | undefined
  readonly called: string
  /** Whose forward made this leg. */
  readonly forwardedBy?: string
}

/** Why a leg ended. */
export type CallReason =
  | 'answered'
  | 'busy'
  | 'no-reply'
  | 'cancelled'
  | 'forwarded'
  | 'unregistered'
  | 'unknown-number'
  | 'refused'
  | 'failed'

export interface CallRecord extends CallStart {
  readonly id: string
  /** Wall clock, ms since 1970. */
  readonly start: number
  readonly answer: number | undefined
  readonly end: number | undefined
  readonly reason: CallReason | undefined
}

/** A leg in progress; each of the two may come once, the rest is ignored. */
export interface OpenCall {
  readonly id: string
  answered(): void
  ended(reason: CallReason): void
}

export interface CallQuery {
  readonly payer: string
  /** ms since 1970, inclusive; `until` exclusive. */
  readonly from: number
  readonly until: number
}

export interface CallJournal {
  /** Written without waiting; a failing disk loses a row, never a call. */
  begin(start: CallStart): OpenCall
  /** The newest first. */
  calls(query: CallQuery): Promise<readonly CallRecord[]>
  /** Start of the first call of this payer, ms since 1970. */
  earliest(payer: string): Promise<number | undefined>
  /** Resolves when everything noted so far is stored. */
  settled(): Promise<void>
}

const read = (row: Row): CallRecord => {
  const number = (name: string): number | undefined => (row[name] as number | null) ?? undefined
  const text = (name: string): string | undefined => (row[name] as string | null) ?? undefined
  const forwardedBy = text('forwarded_by')
  return {
    id: row['id'] as string,
    payer: text('payer'),
    caller: text('caller'),
    called: row['called'] as string,
    ...(forwardedBy === undefined ? {} : { forwardedBy }),
    start: row['start_ms'] as number,
    answer: number('answer_ms'),
    end: number('end_ms'),
    reason: text('reason') as CallReason | undefined,
  }
}

export const createCallJournal = (options: {
  readonly database: OperatorDatabase
  readonly clock: Clock
  readonly entropy: Entropy
  /** Told of rows that could not be written. */
  onFailure?(error: Error): void
}): CallJournal => {
  const { database, clock, entropy } = options
  let last: Promise<void> = Promise.resolve()
  const note = (sql: string, values: readonly (string | number | null)[]): void => {
    last = database.write([sql, values]).catch((error: Error) => options.onFailure?.(error))
  }
  return {
    begin: ({ payer, caller, called, forwardedBy }) => {
      const id = entropy.hex(12)
      let answered = false
      let ended = false
      note('INSERT INTO call (id, payer, caller, called, forwarded_by, start_ms) VALUES (?, ?, ?, ?, ?, ?)', [
        id,
        payer ?? null,
        caller ?? null,
        called,
        forwardedBy ?? null,
        clock.wall(),
      ])
      return {
        id,
        answered: () => {
          if (answered || ended) return
          answered = true
          note('UPDATE call SET answer_ms = ? WHERE id = ?', [clock.wall(), id])
        },
        ended: reason => {
          if (ended) return
          ended = true
          note('UPDATE call SET end_ms = ?, reason = ? WHERE id = ?', [clock.wall(), reason, id])
        },
      }
    },
    calls: async ({ payer, from, until }) =>
      (
        await database.all(
          'SELECT * FROM call WHERE payer = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms DESC, id',
          [payer, from, until],
        )
      ).map(read),
    earliest: async payer => {
      const [row] = await database.all('SELECT min(start_ms) AS first FROM call WHERE payer = ?', [payer])
      return (row?.['first'] as number | null) ?? undefined
    },
    settled: () => last,
  }
}
