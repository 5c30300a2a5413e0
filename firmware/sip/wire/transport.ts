// RFC 3261 §18 over one UDP socket, with RFC 3581 (rport): who is heard, size and rate limits, reading, `received`
// stamping, answers to the malformed, routing of responses, sending. It knows nothing of transactions.

import type { Endpoint, UdpSocket } from '../../../hal/network.js'
import {
  bareHost,
  formatVia,
  hostPort,
  parameterOf,
  parseVia,
  type Via,
  withParameters,
} from './header-values.js'
import {
  formatMessage,
  headerOf,
  type SipMessage,
  type SipResponse,
  tagOf,
  withHeader,
  withTopVia,
} from './message.js'
import { MAX_DATAGRAM, parseMessage } from './scanner.js'
import { createRateLimit } from './source-filter.js'
import type { WireDependencies, WireOptions } from './wire-contract.js'

export interface TransportSink {
  /** Asked before a datagram is read; `response`: it begins like one. */
  hears(address: string, response: boolean): boolean
  /** The top Via of a request already carries `received` and `rport`. */
  onMessage(message: SipMessage, from: Endpoint): void
  onUnreachable(to: Endpoint): void
}

export interface Transport {
  readonly local: Endpoint
  send(message: SipMessage, to: Endpoint): void
  /** By the top Via (§18.2.2, RFC 3581 §4); `fallback` when it cannot be read. */
  sendResponse(response: SipResponse, fallback?: Endpoint): void
  rebind(listen: Endpoint): Promise<void>
  close(): Promise<void>
}

const DEFAULT_PORT = 5060
const DEFAULT_RATE = 200
const REPORTS_A_SECOND = 2

/** Where an answer goes. */
export const responseDestination = (via: Via): Endpoint => {
  const received = parameterOf(via.parameters, 'received')
  const rport = Number(parameterOf(via.parameters, 'rport') || Number.NaN)
  return {
    address: bareHost(received || via.host),
    port: rport >= 1 && rport <= 65535 ? rport : (via.port ?? DEFAULT_PORT),
  }
}

/** Puts where the request really came from into its Via (§18.2.1, RFC 3581 §4). What the sender claimed there is dropped. */
export const stampReceived = (via: Via, from: Endpoint): Via => {
  const parameters = via.parameters.filter(([name]) => name !== 'received')
  const address = from.address.includes(':') ? `[${from.address}]` : from.address
  if (parameterOf(parameters, 'rport') !== undefined)
    return {
      ...via,
      parameters: withParameters(parameters, { rport: String(from.port), received: address }),
    }
  return bareHost(via.host) === from.address
    ? { ...via, parameters }
    : { ...via, parameters: withParameters(parameters, { received: address }) }
}

const responseStart = Buffer.from('SIP/2.0 ')
const beginsLikeResponse = (data: Uint8Array): boolean =>
  responseStart.every((octet, index) => data[index] === octet)

/** For traces: the proof of a password is worth guessing at, so it does not leave the wire. */
const masked = (text: string): string =>
  text.replace(/^((?:Proxy-)?Authorization:.*?\bresponse=)"[^"]*"/gim, '$1"***"')

export const openTransport = async (
  options: WireOptions,
  { network, clock, entropy }: WireDependencies,
  sink: TransportSink,
): Promise<Transport> => {
  const within = createRateLimit(clock, options.sourceRate ?? DEFAULT_RATE)
  const reportable = createRateLimit(clock, REPORTS_A_SECOND)
  let socket: UdpSocket
  let closed = false

  const dropped = (from: Endpoint, why: 'stranger' | 'rate' | 'size' | 'malformed'): void => {
    if (options.onDropped !== undefined && reportable(from.address)) options.onDropped(from, why)
  }
  const send = (message: SipMessage, to: Endpoint): void => {
    if (closed) return
    const text = formatMessage(message)
    options.onMessage?.('out', to, masked(text))
    socket.send(Buffer.from(text), to)
  }
  const sendResponse = (response: SipResponse, fallback?: Endpoint): void => {
    const via = parseVia(headerOf(response, 'Via') ?? '')
    const to = via === undefined ? fallback : responseDestination(via)
    if (to !== undefined) send(response, to)
  }
  const answerMalformed = (answer: SipResponse, from: Endpoint): void => {
    const to = headerOf(answer, 'To')
    const tagged =
      to === undefined || tagOf(to) !== undefined
        ? answer
        : withHeader(answer, 'To', `${to};tag=${entropy.hex(8)}`)
    const via = parseVia(headerOf(answer, 'Via') ?? '')
    sendResponse(via === undefined ? tagged : withTopVia(tagged, formatVia(stampReceived(via, from))), from)
  }
  const receive = (data: Uint8Array, from: Endpoint): void => {
    if (closed) return
    if (!sink.hears(from.address, beginsLikeResponse(data))) {
      dropped(from, 'stranger')
      return
    }
    if (data.length > MAX_DATAGRAM) {
      dropped(from, 'size')
      return
    }
    if (!within(from.address)) {
      dropped(from, 'rate')
      return
    }
    const message = parseMessage(data)
    if (message.kind === 'error') {
      if (message.why === 'empty') return
      dropped(from, 'malformed')
      if (message.answer !== undefined) answerMalformed(message.answer, from)
      return
    }
    options.onMessage?.('in', from, masked(formatMessage(message)))
    if (message.kind === 'response') {
      sink.onMessage(message, from)
      return
    }
    const via = parseVia(headerOf(message, 'Via') as string) as Via
    sink.onMessage(withTopVia(message, formatVia(stampReceived(via, from))), from)
  }
  const open = (listen: Endpoint): Promise<UdpSocket> =>
    network.openUdp({
      ...listen,
      ...(options.dscp === undefined ? {} : { dscp: options.dscp }),
      ...(options.device === undefined ? {} : { device: options.device }),
      onDatagram: receive,
      onError: (_error, to) => {
        if (to !== undefined && !closed) sink.onUnreachable(to)
      },
    })

  socket = await open(options.listen)
  return {
    get local() {
      return socket.local
    },
    send,
    sendResponse,
    rebind: async listen => {
      const before = socket
      socket = await open(listen)
      await before.close()
    },
    close: async () => {
      closed = true
      await socket.close()
    },
  }
}

/** "Host:port" of a Via for our own address. */
export const sentByOf = (local: Endpoint): string => hostPort(local.address, local.port)
