// The operator's announcement user agent (RFC 3261 §12-15 as the called side): answers service numbers at once with
// 200, plays or echoes, hangs up with BYE at the end of a prompt, follows hold and resume.

import {
  bareHost,
  hostPort,
  parseNameAddress,
  parseSipUri,
  splitOutside,
} from '../../firmware/sip/wire/header-values.js'
import {
  type HeaderLine,
  headerOf,
  headersOf,
  responseTo,
  type SipRequest,
  tagOf,
} from '../../firmware/sip/wire/message.js'
import type { ServerTransaction, Wire } from '../../firmware/sip/wire/wire-contract.js'
import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Network } from '../../hal/network.js'
import { type Audio, openAudio } from './audio.js'
import { calledNumber } from './numbers.js'
import { type AudioOffer, readOffer, writeSession } from './offer.js'

export type Service = { readonly type: 'echo' } | { readonly type: 'speak'; readonly prompt: Uint8Array }

export interface AnnouncementOptions {
  readonly wire: Wire
  readonly network: Network
  readonly clock: Clock
  readonly entropy: Entropy
  readonly mediaAddress: string
  readonly mediaPorts: readonly [number, number]
  readonly countryCode: string
  /** By number. */
  readonly services: ReadonlyMap<string, Service>
  onDigit?(number: string, digit: string): void
}

export interface Announcements {
  /** A service number, or a request inside one of our calls. */
  takes(request: SipRequest): boolean
  serve(transaction: ServerTransaction): void
  /** False when the ACK belongs to none of our calls. */
  ack(ack: SipRequest): boolean
  /** Calls that stand. */
  readonly calls: number
  close(): void
}

interface Call {
  readonly number: string
  readonly service: Service
  readonly invite: SipRequest
  readonly tag: string
  readonly audio: Audio
  readonly session: number
  version: number
  target: string
  cseq: number
  started: boolean
  /** Our last 200 to an INVITE still without ACK. */
  repeating: Timer | undefined
}

const T1 = 500
const T2 = 4000
const ALLOW: HeaderLine = ['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS']

export const createAnnouncements = (options: AnnouncementOptions): Announcements => {
  const { wire, clock, entropy, services } = options
  const calls = new Map<string, Call>()

  const numberOf = (request: SipRequest): string => calledNumber(request.uri, options.countryCode) ?? ''
  const callOf = (request: SipRequest): Call | undefined =>
    calls.get(`${headerOf(request, 'Call-ID')} ${tagOf(headerOf(request, 'To'))}`)
  const keyOf = (call: Call): string => `${headerOf(call.invite, 'Call-ID')} ${call.tag}`
  const refuse = (
    transaction: ServerTransaction,
    status: number,
    reason: string,
    extra: readonly HeaderLine[] = [],
  ): void => transaction.respond(responseTo(transaction.request, status, reason, entropy.hex(8), extra))
  const contact = (call: { number: string }): HeaderLine => [
    'Contact',
    `<sip:${call.number}@${hostPort(wire.local.address, wire.local.port)}>`,
  ]

  const end = (call: Call): void => {
    call.repeating?.cancel()
    call.audio.close()
    calls.delete(keyOf(call))
  }

  const hangUp = (call: Call): void => {
    const { invite } = call
    end(call)
    const routes = headersOf(invite, 'Record-Route').flatMap(value => splitOutside(value, ',') ?? [])
    const hop = parseSipUri(routes[0] === undefined ? call.target : (parseNameAddress(routes[0])?.uri ?? ''))
    if (hop === undefined) return
    const bye: SipRequest = {
      kind: 'request',
      method: 'BYE',
      uri: call.target,
      headers: [
        ['Max-Forwards', '70'],
        ['From', `${headerOf(invite, 'To')};tag=${call.tag}`],
        ['To', headerOf(invite, 'From') as string],
        ['Call-ID', headerOf(invite, 'Call-ID') as string],
        ['CSeq', `${++call.cseq} BYE`],
        ...routes.map((route): HeaderLine => ['Route', route]),
      ],
      body: '',
    }
    wire.request(bye, { address: bareHost(hop.host), port: hop.port ?? 5060 }, () => {})
  }

  const start = (call: Call): void => {
    if (call.started) return
    call.started = true
    if (call.service.type === 'echo') call.audio.echo()
    else call.audio.play(call.service.prompt, () => hangUp(call))
  }

  /** Sends to the far end unless it wants to hear nothing. */
  const aim = (call: Call, offer: AudioOffer): void => {
    const deaf = offer.direction === 'sendonly' || offer.direction === 'inactive'
    const nowhere = offer.remote.address === '0.0.0.0'
    call.audio.setRemote(deaf || nowhere ? undefined : offer.remote, offer.eventPayloadType)
  }

  /** 200 with our half, repeated until its ACK (RFC 3261 §13.3.1.4). */
  const accept = (call: Call, transaction: ServerTransaction, offer: AudioOffer | undefined): void => {
    if (offer !== undefined) aim(call, offer)
    call.target = parseNameAddress(headerOf(transaction.request, 'Contact') ?? '')?.uri ?? call.target
    const body = writeSession(call.audio.local, call.session, ++call.version, offer)
    const ok = responseTo(
      transaction.request,
      200,
      'OK',
      call.tag,
      [contact(call), ALLOW, ['Content-Type', 'application/sdp']],
      body,
    )
    let waited = 0
    const repeat = (delay: number): void => {
      transaction.respond(ok)
      call.repeating = clock.timer('operator 2xx', ms(delay), () => {
        waited += delay
        if (waited >= 64 * T1) hangUp(call)
        else repeat(Math.min(delay * 2, T2))
      })
    }
    call.repeating?.cancel()
    repeat(T1)
    if (offer !== undefined) start(call)
  }

  const begin = async (transaction: ServerTransaction): Promise<void> => {
    const { request } = transaction
    const required = headerOf(request, 'Require')
    const unknown = required
      ?.split(',')
      .map(name => name.trim())
      .filter(name => name !== '100rel')
    const offer = readOffer(request.body)
    if (unknown !== undefined && unknown.length > 0) {
      refuse(transaction, 420, 'Bad Extension', [['Unsupported', unknown.join(', ')]])
      return
    }
    if (request.body !== '' && offer === undefined) {
      refuse(transaction, 488, 'Not Acceptable Here')
      return
    }
    const number = numberOf(request)
    let cancelled = false
    transaction.onCancel = () => {
      cancelled = true
    }
    const audio = await openAudio({
      ...options,
      address: options.mediaAddress,
      ports: options.mediaPorts,
      onDigit: digit => options.onDigit?.(number, digit),
    }).catch(() => undefined)
    if (audio === undefined) {
      refuse(transaction, 503, 'Service Unavailable')
      return
    }
    if (cancelled) {
      audio.close()
      refuse(transaction, 487, 'Request Terminated')
      return
    }
    const call: Call = {
      number,
      service: services.get(number) as Service,
      invite: request,
      tag: entropy.hex(8),
      audio,
      session: entropy.uint32(),
      version: 0,
      target: '',
      cseq: 0,
      started: false,
      repeating: undefined,
    }
    calls.set(keyOf(call), call)
    accept(call, transaction, offer)
  }

  const inCall = (call: Call, transaction: ServerTransaction): void => {
    const { request } = transaction
    if (request.method === 'BYE') {
      end(call)
      refuse(transaction, 200, 'OK')
    } else if (request.method === 'INVITE') {
      const offer = readOffer(request.body)
      if (request.body !== '' && offer === undefined) refuse(transaction, 488, 'Not Acceptable Here')
      else accept(call, transaction, offer)
    } else if (request.method === 'OPTIONS') refuse(transaction, 200, 'OK', [ALLOW])
    else refuse(transaction, 405, 'Method Not Allowed', [ALLOW])
  }

  return {
    get calls() {
      return calls.size
    },
    takes: request => callOf(request) !== undefined || services.has(numberOf(request)),
    serve: transaction => {
      const { request } = transaction
      const call = callOf(request)
      if (call !== undefined) inCall(call, transaction)
      else if (tagOf(headerOf(request, 'To')) !== undefined)
        refuse(transaction, 481, 'Call/Transaction Does Not Exist')
      else if (request.method === 'INVITE') void begin(transaction)
      else if (request.method === 'OPTIONS') refuse(transaction, 200, 'OK', [ALLOW])
      else refuse(transaction, 405, 'Method Not Allowed', [ALLOW])
    },
    ack: ack => {
      const call = callOf(ack)
      if (call === undefined) return false
      call.repeating?.cancel()
      const answer = readOffer(ack.body)
      if (answer !== undefined) {
        aim(call, answer)
        start(call)
      }
      return true
    },
    close: () => {
      for (const call of [...calls.values()]) hangUp(call)
    },
  }
}
