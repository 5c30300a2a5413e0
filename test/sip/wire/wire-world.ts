// Two wires on a network in memory, and eyes on what passes between them.

import type { HeaderLine, SipRequest } from '../../../firmware/sip/wire/message.js'
import { createWire } from '../../../firmware/sip/wire/transactions.js'
import type { Wire, WireOptions } from '../../../firmware/sip/wire/wire-contract.js'
import type { Endpoint } from '../../../hal/network.js'
import { type DatagramFilter, MemoryNetwork } from '../../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../../hal/sim/virtual-clock.js'

export const box: Endpoint = { address: '127.0.0.5', port: 5060 }
export const peer: Endpoint = { address: '127.0.0.1', port: 5060 }
export const stranger: Endpoint = { address: '127.0.0.66', port: 5060 }

export interface Sent {
  /** ms since the test began. */
  readonly at: number
  readonly from: string
  /** "INVITE", "ACK", "200 INVITE". */
  readonly what: string
  readonly text: string
  readonly dropped: boolean
}

export const nameOf = (text: string): string => {
  const status = /^SIP\/2\.0 (\d+)/.exec(text)?.[1]
  return status === undefined
    ? text.slice(0, text.indexOf(' '))
    : `${status} ${/^CSeq: \d+ (\S+)/m.exec(text)?.[1]}`
}

/** Drops the first `count` datagrams of each kind named; "INVITE" or "200 INVITE". */
export const dropping = (plan: Record<string, number>): DatagramFilter => {
  const left = new Map(Object.entries(plan))
  return data => {
    const name = nameOf(Buffer.from(data).toString())
    const count = left.get(name) ?? 0
    if (count === 0) return 'pass'
    left.set(name, count - 1)
    return 'drop'
  }
}

export const createWorld = (filter?: DatagramFilter) => {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock, latencyMs: 1, ...(filter === undefined ? {} : { filter }) })
  const entropy = new SeededEntropy(7)
  const open = (listen: Endpoint, options: Partial<WireOptions> = {}): Promise<Wire> =>
    createWire({ listen, ...options }, { network, clock, entropy })
  const sent = (): Sent[] =>
    network.captured.map(({ us, from, data, verdict }) => {
      const text = Buffer.from(data).toString()
      return { at: us / 1000, from: from.address, what: nameOf(text), text, dropped: verdict === 'drop' }
    })
  /** Instants at which `what` left `from`, ms. */
  const times = (what: string, from: Endpoint): number[] =>
    sent()
      .filter(one => one.what === what && one.from === from.address)
      .map(one => one.at)
  return { clock, network, entropy, open, sent, times }
}

let calls = 0

export const request = (method: string, more: readonly HeaderLine[] = [], cseq = 1): SipRequest => ({
  kind: 'request',
  method,
  uri: 'sip:bob@127.0.0.1',
  headers: [
    ['Max-Forwards', '70'],
    ['From', '<sip:alice@operator.test>;tag=a'],
    ['To', '<sip:bob@operator.test>'],
    ['Call-ID', `call-${calls++}`],
    ['CSeq', `${cseq} ${method}`],
    ...more,
  ],
  body: '',
})
