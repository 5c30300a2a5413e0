// Who may speak to the socket, and how often: decided on the address alone, before any text is made of the octets.
// CIDR allow-list for IPv4 and IPv6, and one token bucket per source.

import type { Clock } from '../../../hal/clock.js'

/** True when `address` lies in the block; both numeric. "192.0.2.1" is the block of one address. */
export type AddressBlock = (address: string) => boolean

/** "192.0.2.0/24", "2001:db8::/32" or a single address; undefined when it is neither. */
export const parseBlock = (text: string): AddressBlock | undefined => {
  const [base = '', length] = text.split('/', 2)
  const wanted = addressBits(base)
  if (wanted === undefined) return undefined
  const bits = length === undefined ? wanted.width : /^\d{1,3}$/.test(length) ? Number(length) : -1
  if (bits < 0 || bits > wanted.width) return undefined
  const shift = BigInt(wanted.width - bits)
  return address => {
    const given = addressBits(address)
    return (
      given !== undefined && given.width === wanted.width && given.value >> shift === wanted.value >> shift
    )
  }
}

const addressBits = (text: string): { value: bigint; width: number } | undefined => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)
  const four = mapped?.[1] ?? text
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(four)) {
    let value = 0n
    for (const part of four.split('.')) {
      if (Number(part) > 255) return undefined
      value = (value << 8n) | BigInt(part)
    }
    return { value, width: 32 }
  }
  if (!text.includes(':')) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(half => (half === '' ? [] : half.split(':')))
  const missing = 8 - (head?.length ?? 0) - (tail?.length ?? 0)
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  let value = 0n
  for (const group of [...(head ?? []), ...Array<string>(missing).fill('0'), ...(tail ?? [])]) {
    if (!/^[0-9A-Fa-f]{1,4}$/.test(group)) return undefined
    value = (value << 16n) | BigInt(`0x${group}`)
  }
  return { value, width: 128 }
}

const MAX_SOURCES = 1024

/**
 * `perSecond` datagrams a second from one address, in bursts of twice that. Remembers at most 1024 addresses; when more
 * come at once the oldest are forgotten (they then start with a full bucket, which the total number of them bounds).
 */
export const createRateLimit = (clock: Clock, perSecond: number): ((address: string) => boolean) => {
  const buckets = new Map<string, { tokens: number; at: number }>()
  const burst = perSecond * 2
  return address => {
    const now = clock.now()
    let bucket = buckets.get(address)
    if (bucket === undefined) {
      if (buckets.size >= MAX_SOURCES) buckets.delete(buckets.keys().next().value as string)
      bucket = { tokens: burst, at: now }
      buckets.set(address, bucket)
    }
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1e6) * perSecond)
    bucket.at = now
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }
}
