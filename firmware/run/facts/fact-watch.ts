// Looks on at everything that passes the box and remembers what a technician will ask for: the composition of the journals
// of each line, the alarms of the box, and who may listen to keys. No part of it is touched on the media tick.

import type { Clock } from '../../../hal/clock.js'
import type { Log } from '../../log.js'
import type { SipWatch } from '../../sip/sip-line.js'
import type { BoxEvent } from '../box-event.js'
import type { BoxWatch, WatchedLine } from '../box-watch.js'
import type { LineStore } from '../masking.js'
import { type AlarmTable, createAlarmTable } from './alarm-table.js'
import { type ClockCheck, createClockCheck } from './clock-check.js'
import { createLineWatch, type LineWatch } from './line-watch.js'
import { createSipDialogs, readSipText, type SipDialogs } from './sip-dialogs.js'
import { watchStore } from './store-watch.js'

/** Takes what it returns true for: the telephone never hears of it. */
export type Listener = (event: BoxEvent) => boolean

export interface FactWatch {
  readonly box: BoxWatch
  readonly sip: SipWatch
  readonly alarms: AlarmTable
  readonly clockCheck: ClockCheck
  /** The store as the box is to use it. */
  store<S extends LineStore>(store: Promise<S | undefined>): Promise<S | undefined>
  line(id: string): LineWatch | undefined
  readonly lines: readonly string[]
  /** Hears every event of the box until the answer is called. */
  listen(listener: Listener): () => void
  /** ms since it was made. */
  readonly upMs: number
}

export const createFactWatch = (options: {
  readonly clock: Clock
  readonly log: Log
  readonly lines: readonly (WatchedLine & { readonly id: string })[]
}): FactWatch => {
  const { clock, log } = options
  const alarms = createAlarmTable(clock)
  const clockCheck = createClockCheck(clock, alarms)
  const dialogs = createSipDialogs()
  const began = clock.now()
  const lines = new Map(
    options.lines.map(line => [line.id, createLineWatch(line.id, line, { clock, alarms, dialogs })]),
  )
  const listeners = new Set<Listener>()

  /** Whoever only looks on must never stand in the way of a call. */
  const safely = <T>(otherwise: T, look: () => T): T => {
    try {
      return look()
    } catch (error) {
      log.error('facts not kept', { reason: String(error) })
      return otherwise
    }
  }
  const remember = (event: BoxEvent): void => {
    clockCheck.look()
    if (event.from === 'media') {
      const { event: told } = event
      if ('line' in told) lines.get(told.line)?.media(told)
      else if ('stream' in told) for (const line of lines.values()) line.media(told)
    } else if (event.from === 'fxs') lines.get(event.line)?.fxs(event.event)
    else if (event.from === 'sip') lines.get(event.line)?.sip(event.event)
  }

  return {
    ...{ alarms, clockCheck },
    box: {
      event: event => {
        safely(undefined, () => remember(event))
        let taken = false
        for (const listener of listeners) taken = safely(false, () => listener(event)) || taken
        return taken
      },
      step: step => safely(undefined, () => lines.get(step.line)?.step(step)),
      storm: (line, on) => safely(undefined, () => lines.get(line)?.storm(on)),
      configured: (line, next) => safely(undefined, () => lines.get(line)?.configured(next)),
    },
    sip: sipWatch(lines, dialogs, alarms, safely),
    store: store => watchStore(store, alarms),
    line: id => lines.get(id),
    lines: [...lines.keys()],
    listen: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    get upMs() {
      return Math.round((clock.now() - began) / 1000)
    },
  }
}

const sipWatch = (
  lines: ReadonlyMap<string, LineWatch>,
  dialogs: SipDialogs,
  alarms: AlarmTable,
  safely: <T>(otherwise: T, look: () => T) => T,
): SipWatch => ({
  message: (direction, _peer, text) =>
    safely(undefined, () => {
      const message = readSipText(text)
      if (message.method !== 'REGISTER') dialogs.message(direction, message)
      else for (const line of lines.values()) line.registration.message(direction, message)
    }),
  attempt: (id, attempt) =>
    safely(undefined, () => {
      const line = lines.get(id)
      line?.registration.attempt(attempt)
      if (attempt.names) alarms.raise('names', id, attempt.names)
      else alarms.clear('names', id)
      const failed = attempt.status >= 300
      if (failed && line?.registration.facts().state !== 'registered')
        alarms.raise('unregistered', id, [attempt.status, attempt.reason].filter(Boolean).join(' '))
    }),
})
