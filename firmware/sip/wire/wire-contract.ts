// What the wire layer offers to whoever speaks SIP above it: RFC 3261 §17 transactions and §18 transport over UDP,
// with RFC 3581 (rport). Two fronts on one transaction layer:
//  - WireTransactions: requests and responses with their transaction, for user agents and proxies that keep no
//    transaction state of their own (the reference operator);
//  - WireLine (token-line.ts): text in, text out, for the sip.js engine, which has its own transaction objects but
//    neither retransmits nor caches on UDP. It substitutes the line's opaque token by the socket's address.

import type { Endpoint } from '../../../hal/network.js'
import type { SipMessage, SipRequest, SipResponse } from './message.js'

export interface WireOptions {
  readonly listen: Endpoint
  readonly dscp?: number
  readonly device?: string
  /** RFC 3261 T1, T2, T4 in ms; defaults 500, 4000, 5000. */
  readonly t1?: number
  readonly t2?: number
  readonly t4?: number
  /** Sources that may speak to us ("192.0.2.0/24", "127.0.0.1"); everybody else is dropped unparsed and unanswered. Absent: everyone. */
  readonly allow?: readonly string[]
  /** Datagrams a second from one source before the rest is dropped; burst is twice that. */
  readonly sourceRate?: number
  /** Called for each dropped datagram, at most a few times a second per source. */
  onDropped?(from: Endpoint, why: 'stranger' | 'rate' | 'size' | 'malformed'): void
  /** Every message sent and received, for the ladder and the technician's trace. Credentials are already masked. */
  onMessage?(direction: 'in' | 'out', peer: Endpoint, text: string): void
}

export type ClientOutcome =
  | { readonly type: 'response'; readonly response: SipResponse; readonly from: Endpoint }
  /** Timer B/F ran out, or the destination refused. */
  | { readonly type: 'failed'; readonly why: 'timeout' | 'unreachable' }

export interface ClientTransaction {
  readonly branch: string
  /** CANCEL of an INVITE transaction; sent as soon as a provisional response allows it (RFC 3261 §9.1). */
  cancel(extraHeaders?: readonly (readonly [string, string])[]): void
}

export interface ServerTransaction {
  readonly request: SipRequest
  readonly from: Endpoint
  /** Provisional and final responses; a final INVITE answer >= 300 is retransmitted until its ACK (timer G/H). */
  respond(response: SipResponse): void
  /** A CANCEL for this INVITE came in (already answered 200). */
  onCancel?: () => void
  /** No ACK within timer H. */
  onTimeout?: () => void
}

export interface WireTransactions {
  readonly local: Endpoint
  /** Sends a request; the wire sets the top Via. `onOutcome` runs for each response (2xx retransmissions included) and on failure. */
  request(request: SipRequest, to: Endpoint, onOutcome: (outcome: ClientOutcome) => void): ClientTransaction
  /** A message outside transactions: ACK to a 2xx. */
  send(message: SipMessage, to: Endpoint): void
  /** New requests, retransmissions already absorbed; ACKs to 2xx come with no transaction. */
  onRequest: (transaction: ServerTransaction) => void
  onAck: (ack: SipRequest, from: Endpoint) => void
  close(): Promise<void>
}
