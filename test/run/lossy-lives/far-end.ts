// Everybody outside the box in one socket: registrar, and parties who ring, answer, refuse, hold and hang up when told to,
// and who now and then answer a re-INVITE as nobody should have to expect (RFC 3261 §14, RFC 6141). A user agent of
// its own on the transaction layer, so that its dialogs are not the box's.

import { type HeaderLine, headerOf, responseTo, type SipRequest } from '../../../firmware/sip/wire/message.js'
import type { ClientTransaction, ServerTransaction, Wire } from '../../../firmware/sip/wire/wire-contract.js'
import { type Clock, ms, type Timer } from '../../../hal/clock.js'
import type { Endpoint } from '../../../hal/network.js'

type Draw = (n: number) => number

interface FarCall {
  readonly callId: string
  readonly tag: string
  phase: 'called' | 'calling' | 'standing' | 'over'
  /** Of the box: what it sent first, and where requests to it go. */
  readonly invite: SipRequest
  readonly server?: ServerTransaction
  client?: ClientTransaction
  /** From and To of requests of ours in the dialog, and the Request-URI. */
  local: string
  remote: string
  target: string
  cseq: number
  repeat?: Timer
}

export interface FarEnd {
  /** Somebody calls the box. */
  call(): void
  /** What is told to a call of that phase, if there is one: the latest. */
  ring(early: boolean): void
  answer(): void
  refuse(status: number): void
  cancel(): void
  hangUp(): void
  reoffer(): void
  /** How many calls stand or are on their way, as the parties believe. */
  readonly open: number
  close(): void
}

const direction = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
} as const

const sdp = (way: string): string =>
  [
    'v=0',
    'o=- 5 5 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=audio 4000 RTP/AVP 8',
    `a=${way}`,
    '',
  ].join('\r\n')

const answerTo = (request: SipRequest): string => {
  const way = /a=(sendrecv|sendonly|recvonly|inactive)/.exec(request.body)?.[1] as
    | keyof typeof direction
    | undefined
  return sdp(direction[way ?? 'sendrecv'])
}

const uriIn = (value: string): string => /<([^>]*)>/.exec(value)?.[1] ?? value

export const createFarEnd = (wire: Wire, clock: Clock, box: Endpoint, user: string, draw: Draw): FarEnd => {
  const calls: FarCall[] = []
  let named = 0
  const contact: HeaderLine = ['Contact', `<sip:far@${wire.local.address}:${wire.local.port}>`]
  const withSdp: readonly HeaderLine[] = [contact, ['Content-Type', 'application/sdp']]
  const latest = (phase: FarCall['phase']) => calls.findLast(call => call.phase === phase)
  const over = (call: FarCall): void => {
    call.phase = 'over'
    call.repeat?.cancel()
  }

  /** 2xx is repeated by whoever answers, until its ACK (RFC 3261 §13.3.1.4); without one the call is given up. */
  const accept = (call: FarCall, transaction: ServerTransaction): void => {
    const { request } = transaction
    const response = responseTo(request, 200, 'OK', call.tag, withSdp, answerTo(request))
    transaction.respond(response)
    const again = (delay: number, left: number): void => {
      call.repeat = clock.timer('far 2xx', ms(delay), () => {
        if (left <= 0) return inside(call, 'BYE')
        wire.send(response, box)
        again(Math.min(delay * 2, 4000), left - delay)
      })
    }
    call.repeat?.cancel()
    again(500, 32_000)
  }

  const inside = (call: FarCall, method: string, body = ''): void => {
    if (call.phase === 'over') return
    if (method === 'BYE') over(call)
    const number = ++call.cseq
    const request: SipRequest = {
      kind: 'request',
      method,
      uri: call.target,
      headers: [
        ['Max-Forwards', '70'],
        ['From', call.local],
        ['To', call.remote],
        ['Call-ID', call.callId],
        ['CSeq', `${number} ${method}`],
        ...(body === '' ? [contact] : withSdp),
      ],
      body,
    }
    wire.request(request, box, outcome => {
      if (outcome.type === 'failed' || outcome.response.status < 200) return
      if (method === 'INVITE' && outcome.response.status < 300) acknowledge(call, number)
      if (outcome.response.status === 481 || outcome.response.status === 408) over(call)
    })
  }

  const acknowledge = (call: FarCall, number: number): void =>
    wire.send(
      {
        kind: 'request',
        method: 'ACK',
        uri: call.target,
        headers: [
          ['Max-Forwards', '70'],
          ['From', call.local],
          ['To', call.remote],
          ['Call-ID', call.callId],
          ['CSeq', `${number} ACK`],
        ],
        body: '',
      },
      box,
    )

  const taken = (transaction: ServerTransaction): void => {
    const { request } = transaction
    const tag = `far${++named}`
    const to = headerOf(request, 'To') ?? ''
    const call: FarCall = {
      callId: headerOf(request, 'Call-ID') ?? '',
      tag,
      phase: 'called',
      invite: request,
      server: transaction,
      local: `${to};tag=${tag}`,
      remote: headerOf(request, 'From') ?? '',
      target: uriIn(headerOf(request, 'Contact') ?? ''),
      cseq: 100,
    }
    calls.push(call)
    transaction.onCancel = () => {
      over(call)
      transaction.respond(responseTo(request, 487, 'Request Terminated', tag))
    }
  }

  /** Mostly yes; sometimes glare, a refusal, a lost dialog, or nothing at all. */
  const reoffered = (call: FarCall, transaction: ServerTransaction): void => {
    const mood = draw(20)
    if (mood === 0) return
    const status = mood < 4 ? 491 : mood < 6 ? 488 : mood === 6 ? 500 : 200
    if (status === 200) accept(call, transaction)
    else transaction.respond(responseTo(transaction.request, status, 'No'))
  }

  wire.onRequest = transaction => {
    const { request } = transaction
    const call = calls.find(
      ({ callId, phase }) => callId === headerOf(request, 'Call-ID') && phase !== 'over',
    )
    if (request.method === 'REGISTER') {
      const bound: HeaderLine = ['Contact', `${headerOf(request, 'Contact') ?? ''};expires=3600`]
      transaction.respond(responseTo(request, 200, 'OK', 'reg', [bound]))
    } else if (request.method === 'INVITE') {
      if (call) reoffered(call, transaction)
      else taken(transaction)
    } else {
      transaction.respond(responseTo(request, 200, 'OK'))
      if (request.method === 'BYE' && call) over(call)
    }
  }
  wire.onAck = ack => calls.find(({ callId }) => callId === headerOf(ack, 'Call-ID'))?.repeat?.cancel()

  return {
    call: () => {
      const tag = `far${++named}`
      const local = `<sip:038900${draw(10_000)}@operator.test>;tag=${tag}`
      const request: SipRequest = {
        kind: 'request',
        method: 'INVITE',
        uri: `sip:${user}@${box.address}:${box.port}`,
        headers: [
          ['Max-Forwards', '70'],
          ['From', local],
          ['To', `<sip:${user}@operator.test>`],
          ['Call-ID', `far-call-${named}`],
          ['CSeq', '1 INVITE'],
          ...withSdp,
        ],
        body: sdp('sendrecv'),
      }
      const call: FarCall = {
        callId: `far-call-${named}`,
        tag,
        phase: 'calling',
        invite: request,
        local,
        remote: '',
        target: request.uri,
        cseq: 1,
      }
      calls.push(call)
      call.client = wire.request(request, box, outcome => {
        if (outcome.type === 'failed') return over(call)
        const { response } = outcome
        if (response.status < 200) return
        if (response.status >= 300) return over(call)
        call.remote = headerOf(response, 'To') ?? ''
        call.target = uriIn(headerOf(response, 'Contact') ?? '')
        acknowledge(call, 1)
        if (call.phase === 'calling') call.phase = 'standing'
        // Answered as we gave up: the dialog is ended like any other (RFC 3261 §15).
        else if (call.cseq === 1) {
          call.phase = 'standing'
          inside(call, 'BYE')
        }
      })
    },
    ring: early => {
      const call = latest('called')
      if (!call?.server) return
      const answer: readonly [string, readonly HeaderLine[], string] = early
        ? ['Session Progress', withSdp, answerTo(call.invite)]
        : ['Ringing', [contact], '']
      call.server.respond(
        responseTo(call.invite, early ? 183 : 180, answer[0], call.tag, answer[1], answer[2]),
      )
    },
    answer: () => {
      const call = latest('called')
      if (!call?.server) return
      call.phase = 'standing'
      accept(call, call.server)
    },
    refuse: status => {
      const call = latest('called')
      if (!call?.server) return
      over(call)
      call.server.respond(responseTo(call.invite, status, 'No', call.tag))
    },
    cancel: () => {
      const call = latest('calling')
      if (!call) return
      call.phase = 'over'
      call.client?.cancel()
    },
    hangUp: () => {
      const call = latest('standing')
      if (call) inside(call, 'BYE')
    },
    reoffer: () => {
      const call = latest('standing')
      if (call) inside(call, 'INVITE', sdp(['sendrecv', 'sendonly', 'inactive'][draw(3)] as string))
    },
    get open() {
      return calls.filter(({ phase }) => phase !== 'over').length
    },
    close: () => {
      for (const call of calls) call.repeat?.cancel()
    },
  }
}
