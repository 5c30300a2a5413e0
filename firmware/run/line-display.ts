// What the display of a telephone is told: who is at the other end when it rings or calls wait, and whether messages do;
// with the date of now. A number that cannot be told is said to be withheld (P) or not available (O): a display that stays
// dark would be taken for a fault.

import { callTime } from '../media/display/call-time.js'
import type { CallerIdSettings } from '../media/display/caller-id-settings.js'
import type { CallDisplay, DisplayDate } from '../media/display/display.js'
import { firstChanges, type LineChange } from '../media/display/on-hook-sequence.js'
import type { MediaConfig } from '../media/media-contract.js'
import type { PhoneEffect } from '../phone/effect.js'
import type { Caller, CallId } from '../phone/event.js'
import type { LineContext } from './line-context.js'

export interface LineDisplay {
  /** As in the settings, e.g. "Europe/Paris". */
  readonly timezone: string
  /** When it is told who calls: as the profile says, after the first ring, or never. */
  readonly callerId: 'profile' | 'after-ring1' | 'off'
  /** Whether waiting calls are shown in a call, where the profile has it. */
  readonly inCall: boolean
  readonly cid: CallerIdSettings
  readonly rings: MediaConfig['rings']
}

/**
 * Rings, and shows who is at the other end of `call`. The line chip is told here what is due in the first second, so that
 * alert, data and rings keep their distances however busy this thread is afterwards; the rest comes from the audio half.
 */
export const ringShowing = (
  cadence: string,
  call: CallId,
  line: LineContext,
  tell: (change: LineChange) => void,
): void => {
  const { id, calls, display, clock, media, onHookJob } = line
  const party = calls.byCall(id, call)?.party
  const bursts = display?.rings[cadence]
  if (display === undefined || display.callerId === 'off' || party === undefined || bursts === undefined) {
    media.command({ do: 'ring', line: id, id: onHookJob, cadence })
    return
  }
  const shown = {
    display: callDisplay(party, dateOf(line)),
    afterRing1: display.callerId === 'after-ring1',
  }
  const job = { id: onHookJob, from: clock.now() }
  media.command({ do: 'ring', line: id, id: job.id, cadence, shown: { ...shown, from: job.from } })
  for (const change of firstChanges(id, bursts, { ...shown, cid: display.cid }, job)) tell(change)
}

/** Shows who is at the other end of a call that waits, behind the waiting tone. */
export const showWaiting = (call: CallId, line: LineContext): void => {
  const { id, calls, display, media } = line
  const party = calls.byCall(id, call)?.party
  if (display === undefined || display.callerId === 'off' || !display.inCall || party === undefined) return
  media.command({ do: 'show-in-call', line: id, display: callDisplay(party, dateOf(line)) })
}

/** Tells the lamp of a telephone at rest. */
export const showMessages = (
  { waiting, count }: Extract<PhoneEffect, { type: 'show-messages' }>,
  line: LineContext,
): void => {
  const display = {
    kind: 'messages',
    waiting,
    ...(count !== undefined && { count }),
    ...withDate(dateOf(line)),
  } as const
  line.media.command({ do: 'show', line: line.id, id: ++line.onHookJob, display })
}

const dateOf = ({ display, clock }: LineContext): DisplayDate | undefined =>
  display && callTime(clock.wall(), display.timezone)

const withDate = (date: DisplayDate | undefined) => (date === undefined ? {} : { date })

const callDisplay = (party: Caller, date: DisplayDate | undefined): CallDisplay => {
  const { number, name, withheld, redirecting } = party
  const rest = { ...(redirecting && { redirecting }), ...withDate(date) }
  if (withheld) return { kind: 'call', absence: 'P', nameAbsence: 'P', ...rest }
  const named = name !== undefined && { name }
  return number === undefined
    ? { kind: 'call', absence: 'O', ...named, ...rest }
    : { kind: 'call', number, ...named, ...rest }
}
