// What an event does, as one rule says it: the next state and what to tell the network. Everything heard on the line
// and every timer follows from the two states (presentation.ts, running-timers.ts); no rule starts a tone itself.

import type { PhoneEffect } from './effect.js'
import type { PhoneState } from './state.js'

/** Effects a rule asks for itself: those toward the network and the store, and what a telephone shows. */
export type CallEffect = Extract<
  PhoneEffect,
  {
    readonly type:
      | 'place'
      | 'alert'
      | 'answer'
      | 'reject'
      | 'hang-up'
      | 'hold'
      | 'resume'
      | 'store'
      | 'show-messages'
  }
>

/** null: the event means nothing now. */
export type Move = { readonly state: PhoneState; readonly acts: readonly CallEffect[] } | null

const nothing: readonly CallEffect[] = []

export const move = (state: PhoneState, ...acts: CallEffect[]): Move => ({ state, acts })
export const moveSilently = (state: PhoneState): Move => ({ state, acts: nothing })
