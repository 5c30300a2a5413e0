// Whether the network diverts the calls of one line, as its service settings say (simservs, 3GPP TS 24.604): read at
// registration and at a hint that they have changed. Until it has been read nothing is diverted; what was read last counts
// while it cannot be read again.

import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Log } from '../log.js'
import type { PhoneEvent } from '../phone/event.js'
import type { SimservsClient } from '../xcap/simservs-client.js'

/** Of the network's service settings, what is needed here. */
export type ForwardingSource = Pick<SimservsClient, 'forwarding'>

export interface LineForwarding {
  /** Of a changed configuration; undefined: the network keeps no settings, or cannot be asked. */
  configure(network: ForwardingSource | undefined): void
  refresh(): void
  close(): void
}

export interface LineForwardingOptions {
  readonly line: string
  readonly network: ForwardingSource | undefined
  readonly clock: Clock
  readonly log: Log
  readonly post: (event: PhoneEvent) => void
}

/** A network that cannot be read is asked again after so long, doubled each time, ms. */
const firstRetryMs = 30_000
const longestRetryMs = 3_600_000

export const createLineForwarding = (options: LineForwardingOptions): LineForwarding => {
  const { line, clock, log, post } = options
  let { network } = options
  let retry: Timer | undefined
  let retryMs = firstRetryMs
  let reading = false
  /** Something may have changed since the reading that is under way began. */
  let again = false

  const read = (): void => {
    const from = network
    retry?.cancel()
    if (!from) return
    if (reading) {
      again = true
      return
    }
    reading = true
    again = false
    from
      .forwarding()
      .then(
        active => {
          retryMs = firstRetryMs
          if (from === network) post({ type: 'forwarding', active })
        },
        (error: Error) => {
          log.warn('forwards of the network not read', { line, reason: error.message, retryMs })
          retry = clock.timer(`${line}:forwarding`, ms(retryMs), read)
          retryMs = Math.min(2 * retryMs, longestRetryMs)
        },
      )
      .finally(() => {
        reading = false
        if (again) read()
      })
  }

  return {
    configure: next => {
      if (next === network) return
      network = next
      if (next) read()
      else post({ type: 'forwarding', active: false })
    },
    refresh: () => {
      retryMs = firstRetryMs
      read()
    },
    close: () => {
      retry?.cancel()
      network = undefined
    },
  }
}
