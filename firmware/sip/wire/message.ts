// A SIP message as the wire layer sees it: start line, header lines in order, body (RFC 3261 §7).
// Our own small scanner: it allocates little, never throws, and leaves header values unparsed until asked.

/** [name as written (compact names expanded), value]. */
export type HeaderLine = readonly [string, string]

export interface SipRequest {
  readonly kind: 'request'
  readonly method: string
  readonly uri: string
  readonly headers: readonly HeaderLine[]
  readonly body: string
}

export interface SipResponse {
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
  readonly headers: readonly HeaderLine[]
  readonly body: string
}

export type SipMessage = SipRequest | SipResponse

export interface SipParseError {
  readonly kind: 'error'
  /** For the log: what is wrong, without quoting the message. */
  readonly why: string
  /** The answer RFC 3261 wants (400, 505, …); absent when the message is to be dropped. */
  readonly answer?: SipResponse
}
