// Somebody elsewhere in the operator's network with a telephone of his own: rings, answers, calls, holds, refuses what he
// is told to refuse, and hears (far-ear.ts). A user agent by itself on the transaction layer of the wire, so that its
// dialogs and session descriptions are not the box's.

import {
  type HeaderLine,
  headerOf,
  headersOf,
  responseTo,
  type SipRequest,
  type SipResponse,
  tagOf,
} from '../../firmware/sip/wire/message.js'
import { createWire } from '../../firmware/sip/wire/transactions.js'
import type { ServerTransaction } from '../../firmware/sip/wire/wire-contract.js'
import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Endpoint, Network } from '../../hal/network.js'
import { laws } from './companding.js'
import { type FarEar, openFarEar } from './far-ear.js'
import { createPhone, type PhoneCall } from './sip-phone.js'

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

export interface FarPartyOptions {
  readonly number: string
  readonly password: string
  readonly address: string
  readonly codec?: 'PCMA' | 'PCMU'
}

export interface FarParty {
  readonly number: string
  readonly ear: FarEar
  /** Ringing time before he answers by himself, ms; undefined: he lets it ring. */
  answersAfter: number | undefined
  /** What becomes of a re-INVITE: taken, refused with this status, left without any answer. */
  onReoffer: 'accept' | 'ignore' | number
  /** Which way his calls have audio, as he sees it; undefined: as it is offered. */
  onlyWay: Direction | undefined
  /** Before a re-INVITE is answered, ms. */
  reofferDelay: number
  readonly state: 'idle' | 'ringing' | 'calling' | 'talking'
  /** The INVITE of the call that rings or was taken. */
  readonly invite: SipRequest | undefined
  /** Statuses of the call he placed last. */
  readonly told: readonly (number | string)[]
  /** What he was last asked for, as he sees it: `recvonly` when the box holds him. */
  readonly direction: Direction
  call(number: string, extra?: readonly HeaderLine[]): void
  /** Gives up the call he places. */
  cancel(): void
  answer(): void
  reject(status: number): void
  hangUp(): void
  /** Re-INVITE of his own; `address` other than his own: where he says media are to go. Its status. */
  offer(direction: Direction, address?: string): Promise<number | undefined>
  close(): Promise<void>
}

interface Dialog {
  readonly server?: ServerTransaction
  readonly placed?: PhoneCall
  readonly tag: string
  remote?: SipRequest
  answered: boolean
  cseq: number
  ourDirection: Direction
  version: number
  repeat?: Timer
}

const mirrored: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}
const directionIn = (sdp: string): Direction =>
  (/^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(sdp)?.[1] as Direction | undefined) ?? 'sendrecv'
const mediaIn = (sdp: string): Endpoint => ({
  address: /^c=IN IP4 (\S+)/m.exec(sdp)?.[1] ?? '',
  port: Number(/^m=audio (\d+)/m.exec(sdp)?.[1]),
})
const uriIn = (value = ''): string => /<([^>]*)>/.exec(value)?.[1] ?? value
const hopIn = (uri: string): Endpoint => {
  const found = /sip:(?:[^@>]*@)?([\d.]+):(\d+)/.exec(uri)
  return { address: found?.[1] ?? '', port: Number(found?.[2]) }
}

export const openFarParty = async (
  options: FarPartyOptions,
  world: { readonly network: Network; readonly clock: Clock; readonly entropy: Entropy },
  operator: { readonly endpoint: Endpoint; readonly domain: string },
): Promise<FarParty> => {
  const { clock, network } = world
  const { number, address, codec = 'PCMA' } = options
  const wire = await createWire({ listen: { address, port: 5060 } }, world)
  const ear = await openFarEar(network, clock, { address, port: 4000 }, codec)
  const phone = createPhone({
    wire,
    operator: operator.endpoint,
    domain: operator.domain,
    user: number,
    password: options.password,
  })
  const contact: HeaderLine = ['Contact', `<sip:${number}@${address}:5060>`]
  const withSdp: readonly HeaderLine[] = [contact, ['Content-Type', 'application/sdp']]
  let dialog: Dialog | undefined
  let told: readonly (number | string)[] = []
  let named = 0
  let asking: Timer | undefined

  const sdp = (of: Pick<Dialog, 'version'>, direction: Direction, at = address): string =>
    [
      'v=0',
      `o=- 7 ${of.version} IN IP4 ${address}`,
      's=-',
      `c=IN IP4 ${at}`,
      't=0 0',
      `m=audio 4000 RTP/AVP ${laws[codec].payloadType} 101`,
      'a=rtpmap:101 telephone-event/8000',
      `a=${direction}`,
      '',
    ].join('\r\n')

  /** Media as agreed, seen from here. */
  const settle = (of: Dialog, direction: Direction, body: string): void => {
    of.ourDirection = direction
    const to = mediaIn(body)
    const sends = direction === 'sendrecv' || direction === 'sendonly'
    ear.to = sends && to.port > 0 && to.address !== '0.0.0.0' ? to : undefined
  }
  const over = (): void => {
    dialog?.repeat?.cancel()
    asking?.cancel()
    dialog = undefined
    ear.to = undefined
  }

  /** 200 with a description, said again until its ACK (RFC 3261 §13.3.1.4). */
  const accept = (of: Dialog, transaction: ServerTransaction): void => {
    const { request } = transaction
    const direction = party.onlyWay ?? mirrored[directionIn(request.body)]
    of.version++
    const ok = responseTo(request, 200, 'OK', of.tag, withSdp, sdp(of, direction))
    settle(of, direction, request.body)
    transaction.respond(ok)
    const again = (delay: number): void => {
      of.repeat = clock.timer('far 200', ms(delay), () => {
        wire.send(ok, operator.endpoint)
        if (delay < 16_000) again(2 * delay)
      })
    }
    of.repeat?.cancel()
    again(500)
  }

  const onInvite = (transaction: ServerTransaction): void => {
    const { request } = transaction
    if (dialog) {
      transaction.respond(responseTo(request, 486, 'Busy Here', `busy${++named}`))
      return
    }
    const called: Dialog = {
      server: transaction,
      tag: `far${number}x${++named}`,
      remote: request,
      answered: false,
      cseq: 0,
      ourDirection: 'sendrecv',
      version: 1,
    }
    dialog = called
    transaction.respond(responseTo(request, 180, 'Ringing', called.tag, [contact]))
    transaction.onCancel = () => {
      transaction.respond(responseTo(request, 487, 'Request Terminated', called.tag))
      if (dialog === called) over()
    }
    if (party.answersAfter !== undefined)
      asking = clock.timer('far answers', ms(party.answersAfter), () => party.answer())
  }

  const onReinvite = (transaction: ServerTransaction): void => {
    const policy = party.onReoffer
    const respond = (): void => {
      if (!dialog) return
      if (policy === 'accept') accept(dialog, transaction)
      else if (policy !== 'ignore') transaction.respond(responseTo(transaction.request, policy, 'No'))
    }
    if (party.reofferDelay === 0) respond()
    else clock.timer('far thinks', ms(party.reofferDelay), respond)
  }

  wire.onRequest = transaction => {
    const { request } = transaction
    const inside = tagOf(headerOf(request, 'To')) !== undefined
    if (request.method === 'INVITE') return inside ? onReinvite(transaction) : onInvite(transaction)
    transaction.respond(responseTo(request, inside && !dialog ? 481 : 200, 'OK', undefined, [contact]))
    if (request.method === 'BYE') over()
  }
  wire.onAck = () => dialog?.repeat?.cancel()

  /** A request inside the call he took; the one he placed has its own way (sip-phone.ts). */
  const inside = (of: Dialog, method: string, body = ''): Promise<SipResponse | undefined> => {
    if (of.placed) return of.placed.inside(method, body === '' ? [] : [], body)
    const invite = of.remote as SipRequest
    const routes = headersOf(invite, 'Record-Route')
    const target = uriIn(headerOf(invite, 'Contact'))
    const hop = hopIn(routes[0] ?? target)
    const build = (name: string, cseq: number, content: string): SipRequest => ({
      kind: 'request',
      method: name,
      uri: target,
      headers: [
        ['Max-Forwards', '70'],
        ['From', `${headerOf(invite, 'To')};tag=${of.tag}`],
        ['To', headerOf(invite, 'From') as string],
        ['Call-ID', headerOf(invite, 'Call-ID') as string],
        ['CSeq', `${cseq} ${name}`],
        ...(content === '' ? [contact] : withSdp),
        ...routes.map((route): HeaderLine => ['Route', route]),
      ],
      body: content,
    })
    const cseq = ++of.cseq
    return new Promise(resolve => {
      wire.request(build(method, cseq, body), hop, outcome => {
        if (outcome.type === 'failed') return resolve(undefined)
        const { response } = outcome
        if (response.status < 200) return
        if (method === 'INVITE' && response.status < 300) wire.send(build('ACK', cseq, ''), hop)
        resolve(response)
      })
    })
  }

  const party: FarParty = {
    number,
    ear,
    answersAfter: undefined,
    onReoffer: 'accept',
    onlyWay: undefined,
    reofferDelay: 0,
    get state() {
      if (!dialog) return 'idle'
      if (dialog.answered) return 'talking'
      return dialog.placed ? 'calling' : 'ringing'
    },
    get invite() {
      return dialog?.remote
    },
    get told() {
      return told
    },
    get direction() {
      return dialog?.ourDirection ?? 'inactive'
    },
    call(called, extra = []) {
      const placed = phone.call(called, sdp({ version: 1 }, 'sendrecv'), extra)
      const mine: Dialog = { placed, tag: '', answered: false, cseq: 0, ourDirection: 'sendrecv', version: 1 }
      dialog = mine
      told = placed.heard
      const look = (): void => {
        if (dialog !== mine || mine.answered) return
        const last = placed.heard.at(-1)
        if (placed.answer) {
          mine.answered = true
          settle(mine, 'sendrecv', placed.answer.body)
        } else if (typeof last === 'string' || (last !== undefined && last >= 300)) over()
        else clock.timer('far looks', ms(5), look)
      }
      look()
    },
    cancel: () => dialog?.placed?.cancel(),
    answer() {
      asking?.cancel()
      if (!dialog?.server || dialog.answered) return
      dialog.answered = true
      accept(dialog, dialog.server)
    },
    reject(status) {
      asking?.cancel()
      const refused = dialog
      if (!refused?.server || refused.answered) return
      over()
      refused.server.respond(responseTo(refused.server.request, status, 'No', refused.tag))
    },
    hangUp() {
      const ending = dialog
      if (!ending?.answered) return
      void inside(ending, 'BYE')
      over()
    },
    async offer(direction, at) {
      const offering = dialog
      if (!offering?.answered) return undefined
      offering.version++
      const answer = await inside(offering, 'INVITE', sdp(offering, direction, at))
      if (answer && answer.status < 300 && dialog === offering)
        settle(offering, mirrored[directionIn(answer.body)], answer.body)
      return answer?.status
    },
    async close() {
      over()
      wire.onRequest = undefined
      await ear.close()
      await wire.close()
    },
  }
  const answer = await phone.register(3600)
  if (answer?.status === 200) return party
  await party.close()
  throw new Error(`${number} cannot register: ${answer?.status ?? 'the operator does not answer'}`)
}
