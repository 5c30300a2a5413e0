// Alarms with since, last, cleared and count. One row for each kind and line, so the table never grows; what only passes
// (lost audio frames, a jump of the clock) counts as active for a minute after it was seen last.

import type { Clock } from '../../../hal/clock.js'
import type { Alarm, AlarmKind } from './facts.js'

export interface AlarmTable {
  /** It stands from now on; raised again while it stands, only what is said of it changes. */
  raise(kind: AlarmKind, line?: string, detail?: string): void
  clear(kind: AlarmKind, line?: string): void
  /** It stands no more, and is told as active for a minute still: over before anybody could look. */
  pass(kind: AlarmKind, line?: string): void
  /** It came and went. */
  note(kind: AlarmKind, line?: string, detail?: string): void
  /** Active ones first, then newest first. */
  list(): readonly Alarm[]
}

interface Row {
  readonly kind: AlarmKind
  readonly line?: string
  standing: boolean
  since: number
  last: number
  /** Monotonic, µs: a jump of the wall clock ends no alarm. */
  lastUs: number
  cleared?: number
  count: number
  detail?: string
}

const passingUs = 60_000_000

export const createAlarmTable = (clock: Clock): AlarmTable => {
  const rows = new Map<string, Row>()

  const seen = (kind: AlarmKind, line: string | undefined, detail: string | undefined): Row => {
    const key = `${kind} ${line ?? ''}`
    const wall = clock.wall()
    let row = rows.get(key)
    if (row === undefined) {
      row = {
        ...{ kind, standing: false, since: wall, last: wall, lastUs: clock.now(), count: 0 },
        ...(line !== undefined && { line }),
      }
      rows.set(key, row)
    }
    if (!isActive(row)) {
      row.since = wall
      delete row.cleared
    }
    row.last = wall
    row.lastUs = clock.now()
    if (detail !== undefined) row.detail = detail
    return row
  }
  const isActive = (row: Row): boolean =>
    row.standing || (row.cleared === undefined && row.count > 0 && clock.now() - row.lastUs < passingUs)

  const standing = (kind: AlarmKind, line: string | undefined): Row | undefined => {
    const row = rows.get(`${kind} ${line ?? ''}`)
    return row?.standing ? row : undefined
  }

  return {
    raise: (kind, line, detail) => {
      const row = seen(kind, line, detail)
      if (!row.standing) row.count++
      row.standing = true
    },
    clear: (kind, line) => {
      const row = standing(kind, line)
      if (row === undefined) return
      row.standing = false
      row.cleared = clock.wall()
    },
    pass: (kind, line) => {
      if (standing(kind, line) !== undefined) seen(kind, line, undefined).standing = false
    },
    note: (kind, line, detail) => {
      seen(kind, line, detail).count++
    },
    list: () =>
      [...rows.values()]
        .map(
          (row): Alarm => ({
            kind: row.kind,
            ...(row.line !== undefined && { line: row.line }),
            active: isActive(row),
            sinceMs: row.since,
            lastMs: row.last,
            ...(row.cleared !== undefined && { clearedMs: row.cleared }),
            count: row.count,
            ...(row.detail !== undefined && { detail: row.detail }),
          }),
        )
        .sort((a, b) => Number(b.active) - Number(a.active) || b.lastMs - a.lastMs),
  }
}
