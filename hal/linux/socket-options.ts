// What Node 20 cannot do to a UDP socket: DSCP marks, binding to an interface, learning which destination refused, and
// sending without garbage. Done on the descriptor with setsockopt, recvfrom and sendto of the C library through koffi,
// which is loaded on first use (13 ms).
//
// Refusals: an unconnected UDP socket hears nothing of ICMP errors unless IP_RECVERR is set (ip(7)). Once set, each error
// waits in the socket's error queue; until the queue is read, epoll reports the socket for ever and the event loop spins.

import type { Socket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { getSystemErrorMap } from 'node:util'
import { HalError } from '../errors.js'
import type { Endpoint } from '../network.js'
import { halErrorFrom } from './system-error.js'

const level = { socket: 1, ip: 0, ipv6: 41 }
const option = { bindToDevice: 25, tos: 1, ipRecvErr: 11, trafficClass: 67, ipv6RecvErr: 25 }
const dontWait = 0x40 /* MSG_DONTWAIT */
const messageFlags = 0x2000 /* MSG_ERRQUEUE */ | dontWait
const afInet = 2
const afInet6 = 10

export interface SocketOptions {
  /** Marks what the socket sends (0-63). Throws HalError. */
  setDscp(socket: Socket, dscp: number): void
  /** The mark in force, read back from the kernel. */
  dscp(socket: Socket): number
  /** SO_BINDTODEVICE. Throws HalError 'missing' or 'permission'. */
  bindToDevice(socket: Socket, device: string): void
  /** Turns ICMP errors into 'error' events and send errors of the socket; each must be followed by `takeRefusals`. */
  reportRefusals(socket: Socket): void
  /** Empties the error queue: the destinations that refused since the last call. */
  takeRefusals(socket: Socket): readonly Endpoint[]
  /** Sends at once or not at all (false), on a descriptor, to a `socketAddress`. Allocates nothing. */
  sendNow(descriptor: number, data: Uint8Array, to: Uint8Array): boolean
}

interface DgramState {
  readonly handle?: { readonly fd?: number }
}

/** The descriptor of an open socket; -1 when closed. */
export const descriptorOf = (socket: Socket): number => {
  // The public `_handle` is the same object behind a deprecation warning (DEP0112).
  const key = Object.getOwnPropertySymbols(socket).find(symbol => symbol.description === 'state symbol')
  const state = key === undefined ? undefined : (socket as unknown as Record<symbol, DgramState>)[key]
  return state?.handle?.fd ?? -1
}

let loading: Promise<SocketOptions> | undefined
let loaded: SocketOptions | undefined

/** Loads koffi the first time. Rejects with HalError 'unsupported' when it cannot be loaded here. */
export const loadSocketOptions = (): Promise<SocketOptions> => {
  loading ??= load().catch(error => {
    throw new HalError('unsupported', 'socket options need the koffi package', { cause: error })
  })
  return loading
}

/** Undefined until `loadSocketOptions` has succeeded. */
export const socketOptionsIfLoaded = (): SocketOptions | undefined => loaded

const load = async (): Promise<SocketOptions> => {
  const { default: koffi } = await import('koffi')
  const library = koffi.load(null)
  const setsockopt = library.func('int setsockopt(int, int, int, const void *, uint32_t)')
  const getsockopt = library.func('int getsockopt(int, int, int, _Out_ void *, _Inout_ uint32_t *)')
  const recvfrom = library.func(
    'long recvfrom(int, _Out_ void *, size_t, int, _Out_ void *, _Inout_ uint32_t *)',
  )
  const sendto = library.func('long sendto(int, const void *, size_t, int, const void *, uint32_t)')
  const isIpv6 = (socket: Socket): boolean => socket.address().family === 'IPv6'
  const set = (socket: Socket, where: number, name: number, value: Buffer, what: string): void => {
    if (setsockopt(descriptorOf(socket), where, name, value, value.length) !== 0)
      throw halErrorFrom(errnoError(koffi.errno()), what)
  }
  const tosOf = (socket: Socket): readonly [number, number] =>
    isIpv6(socket) ? [level.ipv6, option.trafficClass] : [level.ip, option.tos]
  loaded = {
    setDscp(socket, dscp) {
      // The two low bits of the byte belong to ECN (RFC 3168).
      set(socket, ...tosOf(socket), int(dscp << 2), `setting DSCP ${dscp}`)
    },
    dscp(socket) {
      const value = int(0)
      if (getsockopt(descriptorOf(socket), ...tosOf(socket), value, [value.length]) !== 0)
        throw halErrorFrom(errnoError(koffi.errno()), 'reading DSCP')
      return (value.readInt32LE() & 0xff) >> 2
    },
    bindToDevice(socket, device) {
      const name = Buffer.from(`${device}\0`)
      set(socket, level.socket, option.bindToDevice, name, `binding to interface ${device}`)
    },
    reportRefusals(socket) {
      const [where, name] = isIpv6(socket) ? [level.ipv6, option.ipv6RecvErr] : [level.ip, option.ipRecvErr]
      set(socket, where, name, int(1), 'asking for ICMP errors')
    },
    sendNow: (descriptor, data, to) =>
      sendto(descriptor, data, data.length, dontWait, to, to.length) === data.length,
    takeRefusals(socket) {
      const fd = descriptorOf(socket)
      const refusals: Endpoint[] = []
      if (fd < 0) return refusals
      const payload = Buffer.alloc(1)
      for (;;) {
        const address = Buffer.alloc(28)
        const received: number = recvfrom(fd, payload, payload.length, messageFlags, address, [
          address.length,
        ])
        if (received < 0) return refusals
        const endpoint = endpointOf(address)
        if (endpoint) refusals.push(endpoint)
      }
    },
  }
  return loaded
}

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

const errnoError = (errno: number): Error => {
  const [code, message] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, '']
  return Object.assign(new Error(`${code} ${message}`.trim()), { code })
}

/** A sockaddr_in for `sendNow`; undefined where `to` is no IPv4 address and port. */
export const socketAddress = (to: Endpoint): Uint8Array | undefined => {
  if (!isIPv4(to.address) || !Number.isInteger(to.port) || to.port < 1 || to.port > 65_535) return undefined
  const address = Buffer.alloc(16)
  address.writeUInt16LE(afInet, 0)
  address.writeUInt16BE(to.port, 2)
  address.set(to.address.split('.').map(Number), 4)
  return address
}

/** A sockaddr_in or sockaddr_in6 (netinet/in.h). */
const endpointOf = (address: Buffer): Endpoint | undefined => {
  const family = address.readUInt16LE(0)
  const port = address.readUInt16BE(2)
  if (family === afInet) return { address: address.subarray(4, 8).join('.'), port }
  if (family !== afInet6) return undefined
  const groups = Array.from({ length: 8 }, (_, n) => address.readUInt16BE(8 + 2 * n).toString(16)).join(':')
  return { address: new URL(`http://[${groups}]`).hostname.slice(1, -1), port }
}
