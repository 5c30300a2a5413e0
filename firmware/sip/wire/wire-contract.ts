// What the wire layer offers to whoever speaks SIP above it: RFC 3261 §17 transactions and §18 transport over UDP,
// with RFC 3581 (rport). Two fronts on one transaction layer:
//  - WireTransactions: requests and responses with their transaction, for user agents and proxies that keep no
//    transaction state of their own (the reference operator);
//  - WireLine (token-line.ts): text in, text out, for the sip.js engine, which has its own transaction objects but
//    neither retransmits nor caches on UDP. It substitutes the line's opaque token by the socket's address.

import type { Clock } from '../../../hal/clock.js'
import type { Entropy } from '../../../hal/entropy.js'
import type { Endpoint, Network } from '../../../hal/network.js'
import type { SipMessage, SipRequest, SipResponse } from './message.js'

export interface WireOptions {
  /** A concrete local address (the one Via and Contact will name), not 0.0.0.0; port 0 takes any. */
  readonly listen: Endpoint
  readonly dscp?: number
  readonly device?: string
  /** RFC 3261 T1, T2, T4 in ms; defaults 500, 4000, 5000. */
  readonly t1?: number
  readonly t2?: number
  readonly t4?: number
  /**
   * Sources that may speak to us ("192.0.2.0/24", "127.0.0.1"); everybody else is dropped unparsed and unanswered.
   * Absent: everyone. The proxies of the lines and whoever owes us a response are always heard.
   */
  readonly allow?: readonly string[]
  /** Datagrams a second from one source before the rest is dropped; burst is twice that. Default 200. */
  readonly sourceRate?: number
  /** Incoming requests kept at once without a final answer; what comes beyond is dropped and may come again. Default 256. */
  readonly maxUnanswered?: number
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
  /** A CANCEL for this INVITE came in (already answered 200); its Reason may say why. */
  onCancel?: (cancel: SipRequest) => void
  /** No ACK within timer H. */
  onTimeout?: () => void
}

export interface WireTransactions {
  readonly local: Endpoint
  /**
   * Sends a request; the wire sets the top Via and takes it off the responses again. `onOutcome` runs for each response
   * (2xx repetitions included) and on failure. The ACK to a final answer >= 300 is the wire's.
   */
  request(request: SipRequest, to: Endpoint, onOutcome: (outcome: ClientOutcome) => void): ClientTransaction
  /** A message outside transactions: ACK to a 2xx (gets a top Via), or a stray response (routed by its own). */
  send(message: SipMessage, to: Endpoint): void
  /**
   * New requests, retransmissions already absorbed. CANCEL never comes here, ACKs to 2xx go to `onAck`. The top Via carries
   * `received` and `rport`. Both are undefined until set: requests then get 404.
   */
  onRequest: ((transaction: ServerTransaction) => void) | undefined
  onAck: ((ack: SipRequest, from: Endpoint) => void) | undefined
  close(): Promise<void>
}

export interface WireDependencies {
  readonly network: Network
  readonly clock: Clock
  readonly entropy: Entropy
}

/** One socket; made by `createWire(options, dependencies): Promise<Wire>` in transactions.ts. Rejects as Network.openUdp does. */
export interface Wire extends WireTransactions {
  /** Adds a text-in, text-out line. Requests that no line takes go to `onRequest`, or get 404 when lines exist. */
  line(options: WireLineOptions): WireLine
  /** Moves to another local address (DHCP renewed, PPPoE redialled). Transactions and lines stay; later messages carry the new address. */
  rebind(listen: Endpoint): Promise<void>
}

export interface WireLineOptions {
  /**
   * The opaque host the engine knows itself by, e.g. "l1-x7.invalid" (its Via host and Contact host, never with a port).
   * Outward, Via and Contact carry the socket's address instead; inward the token is put back.
   */
  readonly token: string
  /** User part of the engine's Contact. Every request taken for this line reaches the engine as `sip:<contactUser>@<token>`. */
  readonly contactUser: string
  /** Further user parts it may go by inside one dialog. */
  isContactOf?(user: string, callId: string): boolean
  /** Request-URI or To users that are this line's (address of record, further numbers); they choose the line when there are several. */
  readonly users: readonly string[]
  /** Outbound proxies in order of preference, resolved. They are also allowed as sources. */
  readonly proxies: readonly Endpoint[]
  /**
   * Policy for a request whose Request-URI user is neither `contactUser` nor one of `users` (a DID, OPTIONS without a user).
   * False: 404. Default: accepted, unless several lines would accept it.
   */
  accept?(request: SipRequest, from: Endpoint): boolean
  /** Methods put into Allow of requests, 2xx and 405 that leave. */
  readonly allowMethods?: readonly string[]
  /** How long a destination may stay silent before the next one is tried, ms, 500-32000. Only while another one is left; default 6000. */
  readonly failoverMs?: number
  /** Last look at a message on its way out (header policy) and first look on its way in (challenge choice). Pure; returns the message to use. */
  outbound?(message: SipMessage): SipMessage
  inbound?(message: SipMessage, from: Endpoint | undefined): SipMessage
  /**
   * A whole message for the engine: well-formed, names in long form, retransmissions absorbed, `received` and `rport` filled in.
   * `from` is absent when the wire made the response itself: 408 (nobody answered: timer B or F) or 503 (every destination refused).
   * A request that was retargeted carries its first Request-URI in P-Called-Party-ID (RFC 7315 §4.2).
   * Never called from inside `send`.
   */
  onMessage(text: string, from: Endpoint | undefined): void
}

/**
 * What sip.js' Transport needs. The wire retransmits requests and final answers, sends the ACK to a non-2xx by itself
 * (the engine's own is swallowed), sends 100 after 200 ms, and keeps the engine's Via branch only between the two of them.
 */
export interface WireLine {
  /**
   * Takes a whole message. Resolves when it is on its way; rejects when it is no SIP message, no destination is known
   * or the wire is closed. Later failures come as 408 or 503 to `onMessage`.
   */
  send(text: string): Promise<void>
  /** New proxies (DNS answered, account changed); running transactions keep theirs. */
  setProxies(proxies: readonly Endpoint[]): void
  setUsers(users: readonly string[]): void
  /** Forgets the line; what arrives for it afterwards is refused with 404. Running BYEs and 487s are still repeated. */
  close(): void
}
