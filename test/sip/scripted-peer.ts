// A stack with one line in virtual time, and the far end as a script: raw messages in, raw messages out, nothing repeated
// by itself, so that each test says exactly what is on the wire.

import { type Log, silentLog } from '../../firmware/log.js'
import type {
  ContactUsers,
  PlaceRequest,
  SipAccount,
  SipEvent,
  SipLine,
  SipStack,
} from '../../firmware/sip/sip-line.js'
import { createSipStack } from '../../firmware/sip/sip-stack.js'
import {
  formatMessage,
  headerOf,
  headersOf,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  tagOf,
} from '../../firmware/sip/wire/message.js'
import { parseMessage } from '../../firmware/sip/wire/scanner.js'
import type { Endpoint, UdpSocket } from '../../hal/network.js'
import { type DatagramFilter, MemoryNetwork } from '../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { bridgeGlobals } from '../support/virtual-time.js'

export const box: Endpoint = { address: '127.0.0.5', port: 5060 }
export const proxy: Endpoint = { address: '127.0.0.1', port: 5060 }
export const media = { address: '127.0.0.5', port: 16_384 }
export const account: SipAccount = {
  user: '0389000001',
  domain: 'operator.test',
  password: 'secret',
  proxies: ['sip:127.0.0.1:5060;transport=udp'],
  hash: 'escaped',
  display: {
    numbering: { countryCode: '33', nationalPrefix: '0', internationalPrefix: '00' },
    unverifiedMark: '',
  },
}

export const sdp = (port = 4000, more: readonly string[] = []): string =>
  `${[
    'v=0',
    'o=- 5 5 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 8 101`,
    'a=rtpmap:101 telephone-event/8000',
    ...more,
  ].join('\r\n')}\r\n`

type Extra = readonly (readonly [string, string])[]
const sdpType: Extra = [['Content-Type', 'application/sdp']]

export interface Peer {
  readonly received: SipMessage[]
  /** The next unread message that fits; runs virtual time until it comes. Throws when it does not within `limitMs`. */
  request(method: string, limitMs?: number): Promise<SipRequest>
  response(status: number, method?: string, limitMs?: number): Promise<SipResponse>
  /** How many unread messages fit. */
  unread(fits: (message: SipMessage) => boolean): number
  reply(request: SipRequest, status: number, extra?: Extra, body?: string, tag?: string): void
  send(message: SipMessage): void
  /** A request out of a dialog. */
  initial(method: string, extra?: Extra, body?: string): SipRequest
}

export interface World {
  readonly clock: VirtualClock
  readonly network: MemoryNetwork
  readonly stack: SipStack
  readonly line: SipLine
  readonly events: SipEvent[]
  readonly peer: Peer
  /** Events of one type so far. */
  of<T extends SipEvent['type']>(type: T): Extract<SipEvent, { type: T }>[]
  place(call: string, request?: Partial<PlaceRequest>): void
  /** REGISTER and its 200. */
  register(extra?: Extra): Promise<SipRequest>
  end(): Promise<void>
}

export interface WorldOptions {
  readonly account?: Partial<SipAccount>
  readonly filter?: DatagramFilter
  readonly log?: Log
  readonly allow?: readonly string[]
  readonly seed?: number
  readonly contactUsers?: ContactUsers
}

export const methodAnswered = (response: SipResponse): string =>
  (headerOf(response, 'CSeq') ?? '').replace(/^\d+\s+/, '')

let calls = 0

export const openWorld = async (options: WorldOptions = {}): Promise<World> => {
  const clock = new VirtualClock()
  const entropy = new SeededEntropy(options.seed ?? 7)
  const restore = bridgeGlobals(clock, entropy)
  const network = new MemoryNetwork({ clock, ...(options.filter ? { filter: options.filter } : {}) })
  const stack = createSipStack({
    clock,
    network,
    entropy,
    log: options.log ?? silentLog,
    listen: box,
    allow: options.allow ?? [],
    userAgent: 'voiceport/test',
    ...(options.contactUsers && { contactUsers: options.contactUsers }),
  })
  const received: SipMessage[] = []
  let unread: SipMessage[] = []
  const socket: UdpSocket = await network.openUdp({
    ...proxy,
    onDatagram: data => {
      const message = parseMessage(data)
      if (message.kind === 'error') return
      received.push(message)
      unread.push(message)
    },
    onError: () => {},
  })
  const send = (message: SipMessage): void => socket.send(Buffer.from(formatMessage(message)), box)
  const next = async (fits: (message: SipMessage) => boolean, what: string, limitMs: number) => {
    await clock.runUntil(() => unread.some(fits), limitMs)
    const found = unread.find(fits)
    if (!found) {
      const seen = unread
        .map(entry => (entry.kind === 'request' ? entry.method : `${entry.status}`))
        .join(' ')
      throw new Error(`no ${what} within ${limitMs} ms; unread: ${seen || 'nothing'}`)
    }
    unread = unread.filter(message => message !== found)
    return found
  }
  const peer: Peer = {
    received,
    request: async (method, limitMs = 1000) =>
      (await next(
        entry => entry.kind === 'request' && entry.method === method,
        method,
        limitMs,
      )) as SipRequest,
    response: async (status, method, limitMs = 1000) =>
      (await next(
        entry =>
          entry.kind === 'response' &&
          entry.status === status &&
          (!method || methodAnswered(entry) === method),
        `${status}`,
        limitMs,
      )) as SipResponse,
    unread: fits => unread.filter(fits).length,
    reply(request, status, extra = [], body = '', tag = 'peer') {
      const to = headerOf(request, 'To') ?? ''
      const contact: Extra =
        status > 100 && status < 300 ? [['Contact', `<sip:far@${proxy.address}:5060>`]] : []
      const given = extra.some(([name]) => name === 'Contact')
      send({
        kind: 'response',
        status,
        reason: 'Whatever',
        headers: [
          ...headersOf(request, 'Via').map(value => ['Via', value] as const),
          ['From', headerOf(request, 'From') ?? ''],
          ['To', tagOf(to) === undefined && status > 100 && tag ? `${to};tag=${tag}` : to],
          ['Call-ID', headerOf(request, 'Call-ID') ?? ''],
          ['CSeq', headerOf(request, 'CSeq') ?? ''],
          ...(given ? [] : contact),
          ...extra.filter(([name, value]) => name !== 'Contact' || value !== ''),
          ...(body ? sdpType : []),
        ],
        body,
      })
    },
    send,
    initial(method, extra = [], body = '') {
      calls++
      const request: SipRequest = {
        kind: 'request',
        method,
        uri: `sip:${account.user}@${box.address}:5060`,
        headers: [
          ['Via', `SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKp${calls}`],
          ['Max-Forwards', '70'],
          ['From', '"Alice" <sip:0389000002@operator.test>;tag=peer'],
          ['To', `<sip:${account.user}@operator.test>`],
          ['Call-ID', `call-${calls}`],
          ['CSeq', `1 ${method}`],
          ['Contact', '<sip:far@127.0.0.1:5060>'],
          ...(body ? sdpType : []),
        ],
        body,
      }
      const names = extra.map(([name]) => name)
      return { ...request, headers: [...request.headers.filter(([name]) => !names.includes(name)), ...extra] }
    },
  }
  const events: SipEvent[] = []
  await stack.open()
  const line = stack.line('tel1', { ...account, ...options.account }, event => events.push(event))
  return {
    clock,
    network,
    stack,
    line,
    events,
    peer,
    of: type => events.filter(event => event.type === type) as never,
    place: (call, request = {}) =>
      line.place(call, { target: '0389000002', media, masked: false, emergency: false, ...request }),
    async register(extra = []) {
      line.start()
      const request = await peer.request('REGISTER')
      const contact = headerOf(request, 'Contact') ?? ''
      peer.reply(request, 200, [['Contact', contact], ...extra])
      await clock.runUntil(
        () => events.some(event => event.type === 'registration' && event.state === 'registered'),
        1000,
      )
      return request
    },
    async end() {
      await stack.close()
      await socket.close()
      restore()
    },
  }
}

/** The far end's side of a dialog, for requests of its own. */
export interface FarDialog {
  request(method: string, extra?: Extra, body?: string): SipRequest
  ack(invite: SipRequest, body?: string): SipRequest
}

/** From the INVITE we sent (`ours`) or the one the far end sent, and the answer to it. */
export const farDialog = (invite: SipRequest, answer: SipResponse, ours: boolean): FarDialog => {
  const local = headerOf(answer, ours ? 'To' : 'From') ?? ''
  const remote = headerOf(answer, ours ? 'From' : 'To') ?? ''
  const contact = headerOf(ours ? invite : answer, 'Contact') ?? ''
  const uri = /<([^>]*)>/.exec(contact)?.[1] ?? ''
  let cseq = 100
  const build = (method: string, number: number, extra: Extra, body: string): SipRequest => ({
    kind: 'request',
    method,
    uri,
    headers: [
      ['Via', `SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKd${calls++}`],
      ['Max-Forwards', '70'],
      ['From', local],
      ['To', remote],
      ['Call-ID', headerOf(invite, 'Call-ID') ?? ''],
      ['CSeq', `${number} ${method}`],
      ['Contact', '<sip:far@127.0.0.1:5060>'],
      ...extra,
      ...(body ? sdpType : []),
    ],
    body,
  })
  return {
    request: (method, extra = [], body = '') => build(method, ++cseq, extra, body),
    ack: (request, body = '') =>
      build('ACK', Number((headerOf(request, 'CSeq') ?? '1').split(' ')[0]), [], body),
  }
}
