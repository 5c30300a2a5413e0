// An exchange that answers calls and codes as a test says: provisional answers, announcements before and after the final,
// a BYE of its own, re-INVITEs. It stands behind the operator's gateway, or is itself the proxy of a box: then it takes
// registrations and asks for credentials, which it does not check. It keeps every request it got.

import {
  type HeaderLine,
  headerOf,
  headersOf,
  responseTo,
  type SipRequest,
  type SipResponse,
} from '../../firmware/sip/wire/message.js'
import { createWire } from '../../firmware/sip/wire/transactions.js'
import type { ServerTransaction, WireDependencies } from '../../firmware/sip/wire/wire-contract.js'
import { ms } from '../../hal/clock.js'
import type { Endpoint } from '../../hal/network.js'
import { type Audio, openAudio } from '../operator/audio.js'
import { readOffer, writeSession } from '../operator/offer.js'

export interface Script {
  /** Before the final answer: ringing, or an announcement with its own audio (183). */
  readonly first?: 'rings' | 'announces'
  /** Absent: none until the caller gives up. */
  readonly final?: number
  /** From the INVITE to the final, ms; default 100. */
  readonly afterMs?: number
  /** Announces after a 2xx. */
  readonly announces?: boolean
  /** The caller is to refresh the session, this interval in seconds (RFC 4028). */
  readonly sessionSeconds?: number
  /** BYE so long after a 2xx, ms; absent: never. */
  readonly byeAfterMs?: number
}

export interface Exchange {
  /** Requests in the order of their arrival, ACK and CANCEL aside. */
  readonly requests: SipRequest[]
  /** User parts of the INVITEs that began calls, as they stood in the request line. */
  readonly called: string[]
  cancelled: number
  /** Asks for credentials: 401 to REGISTER, 407 to everything else. */
  challenges: boolean
  /** What to do with the next calls. */
  script: Script
  /** A re-INVITE of the last call; resolves with its final status. */
  reinvite(): Promise<number>
  /** BYE of the last call. */
  bye(): void
  /** Final status for requests inside a dialog, once each: [491, …]. */
  readonly insideStatuses: number[]
  close(): Promise<void>
}

interface Dialog {
  readonly invite: SipRequest
  readonly tag: string
  readonly audio: Audio
  target: string
  cseq: number
}

/** A square wave of 1000 Hz in A-law, five seconds. */
const announcement = Uint8Array.from({ length: 40_000 }, (_, i) => (i % 8 < 4 ? 0xf0 : 0x70))

export const openExchange = async (at: Endpoint, dependencies: WireDependencies): Promise<Exchange> => {
  const { clock } = dependencies
  const wire = await createWire({ listen: at }, dependencies)
  let last: Dialog | undefined
  let tags = 0
  const nonces = new Set<string>()
  const contact: HeaderLine = ['Contact', `<sip:exchange@${at.address}:${at.port}>`]

  const sessionOf = (dialog: Dialog, request: SipRequest): { extra: HeaderLine[]; body: string } => ({
    extra: [contact, ['Content-Type', 'application/sdp']],
    body: writeSession(dialog.audio.local, 7, 1, readOffer(request.body)),
  })

  /** The box is to refresh the session, whichever role it has. */
  const timerLines = (box: 'uac' | 'uas'): HeaderLine[] => {
    const { sessionSeconds } = exchange.script
    if (sessionSeconds === undefined) return []
    return [
      [box === 'uac' ? 'Require' : 'Supported', 'timer'],
      ['Session-Expires', `${sessionSeconds};refresher=${box}`],
    ]
  }

  /** A proxy asks for proof of each request once; nonces are used once, so that every request is asked. */
  const challengeFor = (request: SipRequest): { status: number; lines: HeaderLine[] } | undefined => {
    if (!exchange.challenges) return undefined
    const register = request.method === 'REGISTER'
    const given = headerOf(request, register ? 'Authorization' : 'Proxy-Authorization') ?? ''
    const nonce = /nonce="([^"]*)"/.exec(given)?.[1]
    if (nonce !== undefined && nonces.delete(nonce)) return undefined
    const next = `n${nonces.size}-${exchange.requests.length}`
    nonces.add(next)
    const value = `Digest realm="operator.test", nonce="${next}", qop="auth", algorithm=SHA-256, stale=true`
    return register
      ? { status: 401, lines: [['WWW-Authenticate', value]] }
      : { status: 407, lines: [['Proxy-Authenticate', value]] }
  }

  const inside = (dialog: Dialog, method: string, body = ''): Promise<SipResponse | undefined> => {
    const { invite, tag } = dialog
    const routes = headersOf(invite, 'Record-Route')
    const hop = /sip:(?:[^@>]*@)?([\d.]+):(\d+)/.exec(routes[0] ?? dialog.target)
    const to = { address: hop?.[1] ?? '', port: Number(hop?.[2]) }
    const request = (name: string, cseq: number): SipRequest => ({
      kind: 'request',
      method: name,
      uri: dialog.target,
      headers: [
        ['Max-Forwards', '70'],
        ['From', `${headerOf(invite, 'To')};tag=${tag}`],
        ['To', headerOf(invite, 'From') as string],
        ['Call-ID', headerOf(invite, 'Call-ID') as string],
        ['CSeq', `${cseq} ${name}`],
        contact,
        ...routes.map((route): HeaderLine => ['Route', route]),
        ...(method === 'INVITE' && name === 'INVITE' ? timerLines('uas') : []),
        ...(body && name !== 'ACK' ? [['Content-Type', 'application/sdp'] as const] : []),
      ],
      body: name === 'ACK' ? '' : body,
    })
    const cseq = ++dialog.cseq
    return new Promise(resolve => {
      wire.request(request(method, cseq), to, outcome => {
        if (outcome.type === 'failed') return resolve(undefined)
        if (outcome.response.status < 200) return
        if (method === 'INVITE' && outcome.response.status < 300) wire.send(request('ACK', cseq), to)
        resolve(outcome.response)
      })
    })
  }

  const begin = async (transaction: ServerTransaction): Promise<void> => {
    const { request } = transaction
    const script = exchange.script
    exchange.called.push(/^sip:([^@]*)@/.exec(request.uri)?.[1] ?? '')
    const tag = `x${++tags}`
    const audio = await openAudio({
      ...dependencies,
      address: at.address,
      ports: [40_000, 40_199],
      onDigit() {},
    })
    const target = /<([^>]*)>/.exec(headerOf(request, 'Contact') ?? '')?.[1] ?? ''
    const dialog: Dialog = { invite: request, tag, audio, target, cseq: 0 }
    last = dialog
    const offer = readOffer(request.body)
    audio.setRemote(offer?.remote, offer)
    const respond = (status: number, extra: readonly HeaderLine[] = [], body = ''): void =>
      transaction.respond(responseTo(request, status, 'Scripted', tag, extra, body))
    let over = false
    transaction.onCancel = () => {
      exchange.cancelled++
      over = true
      audio.close()
      respond(487)
    }
    if (script.first === 'rings') respond(180, [contact])
    if (script.first === 'announces') {
      const { extra, body } = sessionOf(dialog, request)
      respond(183, extra, body)
      audio.play([announcement], () => {})
    }
    const { final } = script
    if (final === undefined) return
    clock.timer('exchange final', ms(script.afterMs ?? 100), () => {
      if (over) return
      if (final >= 300) {
        audio.close()
        return respond(final)
      }
      const { extra, body } = sessionOf(dialog, request)
      respond(final, [...extra, ...timerLines('uac')], body)
      if (script.announces) audio.play([announcement], () => {})
      if (script.byeAfterMs !== undefined)
        clock.timer('exchange bye', ms(script.byeAfterMs), () => {
          audio.close()
          void inside(dialog, 'BYE')
        })
    })
  }

  wire.onRequest = transaction => {
    const { request } = transaction
    exchange.requests.push(request)
    const isInside = /;tag=/.test(headerOf(request, 'To') ?? '')
    const challenge = challengeFor(request)
    if (challenge)
      return transaction.respond(responseTo(request, challenge.status, 'Prove it', 'c', challenge.lines))
    if (request.method === 'REGISTER') {
      const binding: HeaderLine = ['Contact', headerOf(request, 'Contact') ?? '']
      return transaction.respond(responseTo(request, 200, 'OK', 'r', [binding]))
    }
    if (request.method === 'INVITE' && !isInside) return void begin(transaction)
    const refusal = isInside ? exchange.insideStatuses.shift() : undefined
    if (refusal !== undefined) return transaction.respond(responseTo(request, refusal, 'Scripted'))
    if (request.method === 'BYE') last?.audio.close()
    const session = request.body && last ? sessionOf(last, request) : { extra: [contact], body: '' }
    transaction.respond(responseTo(request, 200, 'Scripted', undefined, session.extra, session.body))
  }
  const exchange: Exchange = {
    requests: [],
    called: [],
    cancelled: 0,
    challenges: false,
    script: {},
    insideStatuses: [],
    reinvite: async () => {
      if (!last) throw new Error('no call')
      const body = writeSession(last.audio.local, 7, 2, undefined)
      return (await inside(last, 'INVITE', body))?.status ?? 0
    },
    bye: () => {
      last?.audio.close()
      if (last) void inside(last, 'BYE')
    },
    close: async () => {
      last?.audio.close()
      await wire.close()
    },
  }
  return exchange
}
