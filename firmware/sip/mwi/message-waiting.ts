// What a line knows of its voicemail (RFC 3842), by subscription or as the network tells it unasked. Nothing of it is
// stored: a NOTIFY follows each subscription, and networks that tell unasked do so at each registration; a lamp that stays
// on is the telephone's own memory.

import { type MessageSummary, readSummary } from './message-summary.js'
import { createSubscription, type SubscriptionOptions, type SubscriptionState } from './subscription.js'

export interface MessageWaitingOptions extends SubscriptionOptions {
  readonly mode: 'subscribe' | 'unsolicited' | 'off'
  onSummary(summary: MessageSummary): void
}

export interface MessageWaiting {
  registered(is: boolean): void
  /** A NOTIFY; `state` absent: it belongs to no subscription of ours. */
  notified(body: string, state?: SubscriptionState): void
  stop(withinMs: number): Promise<void>
}

export const createMessageWaiting = (options: MessageWaitingOptions): MessageWaiting => {
  const { mode, log, onSummary } = options
  const subscription = mode === 'subscribe' ? createSubscription(options) : undefined
  return {
    registered(is) {
      if (is) subscription?.begin()
      else subscription?.pause()
    },
    notified(body, state) {
      if (mode === 'off') return
      const summary = readSummary(body)
      if (summary) onSummary(summary)
      else if (body !== '') log.info('message summary not readable', { length: body.length })
      if (state) subscription?.notified(state)
      // Who tells unasked what was subscribed to has lost the subscription, and would tell nothing further.
      else subscription?.doubt()
    },
    stop: async withinMs => subscription?.stop(withinMs),
  }
}
