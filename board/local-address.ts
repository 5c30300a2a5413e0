// Which of the box's own addresses a `listen` setting means: itself, that of an interface, or for the wildcard the one
// on the route to the operator.

import { parseListen } from '../firmware/settings/address.js'
import type { LineConfig } from '../firmware/settings/schema.js'
import { HalError } from '../hal/errors.js'
import type { Network } from '../hal/network.js'

/** Rejects with HalError 'missing' (the interface has no address) or 'unreachable' (no route yet). */
export const localAddress = async (
  listen: string,
  lines: readonly LineConfig[],
  network: Network,
): Promise<{ readonly address: string; readonly port: number }> => {
  const parsed = parseListen(listen, 5060)
  if (!parsed) throw new HalError('invalid', `"${listen}" is no listen address`)
  const { host, port } = parsed
  if (parsed.isInterface) {
    const address = network.interfaceAddress(host)
    if (address === undefined) throw new HalError('missing', `the interface ${host} has no address`)
    return { address, port }
  }
  if (!parsed.isAny) return { address: host, port }
  const destination = { address: await operatorAddress(lines, network), port: 5060 }
  return { address: await network.localAddressFor(destination), port }
}

/** The first proxy that is a numeric address or can be resolved; else a documentation address (RFC 5737), never sent to, whose route is the default one. */
const operatorAddress = async (lines: readonly LineConfig[], network: Network): Promise<string> => {
  for (const { account } of lines) {
    const host = /^sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;?]+)/i.exec(account?.proxies[0] ?? '')?.[1]
    if (host === undefined) continue
    const [address] = await network.resolveHost(host.replace(/^\[|\]$/g, '')).catch(() => [])
    if (address !== undefined) return address
  }
  return '192.0.2.1'
}
