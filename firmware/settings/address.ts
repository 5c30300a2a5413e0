// Text forms of addresses in the settings: what is accepted, and what it means.

import { isIP, isIPv6 } from 'node:net'

/** "127.0.0.5:5060", "eth0:5060", "0.0.0.0", "[::1]:5060". */
export interface Listen {
  /** A numeric address (maybe the wildcard) or the name of a network interface. */
  readonly host: string
  readonly isInterface: boolean
  /** The wildcard: the address of the route to the proxy is used. */
  readonly isAny: boolean
  readonly port: number
}

const interfaceName = /^[a-z][a-z0-9._-]{0,14}$/i
const wildcards = new Set(['0.0.0.0', '::'])

/** Undefined when `text` is no listen address. Without a port, `defaultPort` counts. */
export const parseListen = (text: string, defaultPort: number): Listen | undefined => {
  const match = isIPv6(text) ? null : /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text)
  const host = isIPv6(text) ? text : (match?.[1] ?? match?.[2] ?? '')
  const port = match?.[3] === undefined ? defaultPort : Number(match[3])
  if (port > 65_535) return undefined
  if (isIP(host)) return { host, port, isInterface: false, isAny: wildcards.has(host) }
  if (/^[\d.]+$/.test(host) || !interfaceName.test(host)) return undefined
  return { host, port, isInterface: true, isAny: false }
}

/** "127.0.0.1:7000" or "unix:/path". */
export const isLocalListen = (text: string): boolean => {
  if (text.startsWith('unix:')) return isAbsolutePath(text.slice(5)) && text.length <= 112
  const listen = /:\d+$/.test(text) ? parseListen(text, 0) : undefined
  return (
    listen !== undefined && !listen.isInterface && (listen.host.startsWith('127.') || listen.host === '::1')
  )
}

export const isCidr = (text: string): boolean => {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (!family || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32))
}

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?$/i

/** A host name (RFC 1123 §2.1) or a numeric address. */
export const isHost = (text: string): boolean =>
  isIP(text) > 0 ||
  (text.length <= 253 && !/^[\d.]+$/.test(text) && text.split('.').every(part => label.test(part)))

/** "sip:host[:port][;transport=udp|tcp|tls][;lr]" (RFC 3261 §19.1), without a user part. */
export const isProxyUri = (text: string): boolean => {
  const match = /^sips?:(?:\[([^\]]+)\]|([^:;@\s]+))(?::(\d{1,5}))?((?:;[^;\s]+)*)$/i.exec(text)
  if (!match) return false
  const [, ipv6, host, port, parameters = ''] = match
  if (ipv6 !== undefined ? !isIPv6(ipv6) : !isHost(host ?? '')) return false
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return false
  return parameters
    .split(';')
    .filter(Boolean)
    .every(parameter => /^(transport=(udp|tcp|tls)|lr)$/i.test(parameter))
}

export const isAbsolutePath = (text: string): boolean => /^\/[^\0]+$/.test(text)

export const isTimeZone = (text: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}
