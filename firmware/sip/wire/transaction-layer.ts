// The table of running transactions over one transport: makes them, finds the one a message belongs to (RFC 3261 §17.1.3,
// §17.2.3) and drops what belongs to none. A response counts only when branch, sent-by, CSeq method and source all match.

import type { Endpoint } from '../../../hal/network.js'
import { type ClientMachine, cancelFor, createClientMachine } from './client-transaction.js'
import { formatVia, hostPort, parameterOf, parseVia, type Via } from './header-values.js'
import {
  type HeaderLine,
  headerOf,
  methodOf,
  type SipRequest,
  type SipResponse,
  withTopHeader,
  withTopVia,
} from './message.js'
import { createServerMachine, type ServerMachine } from './server-transaction.js'
import { parseBlock } from './source-filter.js'
import { openTransport, type Transport } from './transport.js'
import type { ClientOutcome, WireDependencies, WireOptions } from './wire-contract.js'

export interface ServerHandle {
  readonly request: SipRequest
  readonly from: Endpoint
  respond(response: SipResponse): void
  onTimeout: (() => void) | undefined
}

export interface ClientHandle {
  readonly branch: string
  /** Sends CANCEL as soon as it is allowed; its own outcome is told when asked for. */
  cancel(extra: readonly HeaderLine[], onOutcome?: (outcome: ClientOutcome) => void): void
}

export interface LayerSink {
  /** Also CANCEL, which has a transaction of its own; never ACK. */
  onRequest(server: ServerHandle): void
  /** An ACK to a 2xx, or (with `invite`) the first one to a final answer >= 300. */
  onAck(ack: SipRequest, from: Endpoint, invite: ServerHandle | undefined): void
  /** Sources heard besides the allow-list. */
  trusts(address: string): boolean
}

export interface TransactionLayer {
  readonly transport: Transport
  /** Sends with a new top Via. Outcomes carry responses without that Via. `giveUpMs`: timer B or F, default 64*T1. */
  request(
    request: SipRequest,
    to: Endpoint,
    onOutcome: (outcome: ClientOutcome) => void,
    giveUpMs?: number,
  ): ClientHandle
  /** The INVITE that a CANCEL means (§9.2). */
  inviteOf(cancel: SipRequest): ServerHandle | undefined
  /** The transaction that a response from above answers. */
  serverOf(response: SipResponse): ServerHandle | undefined
  /** A request outside transactions (ACK to a 2xx), with a new top Via. */
  sendAlone(request: SipRequest, to: Endpoint): void
  close(): Promise<void>
}

const T1 = 500
const T2 = 4000
const T4 = 5000
const MAX_UNANSWERED = 256

const serverKey = (message: SipRequest | SipResponse, method: string): string => {
  const text = headerOf(message, 'Via') as string
  const via = parseVia(text) as Via
  const branch = parameterOf(via.parameters, 'branch')
  if (branch?.startsWith('z9hG4bK')) return `${branch} ${via.host}:${via.port ?? ''} ${method}`.toLowerCase()
  // Before RFC 3261 there was no unique branch (§17.2.3, second list).
  const from = headerOf(message, 'From')
  return `${headerOf(message, 'Call-ID')} ${headerOf(message, 'CSeq')?.split(/\s/, 1)[0]} ${from} ${via.host}:${via.port ?? ''} ${method}`
}

export const openTransactionLayer = async (
  options: WireOptions,
  dependencies: WireDependencies,
  sink: LayerSink,
): Promise<TransactionLayer> => {
  const { clock, entropy } = dependencies
  const timers = { t1: options.t1 ?? T1, t2: options.t2 ?? T2, t4: options.t4 ?? T4 }
  const blocks = options.allow?.map(text => {
    const block = parseBlock(text)
    if (block === undefined) throw new RangeError(`not an address block: ${text}`)
    return block
  })
  const clients = new Map<string, { machine: ClientMachine; sentBy: string }>()
  const servers = new Map<string, { machine: ServerMachine; handle: ServerHandle }>()
  const awaited = new Map<string, number>()
  /** Of `servers`; counted along, as thousands of answered ones are kept for 64*T1. */
  let unanswered = 0

  // Whoever was asked may answer; that gives nobody leave to ask.
  const hears = (address: string, response: boolean): boolean =>
    blocks === undefined ||
    blocks.some(block => block(address)) ||
    (response && awaited.has(address)) ||
    sink.trusts(address)

  const onResponse = (response: SipResponse, from: Endpoint): void => {
    const via = parseVia(headerOf(response, 'Via') as string) as Via
    const method = methodOf(response)
    const branch = parameterOf(via.parameters, 'branch') ?? ''
    const client = clients.get(`${branch} ${method}`)
    if (client === undefined || client.sentBy !== `${via.host}:${via.port ?? 5060}`.toLowerCase()) return
    const { to } = client.machine
    if (from.address !== to.address || from.port !== to.port) return
    client.machine.receive(withTopVia(response, undefined), from)
  }

  const onRequest = (request: SipRequest, from: Endpoint): void => {
    const ack = request.method === 'ACK'
    const key = serverKey(request, ack ? 'INVITE' : request.method)
    const known = servers.get(key)
    if (ack) {
      const answered = known?.machine.acknowledged() ?? 'not-ours'
      if (answered === 'not-ours') sink.onAck(request, from, undefined)
      else if (answered === 'first') sink.onAck(request, from, known?.handle)
      return
    }
    if (known !== undefined) {
      known.machine.repeated()
      return
    }
    if (unanswered >= (options.maxUnanswered ?? MAX_UNANSWERED)) return
    const handle: ServerHandle = {
      request,
      from,
      respond: response => machine.respond(response),
      onTimeout: undefined,
    }
    const machine = createServerMachine({
      clock,
      timers,
      request,
      send: response => transport.sendResponse(response),
      onSettled: () => {
        unanswered--
      },
      onTimeout: () => handle.onTimeout?.(),
      onEnd: () => servers.delete(key),
    })
    unanswered++
    servers.set(key, { machine, handle })
    sink.onRequest(handle)
  }

  const transport = await openTransport(options, dependencies, {
    hears,
    onMessage: (message, from) =>
      message.kind === 'response' ? onResponse(message, from) : onRequest(message, from),
    onUnreachable: to => {
      for (const { machine } of [...clients.values()])
        if (machine.to.address === to.address && machine.to.port === to.port) machine.unreachable()
    },
  })

  const ownVia = (branch: string): { text: string; sentBy: string } => {
    const { address, port } = transport.local
    const sentBy = hostPort(address, port)
    return {
      text: formatVia({
        transport: 'UDP',
        host: sentBy.slice(0, sentBy.lastIndexOf(':')),
        port,
        parameters: [
          ['branch', branch],
          ['rport', undefined],
        ],
      }),
      sentBy: sentBy.toLowerCase(),
    }
  }
  const newBranch = (): string => `z9hG4bK${entropy.hex(12)}`

  /** `request` has its Via; a CANCEL shares its INVITE's. */
  const start = (
    request: SipRequest,
    branch: string,
    sentBy: string,
    to: Endpoint,
    giveUpMs: number,
    onOutcome: (outcome: ClientOutcome) => void,
    sendLateCancel: () => void = () => {},
  ): ClientMachine => {
    const key = `${branch} ${request.method}`
    awaited.set(to.address, (awaited.get(to.address) ?? 0) + 1)
    const machine = createClientMachine({
      clock,
      timers,
      request,
      to,
      giveUpMs,
      send: message => transport.send(message, to),
      onOutcome,
      sendLateCancel,
      onEnd: () => {
        clients.delete(key)
        const left = (awaited.get(to.address) ?? 1) - 1
        if (left > 0) awaited.set(to.address, left)
        else awaited.delete(to.address)
      },
    })
    clients.set(key, { machine, sentBy })
    return machine
  }

  return {
    transport,
    request: (bare, to, onOutcome, giveUpMs = 64 * timers.t1) => {
      const branch = newBranch()
      const via = ownVia(branch)
      const request = withTopHeader(bare, 'Via', via.text)
      const sendCancel =
        (extra: readonly HeaderLine[], told: (outcome: ClientOutcome) => void = () => {}) =>
        (): void => {
          start(cancelFor(request, extra), branch, via.sentBy, to, 64 * timers.t1, told)
        }
      const machine = start(request, branch, via.sentBy, to, giveUpMs, onOutcome, sendCancel([]))
      return {
        branch,
        cancel: (extra, told) => machine.cancel(sendCancel(extra, told)),
      }
    },
    inviteOf: cancel => servers.get(serverKey(cancel, 'INVITE'))?.handle,
    serverOf: response =>
      parseVia(headerOf(response, 'Via') ?? '') === undefined
        ? undefined
        : servers.get(serverKey(response, methodOf(response)))?.handle,
    sendAlone: (request, to) => transport.send(withTopHeader(request, 'Via', ownVia(newBranch()).text), to),
    close: async () => {
      for (const { machine } of [...clients.values()]) machine.end()
      for (const { machine } of [...servers.values()]) machine.end()
      await transport.close()
    },
  }
}
