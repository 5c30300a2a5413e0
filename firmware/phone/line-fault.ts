// A line that cannot be used: short circuit, chip gone. Calls are released and callers told the subscriber cannot be
// reached (480); what the hook says meanwhile is believed, but gives no dial tone.

import { type Move, move, moveSilently } from './move.js'
import { change, noEntry, type PhoneState, parked, withoutCalls } from './state.js'

export const lineFault = (state: PhoneState, on: boolean): Move => {
  if (state.fault === on) return null
  // Mended while off-hook it stays parked: only hanging up shows that the telephone is whole.
  if (!on) return moveSilently(change(state, { fault: false }))
  const next: PhoneState = change(withoutCalls(state, state.hook === 'on' ? noEntry : parked), {
    fault: true,
  })
  if (state.calls.kind === 'none') return moveSilently(next)
  const { leg } = state.calls
  return leg.phase === 'ringing'
    ? move(next, { type: 'reject', call: leg.id, status: 480 })
    : move(next, { type: 'hang-up', call: leg.id })
}
