// The SIP side of the box: one socket, several lines (sip-line.ts).

import type { Endpoint } from '../../hal/network.js'
import { createLine, type StackLine } from './line.js'
import { resolveProxies } from './proxies.js'
import type { SipAccount, SipStack, SipStackOptions } from './sip-line.js'
import { createWire } from './wire/transactions.js'
import type { Wire, WireOptions } from './wire/wire-contract.js'

const anyAddress = new Set(['0.0.0.0', '::'])

export const createSipStack = (options: SipStackOptions): SipStack => {
  const { clock, network, entropy, log, userAgent, contactUsers, listen, dscp, device, watch } = options
  const lines: StackLine[] = []
  const accounts: SipAccount[] = []
  let wire: Wire | undefined

  /** 0.0.0.0 stands for the address on the route to the first proxy that can be found: Via and Contact must name one. */
  const ownAddress = async (): Promise<Endpoint> => {
    if (!anyAddress.has(listen.address)) return listen
    for (const account of accounts) {
      const [proxy] = await resolveProxies(account, options).catch(() => [])
      if (proxy) return { ...listen, address: await clock.external(network.localAddressFor(proxy)) }
    }
    return { ...listen, address: await clock.external(network.localAddressFor(somewhere)) }
  }

  return {
    async open() {
      const settings: WireOptions = {
        listen: await ownAddress(),
        allow: options.allow,
        ...(dscp === undefined ? {} : { dscp }),
        ...(device === undefined ? {} : { device }),
        onDropped: (from, why) => log.debug('datagram dropped', { from: from.address, port: from.port, why }),
        onMessage: (direction, peer, text) => {
          watch?.message(direction, peer, text)
          log.debug('sip', {
            direction,
            peer: `${peer.address}:${peer.port}`,
            line: text.slice(0, text.indexOf('\r\n')),
          })
        },
      }
      wire = await createWire(settings, { network, clock, entropy })
      for (const line of lines) line.attach(wire)
    },
    line(id, account, sink) {
      const line = createLine({
        ...{ id, account, sink, clock, network, entropy, log, userAgent },
        ...(contactUsers && { contactUsers }),
        ...(watch && { onAttempt: attempt => watch.attempt(id, attempt) }),
      })
      lines.push(line)
      accounts.push(account)
      if (wire) line.attach(wire)
      return line
    },
    async close() {
      for (const line of lines.splice(0)) line.close()
      const open = wire
      wire = undefined
      await open?.close()
    },
  }
}

/** A documentation address (RFC 5737): never sent to, its route is the default one. */
const somewhere: Endpoint = { address: '192.0.2.1', port: 5060 }
