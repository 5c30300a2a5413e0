// The situations a subscriber can tell apart. The key table, `explain` and the trace speak in these words.

import type { PhoneState } from './state.js'

export const situations = [
  'idle',
  'ringing-in',
  'dial-tone',
  'dialling',
  'ringing-out',
  'active',
  'emergency',
  'failed',
  'left-off-hook',
  'call-back',
] as const

export type Situation = (typeof situations)[number]

export const situationOf = (state: PhoneState): Situation => {
  if (state.calls.kind === 'one') {
    const { leg } = state.calls
    switch (leg.phase) {
      case 'ringing':
        return state.hook === 'on' ? 'ringing-in' : 'call-back'
      case 'calling':
        return leg.emergency ? 'emergency' : 'ringing-out'
      case 'talking':
        return leg.emergency ? 'emergency' : 'active'
      // Also when answered: an announcement is no call that R could hold.
      case 'code':
        return 'ringing-out'
    }
  }
  switch (state.entry.kind) {
    case 'none':
    case 'relay':
      return 'idle'
    case 'dial-tone':
    case 'error-tone':
    case 'storing':
    case 'confirmation':
      return 'dial-tone'
    case 'collecting':
      return 'dialling'
    case 'failed':
      return 'failed'
    case 'left-off-hook':
      return 'left-off-hook'
  }
}
