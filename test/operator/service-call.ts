// One call with the operator itself. Taken: early media, reliable where the caller can (RFC 3262), then 200 or a refusal.
// Placed: INVITE, then the application when somebody answers.

import { hostPort } from '../../firmware/sip/wire/header-values.js'
import {
  type HeaderLine,
  headerOf,
  headersOf,
  responseTo,
  type SipRequest,
  type SipResponse,
} from '../../firmware/sip/wire/message.js'
import type { ServerTransaction } from '../../firmware/sip/wire/wire-contract.js'
import { ms, type Timer } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Endpoint } from '../../hal/network.js'
import { readOffer } from './offer.js'
import {
  ALLOW,
  contactOf,
  createServiceDialog,
  type DialogOptions,
  recordedRoutes,
  repeat,
  SDP,
  type ServiceDialog,
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

const refuseRequest = (transaction: ServerTransaction, status: number, reason: string, tag: string): void =>
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

export interface PlaceOptions extends CallOptions {
  readonly uri: string
  readonly to: Endpoint
  /** Without tag. */
  readonly from: string
  /** So long may it ring. */
  readonly ringMs: number
  /** Nobody answered, the application never started. */
  onRefused?(status: number): void
}

const inviteOf = (options: PlaceOptions, from: string, callId: string, body: string): SipRequest => {
  const { address, port } = options.wire.local
  return {
    kind: 'request',
    method: 'INVITE',
    uri: options.uri,
    headers: [
      ['Max-Forwards', '70'],
      ['From', from],
      ['To', `<${options.uri}>`],
      ['Call-ID', callId],
      ['CSeq', '1 INVITE'],
      ['Contact', `<sip:${options.facts.called}@${hostPort(address, port)}>`],
      ALLOW,
      SDP,
    ],
    body,
  }
}

/** Calls somebody; the application starts when he answers. Answer it with `callId` to know its dialog. */
export const placeCall = (options: PlaceOptions): ServiceCall & { readonly callId: string } => {
  const { wire, clock, entropy } = options
  const tag = entropy.hex(8)
  const callId = entropy.hex(16)
  const peer = {
    from: `${options.from};tag=${tag}`,
    to: `<${options.uri}>`,
    callId,
    routes: [] as readonly string[],
    target: options.uri,
  }
  let dialog: ServiceDialog | undefined
  const draft = createServiceDialog({ ...options, tag, session: entropy.uint32() }, peer, 1)
  let givenUp = false

  const begin = (response: SipResponse): void => {
    dialog = draft
    peer.to = headerOf(response, 'To') as string
    peer.routes = recordedRoutes(response).reverse()
    peer.target = contactOf(response) ?? options.uri
    draft.send('ACK', 1)
    const answer = readOffer(response.body)
    draft.answered()
    if (answer === undefined || givenUp) draft.hangUp()
    else {
      draft.aim(answer)
      draft.run({ answer() {}, refuse() {}, sound() {} })
    }
  }
  const fail = (status: number): void => {
    ringing.cancel()
    draft.end()
    options.onRefused?.(status)
  }
  const client = wire.request(
    inviteOf(options, peer.from, callId, draft.body(undefined)),
    options.to,
    outcome => {
      if (outcome.type === 'failed') fail(408)
      else if (outcome.response.status >= 300) fail(outcome.response.status)
      else if (outcome.response.status >= 200) {
        ringing.cancel()
        // A repetition: our ACK was lost.
        if (dialog !== undefined) dialog.send('ACK', 1)
        else begin(outcome.response)
      }
    },
  )
  const ringing = clock.timer('operator ringing', ms(options.ringMs), () => client.cancel())
  return {
    tag,
    callId,
    digit: digit => dialog?.digit(digit),
    request: transaction => {
      if (dialog === undefined) refuseRequest(transaction, 481, 'Call/Transaction Does Not Exist', tag)
      else if (!dialog.request(transaction)) refuseRequest(transaction, 405, 'Method Not Allowed', tag)
    },
    ack: ack => dialog?.ack(ack),
    drop: () => draft.end(),
    hangUp: () => {
      givenUp = true
      if (dialog === undefined) client.cancel()
      else dialog.hangUp()
    },
  }
}
