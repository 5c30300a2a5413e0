// The telephone's view of SIP: one account on one line. The feature machine (through firmware/run) knows calls
// only through this interface; sip.js, transactions and SDP stay behind it.
//
// Every method returns at once, never throws and never calls back from inside the call; outcomes are events.
// Methods on a call that has already ended are ignored.

import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Endpoint, Network } from '../../hal/network.js'
import type { Log } from '../log.js'

/** Chosen by the caller for calls it places; chosen by the SIP side for incoming ones. */
export type CallId = string

export interface LocalMedia {
  readonly address: string
  /** RTP port, even; RTCP is the next one. */
  readonly port: number
}

export interface RemoteMedia {
  readonly address: string
  readonly port: number
  readonly rtcp?: { readonly address: string; readonly port: number }
  readonly codec: 'PCMA' | 'PCMU'
  readonly payloadType: number
  readonly eventPayloadType?: number
  /** ms. */
  readonly ptime: number
  /** Seen from here, after negotiation (RFC 3264). */
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'
}

/** Why a call was diverted (ETSI EN 300 659-3 §5.4.11). */
export type RedirectReason = 'unknown' | 'busy' | 'no-reply' | 'unconditional' | 'deflected' | 'not-reachable'

/** The telephone that a call was diverted from. */
export interface Redirecting {
  /** As digits to show; absent when it is not given or not to be shown. */
  readonly number?: string
  readonly reason: RedirectReason
}

/** A withheld caller carries nothing but that. */
export interface Caller {
  /** As digits to show ("0389…", "00CC…"), 1 to 20; absent when not given. */
  readonly number?: string
  /** One line of printable text, 1 to 50 characters and the mark of an unverified number. */
  readonly name?: string
  /** True when the caller asked not to be shown (RFC 3323, RFC 3325). */
  readonly withheld: boolean
  /** The network looked at the number and does not vouch for it (verstat, 3GPP TS 24.229 §7.2A.20). */
  readonly unverified?: boolean
  readonly redirecting?: Redirecting
}

/** How the numbers of a country are written (profile, [dialplan]). */
export interface NumberingPlan {
  /** Of the country whose numbers are shown in national form, "33"; absent: none is. */
  readonly countryCode?: string
  /** "0" in most of Europe, nothing in Italy or Spain. */
  readonly nationalPrefix: string
  readonly internationalPrefix: string
}

/** How callers are shown on one line. */
export interface CallerDisplay {
  readonly numbering: NumberingPlan
  /** Before the name of a caller whose number is unverified, 0 to 8 characters; empty: none. */
  readonly unverifiedMark: string
}

export interface PlaceRequest {
  /** What was dialled, "#" and "*" as such; the engine escapes it (settings codes.hash). */
  readonly target: string
  readonly media: LocalMedia
  /** Withhold the number (Privacy: id). Never set for emergency numbers. */
  readonly masked: boolean
  readonly emergency: boolean
}

export type SipEvent =
  | {
      readonly type: 'registration'
      readonly state: 'unregistered' | 'registering' | 'registered' | 'refused'
      readonly status?: number
      readonly reason?: string
      readonly expiresSeconds?: number
    }
  | {
      readonly type: 'incoming'
      readonly call: CallId
      readonly caller: Caller
      readonly called: string
      readonly alertInfo?: string
    }
  /** A provisional answer to a call we placed: 180-199. */
  | { readonly type: 'progress'; readonly call: CallId; readonly status: number }
  /** The far end's media is known or changed; `early` before the answer. */
  | { readonly type: 'media'; readonly call: CallId; readonly remote: RemoteMedia; readonly early: boolean }
  /** 200 to a call we placed, or the ACK-bound answer of a call we took. */
  | { readonly type: 'answered'; readonly call: CallId }
  /** A call we placed was refused or could not be placed (408 and 503 stand for no answer and no way). */
  | {
      readonly type: 'failed'
      readonly call: CallId
      readonly status: number
      readonly reason?: string
      readonly q850?: number
    }
  /** An incoming call went away before it was answered; `elsewhere`: another telephone took it. */
  | { readonly type: 'abandoned'; readonly call: CallId; readonly elsewhere: boolean }
  /** An established call ended from the far side or by a failure. */
  | { readonly type: 'ended'; readonly call: CallId; readonly q850?: number }
  /**
   * The outcome of `hold` and `resume`, one each. Only the latest wish counts: one that a newer one overtook before it was on the
   * wire comes back with `ok: false`. Not ok leaves the call as it was; a call that is over has `ended` instead.
   */
  /** Whether messages wait in the voicemail, and how many new ones where the network tells. */
  | { readonly type: 'messages'; readonly waiting: boolean; readonly count?: number }
  /** The network says that the subscriber's service settings have changed: no more than a hint to read them. */
  | { readonly type: 'settings-changed' }
  | { readonly type: 'held'; readonly call: CallId; readonly ok: boolean }
  | { readonly type: 'resumed'; readonly call: CallId; readonly ok: boolean }

export interface SipLine {
  /** The line's id ("tel1"). */
  readonly id: string
  /** Begins registering and goes on for ever (RFC 3261 §10); the operator's absence is no error. */
  start(): void
  /** Registers at once instead of when it is due, where it was started; what is under way goes on. */
  register(): void
  /** Hangs up what stands, de-registers, and gives up waiting after `withinMs`. */
  stop(withinMs: number): Promise<void>
  /** New credentials, domain or proxies: registers anew at once; calls that stand keep what they began with. */
  update(account: SipAccount): void
  place(call: CallId, request: PlaceRequest): void
  /** 180 to an incoming call; `waiting`: it says that the call waits behind another one (RFC 7462). */
  ring(call: CallId, waiting?: boolean): void
  /** 200 with our SDP. */
  answer(call: CallId, media: LocalMedia): void
  /** Final refusal, 400-699; `q850` goes into a Reason header (RFC 3326, RFC 6432). */
  reject(call: CallId, status: number, q850?: number): void
  /** CANCEL, BYE or 480, whatever the call's state asks for. Idempotent. */
  hangUp(call: CallId): void
  /** re-INVITE with a=sendonly (RFC 6337 §5); answered by `held`. */
  hold(call: CallId): void
  resume(call: CallId): void
}

export type SipSink = (event: SipEvent) => void

/** One operator account. */
export interface SipAccount {
  /** Address-of-record user, e.g. "0389000001". */
  readonly user: string
  /** Digest user name; defaults to `user`. */
  readonly authUser?: string
  readonly domain: string
  readonly password: string
  /** Outbound proxies in order of preference, e.g. "sip:127.0.0.1:5060;transport=udp"; empty: RFC 3263 on the domain. */
  readonly proxies: readonly string[]
  /** How "#" stands in a Request-URI: %23 (RFC 3261 §25.1), as such, or a trailing one left out. */
  readonly hash: 'escaped' | 'raw' | 'strip'
  /** Registration asked for, seconds, 60-7200; default 3600. */
  readonly expiresSeconds?: number
  /** Session timer asked for, seconds (RFC 4028), >= 90; default 1800. */
  readonly sessionSeconds?: number
  /** Absent: numbers as they come, no mark. */
  readonly display?: CallerDisplay
  /** How the line learns of messages (RFC 3842); default "off". */
  readonly mwi?: 'subscribe' | 'unsolicited' | 'off'
}

/** User parts of Contacts that outlive the process. */
export interface ContactUsers {
  /** Of this line's last account, if it had this address of record; each is given out once. Undefined: none is known. */
  take(line: string, address: string): string | undefined
  /** The line registers under this one from now on. */
  keep(line: string, contact: { readonly address: string; readonly user: string }): void
}

/** How one attempt to register ended. */
export interface RegistrationAttempt {
  /** Address of record, "0389000001@operator.test". */
  readonly address: string
  /** Final; 408 and 503 also stand for no answer and no way. */
  readonly status: number
  readonly reason?: string
  /** Until the next one, ms. */
  readonly nextMs: number
  /** Where requests go, "192.0.2.1:5060" in order of preference; empty: no address is known. */
  readonly proxies: readonly string[]
  /** Why the look-up before it found nothing (RFC 3263); former addresses serve on. */
  readonly names?: 'no-such-name' | 'no-name-server'
}

/** Looks on, for the technician: nothing depends on it, and it must not throw. */
export interface SipWatch {
  /** Every message, credentials masked. */
  message(direction: 'in' | 'out', peer: Endpoint, text: string): void
  attempt(line: string, attempt: RegistrationAttempt): void
}

export interface SipStackOptions {
  readonly clock: Clock
  readonly network: Network
  readonly entropy: Entropy
  readonly log: Log
  readonly listen: Endpoint
  readonly dscp?: number
  readonly device?: string
  /** Sources allowed besides the accounts' proxies. */
  readonly allow: readonly string[]
  /** User-Agent, e.g. "voiceport/0.1.0". */
  readonly userAgent: string
  /** Absent: a new Contact for each process. */
  readonly contactUsers?: ContactUsers
  readonly watch?: SipWatch
}

/** One socket, several lines. Made by firmware/sip/sip-stack.ts. */
export interface SipStack {
  /** Binds the socket; rejects with HalError 'in-use' or 'missing'. */
  open(): Promise<void>
  /** Adds a line; its events go to `sink`. */
  line(id: string, account: SipAccount, sink: SipSink): SipLine
  close(): Promise<void>
}
