// The wire: one UDP socket, its transactions, and the two fronts of wire-contract.ts on them. Decides which line, or the
// transaction user, a request belongs to.

import type { Endpoint } from '../../../hal/network.js'
import { responseTo, type SipRequest } from './message.js'
import { createTokenLine, type TokenLine } from './token-line.js'
import { openTransactionLayer, type ServerHandle } from './transaction-layer.js'
import type { ServerTransaction, Wire, WireDependencies, WireOptions } from './wire-contract.js'

/** Binds the socket. Rejects as Network.openUdp does, or with RangeError when an `allow` entry is no address block. */
export const createWire = async (options: WireOptions, dependencies: WireDependencies): Promise<Wire> => {
  const { entropy } = dependencies
  const lines: TokenLine[] = []
  const invites = new WeakMap<ServerHandle, ServerTransaction>()

  const refuse = (server: ServerHandle, status: number, reason: string): void =>
    server.respond(responseTo(server.request, status, reason, entropy.hex(8)))

  /** The line whose claim is strongest; several equal ones are told apart by their proxies, else the newest has it. */
  const lineFor = (request: SipRequest, from: Endpoint): TokenLine | undefined => {
    const claims = lines.map(line => ({ line, claim: line.claim(request, from) }))
    for (const strength of ['contact', 'user', 'policy']) {
      const found = claims.filter(({ claim }) => claim === strength).map(({ line }) => line)
      if (found.length <= 1) {
        if (found[0] !== undefined) return found[0]
        continue
      }
      const near = found.filter(line => line.proxies.some(proxy => proxy.address === from.address))
      if (near.length === 1) return near[0]
      // Of one number's lines the newest is the account of today. A stranger's number on several lines is nobody's, but
      // a question to the box as such (OPTIONS without a user) may be answered by any of them.
      if (strength !== 'policy' || !request.uri.includes('@')) return found.at(-1)
    }
    return undefined
  }

  const onCancel = (server: ServerHandle): void => {
    const invite = layer.inviteOf(server.request)
    const line = invite === undefined ? undefined : lines.find(candidate => candidate.owns(invite))
    if (line !== undefined) {
      line.receive(server)
      return
    }
    const transaction = invite === undefined ? undefined : invites.get(invite)
    if (transaction === undefined) {
      refuse(server, 481, 'Call/Transaction Does Not Exist')
      return
    }
    server.respond(responseTo(server.request, 200, 'OK', entropy.hex(8)))
    transaction.onCancel?.(server.request)
  }

  const onRequest = (server: ServerHandle): void => {
    const { request, from } = server
    if (request.method === 'CANCEL') {
      onCancel(server)
      return
    }
    const line = lineFor(request, from)
    if (line !== undefined) {
      line.receive(server)
      return
    }
    if (wire.onRequest === undefined) {
      refuse(server, 404, 'Not Found')
      return
    }
    const transaction: ServerTransaction = { request, from, respond: response => server.respond(response) }
    server.onTimeout = () => transaction.onTimeout?.()
    invites.set(server, transaction)
    wire.onRequest(transaction)
  }

  const layer = await openTransactionLayer(options, dependencies, {
    onRequest,
    onAck: (ack, from, invite) => {
      const owner = invite === undefined ? undefined : lines.find(line => line.owns(invite))
      const line = owner ?? (invite === undefined ? lineFor(ack, from) : undefined)
      if (line !== undefined) line.receiveAck(ack, from)
      else if (invite === undefined) wire.onAck?.(ack, from)
    },
    trusts: address => lines.some(line => line.proxies.some(proxy => proxy.address === address)),
  })

  const wire: Wire = {
    get local() {
      return layer.transport.local
    },
    request: (request, to, onOutcome) => {
      const handle = layer.request(request, to, onOutcome)
      return { branch: handle.branch, cancel: (extra = []) => handle.cancel(extra) }
    },
    send: (message, to) => {
      if (message.kind === 'request') layer.sendAlone(message, to)
      else layer.transport.sendResponse(message, to)
    },
    onRequest: undefined,
    onAck: undefined,
    line: lineOptions => {
      const line = createTokenLine(lineOptions, layer, dependencies, closed => {
        lines.splice(lines.indexOf(closed), 1)
      })
      lines.push(line)
      return line
    },
    rebind: listen => layer.transport.rebind(listen),
    close: () => layer.close(),
  }
  return wire
}
