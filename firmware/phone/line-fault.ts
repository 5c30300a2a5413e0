// A line that cannot be used: short circuit, chip gone. Calls are released and callers told the subscriber cannot be
// reached (480); what the hook says meanwhile is believed, but gives no dial tone.

import { allCalls, ringingCall, withoutCalls } from './legs.js'
import { type CallEffect, type Move, moveSilently } from './move.js'
import { change, noEntry, type PhoneState, parked } from './state.js'

export const lineFault = (state: PhoneState, on: boolean): Move => {
  if (state.fault === on) return null
  // Mended while off-hook it stays parked: only hanging up shows that the telephone is whole.
  if (!on) return moveSilently(change(state, { fault: false }))
  const next = change(withoutCalls(state, state.hook === 'on' ? noEntry : parked), { fault: true })
  const caller = state.waiting?.id ?? ringingCall(state)?.id
  const acts = allCalls(state).map(
    (call): CallEffect =>
      call === caller ? { type: 'reject', call, status: 480 } : { type: 'hang-up', call },
  )
  return { state: next, acts }
}
