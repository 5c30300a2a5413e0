// A bare SIP telephone for tests of the network side: registers, calls and is called, through firmware/sip/wire but with
// no engine. Answers digest challenges of its own making.

import { createHash } from 'node:crypto'
import {
  type HeaderLine,
  headerOf,
  headersOf,
  responseTo,
  type SipRequest,
  type SipResponse,
} from '../../firmware/sip/wire/message.js'
import type { ClientTransaction, ServerTransaction, Wire } from '../../firmware/sip/wire/wire-contract.js'
import type { Endpoint } from '../../hal/network.js'

export interface PhoneOptions {
  readonly wire: Wire
  readonly operator: Endpoint
  readonly domain: string
  readonly user: string
  readonly password: string
  /** Chooses among the challenges offered; default the topmost. */
  readonly algorithm?: 'SHA-256' | 'MD5'
}

export interface PhoneCall {
  /** Statuses heard, "timeout" and "unreachable" included. */
  readonly heard: (number | string)[]
  answer: SipResponse | undefined
  cancel(extra?: readonly HeaderLine[]): void
  /** A request inside the dialog, along its route set. */
  inside(method: string, extra?: readonly HeaderLine[], body?: string): Promise<SipResponse | undefined>
}

let counter = 0

export const createPhone = ({ wire, operator, domain, user, password, algorithm }: PhoneOptions) => {
  const counts = new Map<string, number>()
  const credentials = (request: SipRequest, response: SipResponse): HeaderLine | undefined => {
    const proxy = response.status === 407
    const offered = headersOf(response, proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate')
    const chosen = offered.find(value => algorithm === undefined || value.includes(`algorithm=${algorithm}`))
    const field = (name: string): string => new RegExp(`${name}="?([^",]+)`).exec(chosen ?? '')?.[1] ?? ''
    if (chosen === undefined) return undefined
    const nonce = field('nonce')
    const count = (counts.get(nonce) ?? 0) + 1
    counts.set(nonce, count)
    const nc = count.toString(16).padStart(8, '0')
    const hash = (text: string): string =>
      createHash(field('algorithm') === 'MD5' ? 'md5' : 'sha256')
        .update(text)
        .digest('hex')
    const secret = hash(`${user}:${field('realm')}:${password}`)
    const proof = hash(`${secret}:${nonce}:${nc}:cn:auth:${hash(`${request.method}:${request.uri}`)}`)
    return [
      proxy ? 'Proxy-Authorization' : 'Authorization',
      `Digest username="${user}", realm="${field('realm')}", nonce="${nonce}", uri="${request.uri}", ` +
        `response="${proof}", algorithm=${field('algorithm')}, cnonce="cn", qop=auth, nc=${nc}`,
    ]
  }
  const contact = (): HeaderLine => ['Contact', `<sip:${user}@${wire.local.address}:${wire.local.port}>`]
  const fresh = (
    method: string,
    uri: string,
    to: string,
    extra: readonly HeaderLine[],
    body = '',
  ): SipRequest => ({
    kind: 'request',
    method,
    uri,
    headers: [
      ['Max-Forwards', '70'],
      ['From', `<sip:${user}@${domain}>;tag=${user}x${++counter}`],
      ['To', to],
      ['Call-ID', `call-${user}-${counter}`],
      ['CSeq', `1 ${method}`],
      contact(),
      ...(body === '' ? [] : [['Content-Type', 'application/sdp'] as const]),
      ...extra,
    ],
    body,
  })
  const again = (request: SipRequest, extra: HeaderLine): SipRequest => ({
    ...request,
    headers: [
      ...request.headers.map(
        ([name, value]): HeaderLine => (name === 'CSeq' ? [name, `2 ${request.method}`] : [name, value]),
      ),
      extra,
    ],
  })
  const exchange = (request: SipRequest, to = operator): Promise<SipResponse | undefined> =>
    new Promise(resolve => {
      wire.request(request, to, outcome => {
        if (outcome.type === 'failed') resolve(undefined)
        else if (outcome.response.status >= 200) resolve(outcome.response)
      })
    })

  return {
    wire,
    /** With credentials when asked for them; the final answer. */
    register: async (
      expires: number,
      extra: readonly HeaderLine[] = [],
    ): Promise<SipResponse | undefined> => {
      const lines: HeaderLine[] = [['Expires', String(expires)], ...extra]
      const request = fresh('REGISTER', `sip:${domain}`, `<sip:${user}@${domain}>`, lines)
      const first = await exchange(request)
      const proof = first?.status === 401 ? credentials(request, first) : undefined
      return proof === undefined ? first : exchange(again(request, proof))
    },
    exchange,
    fresh,
    credentials,
    call: (number: string, body: string, extra: readonly HeaderLine[] = []): PhoneCall => {
      const heard: (number | string)[] = []
      const uri = number.includes(':') ? number : `sip:${number}@${domain}`
      let current = fresh('INVITE', uri, `<${uri}>`, extra, body)
      let client: ClientTransaction
      let cseq = 2
      const hop = (): Endpoint => {
        const route = /<sip:(?:[^@>]*@)?([\d.]+):(\d+)/.exec(routes()[0] ?? target())
        return { address: route?.[1] ?? '', port: Number(route?.[2]) }
      }
      const routes = (): string[] =>
        call.answer === undefined ? [] : headersOf(call.answer, 'Record-Route').reverse()
      const target = (): string => headerOf(call.answer as SipResponse, 'Contact') ?? ''
      const within = (
        method: string,
        number: number,
        extra: readonly HeaderLine[],
        body: string,
      ): SipRequest => ({
        kind: 'request',
        method,
        uri: /<([^>]*)>/.exec(target())?.[1] ?? '',
        headers: [
          ['Max-Forwards', '70'],
          ['From', headerOf(current, 'From') as string],
          ['To', headerOf(call.answer as SipResponse, 'To') as string],
          ['Call-ID', headerOf(current, 'Call-ID') as string],
          ['CSeq', `${number} ${method}`],
          contact(),
          ...routes().map((route): HeaderLine => ['Route', route]),
          ...(body === '' ? [] : [['Content-Type', 'application/sdp'] as const]),
          ...extra,
        ],
        body,
      })
      const start = (request: SipRequest): void => {
        client = wire.request(request, operator, outcome => {
          if (outcome.type === 'failed') {
            heard.push(outcome.why)
            return
          }
          const { response } = outcome
          const proof = response.status === 407 ? credentials(request, response) : undefined
          if (proof !== undefined && request === current) {
            const next = again(request, proof)
            start(next)
            current = next
            return
          }
          heard.push(response.status)
          if (response.status < 200 || response.status > 299) return
          call.answer = response
          wire.send(within('ACK', Number(headerOf(request, 'CSeq')?.split(' ')[0]), [], ''), hop())
        })
      }
      const call: PhoneCall = {
        heard,
        answer: undefined,
        cancel: extra => client.cancel(extra),
        inside: async (method, extra = [], body = '') => {
          const number = ++cseq
          const response = await exchange(within(method, number, extra, body), hop())
          if (method === 'INVITE' && response !== undefined && response.status < 300)
            wire.send(within('ACK', number, [], ''), hop())
          return response
        },
      }
      start(current)
      return call
    },
    /** Answers what comes by these statuses; INVITEs left open when there is none. */
    answering: (...statuses: number[]): ServerTransaction[] => {
      const seen: ServerTransaction[] = []
      wire.onRequest = transaction => {
        seen.push(transaction)
        const { request } = transaction
        const all = request.method === 'INVITE' ? statuses : [200]
        for (const status of all)
          transaction.respond(responseTo(request, status, 'x', `t${user}`, [contact()], ''))
        transaction.onCancel = () =>
          transaction.respond(responseTo(request, 487, 'Request Terminated', `t${user}`))
      }
      return seen
    },
  }
}

export type Phone = ReturnType<typeof createPhone>
