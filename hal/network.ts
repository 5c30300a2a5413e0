// Datagram sockets, TCP connections, name look-ups and routes. Two implementations: hal/linux/network.ts (kernel
// sockets) and hal/sim/memory-network.ts (in memory, seeded loss, virtual time).

import type { BytePort, BytePortSink } from './byte-port.js'

export interface Endpoint {
  /** Numeric IPv4 or IPv6 address. */
  readonly address: string
  /** 1-65535. */
  readonly port: number
}

export interface UdpOptions {
  readonly address: string
  /** 0 takes any free port. */
  readonly port: number
  /** Differentiated services code point, 0-63 (RFC 2474); absent: leave the kernel's default. */
  readonly dscp?: number
  /** Network interface to bind to (SO_BINDTODEVICE); absent: any. */
  readonly device?: string
  /** Receive buffer in bytes; absent: the kernel's default. */
  readonly receiveBuffer?: number
  /** Called for each datagram. `data` belongs to the callee. Never called from inside `send`. */
  onDatagram(data: Uint8Array, from: Endpoint): void
  /** A destination refused (kind 'unreachable') or the socket broke ('io'). */
  onError(error: Error, to?: Endpoint): void
}

export interface UdpSocket {
  readonly local: Endpoint
  /** Fire and forget: failures come to `onError`. The socket keeps no reference to `data` after the call. */
  send(data: Uint8Array, to: Endpoint): void
  close(): Promise<void>
}

export interface TcpListenOptions {
  readonly address: string
  /** 0 takes any free port. */
  readonly port: number
  /** A connection came in; answers what receives its bytes. Closing the listener leaves connections open. */
  onConnection(port: BytePort, from: Endpoint): BytePortSink
}

export interface TcpListener {
  readonly local: Endpoint
  close(): Promise<void>
}

export interface SrvRecord {
  readonly name: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

export interface NaptrRecord {
  readonly order: number
  readonly preference: number
  readonly service: string
  readonly replacement: string
}

export interface Network {
  /** Rejects with HalError 'in-use', 'missing' (no such address or device) or 'permission'. */
  openUdp(options: UdpOptions): Promise<UdpSocket>
  /**
   * A connection to `to`, open when the promise resolves; rejects with HalError 'unreachable' (refused, no route).
   * The sink is never called from inside `write`, and told of the end once, whoever made it.
   */
  connectTcp(to: Endpoint, sink: BytePortSink): Promise<BytePort>
  /** Rejects with HalError 'in-use', 'missing' or 'permission'. */
  listenTcp(options: TcpListenOptions): Promise<TcpListener>
  /** Addresses of a host name; rejects with HalError 'missing' (no such name) or 'unreachable' (no answer). */
  resolveHost(name: string): Promise<readonly string[]>
  /** Unsorted, as DNS gave them. Same errors as resolveHost. */
  resolveSrv(name: string): Promise<readonly SrvRecord[]>
  resolveNaptr(name: string): Promise<readonly NaptrRecord[]>
  /** The box's own address on the route to `destination`; rejects with HalError 'unreachable'. Sends nothing. */
  localAddressFor(destination: Endpoint): Promise<string>
  /** The address of a network interface, e.g. "eth0"; undefined when it has none. */
  interfaceAddress(device: string): string | undefined
}
