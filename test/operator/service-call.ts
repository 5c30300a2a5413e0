// A call that the operator itself takes: early media, reliable where the caller can (RFC 3262), then 200 or a refusal.

import {
  type HeaderLine,
  headerOf,
  headersOf,
  responseTo,
  type SipRequest,
} from '../../firmware/sip/wire/message.js'
import type { ServerTransaction } from '../../firmware/sip/wire/wire-contract.js'
import type { Timer } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import { readOffer } from './offer.js'
import {
  ALLOW,
  contactOf,
  createServiceDialog,
  type DialogOptions,
  recordedRoutes,
  repeat,
  SDP,
} from './service-dialog.js'

export interface ServiceCall {
  readonly tag: string
  digit(digit: string): void
  /** A request inside the dialog other than ACK and CANCEL. */
  request(transaction: ServerTransaction): void
  ack(ack: SipRequest): void
  hangUp(): void
  /** Ends it without a word to the far end. */
  drop(): void
}

export interface CallOptions extends Omit<DialogOptions, 'tag' | 'session'> {
  readonly entropy: Entropy
}

/** Longest pause between two copies of a reliable 183: none but the doubling. */
const NO_LIMIT = 64_000

const canPrack = (invite: SipRequest): boolean =>
  ['Supported', 'Require'].some(name =>
    headersOf(invite, name).some(value => /(?:^|[,\s])100rel(?:$|[,\s])/.test(value)),
  )

/** An answer without a body of its own to a request inside one of our dialogs. */
export const refuseRequest = (
  transaction: ServerTransaction,
  status: number,
  reason: string,
  tag: string,
): void =>
  transaction.respond(responseTo(transaction.request, status, reason, tag, status === 405 ? [ALLOW] : []))

/** The 183 that opens early media, until its PRACK where the caller can send one. */
const createEarlyMedia = (
  options: CallOptions,
  invite: ServerTransaction,
  tag: string,
  onLost: () => void,
) => {
  const { request } = invite
  const rseq = 1 + (options.entropy.uint32() >>> 2)
  let state: 'none' | 'unconfirmed' | 'open' = 'none'
  let repeating: Timer | undefined
  return {
    get state() {
      return state
    },
    begin: (contact: HeaderLine, body: string): void => {
      const reliable = canPrack(request)
      state = reliable ? 'unconfirmed' : 'open'
      const lines: HeaderLine[] = [contact, ALLOW, SDP]
      if (reliable) lines.push(['Require', '100rel'], ['RSeq', String(rseq)])
      const progress = responseTo(request, 183, 'Session Progress', tag, lines, body)
      const send = (): void => invite.respond(progress)
      if (reliable) repeating = repeat(options.clock, 'operator 183', NO_LIMIT, send, onLost)
      else send()
    },
    /** True when it was ours. */
    prack: (transaction: ServerTransaction): boolean => {
      const wanted = `${rseq} ${headerOf(request, 'CSeq')}`.replace(/\s+/g, ' ')
      if (headerOf(transaction.request, 'RAck')?.replace(/\s+/g, ' ') !== wanted) return false
      state = 'open'
      repeating?.cancel()
      return true
    },
    end: () => repeating?.cancel(),
  }
}

/** Takes an INVITE and starts the application. */
export const takeCall = (options: CallOptions, invite: ServerTransaction): ServiceCall => {
  const { request } = invite
  const { entropy } = options
  const tag = entropy.hex(8)
  const offer = readOffer(request.body)
  const dialog = createServiceDialog(
    { ...options, tag, session: entropy.uint32() },
    {
      from: `${headerOf(request, 'To')};tag=${tag}`,
      to: headerOf(request, 'From') as string,
      callId: headerOf(request, 'Call-ID') as string,
      routes: recordedRoutes(request),
      target: contactOf(request) ?? '',
    },
  )
  const body = dialog.body(offer)
  let answerAfterPrack = false
  let partAfterPrack = false

  const refuse = (status: number, reason: string): void => {
    if (dialog.phase !== 'offered') return
    early.end()
    dialog.end()
    refuseRequest(invite, status, reason, tag)
  }
  const early = createEarlyMedia(options, invite, tag, () => refuse(504, 'Server Time-out'))
  const answer = (): void => {
    // Its description would cross the one in the 183 (RFC 3262 §5).
    answerAfterPrack = early.state === 'unconfirmed'
    if (answerAfterPrack) return
    dialog.answered()
    dialog.accept(invite, offer, body)
  }
  invite.onCancel = () => refuse(487, 'Request Terminated')
  dialog.run({
    answer,
    refuse: (status, reason) => {
      if (answerAfterPrack) partAfterPrack = true
      else refuse(status, reason)
    },
    sound: () => {
      if (early.state !== 'none' || offer === undefined) return
      dialog.aim(offer)
      early.begin(dialog.contact, body)
    },
  })
  const prack = (transaction: ServerTransaction): void => {
    if (!early.prack(transaction)) {
      refuseRequest(transaction, 481, 'Call/Transaction Does Not Exist', tag)
      return
    }
    refuseRequest(transaction, 200, 'OK', tag)
    if (!answerAfterPrack || dialog.phase !== 'offered') return
    answer()
    if (partAfterPrack) dialog.hangUp()
  }
  return {
    tag,
    digit: dialog.digit,
    request: transaction => {
      if (transaction.request.method === 'PRACK') prack(transaction)
      else if (!dialog.request(transaction)) refuseRequest(transaction, 405, 'Method Not Allowed', tag)
    },
    ack: dialog.ack,
    drop: () => {
      early.end()
      dialog.end()
    },
    hangUp: () => {
      refuse(480, 'Temporarily Unavailable')
      dialog.hangUp()
    },
  }
}
