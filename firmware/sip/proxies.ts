// Where an account's requests go: its outbound proxies, else SRV and addresses of the domain (RFC 3263 §4.1-4.2 for UDP).

import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import { HalError, isHalError } from '../../hal/errors.js'
import type { Endpoint, Network, SrvRecord } from '../../hal/network.js'
import type { SipAccount } from './sip-line.js'

export interface HostAndPort {
  readonly host: string
  /** Absent: SRV decides, else 5060. */
  readonly port?: number
}

const defaultPort = 5060
const numeric = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$/
const pattern = /^(?:sips?:)?(?:[^@]*@)?(\[[^\]]+\]|[^:;?>]+)(?::(\d{1,5}))?(?:[;?].*)?$/i

/** "sip:host:port;transport=udp", "host:port" or "host". Undefined when it is none of them. */
export const readProxy = (text: string): HostAndPort | undefined => {
  const match = pattern.exec(text.trim())
  const host = match?.[1]?.replace(/^\[|\]$/g, '')
  if (host === undefined || /\s/.test(host)) return undefined
  const port = match?.[2] === undefined ? undefined : Number(match[2])
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined
  return { host, ...(port === undefined ? {} : { port }) }
}

/** By priority, and by weighted chance within one (RFC 2782). */
const inOrder = (records: readonly SrvRecord[], entropy: Entropy): readonly SrvRecord[] => {
  const left = [...records].sort((a, b) => a.priority - b.priority)
  const ordered: SrvRecord[] = []
  while (left.length > 0) {
    const same = left.filter(record => record.priority === left[0]?.priority)
    const total = same.reduce((sum, record) => sum + record.weight, 0)
    let pick = (entropy.uint32() / 2 ** 32) * total
    const chosen = same.find(record => (pick -= record.weight) <= 0) ?? same[0]
    if (!chosen) break
    ordered.push(chosen)
    left.splice(left.indexOf(chosen), 1)
  }
  return ordered
}

/** The proxies that need no look-up: heard and used from the first moment on. */
export const numericProxies = (account: Pick<SipAccount, 'proxies'>): readonly Endpoint[] =>
  account.proxies.flatMap(text => {
    const proxy = readProxy(text)
    return proxy && numeric.test(proxy.host) ? [{ address: proxy.host, port: proxy.port ?? defaultPort }] : []
  })

export interface Resolver {
  readonly network: Network
  readonly clock: Clock
  readonly entropy: Entropy
}

const lookUp = async ({ host, port }: HostAndPort, resolver: Resolver): Promise<readonly Endpoint[]> => {
  const { network, clock, entropy } = resolver
  if (numeric.test(host)) return [{ address: host, port: port ?? defaultPort }]
  const addresses = async (name: string, at: number): Promise<readonly Endpoint[]> =>
    (await clock.external(network.resolveHost(name))).map(address => ({ address, port: at }))
  if (port !== undefined) return addresses(host, port)
  let records: readonly SrvRecord[]
  try {
    records = await clock.external(network.resolveSrv(`_sip._udp.${host}`))
  } catch (error) {
    // Only "there is none" means that the name itself is asked; silence of the name server does not (§4.2).
    if (!isHalError(error) || error.kind !== 'missing') throw error
    return addresses(host, defaultPort)
  }
  const found: Endpoint[] = []
  for (const record of inOrder(records, entropy))
    found.push(...(await addresses(record.name, record.port).catch(() => [])))
  return found
}

/** In order of preference; rejects with HalError 'missing' or 'unreachable' when none can be found. */
export const resolveProxies = async (
  account: Pick<SipAccount, 'proxies' | 'domain'>,
  resolver: Resolver,
): Promise<readonly Endpoint[]> => {
  const named = account.proxies.length > 0 ? account.proxies : [account.domain]
  const found: Endpoint[] = []
  let failure: unknown
  for (const text of named) {
    const proxy = readProxy(text)
    if (!proxy) continue
    try {
      found.push(...(await lookUp(proxy, resolver)))
    } catch (error) {
      failure = error
    }
  }
  if (found.length === 0) throw failure ?? new HalError('missing', `no address for ${named.join(', ')}`)
  return found
}
